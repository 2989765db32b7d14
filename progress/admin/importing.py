"""Importing in the admin: a file is chosen, what it would do is shown, then it is done."""

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

from progress.files.downloads import csv_answer
from progress.importing import KINDS, Kind, Outcome, Unreadable, inviting, read_text, run

logger = logging.getLogger(__name__)
MOST_BYTES = 4 * 1024 * 1024
MOST_SHOWN = 100


class FileForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("CSV file"),
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,.tsv,.txt,text/csv"}),
    )

    def clean_file(self) -> bytes:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(_("At most 4 MB here: cut the file, or use the command."))
        return file.read()


class ContentForm(forms.Form):
    """The file once more, as it was shown, with what is to be done with it."""

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
        return _look(request, kind) if step == "look" else _go_on(request, kind, step)
    if "empty" in request.GET:
        return csv_answer(f"{kind.slug}.csv", [each.name for each in kind.fields], [])
    return _shown(request, kind, FileForm())


def _look(request: HttpRequest, kind: Kind) -> HttpResponse:
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _shown(request, kind, form)
    try:
        content = form.cleaned_data["file"]
        found = run(kind, content, by=request.user, now=timezone.now(), is_dry=True)
    except Unreadable as error:
        form.add_error("file", str(error))
        return _shown(request, kind, form)
    return _shown(request, kind, FileForm(), found, read_text(content))


def _go_on(request: HttpRequest, kind: Kind, step: str) -> HttpResponseBase:
    told = ContentForm(request.POST)
    if not told.is_valid():
        return _shown(request, kind, FileForm())
    asked, form = told.cleaned_data, FileForm()
    try:
        done = run(
            kind,
            asked["content"].encode(),
            by=request.user,
            now=timezone.now(),
            is_dry=step != "write",
            is_partial=asked["is_partial"],
            invites=asked["invites"],
        )
    except Unreadable as error:
        return _shown(request, kind, form, refused=str(error))
    if step != "write":
        return _given_back(kind, done)
    logger.info("import of %s by user %s: %s new", kind.slug, request.user.pk, done.new)
    return _shown(request, kind, form, done, asked["content"])


def _given_back(kind: Kind, outcome: Outcome) -> HttpResponse:
    text = "\ufeff" + outcome.given_back()
    answer = HttpResponse(text, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{kind.slug}-wrong-rows.csv"'
    return answer


def _shown(request, kind, form, outcome=None, content="", refused="") -> HttpResponse:
    problems = outcome.problems if outcome else []
    shown = {
        "kind": kind,
        "form": form,
        "outcome": outcome,
        "content": content,
        "refused": refused,
        "problems": problems[:MOST_SHOWN],
        "wrong_rows": len({problem.row for problem in problems}),
        "right": (outcome.new + outcome.changed) if outcome else 0,
        "may_invite": inviting.can_invite(),
        "may_go_on": bool(outcome) and all(problem.row > 1 for problem in problems),
    }
    return _page(request, _("Import: %(kind)s") % {"kind": kind.title}, shown, "import")


def _page(request: HttpRequest, title: str, shown: dict, template: str) -> HttpResponse:
    frame = admin.site.each_context(request) | {"title": title}
    return TemplateResponse(request, f"admin/progress/{template}.html", frame | shown)
