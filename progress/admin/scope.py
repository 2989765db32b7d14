"""The rows that a user sees in the admin: all, or those of the courses that they teach.

Django's permissions decide which models a user may see at all; this decides which of their rows.
"""

from django.db.models import Q, QuerySet
from unfold.admin import ModelAdmin

from progress.models import Course, team_of
from progress.operations.replica import on_replica
from progress.security.rights import sees_everything, taught_by

from .columns import readable_fields
from .downloading import Downloadable
from .list_filters import ChoiceFilter, RefusesUnknownFilters, is_id


class ScopedAdmin(RefusesUnknownFilters, Downloadable, ModelAdmin):
    """Limits lists, pages, look-ups and choices to rows of the courses that the user teaches.

    `course_lookup` leads from a row to its course. None: the rows belong to no course, and only
    users who see everything see them. `learner_lookup` leads to its learner, where the rows are
    also shown to the learner's managers: rows that nobody writes here.
    """

    course_lookup: str | None = None
    learner_lookup: str | None = None
    list_per_page = 50
    list_max_show_all = 500
    # Saves a second count of the whole table on each page of a search.
    show_full_result_count = False

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        return rows if self.sees_all(request.user) else self.in_scope(rows, request.user)

    def sees_all(self, user) -> bool:
        return sees_everything(user)

    def in_scope(self, rows: QuerySet, user) -> QuerySet:
        if self.course_lookup is None:
            return rows.none()
        seen = Q(**{f"{self.course_lookup}__in": taught_by(user)})
        if self.learner_lookup is not None:
            seen |= Q(**{f"{self.learner_lookup}__in": team_of(user)})
        return rows.filter(seen)

    def has_delete_permission(self, request, obj=None):
        # Progress and its evidence stay: rows are retired, unenrolled or deactivated instead.
        return False

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        kwargs.setdefault("queryset", self.selectable(db_field, request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def selectable(self, db_field, request) -> QuerySet | None:
        """The rows that a field may refer to: those that the user sees in their own list."""
        related = self.admin_site._registry.get(db_field.remote_field.model)
        return related.get_queryset(request) if related else None


class ReadOnlyAdmin(ScopedAdmin):
    """Rows that only code writes: read-only here, with every column in units that people read."""

    actions = None

    def changelist_view(self, request, extra_context=None):
        if request.method != "GET":
            return super().changelist_view(request, extra_context)
        with on_replica():
            response = super().changelist_view(request, extra_context)
            # Rendered here, inside on_replica, because the template fetches the rows.
            return response.render() if hasattr(response, "render") else response

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def get_fields(self, request, obj=None):
        return readable_fields(self.model)

    def get_readonly_fields(self, request, obj=None):
        return self.get_fields(request, obj)


class LearnerRowsAdmin(ReadOnlyAdmin):
    """Read-only rows of a learner (`user`), the newest first."""

    search_fields = ["^user__username", "^user__full_name"]
    search_help_text = "The beginning of a learner's username or name."
    ordering = ["-pk"]


class CourseFilter(ChoiceFilter):
    """Filters by course. It offers only courses that the user sees; Django's own offers all."""

    title = "course"
    parameter_name = "course"

    def __init__(self, request, params, model, model_admin):
        self._lookup = model_admin.course_lookup
        super().__init__(request, params, model, model_admin)

    def lookups(self, request, model_admin):
        courses = Course.objects.active()
        if not model_admin.sees_all(request.user):
            courses = courses.filter(pk__in=taught_by(request.user))
        return courses.values_list("pk", "title")

    def knows(self, value):
        # Also of a course that was retired: its rows are still there.
        return is_id(value) and bool(self.lookup_choices)

    def queryset(self, request, queryset):
        # A string from the URL; a number where Django counts the rows of each choice.
        course_id = str(self.value() or "")
        return queryset.filter(**{self._lookup: int(course_id)}) if course_id else queryset
