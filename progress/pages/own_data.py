"""*Your data* on the account's page: asking for a copy of everything, and fetching it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from progress.models import OwnDataCopy
from progress.own_data import copies


def context(request: HttpRequest) -> dict:
    """What the account's page shows of copies."""
    now = timezone.now()
    copy = copies.of(request.user, now)
    return {"own_data": copy, "may_ask_for_own_data": copies.may_ask(copy, now)}


@login_required
@require_POST
def ask(request):
    copy = copies.ask(request.user, timezone.now())
    if copy.finished_at is None:
        messages.success(request, _("Your copy is being made."))
    else:
        messages.success(request, _("Your copy is ready."))
    return redirect("account")


@never_cache
@login_required
@require_GET
def download(request, copy_id: int):
    """The person's own copy; anybody else's is not found."""
    own = OwnDataCopy.objects.filter(user=request.user, expires_at__gt=timezone.now())
    copy = own.filter(pk=copy_id).first()
    if copy is None:
        raise Http404
    try:
        file = copies.storage().open(copy.stored_as)
    except FileNotFoundError:
        raise Http404 from None
    name = f"own-data-{copy.finished_at:%Y-%m-%d}.zip"
    answer = FileResponse(file, as_attachment=True, filename=name, content_type="application/zip")
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
