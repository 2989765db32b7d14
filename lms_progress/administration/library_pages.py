"""Registers the admin pages of libraries again, in the same style as ours."""

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import models
from django_celery_beat.admin import PeriodicTaskAdmin, PeriodicTaskForm, TaskSelectWidget
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)
from knox.models import AuthToken
from unfold.admin import ModelAdmin, StackedInline, TabularInline
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from progress.admin.downloading import Downloadable
from progress.admin.list_filters import RefusesUnknownFilters

from .access import GroupAdmin, KeyAdmin


class _TaskSelect(UnfoldAdminSelectWidget, TaskSelectWidget):
    """A choice of the registered tasks."""


class _PeriodicTaskForm(PeriodicTaskForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["regtask"].widget = _TaskSelect()
        self.fields["task"].widget = UnfoldAdminTextInputWidget()


class _PeriodicTaskAdmin(RefusesUnknownFilters, Downloadable, PeriodicTaskAdmin, ModelAdmin):
    form = _PeriodicTaskForm
    # The library's own template is written for Django's admin.
    change_form_template = None
    downloads = (
        "name",
        "task",
        "enabled",
        "interval__every",
        "interval__period",
        "crontab__minute",
        "crontab__hour",
        "crontab__day_of_week",
        "last_run_at",
        "total_run_count",
        "description",
    )


_ATTEMPT = ("attempt_time", "username", "ip_address", "user_agent", "path_info")
# Columns of the other files: never what was typed at a login, nor any part of a key.
DOWNLOADS = {
    AccessAttempt: (*_ATTEMPT, "failures_since_start"),
    AccessFailureLog: (*_ATTEMPT, "locked_out"),
    AccessLog: (*_ATTEMPT, "logout_time"),
    ClockedSchedule: ("clocked_time",),
    CrontabSchedule: (
        "minute",
        "hour",
        "day_of_month",
        "month_of_year",
        "day_of_week",
        "timezone",
    ),
    IntervalSchedule: ("every", "period"),
    SolarSchedule: ("event", "latitude", "longitude"),
}
OWN = {PeriodicTask: _PeriodicTaskAdmin, Group: GroupAdmin, AuthToken: KeyAdmin}


def restyle_library_pages() -> None:
    """Replaces every page that isn't an unfold page by one that is."""
    for model, page in list(admin.site._registry.items()):
        if not isinstance(page, ModelAdmin):
            admin.site.unregister(model)
            admin.site.register(model, OWN.get(model) or _restyled(model, type(page)))


def _restyled(model: type[models.Model], page: type[admin.ModelAdmin]) -> type[ModelAdmin]:
    inlines = [_restyled_inline(inline) for inline in page.inlines]
    attributes = {
        "inlines": inlines,
        "downloads": DOWNLOADS.get(model, ()),
    }
    return type(
        f"Restyled{page.__name__}",
        (RefusesUnknownFilters, Downloadable, page, ModelAdmin),
        attributes,
    )


def _restyled_inline(inline: type[admin.options.InlineModelAdmin]) -> type:
    if issubclass(inline, (StackedInline, TabularInline)):
        return inline
    ours = TabularInline if issubclass(inline, admin.TabularInline) else StackedInline
    return type(f"Restyled{inline.__name__}", (inline, ours), {})
