"""Status lists tell other sites whether a badge was revoked."""

import json

import pytest
from django.utils import timezone

from certificates.badges import issuer, open_badge, status_lists
from certificates.lifecycle import issuing, revocations
from tests.factories import NOON
from tests.support.certificates import a_certificate

from . import independent

pytestmark = pytest.mark.django_db
SITE = "https://learn.example.com"


@pytest.fixture(autouse=True)
def _address(settings):
    settings.PUBLIC_URL = SITE


@pytest.fixture
def certificate():
    a_certificate()  # so that it isn't the only one
    return a_certificate(full_name="Lena Fischer")


def fetched(client, badge):
    """The list that a badge names, fetched as any site would."""
    address = badge["credentialStatus"]["statusListCredential"]
    answer = client.get(address.removeprefix(SITE))
    assert answer["Content-Type"] == open_badge.MEDIA_TYPE
    assert answer["Access-Control-Allow-Origin"] == "*"
    return {address: answer.json()}


def verified(client, badge):
    """Verified by an independent library, which fetches the list and checks its proof."""
    return independent.verify(badge, {issuer.did(): issuer.document()} | fetched(client, badge))


def revoke(certificate):
    revocations.revoke(certificate, reason="Issued in error", by=None, now=NOON)


def reissue(certificate):
    issuing.reissue(certificate.pk, reason="Another name", by=None)


@pytest.mark.parametrize("event", [revoke, reissue])
def test_a_badge_is_valid_until_its_certificate_is_void(client, certificate, event):
    badge = json.loads(open_badge.make(certificate))
    neighbours = [json.loads(open_badge.make(a_certificate())) for _ in range(2)]
    holds = {"verified": True, "error": "", "bits": {"revocation": False}}
    assert verified(client, badge) == holds
    event(certificate)
    assert verified(client, badge)["bits"] == {"revocation": True}
    for other in neighbours:
        assert verified(client, other) == holds


def test_a_list_that_was_changed_is_found_out(client, certificate):
    badge = json.loads(open_badge.make(certificate))
    revoke(certificate)
    documents = {issuer.did(): issuer.document()} | fetched(client, badge)
    clean = status_lists._credential(0, bytes(status_lists.SIZE // 8), "")
    documents[clean["id"]]["credentialSubject"] = clean["credentialSubject"]
    found = independent.verify(badge, documents)
    assert not found["verified"]
    assert "not verified" in found["error"]


def test_each_certificate_has_its_own_place_and_full_lists_go_on_in_another(certificate):
    certificate.pk = 3 * status_lists.SIZE + 17
    place = status_lists.entry(certificate)
    assert place["statusListIndex"] == "17"
    assert place["statusListCredential"] == f"{SITE}/badges/status/3/"


@pytest.mark.parametrize("number", [1, 10**30])
def test_a_list_without_certificates_is_404(client, certificate, number):
    assert client.get(f"/badges/status/{number}/").status_code == 404


def test_without_an_address_there_are_no_lists(settings, certificate):
    settings.PUBLIC_URL = ""
    assert status_lists.make(0, timezone.now()) is None


def test_however_many_are_void_the_list_takes_as_many_statements(
    certificate, django_assert_num_queries
):
    for _ in range(3):
        with django_assert_num_queries(3):
            status_lists.make(0, timezone.now())
        revoke(a_certificate())
