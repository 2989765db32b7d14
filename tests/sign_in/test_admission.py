"""Whose account someone gets who comes from the provider, and who gets none."""

import pytest
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import Group, Permission
from django.test import Client
from knox.models import AuthToken

from lms_progress.sign_in.admission import EXPECTED
from progress.models import User
from tests.factories import a_course, a_learner, a_user, an_instructor
from tests.support import oidc

pytestmark = pytest.mark.django_db


def signed_in_as(window):
    return int(window.session["_auth_user_id"]) if "_auth_user_id" in window.session else None


def an_account(**fields):
    return a_learner(a_course(), **{"username": "lena", "email": "lena@example.org"} | fields)


def says(answer, words, status=403):
    assert answer.status_code == status
    assert words in answer.content.decode()


NO_ACCOUNT = "There is no account for you here yet"
NOT_LINKED = "Your account has to be linked first"


# --- By the address ------------------------------------------------------------------------------
@pytest.mark.parametrize("stored", ["lena@example.org", "LENA@Example.org", "Lena@EXAMPLE.ORG"])
def test_a_verified_address_finds_the_account_in_any_case(come, client, stored):
    lena = an_account(email=stored)
    come()
    assert signed_in_as(client) == lena.pk


@pytest.mark.parametrize("verified", [False, None, "false", 0])
def test_an_address_that_nobody_verified_finds_nobody(school, come, client, verified):
    an_account()
    school.person(email_verified=verified)
    says(come(), NO_ACCOUNT)
    assert signed_in_as(client) is None


def test_whether_it_is_verified_is_not_taken_from_another_place(school, come):
    """The token has someone's address; the userinfo says of another that it is verified."""
    an_account()
    school.person(email="mallory@example.org")
    school.token = lambda claims: claims | {"email": "lena@example.org", "email_verified": False}
    says(come(), NO_ACCOUNT)


def test_a_provider_can_be_trusted_with_every_address(school, configure, come, client):
    lena = an_account()
    configure(EMAIL_IS_VERIFIED="true")
    school.person(email_verified=None)
    come()
    assert signed_in_as(client) == lena.pk


def test_of_two_accounts_with_the_address_neither_is_taken(come):
    an_account()
    an_account(username="lena2", email="LENA@example.org")
    says(come(), NOT_LINKED)


def test_afterwards_the_subject_counts_whatever_the_address(school, come, client):
    lena = an_account()
    come()
    school.person(email="new@example.org")
    other = an_account(username="other", email="new@example.org")
    again = Client()
    come(window=again)
    assert signed_in_as(again) == lena.pk
    assert other.pk != lena.pk


def test_who_is_given_the_address_later_does_not_get_the_account(school, come):
    an_account()
    come()
    school.person("another-subject")
    window = Client()
    says(come("another-subject", window=window), NOT_LINKED)
    assert signed_in_as(window) is None


def test_one_link_for_each_subject_however_often_they_come(come):
    an_account()
    for _ in range(3):
        come(window=Client())
    assert SocialAccount.objects.count() == 1


# --- By the id of another system -----------------------------------------------------------------
def test_an_external_id_finds_the_account(school, configure, come, client):
    lena = an_account(email="", external_id="hr-17")
    configure(MATCH="external_id", CLAIM_EXTERNAL_ID="employee")
    school.person(employee="hr-17")
    come()
    assert signed_in_as(client) == lena.pk


def test_then_an_address_alone_is_not_enough(school, configure, come):
    an_account()
    configure(MATCH="external_id", CLAIM_EXTERNAL_ID="employee")
    says(come(), NO_ACCOUNT)


def test_both_can_be_tried_in_order(school, configure, come, client):
    by_id = an_account(username="by-id", email="", external_id="hr-17")
    an_account()
    configure(MATCH="external_id, email", CLAIM_EXTERNAL_ID="employee")
    school.person(employee="hr-17")
    come()
    assert signed_in_as(client) == by_id.pk


# --- Who has rights ------------------------------------------------------------------------------
def superuser():
    return a_user(email="lena@example.org", is_staff=True, is_superuser=True)


def staff():
    return a_user(email="lena@example.org", is_staff=True)


def with_a_permission():
    user = a_user(email="lena@example.org")
    user.user_permissions.add(Permission.objects.get(codename="view_user"))
    return user


def in_a_group():
    user = a_user(email="lena@example.org")
    user.groups.add(Group.objects.create(name="Empty"))
    return user


def with_a_key():
    user = a_user(email="lena@example.org")
    AuthToken.objects.create(user)
    return user


def teaching():
    user = an_instructor(a_course())
    User.objects.filter(pk=user.pk).update(email="lena@example.org", is_staff=False)
    return user


POWERFUL = [superuser, staff, with_a_permission, in_a_group, with_a_key, teaching]


@pytest.mark.parametrize("make", POWERFUL)
def test_an_account_with_rights_is_never_found_by_an_address(come, client, make):
    make()
    says(come(), NOT_LINKED)
    assert signed_in_as(client) is None
    assert not SocialAccount.objects.exists()


def test_nor_by_an_external_id(school, configure, come, client):
    User.objects.filter(pk=staff().pk).update(external_id="hr-17")
    configure(MATCH="external_id", CLAIM_EXTERNAL_ID="employee")
    school.person(employee="hr-17")
    says(come(), NOT_LINKED)


@pytest.mark.parametrize("make", POWERFUL)
def test_a_superuser_links_it_in_the_admin(come, client, sign_in, administrator, make):
    account = make()
    page = sign_in(administrator)
    fields = {"user": account.pk, "provider": "expected:school", "email": "LENA@example.org"}
    saved = page.post("/admin/socialaccount/socialaccount/add/", fields)
    assert saved.status_code == 302, saved.content
    come()
    assert signed_in_as(client) == account.pk
    link = SocialAccount.objects.get()
    assert (link.provider, link.uid) == ("school", oidc.SUBJECT)
    assert page.get("/admin/socialaccount/socialaccount/").status_code == 200


def test_such_a_link_waits_for_a_verified_address_and_counts_once(school, come, client):
    account = staff()
    SocialAccount.objects.create(user=account, provider=EXPECTED + "school", uid="lena@example.org")
    school.person(email_verified=False)
    says(come(), NO_ACCOUNT)
    school.person()
    assert come().status_code == 302
    other = Client()
    school.person("another-subject")
    says(come("another-subject", window=other), NOT_LINKED)


def test_it_is_not_a_subject(school, come, client):
    SocialAccount.objects.create(user=staff(), provider=EXPECTED + "school", uid="lena@example.org")
    school.person("lena@example.org", email="mallory@example.org")
    says(come("lena@example.org"), NO_ACCOUNT)


@pytest.mark.parametrize(
    ("provider", "uid"), [("school", oidc.SUBJECT), (EXPECTED + "school", "other@example.org")]
)
def test_an_account_is_linked_once(school, sign_in, administrator, provider, uid):
    lena = an_account()
    SocialAccount.objects.create(user=lena, provider=provider, uid=uid)
    fields = {"user": lena.pk, "provider": "expected:school", "email": "lena@example.org"}
    answer = sign_in(administrator).post("/admin/socialaccount/socialaccount/add/", fields)
    assert "linked to this provider already" in answer.content.decode()


def test_links_are_for_superusers_only(school, sign_in):
    clerk = staff()
    clerk.user_permissions.set(Permission.objects.filter(content_type__app_label="socialaccount"))
    window = sign_in(clerk)
    lena = an_account(username="lena", email="")
    link = SocialAccount.objects.create(user=lena, provider="school", uid="x")
    for address in ("", "add/", f"{link.pk}/change/", f"{link.pk}/delete/"):
        answer = window.get(f"/admin/socialaccount/socialaccount/{address}")
        assert answer.status_code == 403, address
    window.post("/admin/socialaccount/socialaccount/add/", {"user": clerk.pk})
    window.post(f"/admin/socialaccount/socialaccount/{link.pk}/delete/", {"post": "yes"})
    assert SocialAccount.objects.get() == link


# --- Who is not let in ---------------------------------------------------------------------------
def test_who_has_no_account_learns_who_can_help(come, client):
    answer = come()
    says(answer, NO_ACCOUNT)
    assert "Ask the person who looks after learning" in answer.content.decode()
    assert "lena@example.org" in answer.content.decode()
    assert signed_in_as(client) is None
    assert not User.objects.exists()


@pytest.mark.parametrize("is_linked", [True, False])
def test_a_closed_account_stays_closed(come, client, is_linked):
    lena = an_account(is_active=False)
    if is_linked:
        SocialAccount.objects.create(user=lena, provider="school", uid=oidc.SUBJECT)
    says(come(), "Your account is closed")
    assert signed_in_as(client) is None


def test_whoever_is_closed_later_is_out_at_once(come, client):
    lena = an_account()
    come()
    User.objects.filter(pk=lena.pk).update(is_active=False)
    assert client.get("/account/").status_code == 302


def test_the_words_are_in_the_readers_language(come):
    window = Client(HTTP_ACCEPT_LANGUAGE="de")
    assert "Für Sie gibt es hier noch kein Konto" in come(window=window).content.decode()


# --- New accounts --------------------------------------------------------------------------------
def test_an_account_is_made_where_that_is_allowed(school, configure, come, client):
    configure(CREATE="true", CLAIM_DEPARTMENT="unit")
    school.person(unit="Care", preferred_username="Ｌena.Fischer", locale="de-AT")
    come()
    made = User.objects.get()
    assert signed_in_as(client) == made.pk
    assert (made.username, made.email, made.full_name, made.department) == (
        "lena.fischer",
        "lena@example.org",
        "Lena Fischer",
        "Care",
    )
    assert not made.has_usable_password()
    assert not made.is_staff
    assert made.language == "de"
    assert client.cookies["django_language"].value == "de"


def test_without_a_user_name_the_address_is_one(configure, come):
    configure(CREATE="true")
    come()
    assert User.objects.get().username == "lena@example.org"


def test_an_address_that_is_not_verified_is_not_written(school, configure, come):
    configure(CREATE="true")
    school.person(email_verified=False, preferred_username="lena")
    come()
    assert User.objects.get().email == ""


@pytest.mark.parametrize("name", ["LENA", "ｌｅｎａ"])
def test_a_name_that_someone_has_is_not_taken_over(school, configure, come, name):
    an_account(email="other@example.org")
    configure(CREATE="true")
    school.person(preferred_username=name)
    says(come(), NOT_LINKED)
    assert User.objects.count() == 1


@pytest.mark.parametrize("name", ["lena fischer", "lena/../", "x" * 151])
def test_a_name_that_is_none_makes_no_account(school, configure, come, name):
    configure(CREATE="true")
    school.person(preferred_username=name)
    says(come(), NOT_LINKED)
    assert not User.objects.exists()


def test_who_comes_twice_has_one_account(configure, come):
    configure(CREATE="true")
    come()
    come(window=Client())
    assert User.objects.count() == 1


# --- Kept up to date -----------------------------------------------------------------------------
def test_what_the_provider_says_stays_there_by_default(school, come):
    lena = an_account(full_name="Lena Zweifel")
    come()
    lena.refresh_from_db()
    assert lena.full_name == "Lena Zweifel"


def test_name_address_and_department_are_kept_up_to_date(school, configure, come):
    lena = an_account(full_name="Lena Zweifel", department="Old")
    configure(UPDATE="true")
    come()
    school.person(name="Lena Fischer-Zweifel", email="lena.f@example.org", department="Care")
    come(window=Client())
    lena.refresh_from_db()
    assert lena.full_name == "Lena Fischer-Zweifel"
    assert lena.email == "lena.f@example.org"
    assert lena.department == "Care"
    school.person(name="", email="", department=None)
    come(window=Client())
    lena.refresh_from_db()
    assert (lena.full_name, lena.department) == ("Lena Fischer-Zweifel", "Care")


def test_given_and_family_name_make_a_name(school, configure, come):
    lena = an_account()
    configure(UPDATE="true")
    school.person(name="", given_name="Lena", family_name="Berg")
    come()
    lena.refresh_from_db()
    assert lena.full_name == "Lena Berg"


def test_an_address_of_another_account_is_left_to_it(school, configure, come):
    lena = an_account()
    an_account(username="omar", email="Omar@example.org")
    configure(UPDATE="true")
    come()
    school.person(email="omar@example.org", name="Lena Neu")
    come(window=Client())
    lena.refresh_from_db()
    assert (lena.email, lena.full_name) == ("lena@example.org", "Lena Neu")


def test_a_value_that_does_not_fit_is_left_out(school, configure, come, client):
    lena = an_account(department="Old")
    configure(UPDATE="true")
    school.person(department="x" * 121, name="Lena Neu")
    come()
    assert signed_in_as(client) == lena.pk
    lena.refresh_from_db()
    assert (lena.department, lena.full_name) == ("Old", "Lena Neu")


def test_of_an_account_with_rights_nothing_is_changed(school, configure, come):
    account = staff()
    SocialAccount.objects.create(user=account, provider="school", uid=oidc.SUBJECT)
    configure(UPDATE="true")
    school.person(name="Other", email="evil@example.org")
    assert come()["Location"] == "/admin/"
    before = User.objects.get(pk=account.pk)
    assert (before.email, before.full_name) == (account.email, account.full_name)


@pytest.mark.parametrize(("chosen", "kept"), [("", "de"), ("es", "es")])
def test_the_language_follows_until_the_person_chooses_one(school, configure, come, chosen, kept):
    lena = an_account(language=chosen)
    configure(UPDATE="true")
    school.person(locale="de_CH")
    window = Client()
    come(window=window)
    lena.refresh_from_db()
    assert lena.language == kept
    assert window.cookies["django_language"].value == kept


def test_a_language_that_the_browser_was_given_stays(school, come):
    an_account()
    window = Client()
    window.cookies["django_language"] = "es"
    school.person(locale="de")
    come(window=window)
    assert window.cookies["django_language"].value == "es"
