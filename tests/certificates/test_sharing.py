"""Showing a certificate to others: its links, LinkedIn's form, and a badge inside a picture."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from certificates import payloads
from certificates.badges import baking, open_badge
from certificates.documents import rendering
from certificates.models import Certificate
from tests.factories import NOON, a_user

pytestmark = pytest.mark.django_db


def links(certificate):
    return payloads.own_share_links(certificate.enrollment_id)


def badge_picture(client, certificate):
    return client.get(f"/certificates/{certificate.number}/badge.png")


def test_linkedin_gets_the_certificate_filled_in(public_address, certificate):
    rendering.render(certificate.pk, NOON)
    address = urlsplit(links(certificate)["linkedin_url"])
    assert address.hostname == "www.linkedin.com"
    fields = parse_qs(address.query)
    assert fields["name"] == ["Fire safety"]
    assert fields["certId"] == [certificate.number]
    assert fields["certUrl"] == [payloads.verify_url(certificate)]
    assert fields["issueYear"] == [str(certificate.issued_at.year)]
    assert "expirationYear" not in fields


def test_a_site_without_an_address_offers_no_link_that_nobody_could_open(settings, certificate):
    settings.PUBLIC_URL = ""
    rendering.render(certificate.pk, NOON)
    found = links(certificate)
    assert (found["linkedin_url"], found["badge_url"], found["badge_picture_url"]) == ("", "", "")


def test_the_picture_holds_the_badge_and_is_still_a_picture(public_address, client, certificate):
    rendering.render(certificate.pk, NOON)
    client.force_login(certificate.user)
    answer = badge_picture(client, certificate)
    assert answer["Content-Type"] == "image/png"
    made = Certificate.objects.get(pk=certificate.pk).renditions.get()
    assert baking.baked_badge(answer.content) == bytes(made.badge)
    assert len(answer.content) > len(made.picture)
    read = open_badge.read(baking.baked_badge(answer.content))
    assert read == certificate.code


def test_the_picture_can_be_verified_like_the_badge(public_address, client, certificate):
    rendering.render(certificate.pk, NOON)
    client.force_login(certificate.user)
    picture = badge_picture(client, certificate).content
    client.logout()

    def verdict(content):
        file = SimpleUploadedFile("badge.png", content, content_type="image/png")
        return client.post("/verify/", {"file": file}).content.decode()

    assert "Genuine and valid" in verdict(picture)
    forged = json.loads(baking.baked_badge(picture)) | {"name": "Another course"}
    plain = bytes(Certificate.objects.get().renditions.get().picture)
    assert "Genuine and valid" not in verdict(baking.bake(plain, json.dumps(forged).encode()))


def test_only_those_who_see_the_certificate_get_its_picture(public_address, client, certificate):
    rendering.render(certificate.pk, NOON)
    assert badge_picture(client, certificate).status_code == 302
    client.force_login(a_user())
    assert badge_picture(client, certificate).status_code == 404


@pytest.mark.parametrize(
    "file",
    [b"", b"%PDF-1.7", baking.SIGNATURE, baking.SIGNATURE + b"\xff\xff\xff\xffiTXt" + b"x" * 9],
)
def test_a_file_that_is_no_whole_picture_has_no_badge(file):
    assert baking.baked_badge(file) is None


def test_what_is_not_a_picture_is_not_baked():
    with pytest.raises(ValueError, match="PNG"):
        baking.bake(b"%PDF-1.7", b"{}")


def test_a_link_that_is_shared_names_the_course_and_not_the_person(client, certificate):
    rendering.render(certificate.pk, NOON)
    page = client.get(payloads.verify_url(certificate)).content.decode()
    head = page[: page.index("</head>")]
    assert f'og:description" content="Fire safety · {certificate.number}"' in head
    assert certificate.learner_name not in head
    unknown = client.get("/verify/AAAA-AAAA-AAAA-AAAA/").content.decode()
    assert "og:title" in unknown
    assert "og:description" not in unknown
