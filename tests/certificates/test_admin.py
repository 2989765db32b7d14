"""Staff look at certificates of their courses, have them rendered anew, and revoke them."""

import pytest
from django.contrib.auth.models import Permission

from certificates import tasks, verification
from certificates.documents import rendering
from certificates.models import Certificate, Revocation
from tests.factories import NOON, a_course, a_user, an_instructor
from tests.support.certificates import a_certificate

pytestmark = pytest.mark.django_db
LIST = "/admin/certificates/certificate/"


@pytest.fixture
def certificate():
    return a_certificate(full_name="Lena Fischer")


@pytest.fixture
def staff(client):
    client.force_login(a_user(is_staff=True, is_superuser=True))
    return client


def view_permission(user):
    user.user_permissions.add(Permission.objects.get(codename="view_certificate"))
    return user


def test_the_list_shows_the_learner_and_the_status(staff, certificate):
    page = staff.get(LIST).content.decode()
    assert certificate.number in page
    assert "Lena Fischer" in page
    assert "being prepared" in page


def test_instructors_see_certificates_of_their_own_courses(client, certificate):
    client.force_login(view_permission(an_instructor(certificate.course)))
    assert certificate.number in client.get(LIST).content.decode()
    client.force_login(view_permission(an_instructor(a_course())))
    assert certificate.number not in client.get(LIST).content.decode()


def test_nothing_in_it_can_be_edited(staff, certificate):
    address = f"{LIST}{certificate.pk}/change/"
    assert staff.get(address).status_code == 200
    assert staff.post(address, {"learner_name": "Someone else"}).status_code == 403


def test_a_revocation_needs_a_reason_and_is_final(staff, certificate):
    address = "/admin/certificates/revocation/add/"
    form = {"certificate": certificate.pk, "reason": ""}
    assert "This field is required" in staff.post(address, form).content.decode()
    staff.post(address, form | {"reason": "Issued in error"})
    revoked = Revocation.objects.get()
    assert revoked.revoked_by.is_superuser
    assert verification.verify(certificate.code).status == "revoked"
    assert staff.post(f"/admin/certificates/revocation/{revoked.pk}/delete/").status_code == 403


def test_instructors_revoke_in_their_own_courses_only(client, certificate):
    stranger, instructor = an_instructor(a_course()), an_instructor(certificate.course)
    form = {"certificate": certificate.pk, "reason": "Issued in error"}
    for user, count in [(stranger, 0), (instructor, 1)]:
        may = ["add_revocation", "view_revocation", "view_certificate"]
        user.user_permissions.add(*Permission.objects.filter(codename__in=may))
        client.force_login(user)
        client.post("/admin/certificates/revocation/add/", form)
        assert Revocation.objects.count() == count
    client.get("/admin/")  # shows what the last page had to say
    client.force_login(stranger)
    listed = client.get("/admin/certificates/revocation/").content.decode()
    assert "Issued in error" not in listed


def test_rendering_anew_makes_a_file_where_there_is_none(staff, certificate):
    form = {"action": "anew", "_selected_action": certificate.pk}
    page = staff.post(LIST, form, follow=True).content.decode()
    assert "being rendered" in page
    tasks.render_anew(certificate.pk)
    assert Certificate.objects.with_status().get().status == "issued"


def test_a_certificate_shows_its_files_and_who_signed_each(staff, client, certificate):
    made = rendering.render(certificate.pk, NOON)
    address = f"{LIST}{certificate.pk}/change/"
    page = staff.get(address).content.decode()
    assert made.signed_by in page
    assert made.sha256 in page
    client.force_login(view_permission(an_instructor(certificate.course)))
    assert made.signed_by in client.get(address).content.decode()
