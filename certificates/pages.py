"""The learner's certificates, and the public page that verifies one."""

import hashlib
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from certificates import numbers, payloads, validity, verification
from certificates.badges import baking, issuer, open_badge, status_lists
from certificates.lifecycle import renewals
from certificates.models import Certificate
from certificates.throttling import VerifyThrottle
from progress.pages.zone import in_own_zone

MAX_FILE_BYTES = 5 * 2**20


def _visible(request):
    return renewals.with_terms().visible_to(request.user).with_status()


def _own(request, number: str) -> Certificate:
    return get_object_or_404(_visible(request), number=number)


@never_cache
@login_required
@in_own_zone
@require_GET
def certificates(request):
    """The learner's certificates, newest first, including expired and replaced ones."""
    own = _visible(request).filter(user=request.user)
    return render(request, "pages/certificates.html", {"certificates": own})


@never_cache
@login_required
@in_own_zone
@require_GET
def certificate(request, number: str):
    """One certificate: as a picture, to download, to renew, and to show to others."""
    return _page(request, _own(request, number))


def _page(request, found: Certificate, *, status: int = 200, error: str = ""):
    is_own = found.user_id == request.user.pk
    context = {
        "certificate": found,
        "status": found.status,
        "verify_url": request.build_absolute_uri(payloads.verify_url(found)),
        "code": numbers.show_code(found.code),
        "share": payloads.share_links(found),
        "last_day": _last_day(found),
        "may_renew": is_own and renewals.may_renew(found, timezone.now()),
        "renewal_opens_at": renewals.opens_at(found) if renewals.is_latest(found) else None,
        "is_sealed": bool(verification.evidence_sha256(found)),
        "error": error,
    }
    return render(request, "pages/certificate.html", context, status=status)


@never_cache
@login_required
@in_own_zone
@require_POST
def renew(request, number: str):
    """Begins a new cycle of the learner's own course, once the renewal may begin."""
    found = get_object_or_404(_visible(request).filter(user=request.user), number=number)
    try:
        renewals.renew(found.pk, timezone.now())
    except renewals.NotRenewable:
        error = _("It can't be renewed now, or its renewal has begun already.")
        return _page(request, _own(request, number), status=409, error=error)
    return redirect("course", found.course_id)


def _last_day(found: Certificate) -> date | None:
    """Returns the last valid day in the organisation's time zone, as the certificate states it."""
    if found.expires_at is None:
        return None
    return validity.last_day_of(found.expires_at, timezone.get_default_timezone())


@login_required
@require_GET
def picture(request, number: str):
    made = _own(request, number).renditions.first()
    if made is None:
        return HttpResponse(status=404)
    response = HttpResponse(bytes(made.picture), content_type="image/png")
    response["Cache-Control"] = "private, max-age=300"
    return response


@login_required
@require_GET
def badge_picture(request, number: str):
    """The certificate's picture with its badge inside, for sites that read badges from pictures."""
    made = _own(request, number).renditions.exclude(badge=None).first()
    if made is None:
        raise Http404
    baked = baking.bake(bytes(made.picture), bytes(made.badge))
    response = HttpResponse(baked, content_type="image/png")
    response["Content-Disposition"] = f'attachment; filename="badge-{number}.png"'
    response["Cache-Control"] = "private, no-cache"
    return response


@never_cache
@require_http_methods(["GET", "POST"])
def verify(request, text: str = ""):
    """Verifies by code, number or file; works without scripts and without an account."""
    entered = text or request.GET.get("q", "").strip()
    # A pasted address has slashes, which can't be part of the URL; dots alone lead elsewhere.
    if entered.strip(".") and not text and "/" not in entered:
        return redirect("verify-certificate", entered)
    context: dict[str, Any] = {"entered": entered, "verdict": None, "file_error": ""}
    file = request.FILES.get("file")
    is_request = entered or request.method == "POST"
    if is_request and not VerifyThrottle().allow_request(request, None):
        return render(request, "pages/verify.html", context | {"is_throttled": True}, status=429)
    if entered:
        context["verdict"] = verification.verify(entered)
    elif file is not None and file.size <= MAX_FILE_BYTES:
        context |= {"is_file": True}
        context["verdict"] = _verdict(file.read())
    elif request.method == "POST":
        too_large = _("The file is larger than any certificate.")
        context["file_error"] = too_large if file else _("Please choose a file.")
    if context["verdict"] and context["verdict"].certificate:
        found = context["verdict"].certificate
        context |= {"last_day": _last_day(found), "seal": verification.evidence_sha256(found)}
    return render(request, "pages/verify.html", context)


def _verdict(content: bytes) -> verification.Verdict:
    content = baking.baked_badge(content) or content
    if content.lstrip().startswith(b"{"):
        return open_badge.verify(content)
    return verification.verify_file(hashlib.sha256(content).hexdigest())


@require_GET
def did_document(request):
    """The issuer of the badges and its public keys, for programs of other sites."""
    if not issuer.did():
        raise Http404
    return _public_json(issuer.document(), "application/did+ld+json")


@require_GET
def badge_status(request, number: int):
    """The status list in which a badge's bit says whether it was revoked, for other sites."""
    made = status_lists.make(number, timezone.now())
    if made is None:
        raise Http404
    return _public_json(made, open_badge.MEDIA_TYPE)


def _public_json(document: dict, media_type: str) -> JsonResponse:
    response = JsonResponse(document, content_type=media_type)
    response["Access-Control-Allow-Origin"] = "*"
    response["Cache-Control"] = "max-age=60"
    return response
