"""An address that asks for what a page doesn't know is refused: nothing is shown in its stead.

A page that left an unknown filter out would show everybody's figures as if they were those that
were asked for. The page for programs answers alike (`answers.check`).
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
    """What an address asks for isn't known, is given twice, or makes no sense.

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
    """What a page's address asks for. Raises Refused; `also` are what else the page knows."""
    filters = filters_from(request.GET, courses, has_course=has_course, allowed=allowed)
    check(filters.form, request.GET, also)
    return filters


def check(form: forms.Form, query: QueryDict, also: Collection[str] = ()) -> None:
    """Raises Refused unless `form`, and what is known `also`, understand all that is asked."""
    known = {*form.fields, *also}
    reasons = [(name, _("This page knows no such filter.")) for name in query if name not in known]
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
    """A parameter that has to be one of these; empty or absent is `otherwise`. Raises Refused."""
    value = request.GET.get(name) or otherwise
    if value not in choices:
        raise Refused([(name, _("There is no such choice."))], forms.Form())
    return value


def refusing(view: Callable) -> Callable:
    """A page that answers 400, naming each parameter, where it would raise Refused; and that says
    why it is empty to whoever has no courses."""

    @wraps(view)
    def wrapper(request, *args, **kwargs):
        try:
            return view(request, *args, **kwargs)
        except Refused as refused:
            context = {
                "title": _("This address can't be answered"),
                "reasons": refused.reasons,
            }
            return _page(request, "dashboards/refused.html", context, 400)
        except NoCourses:
            return _page(request, "dashboards/no_courses.html", {"title": _("No courses")}, 200)

    return wrapper


def _page(request: HttpRequest, template: str, context: dict, status: int) -> HttpResponse:
    frame = admin.site.each_context(request) | context
    return TemplateResponse(request, template, frame, status=status).render()
