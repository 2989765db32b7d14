"""The operation of the system: jobs, alarms, rows set aside, outgoing messages and mail."""

from datetime import timedelta

from django.contrib import admin
from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.views import ChangeList

from progress.jobs import lateness
from progress.mail import outgoing
from progress.models import Drift, EvidenceExport, Job, OutboxMessage, OutgoingMail, SetAside
from progress.operations import outbox
from progress.security.rights import sees_everything

from .columns import column, time
from .list_filters import ChoiceFilter
from .scope import ReadOnlyAdmin

LATE_AFTER = timedelta(minutes=5)


class DoneFilter(ChoiceFilter):
    """Filters by whether the moment in `column` is set."""

    title = gettext_lazy("state")
    parameter_name = "state"
    column: str
    values: dict

    def lookups(self, request, model_admin):
        return list(self.values.items())

    def queryset(self, request, queryset):
        if self.value() not in self.values:
            return queryset
        is_done = self.value() != next(iter(self.values))
        return queryset.filter(**{f"{self.column}__isnull": not is_done})


class DriftFilter(DoneFilter):
    column = "resolved_at"
    values = {"open": gettext_lazy("Open"), "resolved": gettext_lazy("Resolved")}


class SentFilter(DoneFilter):
    column = "sent_at"
    values = {"waiting": gettext_lazy("Not sent yet"), "sent": gettext_lazy("Sent")}


class SetAsideFilter(DoneFilter):
    title = gettext_lazy("set aside")
    parameter_name = "set_aside"
    column = "set_aside_at"
    values = {"no": gettext_lazy("No"), "yes": gettext_lazy("Yes")}


class OperationAdmin(ReadOnlyAdmin):
    """Rows that belong to no course: only staff who see everything see them.

    Nobody edits them. The actions need the change permission, which opens no form here.
    """

    def has_module_permission(self, request):
        return sees_everything(request.user) and super().has_module_permission(request)

    def has_operate_permission(self, request):
        """Whether the user may start the actions of this page."""
        may_change = request.user.has_perm(f"progress.change_{self.opts.model_name}")
        return may_change and sees_everything(request.user)


class JobList(ChangeList):
    def get_results(self, request):
        super().get_results(request)
        late = lateness()
        for job in self.result_list:
            job.lateness = late.get(job.name, timedelta())


@admin.register(Job)
class JobAdmin(OperationAdmin):
    """Each job: when it last ran, how long it took, how many rows it handled, and what failed."""

    downloads = (
        "started_at",
        "finished_at",
        "succeeded_at",
        "duration_ms",
        "rows",
        "runs",
        "failures",
        "failures_in_a_row",
        "set_aside",
        "last_error",
    )
    list_display = [
        "short_name",
        "state",
        "started_at",
        column("duration_ms", gettext_lazy("took"), time),
        "rows",
        "runs",
        "failures",
        "set_aside",
        "last_error",
    ]
    search_fields = ["name"]

    def get_changelist(self, request, **kwargs):
        return JobList

    def get_queryset(self, request):
        counts = (
            SetAside.objects.filter(job=OuterRef("name"))
            .values("job")
            .annotate(count=Count("pk"))
            .values("count")
        )
        count = Coalesce(Subquery(counts, output_field=IntegerField()), 0)
        return super().get_queryset(request).annotate(set_aside=count)

    @admin.display(description=gettext_lazy("job"), ordering="name")
    def short_name(self, job):
        return job.short_name

    @admin.display(description=gettext_lazy("state"))
    def state(self, job):
        if job.lateness > LATE_AFTER:
            now = timezone.now()
            return _("Late: %(time)s") % {"time": timesince(now - job.lateness, now)}
        if job.failures_in_a_row:
            return _("Failing")
        if job.started_at is None:
            return _("Has never run")
        return _("Running, or was killed") if job.is_unfinished else _("OK")

    @admin.display(description=gettext_lazy("rows set aside"), ordering="set_aside")
    def set_aside(self, job):
        return job.set_aside


@admin.register(SetAside)
class SetAsideAdmin(OperationAdmin):
    downloads = (
        "job",
        "row",
        "error",
        "set_aside_at",
    )
    list_display = ["job", "row", "error", "set_aside_at"]
    search_fields = ["job", "=row"]
    ordering = ["-pk"]
    actions = ["try_again"]

    @admin.action(description=gettext_lazy("Try again"), permissions=["operate"])
    def try_again(self, request, queryset):
        count, _kinds = queryset.delete()
        self.message_user(
            request,
            ngettext(
                "%(count)s row will be retried in the job's next run.",
                "%(count)s rows will be retried in their jobs' next runs.",
                count,
            )
            % {"count": count},
        )


@admin.register(Drift)
class DriftAdmin(OperationAdmin):
    downloads = (
        "enrollment_id",
        "what",
        "stored",
        "fresh",
        "found_at",
        "resolved_at",
    )
    list_display = [
        column("enrollment_id", "enrolment", str),
        "what",
        "stored",
        "fresh",
        "found_at",
        "resolved_at",
    ]
    list_filter = [DriftFilter]
    search_fields = ["=enrollment__id"]
    ordering = ["-pk"]


@admin.register(EvidenceExport)
class EvidenceExportAdmin(OperationAdmin):
    downloads = (
        "partition",
        "rows",
        "file",
        "sha256",
        "exported_at",
        "dropped_at",
    )
    list_display = ["partition", "rows", "file", "exported_at", "dropped_at"]
    ordering = ["-pk"]


@admin.register(OutboxMessage)
class OutboxMessageAdmin(OperationAdmin):
    downloads = (
        "kind",
        "key",
        "created_at",
        "sent_at",
        "attempts",
        "retry_at",
        "set_aside_at",
        "last_error",
    )
    list_display = ["kind", "key", "created_at", "sent_at", "attempts", "retry_at", "last_error"]
    list_filter = [SentFilter, SetAsideFilter]
    search_fields = ["=key"]
    search_help_text = "The whole key, such as an enrolment's id."
    ordering = ["-pk"]
    actions = ["send_again"]

    @admin.action(description=gettext_lazy("Send again"), permissions=["operate"])
    def send_again(self, request, queryset):
        count = outbox.send_again(queryset, timezone.now())
        self.message_user(
            request,
            ngettext(
                "%(count)s message will be sent with the next sweep.",
                "%(count)s messages will be sent with the next sweep.",
                count,
            )
            % {"count": count},
        )


@admin.register(OutgoingMail)
class OutgoingMailAdmin(OperationAdmin):
    """Each mail: whether it was sent, or the mail server's error. Its text is never shown."""

    downloads = (
        "kind",
        "key",
        "address",
        "state",
        "attempts",
        "created_at",
        "retry_at",
        "settled_at",
        "last_error",
    )
    list_display = [
        "kind",
        "address",
        "state",
        "attempts",
        "last_error",
        "created_at",
        "retry_at",
        "settled_at",
    ]
    list_filter = ["state", "kind"]
    search_fields = ["=key", "address"]
    ordering = ["-pk"]
    actions = ["send_again"]

    @admin.action(description=gettext_lazy("Send again"), permissions=["operate"])
    def send_again(self, request, queryset):
        """Also sends mail that may have arrived: the page warns that it may come twice."""
        count = outgoing.send_again(queryset, timezone.now())
        self.message_user(
            request,
            ngettext(
                "%(count)s email will be sent with the next run.",
                "%(count)s emails will be sent with the next run.",
                count,
            )
            % {"count": count},
        )
