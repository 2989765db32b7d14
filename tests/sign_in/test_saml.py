"""Signing in by SAML 2.0, against a local provider that signs its answers."""

import base64
import dataclasses

import pytest
from django.test import Client
from lxml import etree

from progress.models import User
from tests.factories import a_course, a_learner
from tests.support import saml

pytestmark = pytest.mark.django_db
HERE = "http://testserver/sign-in/school/"


@pytest.fixture(scope="module")
def _idp():
    return saml.LocalProvider()


@pytest.fixture
def idp(_idp, settings, tmp_path):
    """A provider whose metadata is a file, configured as `school`."""
    _idp.url = "https://idp.hill.example"
    _idp.answer = {}
    _idp.file = tmp_path / "metadata.xml"
    _idp.file.write_text(_idp.metadata())
    settings.SIGN_IN_PROVIDERS = saml.configured(str(_idp.file), _idp.entity_id)
    return _idp


@pytest.fixture
def configure(idp, settings):
    def configure(**more):
        settings.SIGN_IN_PROVIDERS = saml.configured(str(idp.file), idp.entity_id, **more)

    return configure


@pytest.fixture
def lena():
    return a_learner(a_course(), username="lena", email="lena@example.org")


@pytest.fixture
def come(idp, client):
    """Signs in as a browser does, with the changes to the provider's answer; the last answer."""

    def come(*, window=client, after="", key=None, edit=None, **changes):
        answer = idp.asked(ask(window, after), **changes)
        packed = idp.signed(answer, key)
        return deliver(window, edit(packed) if edit else packed)

    return come


def ask(window, after=""):
    begun = window.get("/sign-in/school/", {"next": after} if after else {})
    assert begun.status_code == 302, begun.content
    return begun["Location"]


def deliver(window, response: bytes):
    # From the provider's page the browser sends no cookie that is lax.
    stranger = Client()
    posted = stranger.post(
        "/sign-in/school/acs/", {"SAMLResponse": base64.b64encode(response).decode()}
    )
    if posted.status_code != 302:
        return posted
    window.cookies.update(stranger.cookies)
    return window.get(posted["Location"])


def signed_in_as(window):
    return int(window.session["_auth_user_id"]) if "_auth_user_id" in window.session else None


def refused(answer, window):
    assert answer.status_code == 400, answer
    assert "Signing in didn’t work" in answer.content.decode()
    assert signed_in_as(window) is None
    return True


# --- The way there and back ----------------------------------------------------------------------
def test_a_learner_signs_in_and_comes_to_the_page_they_asked_for(come, client, lena):
    answer = come(after="/account/")
    assert (answer.status_code, answer["Location"]) == (302, "/account/")
    assert signed_in_as(client) == lena.pk


def test_another_site_is_never_led_to(come, lena):
    assert come(after="https://evil.example/")["Location"] == "/"


def test_the_provider_is_asked_at_its_address(idp, client):
    url = ask(client)
    assert url.startswith("https://idp.hill.example/sso?SAMLRequest=")
    asked = idp.asked(url)
    assert asked.acs == f"{HERE}acs/"
    assert asked.audience == f"{HERE}metadata/"


def test_a_signature_around_everything_may_come_on_top(come, lena):
    assert come(is_response_signed=True).status_code == 302


def test_this_sites_metadata(idp, client):
    answer = client.get("/sign-in/school/metadata/")
    assert answer["Content-Type"] == "application/samlmetadata+xml"
    root = etree.fromstring(answer.content)
    assert root.get("entityID") == f"{HERE}metadata/"
    assert f'Location="{HERE}acs/"' in answer.content.decode()
    assert 'WantAssertionsSigned="true"' in answer.content.decode()


def test_an_id_of_ones_own(configure, come, lena):
    configure(SP_ENTITY_ID="urn:hill:learning")
    assert come().status_code == 302


# --- Broken answers ------------------------------------------------------------------------------
OTHER_KEY, _certificate = saml.a_key()


@pytest.mark.parametrize(
    "change",
    [
        {"is_assertion_signed": False},
        {"is_assertion_signed": False, "is_response_signed": True},
        pytest.param({"key": OTHER_KEY}, id="another key"),
        {"digest": "sha1"},
        {"audience": "https://another.example"},
        {"audience": None},
        {"issuer": "https://evil.example"},
        {"recipient": "http://testserver/elsewhere/"},
        {"recipient": "http://testserver/sign-in/school/acs/../../other/"},
        {"recipient": None},
        {"destination": "http://testserver/elsewhere/"},
        {"destination": ""},
        {"method": "urn:oasis:names:tc:SAML:2.0:cm:sender-vouches"},
        {"confirms": "_another"},
        {"confirms": None},
        {"confirmed_until": -1},
        {"confirmed_until": None},
        {"not_before": 400},
        {"not_on_or_after": -400},
        {"status": "Responder"},
        {"subject": None},
        {"subject": "x" * 192},
        {"name_format": "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"},
    ],
    ids=str,
)
def test_an_answer_that_is_not_right_is_refused(come, client, lena, change):
    assert refused(come(**change), client)


def test_an_answer_that_nobody_asked_for_is_refused(come, client, lena):
    assert refused(come(request_id=None, confirms=None), client)


def test_an_unsolicited_assertion_in_an_answer_to_a_real_request_is_refused(idp, client, lena):
    """The frame around the assertion isn't signed: whoever has an assertion could make one."""
    asked = idp.asked(ask(client), confirms=None)
    assert refused(deliver(client, idp.signed(asked)), client)


def test_an_answer_counts_in_the_browser_that_asked_only(idp, client, lena):
    response = idp.signed(idp.asked(ask(client)))
    other = Client()
    ask(other)
    assert refused(deliver(other, response), other)


def test_an_answer_counts_once(idp, client, lena):
    response = idp.signed(idp.asked(ask(client)))
    assert deliver(client, response).status_code == 302
    client.post("/logout/")
    assert refused(deliver(client, response), client)


def test_an_assertion_counts_once_even_in_another_answer(idp, client, lena):
    """Its id is remembered, were the request's state ever given twice."""
    first = idp.asked(ask(client))
    assert deliver(client, idp.signed(first)).status_code == 302
    client.post("/logout/")
    again = dataclasses.replace(idp.asked(ask(client)), assertion_id=first.assertion_id)
    assert refused(deliver(client, idp.signed(again)), client)


def test_a_changed_assertion_is_refused(come, client, lena):
    assert refused(come(edit=lambda text: text.replace(b"lena@", b"omar@")), client)


def test_two_assertions_are_refused(come, client, lena):
    """The signed one moved aside, a forged one where it is read."""

    def wrap(text):
        root = etree.fromstring(text)
        signed = root.find("saml:Assertion", saml.NAMES)
        forged = etree.fromstring(etree.tostring(signed).replace(b"lena@", b"omar@"))
        forged.set("ID", "_forged")
        forged.remove(forged.find("{http://www.w3.org/2000/09/xmldsig#}Signature"))
        signed.addprevious(forged)
        return etree.tostring(root)

    assert refused(come(edit=wrap), client)


def test_a_signed_assertion_hidden_in_a_forged_one_is_refused(come, client, lena):
    def wrap(text):
        root = etree.fromstring(text)
        signed = root.find("saml:Assertion", saml.NAMES)
        forged = etree.fromstring(etree.tostring(signed).replace(b"lena@", b"omar@"))
        forged.set("ID", "_forged")
        signature = forged.find("{http://www.w3.org/2000/09/xmldsig#}Signature")
        holder = etree.SubElement(signature, "{http://www.w3.org/2000/09/xmldsig#}Object")
        root.replace(signed, forged)
        holder.append(signed)
        return etree.tostring(root)

    assert refused(come(edit=wrap), client)


def test_a_comment_does_not_cut_a_name_short(come, client, lena):
    a_learner(a_course(), username="other", email="lena@example.org.evil.example")
    text = "lena@example.org<!-- -->.evil.example"
    come(attributes=((next(iter(saml.LENA)), text),))
    assert signed_in_as(client) != lena.pk


ENTITIES = {
    "a file": '<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/hostname">]>',
    "an address": '<!DOCTYPE r [<!ENTITY e SYSTEM "http://localhost:1/">]>',
    "a bomb": '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY e "&a;&a;&a;&a;">]>',
    "a document type": "<!DOCTYPE r>",
}


@pytest.mark.parametrize("declaration", ENTITIES.values(), ids=ENTITIES)
def test_entities_and_document_types_are_refused(come, client, lena, declaration):
    def with_entity(text):
        return declaration.encode() + text.replace(b"Lena Fischer", b"&e;")

    assert refused(come(edit=with_entity), client)


@pytest.mark.parametrize("body", [b"", b"not xml", b"<a/>", b"\xff\xfe\x00"])
def test_what_is_no_response_is_refused(idp, client, body):
    ask(client)
    assert refused(deliver(client, body), client)


def test_what_is_no_base64_or_too_long_is_refused(idp, client):
    for text in ("§§§", "A" * 500_001, "A"):
        posted = client.post("/sign-in/school/acs/", {"SAMLResponse": text}, follow=True)
        assert refused(posted, client)


def test_finishing_without_an_answer_is_refused(idp, client):
    assert refused(client.get("/sign-in/school/acs/finish/"), client)


def test_the_kept_answer_is_gone_afterwards_and_out_of_reach_of_scripts(idp, client, lena):
    from django.contrib.sessions.models import Session

    response = base64.b64encode(idp.signed(idp.asked(ask(client)))).decode()
    posted = Client().post("/sign-in/school/acs/", {"SAMLResponse": response})
    cookie = posted.cookies["saml-answer"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert cookie["path"] == "/sign-in/school/acs/finish/"
    client.cookies["saml-answer"] = cookie.value
    assert client.get(posted["Location"]).status_code == 302
    assert not Session.objects.filter(pk=cookie.value).exists()


def test_neither_names_nor_addresses_are_logged(come, lena, caplog):
    caplog.set_level("DEBUG")
    come(window=Client())
    come(window=Client(), audience="https://another.example", subject="lena@example.org")
    ours = [line.getMessage() for line in caplog.records if line.name.startswith("lms_progress")]
    assert any("another audience" in line or "isn't valid" in line for line in ours)
    assert not [line for line in ours if "@" in line or saml.SUBJECT in line]


# --- Metadata ------------------------------------------------------------------------------------
def test_metadata_can_be_at_an_address(settings, client, lena):
    with saml.running() as local:
        place = f"{local.url}/metadata"
        settings.SIGN_IN_PROVIDERS = saml.configured(place, local.entity_id)
        assert ask(client).startswith(f"{local.url}/sso?")


@pytest.mark.parametrize(
    ("spoil", "status"),
    [
        (lambda idp: idp.file.unlink(), 400),
        (lambda idp: idp.file.write_text("nothing"), 400),
        (lambda idp: idp.file.write_text(ENTITIES["a file"] + idp.metadata()), 400),
        (lambda idp: idp.file.write_text(idp.metadata().replace("https://idp.hill", "x")), 400),
        (lambda idp: idp.file.write_text(idp.metadata().replace("https://", "http://")), 400),
    ],
    ids=["gone", "not xml", "entities", "another entity", "plain http"],
)
def test_metadata_that_says_nothing_usable_leads_nowhere(idp, client, spoil, status):
    spoil(idp)
    answer = client.get("/sign-in/school/")
    assert answer.status_code == status


def test_metadata_that_cannot_be_fetched_is_said(settings, client):
    settings.SIGN_IN_PROVIDERS = saml.configured("http://localhost:1/metadata", "x")
    assert client.get("/sign-in/school/").status_code == 502


# --- Who they are --------------------------------------------------------------------------------
def test_an_address_counts_only_where_the_organisation_vouches_for_it(configure, come, lena):
    configure(EMAIL_IS_VERIFIED="false")
    answer = come()
    assert answer.status_code == 403
    assert "There is no account for you here yet" in answer.content.decode()


def test_a_name_that_is_an_address_is_one(come, client, lena):
    form = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
    come(attributes=(), subject="lena@example.org", name_format=form)
    assert signed_in_as(client) == lena.pk


def test_an_attribute_can_be_the_subject(configure, come, client, lena):
    from allauth.socialaccount.models import SocialAccount

    configure(CLAIM_SUBJECT="objectid")
    come(attributes=(*saml.LENA.items(), ("objectid", "o-17")))
    assert SocialAccount.objects.get().uid == "o-17"
    assert refused(come(window=(other := Client())), other)


def test_an_account_is_made_and_kept_up_to_date(configure, come):
    configure(CREATE="true", UPDATE="true", CLAIM_DEPARTMENT="unit")
    come(attributes=(*saml.LENA.items(), ("unit", "Care"), ("uid", "Lena.F")))
    made = User.objects.get()
    assert (made.username, made.full_name, made.department) == ("lena.f", "Lena Fischer", "Care")
    come(window=Client(), attributes=(("displayName", "Lena Berg"), ("unit", "Ward 3")))
    made.refresh_from_db()
    assert (made.full_name, made.department) == ("Lena Berg", "Ward 3")


# --- Configuration -------------------------------------------------------------------------------
def test_oidc_and_saml_addresses_are_not_each_others(idp, client):
    assert client.get("/sign-in/school/callback/?code=x&state=y").status_code == 404
