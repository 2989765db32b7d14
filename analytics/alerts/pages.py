"""The admin pages of alerts: find them, act on them, write to learners."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from analytics.models import Alert, AlertThresholds, DigestChoice, OutreachTemplate, placeholders
from analytics.query import page_request
from analytics.query.scope import MAY_SEE_PROGRESS, seen_by, titles_for
from progress.models import has_team
from progress.pages.zone import in_own_zone

from . import actions, board, letters
from .digests import rhythm_of
from .forms import (
    MAX_LETTERS,
    SNOOZE_DAYS,
    ActionForm,
    BoardForm,
    DigestForm,
    LetterForm,
    chosen_ids,
)

PREVIEWED = 3


def may_handle(user) -> bool:
    """Whether there can be alerts that `user` may act on."""
    sees_all = user.sees_all("analytics.change_alert")
    return sees_all or user.courses_taught.exists() or has_team(user)


@in_own_zone
def alerts(request: HttpRequest) -> HttpResponse:
    courses = seen_by(request.user)
    staff = list(actions.possible_assignees(list(courses), request.user))
    form = BoardForm(request.GET, courses, staff)
    page_request.check(form, request.GET, also=("page",))
    all_visible = board.visible(request.user, courses)
    found = form.apply(all_visible, request.user)
    if request.method == "POST":
        return _act(request, found, courses)
    now = timezone.now()
    shown, rows = board.page(found, request.GET.get("page", "1"), now)
    return _page(
        request,
        "dashboards/alerts.html",
        _("Alerts"),
        {
            "sentence": board.sentence(board.alert_counts(all_visible, request.user)),
            "filters": form,
            "tallies": board.tallies(found),
            "kinds_query": _without(request, "kind"),
            "rows": rows,
            "page": shown,
            "staff": staff,
            "snooze_days": SNOOZE_DAYS,
            "usual_snooze": SNOOZE_DAYS[2],
            "may_handle": may_handle(request.user),
            # Digests are about the courses that a person teaches.
            "digest": DigestForm(initial={"rhythm": rhythm_of(request.user)})
            if request.user.has_perm(MAY_SEE_PROGRESS)
            else None,
            "limits": AlertThresholds.current(),
            "now": now,
        },
    )


def _without(request: HttpRequest, *names: str) -> str:
    query = request.GET.copy()
    for name in (*names, "page"):
        query.pop(name, None)
    return query.urlencode()


def _act(request: HttpRequest, found, courses) -> HttpResponse:
    """Does the action with the selected alerts, and returns to the page before."""
    if not may_handle(request.user):
        raise PermissionDenied
    back = redirect(_back(request))
    form = ActionForm(request.POST, actions.possible_assignees(list(courses), request.user))
    if not form.is_valid():
        messages.error(request, "; ".join(w for words in form.errors.values() for w in words))
        return back
    chosen = form.cleaned_data
    ids = found.values("pk") if chosen["all"] else chosen_ids(request.POST)
    alerts = Alert.objects.handled_by(request.user).filter(course__in=list(courses), pk__in=ids)
    if chosen["do"] == ActionForm.WRITE:
        return _writing(request, alerts)
    try:
        count = _do(form, alerts, request.user)
    except actions.MayNotSee:
        messages.error(request, _("This person may not see the learners of all these courses."))
        return back
    done = ngettext("%(count)s alert changed.", "%(count)s alerts changed.", count)
    messages.success(request, done % {"count": count})
    return back


def _back(request: HttpRequest) -> str:
    """Returns the page before: the alerts page or a learner's page."""
    query = request.POST.get("back", "")
    is_ours = url_has_allowed_host_and_scheme(query, allowed_hosts=None)
    return query if is_ours else request.get_full_path()


def _do(form: ActionForm, alerts, by) -> int:
    now, do = timezone.now(), form.cleaned_data["do"]
    if do == ActionForm.SNOOZE:
        return actions.snooze(alerts, form.until(now), by=by, now=now)
    if do == ActionForm.ASSIGN:
        return actions.assign(alerts, form.cleaned_data["to"], by=by, now=now)
    if do == ActionForm.CLOSE:
        return actions.close(alerts, by=by, now=now)
    return actions.acknowledge(alerts, by=by, now=now)


# --- Writing -------------------------------------------------------------------------------------
@in_own_zone
def write(request: HttpRequest) -> HttpResponse:
    """`alert` are the alerts, `step` what to do: begin with a template, preview, or send."""
    seen_by(request.user)  # refuses users who may see no progress
    if not may_handle(request.user):
        raise PermissionDenied
    page_request.check(forms.Form(request.GET), request.GET, also=("alert", "template", "step"))
    query = request.POST if request.method == "POST" else request.GET
    alerts = Alert.objects.handled_by(request.user).filter(pk__in=chosen_ids(query))
    if request.method == "POST" and request.POST.get("step") in {"preview", "send"}:
        form = LetterForm(request.POST)
        if form.is_valid() and request.POST["step"] == "send":
            return _send(request, alerts, form.cleaned_data)
        return _writing(request, alerts, form)
    return _writing(request, alerts)


def _writing(request: HttpRequest, alerts, form: LetterForm | None = None) -> HttpResponse:
    chosen = list(letters.with_letter_data(alerts.unclosed()).order_by("pk")[: MAX_LETTERS + 1])
    if not chosen or len(chosen) > MAX_LETTERS:
        message = _("Select between 1 and %(most)s alerts that aren't closed.")
        messages.error(request, message % {"most": MAX_LETTERS})
        return redirect("admin:insight-alerts")
    query = request.POST if request.method == "POST" else request.GET
    kinds = {alert.kind for alert in chosen}
    learners = letters.one_each(chosen)
    templates = [t for t in OutreachTemplate.objects.all() if not t.kind or kinds == {t.kind}]
    template = _template(templates, query.get("template", ""))
    form = form or LetterForm.beginning(template)
    previews = []
    if form.is_bound and form.is_valid():
        text = form.cleaned_data
        previews = letters.compose_letters(
            learners[:PREVIEWED], text["subject"], text["body"], request.user
        )
    return _page(
        request,
        "dashboards/write.html",
        _("Write to learners"),
        {
            "alerts": chosen,
            "learners": learners,
            "without_address": sum(not alert.user.email for alert in learners),
            "templates": templates,
            "template": template,
            "form": form,
            "previews": previews,
            "placeholders": placeholders.NAMES,
        },
    )


def _template(templates: list[OutreachTemplate], query: str) -> OutreachTemplate | None:
    """Returns the chosen template; else the first one for this kind, or for any."""
    chosen = next((each for each in templates if str(each.pk) == query), None)
    return chosen or next(iter(sorted(templates, key=lambda each: not each.kind)), None)


def _send(request: HttpRequest, alerts, text: dict) -> HttpResponse:
    written = letters.write(
        alerts, text["subject"], text["body"], by=request.user, now=timezone.now()
    )
    done = ngettext(
        "%(count)s letter is on its way.", "%(count)s letters are on their way.", written.letters
    )
    messages.success(request, done % {"count": written.letters})
    if written.without_address:
        message = ngettext(
            "%(count)s learner has no email address.",
            "%(count)s learners have no email address.",
            written.without_address,
        )
        messages.warning(request, message % {"count": written.without_address})
    if written.on_its_way:
        message = _("%(count)s already had a letter on its way.")
        messages.warning(request, message % {"count": written.on_its_way})
    return redirect("admin:insight-alerts")


@require_POST
def choose_digest(request: HttpRequest) -> HttpResponse:
    """Sets how often the reader gets a digest."""
    titles_for(request.user)
    form = DigestForm(request.POST)
    if form.is_valid():
        rhythm = form.cleaned_data["rhythm"]
        DigestChoice.objects.update_or_create(user=request.user, defaults={"rhythm": rhythm})
        messages.success(request, _("Saved."))
    else:
        messages.error(request, "; ".join(w for words in form.errors.values() for w in words))
    return redirect(reverse("admin:insight-alerts"))


def _page(request: HttpRequest, template: str, title: str, context: dict) -> HttpResponse:
    """Renders a page of the admin here, while the time zone is active."""
    frame = admin.site.each_context(request) | {"title": title}
    return TemplateResponse(request, template, frame | context).render()
