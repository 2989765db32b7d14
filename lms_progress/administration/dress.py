"""The libraries' own admin pages, registered anew in the same dress as ours."""

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group
from django.db import models
from django_celery_beat.admin import PeriodicTaskAdmin, PeriodicTaskForm, TaskSelectWidget
from django_celery_beat.models import PeriodicTask
from unfold.admin import ModelAdmin, StackedInline, TabularInline
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget


class _TaskSelect(UnfoldAdminSelectWidget, TaskSelectWidget):
    """The registered tasks to choose from."""


class _PeriodicTaskForm(PeriodicTaskForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["regtask"].widget = _TaskSelect()
        self.fields["task"].widget = UnfoldAdminTextInputWidget()


class _PeriodicTaskAdmin(PeriodicTaskAdmin, ModelAdmin):
    form = _PeriodicTaskForm
    # The library's own template is written for Django's admin.
    change_form_template = None


class _GroupAdmin(GroupAdmin, ModelAdmin):
    pass


OWN = {PeriodicTask: _PeriodicTaskAdmin, Group: _GroupAdmin}


def dress_the_libraries() -> None:
    """Give every page that isn't unfold's yet a class that is."""
    for model, page in list(admin.site._registry.items()):
        if not isinstance(page, ModelAdmin):
            admin.site.unregister(model)
            admin.site.register(model, OWN.get(model) or _dressed(model, type(page)))


def _dressed(model: type[models.Model], page: type[admin.ModelAdmin]) -> type[ModelAdmin]:
    inlines = [_dressed_inline(inline) for inline in page.inlines]
    return type(f"Dressed{page.__name__}", (page, ModelAdmin), {"inlines": inlines})


def _dressed_inline(inline: type[admin.options.InlineModelAdmin]) -> type:
    if issubclass(inline, (StackedInline, TabularInline)):
        return inline
    ours = TabularInline if issubclass(inline, admin.TabularInline) else StackedInline
    return type(f"Dressed{inline.__name__}", (inline, ours), {})
