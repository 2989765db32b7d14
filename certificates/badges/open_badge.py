"""Open Badges 3.0: a certificate as a credential that programs can verify.

It reveals less about the holder than the certificate: their name is only a salted hash.
"""

import hashlib
import json
import uuid
from dataclasses import replace

from django.conf import settings
from django.urls import resolve, reverse
from django.urls.exceptions import Resolver404
from django.utils.translation import gettext as _

from certificates import numbers, payloads, verification
from certificates.badges import data_integrity, issuer, linked_data, status_lists
from certificates.models import Certificate

from .linked_data import Refused

CONTEXTS = [linked_data.CREDENTIALS, linked_data.OPEN_BADGES]
TYPES = ["VerifiableCredential", "OpenBadgeCredential"]
MEDIA_TYPE = "application/vc+ld+json"


def make(certificate: Certificate) -> bytes | None:
    """Returns the credential with its proof, the same bytes each time; None without PUBLIC_URL.

    Raises keys.UnusableKey.
    """
    if not issuer.did():
        return None
    method, key = issuer.signing_key()
    created = linked_data.moment(certificate.issued_at)
    badge = data_integrity.prove(credential(certificate), key, method=method, created=created)
    return json.dumps(badge, ensure_ascii=False, indent=2).encode()


def credential(certificate: Certificate) -> dict:
    """Returns the credential without its proof."""
    evidence = payloads.verify_url(certificate)
    return {
        "@context": CONTEXTS,
        "id": uuid.uuid5(uuid.NAMESPACE_URL, evidence).urn,
        "type": TYPES,
        "name": certificate.course_title,
        "issuer": {
            "id": issuer.did(),
            "type": ["Profile"],
            "name": certificate.issuer or settings.CERTIFICATE_ISSUER,
            "url": settings.PUBLIC_URL,
        },
        "awardedDate": linked_data.moment(certificate.issued_at),
        **_validity(certificate),
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "identifier": [_holder(certificate)],
            "achievement": _achievement(certificate),
        },
        "credentialStatus": status_lists.entry(certificate),
        "evidence": [
            {
                "id": evidence,
                "type": ["Evidence"],
                "name": f"Certificate {certificate.number}",
                "description": "Tells whether the certificate is valid today.",
            }
        ],
    }


def _validity(certificate: Certificate) -> dict:
    """Valid from the completion, from which the expiry is counted as well."""
    valid = {"validFrom": linked_data.moment(certificate.completed_at)}
    if certificate.expires_at is not None:
        valid["validUntil"] = linked_data.moment(certificate.expires_at)
    return valid


def _holder(certificate: Certificate) -> dict:
    """A hash that those who know the name can compare, and that tells others nothing."""
    salt = certificate.code
    hashed = hashlib.sha256(f"{certificate.learner_name}{salt}".encode()).hexdigest()
    return {
        "type": "IdentityObject",
        "hashed": True,
        "identityHash": f"sha256${hashed}",
        "identityType": "name",
        "salt": salt,
    }


def _achievement(certificate: Certificate) -> dict:
    return {
        "id": f"{settings.PUBLIC_URL}{reverse('course', args=[certificate.course_id])}",
        "type": ["Achievement"],
        "achievementType": "Course",
        "name": certificate.course_title,
        "description": f"Has completed the course “{certificate.course_title}”.",
        "humanCode": certificate.course_code,
        "version": str(certificate.course_version),
        "criteria": {"narrative": _criteria(certificate.rules["contents"])},
    }


def _criteria(contents: list[dict]) -> str:
    """Returns the rules that were fulfilled, as Markdown."""
    head = "All of this was completed:"
    if any("waived" in content for content in contents):
        head = "All of this was completed, or proven otherwise:"
    return "\n".join([head, "", *map(_criterion, contents)])


def _criterion(content: dict) -> str:
    item = f"- {content['title']} ({content['content_type']})"
    if "waived" in content:
        return f"{item}: not needed, by “{content['waived']['by']['title']}”"
    if not content["needed_bp"]:
        return f"{item}: submitted"
    needed = f"{content['needed_bp'] / 100:g} %"
    threshold = f"a score of {needed}" if content["content_type"] == "quiz" else needed
    reported = "" if content["completion_source"] == "measured" else ", self-reported"
    return f"{item}: at least {threshold}{reported}"


def read(content: bytes) -> str:
    """Returns the verify code in a badge of this site. Raises Refused for others and changed ones.

    This checks that the badge is genuine; whether the certificate is valid today is not checked.
    """
    badge = linked_data.parse(content)
    if badge.get("@context") != CONTEXTS or badge.get("type") != TYPES:
        raise Refused(_("It isn't an Open Badge of the kind that is issued here."))
    profile = badge.get("issuer")
    if not isinstance(profile, dict) or not issuer.did() or profile.get("id") != issuer.did():
        raise Refused(_("It was issued by someone else."))
    data_integrity.check(badge, issuer.public_keys())
    return _code(badge)


def verify(content: bytes) -> verification.Verdict:
    """Whether an uploaded badge is genuine, and the status of its certificate today."""
    try:
        code = read(content)
    except Refused as error:
        return verification.Verdict(verification.UNKNOWN, reason=str(error))
    return replace(verification.verify(code), signed_by=issuer.did())


def _code(badge: dict) -> str:
    """Returns the verify code in a genuine badge's evidence."""
    path = badge["evidence"][0]["id"].removeprefix(settings.PUBLIC_URL)
    try:
        code = numbers.read_code(resolve(path).kwargs["text"])
    except (Resolver404, KeyError):
        code = None
    if code is None:
        raise Refused(_("Its evidence isn't a certificate of this site."))
    return code
