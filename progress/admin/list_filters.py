"""Filters of the admin's lists, and what a list answers to a filter that it doesn't have.

Django would show every row: it ignores a choice that isn't there, and leads from a filter that it
doesn't know to the whole list. Then a typing error in an address looks like an answer.
"""

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import (
    ALL_VAR,
    ERROR_FLAG,
    IGNORED_PARAMS,
    ORDER_VAR,
    PAGE_VAR,
    SEARCH_VAR,
)
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from progress.validation.storable import MAX_ID

_NO_FILTERS = {*IGNORED_PARAMS, ALL_VAR, ORDER_VAR, SEARCH_VAR, PAGE_VAR}


class ChoiceFilter(admin.SimpleListFilter):
    """Django's filter by a choice, which refuses what is none of its choices."""

    def __init__(self, request, params, model, model_admin):
        super().__init__(request, params, model, model_admin)
        value = self.used_parameters.get(self.parameter_name)
        if value and not self.knows(value):
            raise IncorrectLookupParameters(self.parameter_name)

    def knows(self, value: str) -> bool:
        """Whether the list can be filtered by a value that isn't empty."""
        return value in {str(choice) for choice, _label in self.lookup_choices}


def is_id(text: str) -> bool:
    """Whether a text can be the id of a row."""
    return text.isascii() and text.isdigit() and len(text) <= 19 and int(text) <= MAX_ID


def wrong_filters(request: HttpRequest, model_admin) -> list[tuple[str, str]]:
    """The filters in the address of a list that was refused, each with what is wrong with it."""
    names = {each.name for each in model_admin.opts.get_fields()}
    own = {getattr(each, "parameter_name", "") for each in model_admin.get_list_filter(request)}
    asked = [name for name in request.GET if name not in _NO_FILTERS]
    known = [name for name in asked if name in own or name.partition("__")[0] in {*names, "pk"}]
    unknown = [(name, _("This page has no such filter.")) for name in asked if name not in known]
    return unknown or [(name, _("There is no such choice.")) for name in known]


def refused(request: HttpRequest, model_admin) -> HttpResponse:
    """400, which names the filters that the list doesn't have."""
    context = model_admin.admin_site.each_context(request) | {
        "title": _("This address can't be shown"),
        "reasons": wrong_filters(request, model_admin),
    }
    return render(request, "dashboards/refused.html", context, status=400)


class RefusesUnknownFilters:
    """For an admin page: its list answers 400 to filters that it doesn't have."""

    def changelist_view(self, request, extra_context=None):
        answer = super().changelist_view(request, extra_context)
        is_whole_list = answer.get("Location", "") == f"{request.path}?{ERROR_FLAG}=1"
        if not is_whole_list:
            return answer
        if PAGE_VAR in request.GET:
            # A page that isn't there, or no longer; filters are looked at in the next request.
            asked = request.GET.copy()
            del asked[PAGE_VAR]
            return redirect(f"{request.path}?{asked.urlencode()}")
        return refused(request, self)
