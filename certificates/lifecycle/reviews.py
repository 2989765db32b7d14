"""The one writer of reviews: a doubtful certificate is marked as under review, never removed."""

from datetime import datetime
from functools import partial

from django.db import transaction

from certificates import payloads
from certificates.lifecycle import scores
from certificates.models import Certificate, Review
from progress.models import User

UPHELD = Review.Outcome.UPHELD


def open_review(certificate: Certificate, *, reason: str, by: User | None, now: datetime) -> Review:
    """Puts a certificate under review, or returns the review that is open already."""
    review, _ = Review.objects.get_or_create(
        certificate=certificate,
        closed_at=None,
        defaults={"reason": reason, "opened_at": now, "opened_by": by},
    )
    _push_after_commit(certificate)
    return review


def uphold(review: Review, *, note: str, by: User | None, now: datetime) -> None:
    """Ends a review: the certificate is good."""
    _close(review, UPHELD, by, note, now)
    _push_after_commit(review.certificate)


def close_open(
    certificate: Certificate, outcome: str, *, by: User | None, note: str, now: datetime
) -> None:
    """Ends the open review, if any, because the certificate was revoked or issued anew."""
    for review in Review.objects.open().filter(certificate=certificate):
        _close(review, outcome, by, note, now)


def compare(enrollment_id: int, now: datetime) -> Review | None:
    """Compares an enrolment's certificate with its scores of today; returns the open review.

    A different score opens a review. A review that was opened here ends when the score is the
    certified one again.
    """
    certificate = Certificate.objects.newest().filter(enrollment_id=enrollment_id).first()
    if certificate is None or hasattr(certificate, "revocation"):
        return None
    doubt = _doubt(certificate)
    if doubt:
        return open_review(certificate, reason=doubt, by=None, now=now)
    for review in Review.objects.open().filter(certificate=certificate, opened_by=None):
        uphold(review, note="The score is the certified one again.", by=None, now=now)
    return None


def _doubt(certificate: Certificate) -> str:
    """Returns what the certificate states that is no longer true; "" if all of it is."""
    rules = certificate.rules["contents"]
    best = scores.best_scores(rules, certificate.enrollment_id)
    for rule in rules:
        score = best.get(rule["content_id"])
        if score is not None and rule["needed_bp"] and score < rule["needed_bp"]:
            needed = f"{score // 100} %, {rule['needed_bp'] // 100} % needed"
            return f"“{rule['title'][:150]}” is no longer passed: {needed}."
    score = scores.score_bp(rules, certificate.enrollment_id)
    if score is not None and score != certificate.score_bp:
        certified = "none" if certificate.score_bp is None else f"{certificate.score_bp // 100} %"
        return f"The score was changed later: {score // 100} %, certified was {certified}."
    return ""


def _close(review: Review, outcome: str, by: User | None, note: str, now: datetime) -> None:
    review.closed_at, review.closed_by = now, by
    review.outcome, review.note = outcome, note[:255]
    review.save(update_fields=["closed_at", "closed_by", "outcome", "note"])


def _push_after_commit(certificate: Certificate) -> None:
    transaction.on_commit(partial(payloads.push_certificate, certificate), robust=True)
