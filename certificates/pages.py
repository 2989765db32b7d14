"""The learner's certificate, and the page on which anybody checks one."""

import hashlib

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from certificates import numbers, standing
from certificates.models import Certificate
from certificates.throttling import VerifyThrottle

LARGEST_FILE = 5 * 2**20


def _own(request, number: str) -> Certificate:
    visible = Certificate.objects.visible_to(request.user).with_standing()
    return get_object_or_404(visible, number=number)


@never_cache
@login_required
@require_GET
def certificate(request, number: str):
    """One's certificate: as a picture, to download, and to show to others."""
    found = _own(request, number)
    shown = {
        "certificate": found,
        "status": standing.status(found),
        "verify_url": request.build_absolute_uri(standing.verify_url(found)),
        "code": numbers.show_code(found.code),
    }
    return render(request, "pages/certificate.html", shown)


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
    if asked and not text:
        return redirect("verify-certificate", asked)
    shown = {"asked": asked, "verdict": None, "file_error": ""}
    file = request.FILES.get("file")
    is_asked = asked or request.method == "POST"
    if is_asked and not VerifyThrottle().allow_request(request, None):
        return render(request, "pages/verify.html", shown | {"is_throttled": True}, status=429)
    if asked:
        shown["verdict"] = standing.verify(asked)
    elif file is not None and file.size <= LARGEST_FILE:
        shown |= {"is_file": True}
        shown["verdict"] = standing.verify_file(hashlib.sha256(file.read()).hexdigest())
    elif request.method == "POST":
        too_large = _("The file is larger than any certificate.")
        shown["file_error"] = too_large if file else _("Please choose a file.")
    return render(request, "pages/verify.html", shown)
