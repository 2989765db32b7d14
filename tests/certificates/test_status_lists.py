"""What badges' status lists say to whoever has a badge, and not this site."""

import json

import pytest
from django.utils import timezone

from certificates import badges, issuer, issuing, reviewing, revoking, status_lists
from tests.factories import NOON

from . import independent
from .completing import a_certificate

pytestmark = pytest.mark.django_db
SITE = "https://learn.example.com"


@pytest.fixture(autouse=True)
def _address(settings):
    settings.PUBLIC_URL = SITE


@pytest.fixture
def certificate():
    a_certificate()  # so that it isn't the only one
    return a_certificate(full_name="Lena Fischer")


def listed(client, badge):
    """The lists that a badge names, as anybody fetches them."""
    addresses = [entry["statusListCredential"] for entry in badge["credentialStatus"]]
    answers = {each: client.get(each.removeprefix(SITE)) for each in addresses}
    for answer in answers.values():
        assert answer["Content-Type"] == badges.MEDIA_TYPE
        assert answer["Access-Control-Allow-Origin"] == "*"
    return {address: answer.json() for address, answer in answers.items()}


def verified(client, badge):
    """In the eyes of an independent library, which fetches the lists and checks their proofs."""
    return independent.verify(badge, {issuer.did(): issuer.document()} | listed(client, badge))


def review(certificate):
    return reviewing.open_review(certificate, reason="Score changed", by=None, now=NOON)


def revoke(certificate):
    revoking.revoke(certificate, reason="Issued in error", by=None, now=NOON)


def reissue(certificate):
    issuing.reissue(certificate.pk, reason="Another name", by=None)


@pytest.mark.parametrize(
    ("event", "purpose"), [(revoke, "revocation"), (reissue, "revocation"), (review, "suspension")]
)
def test_a_badge_holds_until_its_certificate_does_not(client, certificate, event, purpose):
    badge = json.loads(badges.make(certificate))
    neighbours = [json.loads(badges.make(a_certificate())) for _ in range(2)]
    holds = {"revocation": False, "suspension": False}
    assert verified(client, badge) == {"verified": True, "error": "", "bits": holds}
    event(certificate)
    assert verified(client, badge)["bits"] == holds | {purpose: True}
    for other in neighbours:
        assert verified(client, other)["bits"] == holds


def test_a_badge_holds_again_when_the_doubt_is_settled(client, certificate):
    badge = json.loads(badges.make(certificate))
    opened = review(certificate)
    assert verified(client, badge)["bits"]["suspension"]
    reviewing.uphold(opened, note="It was a slip.", by=None, now=NOON)
    assert not verified(client, badge)["bits"]["suspension"]


def test_a_list_that_was_changed_is_found_out(client, certificate):
    badge = json.loads(badges.make(certificate))
    revoke(certificate)
    documents = {issuer.did(): issuer.document()} | listed(client, badge)
    address = badge["credentialStatus"][0]["statusListCredential"]
    clean = status_lists._credential("revocation", 0, bytearray(status_lists.SIZE // 8), "")
    documents[address]["credentialSubject"] = clean["credentialSubject"]
    found = independent.verify(badge, documents)
    assert not found["verified"]
    assert "not verified" in found["error"]


def test_each_certificate_has_its_own_place_and_full_lists_go_on_in_another(certificate):
    size = status_lists.SIZE
    certificate.pk = 3 * size + 17
    places = status_lists.entries(certificate)
    assert [place["statusPurpose"] for place in places] == ["revocation", "suspension"]
    assert {place["statusListIndex"] for place in places} == {"17"}
    assert places[0]["statusListCredential"] == f"{SITE}/badges/status/revocation/3/"


@pytest.mark.parametrize("path", ["revocation/1/", f"revocation/{10**30}/", "fame/0/"])
def test_a_list_of_nobody_is_not_there(client, certificate, path):
    assert client.get(f"/badges/status/{path}").status_code == 404


def test_without_an_address_there_are_no_lists(settings, certificate):
    settings.PUBLIC_URL = ""
    assert status_lists.make("revocation", 0, timezone.now()) is None


def test_however_many_are_void_the_list_takes_as_many_statements(
    certificate, django_assert_num_queries
):
    for _ in range(3):
        with django_assert_num_queries(3):
            status_lists.make("revocation", 0, timezone.now())
        revoke(a_certificate())
