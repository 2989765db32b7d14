"""Badges: what they say, that others can check them, and where they are offered."""

import hashlib
import io
import json
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.files.uploadedfile import SimpleUploadedFile
from pypdf import PdfReader

from certificates import numbers
from certificates.badges import issuer, multibase, open_badge
from certificates.documents import rendering
from certificates.documents.styles import Style
from certificates.models import Design, Revocation
from tests.factories import NOON, a_course, a_user, an_instructor
from tests.support.badges import DID, SITE, published, read

from . import independent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("public_address")]


# --- What it says --------------------------------------------------------------------------------
def test_it_says_what_the_certificate_says(certificate, badge):
    achievement = badge["credentialSubject"]["achievement"]
    assert achievement["name"] == badge["name"] == "Fire safety"
    assert achievement["humanCode"] == certificate.course_code
    assert achievement["version"] == str(certificate.course_version)
    assert achievement["criteria"]["narrative"] == (
        "All of this was completed:\n\n- c1 (video): at least 90 %"
    )
    assert badge["issuer"]["id"] == DID
    assert badge["awardedDate"] == certificate.issued_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert badge["validFrom"] == certificate.completed_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert "validUntil" not in badge
    (evidence,) = badge["evidence"]
    assert evidence["id"] == f"{SITE}/verify/{numbers.show_code(certificate.code)}/"


def test_its_issuer_is_named_as_on_the_day_of_issue(settings, certificate):
    named = certificate.issuer
    settings.CERTIFICATE_ISSUER = "Another house"
    assert open_badge.credential(certificate)["issuer"]["name"] == named != "Another house"
    certificate.issuer = ""  # issued before names were copied
    assert open_badge.credential(certificate)["issuer"]["name"] == "Another house"


def test_it_ends_when_the_certificate_expires(certificate):
    certificate.expires_at = datetime(2999, 1, 1, tzinfo=UTC)
    badge = json.loads(open_badge.make(certificate))
    assert badge["validUntil"] == "2999-01-01T00:00:00Z"
    assert independent.verify(badge, published())["verified"]
    certificate.completed_at = datetime(2020, 1, 1, tzinfo=UTC)
    certificate.expires_at = datetime(2021, 1, 1, tzinfo=UTC)
    ended = independent.verify(json.loads(open_badge.make(certificate)), published())
    assert 'is after "validUntil"' in ended["error"]


def test_criteria_state_scores_and_what_was_only_reported(certificate):
    first = certificate.rules["contents"][0]
    quiz = first | {"title": "Check", "content_type": "quiz", "needed_bp": 6250}
    reported = first | {"title": "Drill", "completion_source": "reported"}
    certificate.rules = {"contents": [quiz, reported]}
    subject = open_badge.credential(certificate)["credentialSubject"]
    assert subject["achievement"]["criteria"]["narrative"].splitlines()[2:] == [
        "- Check (quiz): at least a score of 62.5 %",
        "- Drill (video): at least 90 %, self-reported",
    ]


def test_it_says_nothing_of_the_holder_but_a_salted_hash_of_the_name(certificate, badge):
    subject = badge["credentialSubject"]
    (holder,) = subject["identifier"]
    hashed = hashlib.sha256(("Lena Fischer" + holder["salt"]).encode()).hexdigest()
    assert holder["identityHash"] == f"sha256${hashed}"
    assert holder["identityType"] == "name"
    assert set(subject) == {"type", "identifier", "achievement"}
    text = json.dumps(badge)
    for private in ("Lena", certificate.user.username, certificate.user.email or "@example"):
        assert private not in text


def test_the_same_certificate_makes_the_same_bytes(certificate):
    assert open_badge.make(certificate) == open_badge.make(certificate)


def test_without_an_address_there_is_none_and_nothing_is_said_of_it(settings, client, certificate):
    settings.PUBLIC_URL = ""
    made = rendering.render(certificate.pk, NOON)
    assert made.badge is None
    client.force_login(certificate.user)
    assert "Badge" not in client.get(f"/certificates/{certificate.number}/").content.decode()
    assert client.get(f"/api/certificates/{certificate.number}/badge/").status_code == 404
    assert client.get("/.well-known/did.json").status_code == 404
    assert "/EmbeddedFiles" not in str(PdfReader(io.BytesIO(bytes(made.pdf))).trailer["/Root"])


# --- Others --------------------------------------------------------------------------------------
def test_an_independent_library_finds_it_genuine(badge):
    found = independent.verify(badge, published())
    assert (found["verified"], found["error"]) == (True, "")


def test_an_independent_library_finds_a_changed_one_out(badge):
    badge["credentialSubject"]["achievement"]["name"] = "Brain surgery"
    found = independent.verify(badge, published())
    assert not found["verified"]
    assert "Invalid signature" in found["error"]


def test_the_issuer_is_published_at_a_well_known_address(client, badge):
    answer = client.get("/.well-known/did.json", headers={"origin": "https://elsewhere.example"})
    assert answer["Content-Type"] == "application/did+ld+json"
    assert answer["Access-Control-Allow-Origin"] == "*"
    document = answer.json()
    assert document["id"] == DID
    method = badge["proof"]["verificationMethod"]
    assert method in document["assertionMethod"]
    (key,) = document["verificationMethod"]
    assert (key["id"], key["controller"], key["type"]) == (method, DID, "Multikey")
    assert multibase.decode(key["publicKeyMultibase"])[:2] == b"\xed\x01"


# --- Keys ----------------------------------------------------------------------------------------
def test_badges_of_a_retired_key_stay_genuine(settings, badge, certificate, tmp_path):
    old = issuer.all_keys().private.public_key()
    new = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = old.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    (tmp_path / "badges.pem").write_bytes(new + public)
    settings.BADGE_KEY = str(tmp_path / "badges.pem")
    fresh = json.loads(open_badge.make(certificate))
    assert fresh["proof"]["verificationMethod"] != badge["proof"]["verificationMethod"]
    assert read(badge) == read(fresh) == certificate.code
    assert len(issuer.document()["assertionMethod"]) == 2


# --- The file, the API, the pages ----------------------------------------------------------------
def test_it_is_in_the_file_and_downloaded_as_it_is_there(client, certificate):
    made = rendering.render(certificate.pk, NOON)
    reader = PdfReader(io.BytesIO(bytes(made.pdf)))
    assert reader.attachments["badge.json"] == [bytes(made.badge)]
    (file,) = reader.trailer["/Root"]["/AF"]
    assert file["/AFRelationship"] == "/Supplement"
    assert file["/EF"]["/F"]["/Subtype"] == "/application/vc+ld+json"
    client.force_login(certificate.user)
    address = f"/api/certificates/{certificate.number}/badge/"
    assert address in client.get(f"/certificates/{certificate.number}/").content.decode()
    for _ in range(2):
        answer = client.get(address)
        assert answer.content == bytes(made.badge)
        assert answer["Content-Type"] == "application/vc+ld+json"


@pytest.mark.parametrize("template", Design.Template.values)
def test_every_design_attaches_it(certificate, template):
    pdf = rendering.compile_pdf(certificate, b'{"a": 1}', Style(template=template))
    assert PdfReader(io.BytesIO(pdf)).attachments["badge.json"] == [b'{"a": 1}']


def test_other_learners_get_404_and_instructors_of_the_course_may_download(client, certificate):
    rendering.render(certificate.pk, NOON)
    for user, status in [
        (a_user(), 404),
        (an_instructor(a_course()), 404),
        (an_instructor(certificate.course), 200),
    ]:
        client.force_login(user)
        assert client.get(f"/api/certificates/{certificate.number}/badge/").status_code == status


def test_anybody_checks_one_on_the_page(client, certificate):
    made = rendering.render(certificate.pk, NOON)

    def page(content):
        file = SimpleUploadedFile("badge.json", content)
        return client.post("/verify/", {"file": file}).content.decode()

    text = page(bytes(made.badge))
    assert "Genuine and valid" in text
    assert certificate.number in text
    assert DID in text
    changed = page(bytes(made.badge).replace(b"Fire safety", b"Brain surgery"))
    assert "Genuine and valid" not in changed
    assert "Its proof doesn&#x27;t match what it says." in changed
    Revocation.objects.create(certificate=certificate, reason="Issued in error", revoked_at=NOON)
    assert "Issued in error" in page(bytes(made.badge))
