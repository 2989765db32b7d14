"""Accounts and enrolments."""

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as AccountAdmin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.forms import ModelForm
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from progress.importing import inviting
from progress.ingest import deactivating, enrolling
from progress.models import Course, Enrollment, User
from progress.models.marks import may_be_enrolled
from progress.security import managers, rights
from progress.security.rights import sees_everything

from .columns import evidence_link, percent
from .erasing import ErasesTests
from .list_filters import ChoiceFilter
from .scope import CourseFilter, ScopedAdmin

# Only superusers set these: with them, anyone could make their own account an administrator's.
PERMISSION_FIELDS = ["is_staff", "is_superuser", "groups", "user_permissions"]
PERSON_FIELDS = [
    "full_name",
    "email",
    "department",
    "manager",
    "language",
    "time_zone",
    "external_id",
]


class ManagerMixin:
    """Refuses a manager where only one of both is a test account."""

    def clean(self):
        values = super().clean()
        manager = values.get("manager")
        is_test = values.get("is_test", self.instance.is_test)
        if manager is not None and manager.is_test != is_test:
            self.add_error("manager", ValidationError(_(managers.APART), "apart"))
        return values


class NewPersonForm(ManagerMixin, UserCreationForm):
    pass


class PersonForm(ManagerMixin, UserChangeForm):
    """Refuses a manager who reports to the person as well; in the transaction that saves it."""

    def clean_manager(self):
        manager = self.cleaned_data["manager"]
        if manager is not None and manager.pk != self.instance.manager_id:
            managers.hold()
            if managers.would_be_circle(self.instance.pk, manager.pk):
                raise ValidationError(_(managers.CIRCLE), "circle")
        return manager


@admin.register(User)
class UserAdmin(ErasesTests, ScopedAdmin, AccountAdmin):
    """Accounts. An instructor sees the people of their courses, without their permissions."""

    form = PersonForm
    add_form = NewPersonForm
    change_password_form = AdminPasswordChangeForm
    downloads = (
        "username",
        "full_name",
        "email",
        "department",
        "manager__username as manager",
        "language",
        "time_zone",
        "external_id",
        "is_active",
    )
    list_display = [
        "username",
        "full_name",
        "email",
        "department",
        "is_active",
        "is_test",
        "is_staff",
    ]
    list_filter = ["is_active", "is_test", "is_staff", "is_superuser"]
    search_fields = ["username", "full_name", "email", "=external_id"]
    autocomplete_fields = ["manager"]
    actions = ["invite", "erase_tests"]
    erased = "learners"
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        ("Person", {"fields": [*PERSON_FIELDS, "is_test"]}),
        ("Permissions", {"fields": ["is_active", *PERMISSION_FIELDS]}),
        ("Dates", {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [
        (
            None,
            {
                "classes": ["wide"],
                "fields": [
                    "username",
                    *PERSON_FIELDS,
                    "is_test",
                    "usable_password",
                    "password1",
                    "password2",
                ],
            },
        ),
    ]

    def sees_all(self, user):
        return sees_everything(user) or rights.sees_all_people(user)

    def in_scope(self, rows, user):
        return rows.filter(pk__in=rights.visible_people(user).order_by().values("pk"))

    def selectable(self, db_field, request):
        if db_field.name == "manager":
            return managers.possible_managers(request.user)
        return super().selectable(db_field, request)

    def has_change_permission(self, request, obj=None):
        if obj is not None and rights.exceeds(obj, request.user):
            return False
        return super().has_change_permission(request, obj)

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if change and "is_active" in form.changed_data and not obj.is_active:
            deactivating.end_access([obj.pk], now=timezone.now())

    @admin.action(
        description=gettext_lazy("Email a link to set a password"), permissions=["change"]
    )
    def invite(self, request, queryset):
        """Invites only those whose password the user could set as well."""
        if not inviting.can_invite():
            messages.error(request, _("Nobody can be invited: links need the setting PUBLIC_URL."))
            return
        chosen = list(queryset)
        powerful = rights.accounts_exceeding(chosen, request.user)
        people = [each for each in chosen if each.pk not in powerful]
        with transaction.atomic():
            count = inviting.invite(people, timezone.now())
        messages.info(
            request,
            ngettext(
                "A link is being sent to %(count)s person with an email address and no password.",
                "Links are being sent to %(count)s people with an email address and no password.",
                count,
            )
            % {"count": count},
        )

    def get_fieldsets(self, request, obj=None):
        if obj is None or self.has_change_permission(request, obj):
            return super().get_fieldsets(request, obj)
        fields = ["username", *PERSON_FIELDS, "is_active", "is_test", "date_joined"]
        return [(None, {"fields": fields})]

    def get_readonly_fields(self, request, obj=None):
        fixed = [] if obj is None else ["is_test"]
        if rights.may_edit_permissions(request.user):
            return fixed
        return [*PERMISSION_FIELDS, "last_login", "date_joined", *fixed]


class EnrollmentForm(ModelForm):
    """Accepts learners who are enrolled already: `enrolling` finds their enrolment."""

    def validate_unique(self):
        pass

    def validate_constraints(self):
        pass

    def clean(self):
        cleaned = super().clean()
        learner, course = cleaned.get("user"), cleaned.get("course")
        if learner and course and not may_be_enrolled(learner, course):
            self.add_error("course", _("Only test learners can be enrolled in a test course."))
        return cleaned


class ActiveFilter(ChoiceFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return [("active", "Active"), ("left", "Left"), ("past", "Earlier cycle")]

    def queryset(self, request, queryset):
        if self.value() == "active":
            return queryset.active()
        if self.value() == "left":
            return queryset.current().exclude(unenrolled_at=None)
        return queryset.filter(is_current=False) if self.value() == "past" else queryset


@admin.register(Enrollment)
class EnrollmentAdmin(ScopedAdmin):
    """Enrolments, written by `progress.ingest.enrolling` only."""

    course_lookup = "course"
    form = EnrollmentForm
    downloads = (
        "user__username",
        "user__full_name",
        "user__department",
        "course__code",
        "course__title",
        "cycle",
        "is_current",
        "enrolled_at",
        "due_at",
        "unenrolled_at",
        "course_progress__completion_bp",
        "course_progress__completed_at",
    )
    list_display = [
        "id",
        "user",
        "course",
        "cycle",
        "is_current",
        "completed",
        "due_at",
        "unenrolled_at",
        "events",
    ]
    list_select_related = ["user", "course"]
    list_filter = [CourseFilter, ActiveFilter]
    search_fields = ["^user__username", "^user__full_name"]
    search_help_text = "The beginning of a learner's username or name."
    autocomplete_fields = ["user", "course"]
    ordering = ["-pk"]
    actions = ["unenrol", "begin_new_cycle"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_progress("user", "course")

    def get_fields(self, request, obj=None):
        if obj is None:
            return ["user", "course", "due_at"]
        stored = ["user", "course", "cycle", "is_current", "enrolled_at", "due_at"]
        return [*stored, "unenrolled_at", "completed", "events"]

    def get_readonly_fields(self, request, obj=None):
        return [] if obj is None else [f for f in self.get_fields(request, obj) if f != "due_at"]

    def selectable(self, db_field, request):
        if db_field.remote_field.model is Course:
            return rights.enrollable_courses(request.user)
        return rights.enrollable_people(request.user)

    def has_change_permission(self, request, obj=None):
        if not super().has_change_permission(request, obj):
            return False
        # Someone who may view all enrolments sees their own, but can't change it.
        return obj is None or self._changeable(request).filter(pk=obj.pk).exists()

    def _changeable(self, request):
        if sees_everything(request.user):
            return Enrollment.objects.all()
        return rights.changeable_enrollments(request.user)

    @admin.display(description="completed", ordering="course_progress__completion_bp")
    def completed(self, enrollment):
        return percent(enrollment.course_progress.completion_bp)

    @admin.display(description="evidence")
    def events(self, enrollment):
        return evidence_link(enrollment.pk)

    def save_model(self, request, obj, form, change):
        if change:
            enrolling.set_due(obj, obj.due_at)
            return
        existing = Enrollment.objects.current().filter(user=obj.user_id, course=obj.course_id)
        needed = rights.permission_to_enroll(existing.first(), obj.due_at)
        if needed and not request.user.has_perm(needed):
            raise PermissionDenied
        now = timezone.now()
        enrolled = enrolling.enroll(obj.user_id, obj.course_id, now=now, due_at=obj.due_at)
        if not enrolled.is_new:
            messages.info(request, "The learner was enrolled before; that enrolment is continued.")
        obj.pk = enrolled.enrollment.pk
        obj._state.adding = False

    @admin.action(description="Unenrol (progress is kept)", permissions=["change"])
    def unenrol(self, request, queryset):
        for enrollment in queryset.active():
            enrolling.unenroll(enrollment, now=timezone.now())
            self.log_change(request, enrollment, "Unenrolled.")

    @admin.action(description="Begin a new cycle (the old one is kept)", permissions=["change"])
    def begin_new_cycle(self, request, queryset):
        for enrollment in queryset.current():
            begun = enrolling.begin_new_cycle(
                enrollment.user_id, enrollment.course_id, now=timezone.now()
            )
            self.log_addition(request, begun.enrollment, "Began a new cycle.")
