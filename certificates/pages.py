"""The learner's certificate, and the page on which anybody checks one."""

import hashlib
from datetime import date

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from certificates import numbers, payloads, validity
from certificates.badges import issuer, open_badge, status_lists
from certificates.lifecycle import renewals
from certificates.models import Certificate
from certificates.throttling import VerifyThrottle
from progress.pages.zone import in_own_zone

LARGEST_FILE = 5 * 2**20


def _visible(request):
    return renewals.with_terms().visible_to(request.user).with_standing()


def _own(request, number: str) -> Certificate:
    return get_object_or_404(_visible(request), number=number)


@never_cache
@login_required
@in_own_zone
@require_GET
def certificates(request):
    """All that one has, the newest first: also those that ended or were replaced."""
    own = _visible(request).filter(user=request.user)
    return render(request, "pages/certificates.html", {"certificates": own})


@never_cache
@login_required
@in_own_zone
@require_GET
def certificate(request, number: str):
    """One's certificate: as a picture, to download, to renew, and to show to others."""
    return _page(request, _own(request, number))


def _page(request, found: Certificate, *, status: int = 200, error: str = ""):
    is_own = found.user_id == request.user.pk
    shown = {
        "certificate": found,
        "status": found.standing,
        "verify_url": request.build_absolute_uri(payloads.verify_url(found)),
        "code": numbers.show_code(found.code),
        "has_badge": found.renditions.exclude(badge=None).exists(),
        "last_day": _last_day(found),
        "may_renew": is_own and renewals.may_renew(found, timezone.now()),
        "renewal_opens_at": renewals.opens_at(found) if renewals.is_latest(found) else None,
        "is_sealed": bool(payloads.seal(found)),
        "error": error,
    }
    return render(request, "pages/certificate.html", shown, status=status)


@never_cache
@login_required
@in_own_zone
@require_POST
def renew(request, number: str):
    """Go through the course again, in a new cycle: the learner's own, and only once it is time."""
    found = get_object_or_404(_visible(request).filter(user=request.user), number=number)
    try:
        renewals.renew(found.pk, timezone.now())
    except renewals.NotRenewable:
        error = _("It can't be renewed now, or its renewal has begun already.")
        return _page(request, _own(request, number), status=409, error=error)
    return redirect("course", found.course_id)


def _last_day(found: Certificate) -> date | None:
    """In the organisation's zone: that is what the certificate says."""
    if found.expires_at is None:
        return None
    return validity.last_day_of(found.expires_at, timezone.get_default_timezone())


@login_required
@require_GET
def picture(request, number: str):
    made = _own(request, number).renditions.first()
    if made is None:
        return HttpResponse(status=404)
    answer = HttpResponse(bytes(made.picture), content_type="image/png")
    answer["Cache-Control"] = "private, max-age=300"
    return answer


@never_cache
@require_http_methods(["GET", "POST"])
def verify(request, text: str = ""):
    """By code, number, or the file itself; needs no script and no account."""
    asked = text or request.GET.get("q", "").strip()
    # Slashes, as in a pasted address, can't be part of one; dots alone would lead elsewhere.
    if asked.strip(".") and not text and "/" not in asked:
        return redirect("verify-certificate", asked)
    shown = {"asked": asked, "verdict": None, "file_error": ""}
    file = request.FILES.get("file")
    is_asked = asked or request.method == "POST"
    if is_asked and not VerifyThrottle().allow_request(request, None):
        return render(request, "pages/verify.html", shown | {"is_throttled": True}, status=429)
    if asked:
        shown["verdict"] = payloads.verify(asked)
    elif file is not None and file.size <= LARGEST_FILE:
        shown |= {"is_file": True}
        shown["verdict"] = _verdict(file.read())
    elif request.method == "POST":
        too_large = _("The file is larger than any certificate.")
        shown["file_error"] = too_large if file else _("Please choose a file.")
    if shown["verdict"] and shown["verdict"].certificate:
        found = shown["verdict"].certificate
        shown |= {"last_day": _last_day(found), "seal": payloads.seal(found)}
    return render(request, "pages/verify.html", shown)


def _verdict(content: bytes) -> payloads.Verdict:
    if content.lstrip().startswith(b"{"):
        return open_badge.verify(content)
    return payloads.verify_file(hashlib.sha256(content).hexdigest())


@require_GET
def did_document(request):
    """Whose badges these are, and by which keys; for programs anywhere."""
    if not issuer.did():
        raise Http404
    return _for_anybody(issuer.document(), "application/did+ld+json")


@require_GET
def badge_status(request, number: int):
    """The list in which a badge's bit tells whether it still holds; for programs anywhere."""
    made = status_lists.make(number, timezone.now())
    if made is None:
        raise Http404
    return _for_anybody(made, open_badge.MEDIA_TYPE)


def _for_anybody(document: dict, media_type: str) -> JsonResponse:
    answer = JsonResponse(document, content_type=media_type)
    answer["Access-Control-Allow-Origin"] = "*"
    answer["Cache-Control"] = "max-age=60"
    return answer
