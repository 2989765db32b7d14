"""Reports in the admin: the list, each one as a table, and as a file."""

from dataclasses import dataclass

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from analytics.models import SavedReport
from analytics.query import page_request
from analytics.query.scope import NoCourses
from analytics.reporting import registry, saving
from analytics.reporting.cells import in_words, is_numeric
from analytics.reporting.files import answer, endings
from analytics.reporting.forms import SaveForm
from analytics.reporting.report import Column, Report, ReportQuery, Text
from analytics.reporting.request import page_report_query
from progress.files import downloads
from progress.files.downloads import END_LINE
from progress.operations.replica import on_replica
from progress.pages.zone import in_own_zone

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    is_numeric: bool
    link: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A page of a report's rows as text."""

    columns: list[Column]
    rows: list[list[Cell]]
    page: Page


@dataclass(frozen=True, slots=True)
class Shelf:
    title: Text
    reports: list[Report]


@in_own_zone
def index(request: HttpRequest) -> HttpResponse:
    found = registry.open_to(request.user)
    if not found:
        raise PermissionDenied
    page_request.check(forms.Form(request.GET), request.GET)
    groups: dict[str, list[Report]] = {}
    for report in found:
        groups.setdefault(str(report.group), []).append(report)
    shown = {
        "shelves": [Shelf(title, reports) for title, reports in groups.items()],
        "saved": _saved(request.user, {report.slug: report for report in found}),
    }
    return _page(request, "dashboards/reports.html", _("Reports"), shown)


def _saved(reader, open_: dict[str, Report]) -> list[tuple[SavedReport, Report]]:
    """The reader's own saved reports and shared ones, for reports that the reader may open."""
    rows = SavedReport.objects.visible_to(reader).filter(slug__in=open_).select_related("owner")
    return [(saved, open_[saved.slug]) for saved in rows]


@in_own_zone
def page(request: HttpRequest, slug: str) -> HttpResponse:
    report = found(request.user, slug)
    with report.in_its_zone(request.user), on_replica():
        query = page_report_query(request, report)
        page_request.check(query.filters.form, request.GET, also=("page",))
        shown = {
            "report": report,
            "filters": query.filters.form,
            "now": query.now,
            "table": table(report, query, request.GET.get("page", "1")),
            "files": endings(report),
            "query": request.GET.urlencode(),
            "zone": report.zone_in_words,
            "saving": SaveForm(report, initial={"query": request.GET.urlencode()}),
        }
        return _page(request, "dashboards/report.html", str(report.title), shown)


@in_own_zone
def file(request: HttpRequest, slug: str, ending: str) -> HttpResponseBase:
    """The report as a file. Unknown filters are refused: a reader of the file couldn't see that
    they were ignored."""
    report = found(request.user, slug)
    if ending not in endings(report):
        raise Http404("No such file")
    is_csv = ending == "csv"
    with report.in_its_zone(request.user):
        try:
            query = page_report_query(request, report)
        except NoCourses as no_courses:
            # Not in a file's stead the page that says so.
            raise PermissionDenied(str(no_courses)) from None
        page_request.check(query.filters.form, request.GET, also=(END_LINE,) if is_csv else ())
        return answer(report, query, ending, marks_end=is_csv and _marks_end(request))


def _marks_end(request: HttpRequest) -> bool:
    """Raises Refused for a value other than `true` and `false`."""
    try:
        return downloads.marks_end(request.GET)
    except ValueError:
        reason = _("It must be true or false, and be given once.")
        raise page_request.Refused([(END_LINE, reason)], forms.Form()) from None


@in_own_zone
@require_POST
def save(request: HttpRequest, slug: str) -> HttpResponse:
    """Saves this report with its filters; errors are shown on its page."""
    report = found(request.user, slug)
    form = SaveForm(report, request.POST)
    if form.is_valid():
        saved = saving.save(request.user, form.draft())
        messages.success(request, _("‘%(name)s’ is saved.") % {"name": saved.name})
        return redirect("admin:insight-reports")
    for field, words in form.errors.items():
        messages.error(request, f"{form.fields[field].label}: {' '.join(words)}")
    address = reverse("admin:insight-report", args=[slug])
    return redirect(f"{address}?{report.filters_in(request.POST.get('query', ''))}")


@require_POST
def forget(request: HttpRequest, pk: int) -> HttpResponse:
    """Raises Http404 for a report of someone else."""
    saved = get_object_or_404(SavedReport, pk=pk, owner=request.user)
    saved.delete()
    messages.success(request, _("‘%(name)s’ is deleted.") % {"name": saved.name})
    return redirect("admin:insight-reports")


def found(user, slug: str) -> Report:
    """Raises Http404 for a report that doesn't exist, PermissionDenied for one that may not be
    opened."""
    report = registry.named(slug)
    if report is None:
        raise Http404("No such report")
    if not report.may_open(user):
        raise PermissionDenied
    return report


def table(report: Report, query: ReportQuery, number: str) -> Table:
    """One page of a report, the nearest to `number` that exists."""
    rows = Paginator(report.rows(query), PER_PAGE).get_page(number)
    return Table(
        columns=[column for column in report.columns if not column.off_page],
        rows=[_cells(report, row) for row in report.joined(query, rows)],
        page=rows,
    )


def _cells(report: Report, row: tuple) -> list[Cell]:
    cells = zip(report.columns, report.to_row(row), strict=True)
    values = [(column, value) for column, value in cells if not column.off_page]
    leads = next((column for column, _value in values if not is_numeric(column)), None)
    address = report.link(row) if report.link else ""
    return [
        Cell(
            in_words(value, column.kind),
            is_numeric(column),
            address if column is leads else "",
        )
        for column, value in values
    ]


def _page(request: HttpRequest, template: str, title: str, shown: dict) -> HttpResponse:
    frame = admin.site.each_context(request) | {"title": title}
    return TemplateResponse(request, template, frame | shown).render()
