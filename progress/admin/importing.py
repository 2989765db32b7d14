"""Imports in the admin: choose a file, see what it would change, then write it."""

import logging

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminFileFieldWidget

from progress.files.downloads import csv_response
from progress.importing import KINDS, Kind, Outcome, Unreadable, inviting, read_text, run

logger = logging.getLogger(__name__)
MAX_BYTES = 4 * 1024 * 1024
MAX_PROBLEMS_SHOWN = 100


class FileForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("CSV file"),
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,.tsv,.txt,text/csv"}),
    )

    def clean_file(self) -> bytes:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(
                _("At most 4 MB here: split the file, or use the import_csv command.")
            )
        return file.read()


class DecisionForm(forms.Form):
    """The previewed file again, with the decision what to do with it."""

    content = forms.CharField(strip=False)
    is_partial = forms.BooleanField(required=False)
    invites = forms.BooleanField(required=False)


def openable(user) -> list[Kind]:
    return [kind for kind in KINDS.values() if kind.may_open(user)]


def index(request: HttpRequest) -> HttpResponse:
    kinds = openable(request.user)
    if not kinds:
        raise PermissionDenied
    return _page(request, _("Import"), {"kinds": kinds}, "imports")


def page(request: HttpRequest, slug: str) -> HttpResponseBase:
    kind = KINDS.get(slug)
    if kind is None:
        raise Http404("No such import")
    if not kind.may_open(request.user):
        raise PermissionDenied
    step = request.POST.get("step", "")
    if request.method == "POST":
        return _preview(request, kind) if step == "look" else _decide(request, kind, step)
    if "empty" in request.GET:
        return csv_response(f"{kind.slug}.csv", [each.name for each in kind.fields], [])
    return _import_page(request, kind, FileForm())


def _preview(request: HttpRequest, kind: Kind) -> HttpResponse:
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _import_page(request, kind, form)
    try:
        content = form.cleaned_data["file"]
        outcome = run(kind, content, by=request.user, now=timezone.now(), is_dry=True)
    except Unreadable as error:
        form.add_error("file", str(error))
        return _import_page(request, kind, form)
    return _import_page(request, kind, FileForm(), outcome, read_text(content))


def _decide(request: HttpRequest, kind: Kind, step: str) -> HttpResponseBase:
    decision = DecisionForm(request.POST)
    if not decision.is_valid():
        return _import_page(request, kind, FileForm())
    values, form = decision.cleaned_data, FileForm()
    try:
        outcome = run(
            kind,
            values["content"].encode(),
            by=request.user,
            now=timezone.now(),
            is_dry=step != "write",
            is_partial=values["is_partial"],
            invites=values["invites"],
        )
    except Unreadable as error:
        return _import_page(request, kind, form, refused=str(error))
    if step != "write":
        return _wrong_rows_file(kind, outcome)
    logger.info("import of %s by user %s: %s new", kind.slug, request.user.pk, outcome.new)
    return _import_page(request, kind, form, outcome, values["content"])


def _wrong_rows_file(kind: Kind, outcome: Outcome) -> HttpResponse:
    text = "\ufeff" + outcome.wrong_rows_csv()
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{kind.slug}-wrong-rows.csv"'
    return response


def _import_page(request, kind, form, outcome=None, content="", refused="") -> HttpResponse:
    problems = outcome.problems if outcome else []
    context = {
        "kind": kind,
        "form": form,
        "outcome": outcome,
        "content": content,
        "refused": refused,
        "problems": problems[:MAX_PROBLEMS_SHOWN],
        "wrong_rows": len({problem.row for problem in problems}),
        "right": (outcome.new + outcome.changed) if outcome else 0,
        "may_invite": inviting.can_invite(),
        "may_go_on": bool(outcome) and all(problem.row > 1 for problem in problems),
    }
    return _page(request, _("Import: %(kind)s") % {"kind": kind.title}, context, "import")


def _page(request: HttpRequest, title: str, context: dict, template: str) -> HttpResponse:
    site = admin.site.each_context(request) | {"title": title}
    return TemplateResponse(request, f"admin/progress/{template}.html", site | context)
