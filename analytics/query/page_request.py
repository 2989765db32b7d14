"""The filters of a page's request. An address with a filter that the page doesn't know is refused.

If a page ignored an unknown filter, it would show everyone's figures as if they were the ones asked
for. The API does the same (`api_request.check`).
"""

from collections.abc import Callable, Collection
from functools import wraps

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from .filters import EVERYTHING, Filters, Titles, filters_from
from .scope import NoCourses


class Refused(Exception):
    """A parameter is unknown, given twice, or invalid.

    `reasons` are pairs of a parameter's name and what is wrong with it.
    """

    def __init__(self, reasons: list[tuple[str, str]], form: forms.Form):
        super().__init__(", ".join(name for name, _why in reasons))
        self.reasons, self.form = reasons, form


def filters_of(
    request: HttpRequest,
    courses: Titles,
    *,
    has_course: bool = True,
    allowed: Collection[str] = EVERYTHING,
    also: Collection[str] = (),
) -> Filters:
    """The filters in a page's address. Raises Refused. `also` are other parameters that the page
    accepts."""
    filters = filters_from(request.GET, courses, has_course=has_course, allowed=allowed)
    check(filters.form, request.GET, also)
    return filters


def check(form: forms.Form, query: QueryDict, also: Collection[str] = ()) -> None:
    """Raises Refused unless every parameter is a valid field of `form` or one of `also`."""
    known = {*form.fields, *also}
    reasons = [(name, _("This page has no such filter.")) for name in query if name not in known]
    reasons += [
        (name, _("It is given twice."))
        for name in query
        if name in form.fields and len(query.getlist(name)) > 1
    ]
    if not form.is_valid():
        reasons += [(name, " ".join(map(str, why))) for name, why in form.errors.items()]
    if reasons:
        raise Refused(reasons, form)


def one_of(request: HttpRequest, name: str, choices: Collection[str], otherwise: str) -> str:
    """The value of a parameter that must be one of `choices`; `otherwise` if it is empty or
    absent. Raises Refused."""
    value = request.GET.get(name) or otherwise
    if value not in choices:
        raise Refused([(name, _("There is no such choice."))], forms.Form())
    return value


def refusing(view: Callable) -> Callable:
    """Wraps a view: it answers 400 and names each parameter if the view raises Refused, and
    explains an empty page to someone who has no courses."""

    @wraps(view)
    def wrapper(request, *args, **kwargs):
        try:
            return view(request, *args, **kwargs)
        except Refused as refused:
            context = {
                "title": _("This address can't be shown"),
                "reasons": refused.reasons,
            }
            return _page(request, "dashboards/refused.html", context, 400)
        except NoCourses:
            return _page(request, "dashboards/no_courses.html", {"title": _("No courses")}, 200)

    return wrapper


def _page(request: HttpRequest, template: str, context: dict, status: int) -> HttpResponse:
    frame = admin.site.each_context(request) | context
    return TemplateResponse(request, template, frame, status=status).render()
