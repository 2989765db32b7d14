"""The evidence: every delivered event, what it earned, what was withheld and why.

This is the largest table. Its list never counts the rows and always follows an index: the newest
events by id, or the events of one enrolment or session by their chain.
"""

import uuid

from django.contrib import admin
from django.contrib.admin.views.main import PAGE_VAR
from django.core.paginator import Paginator
from django.utils.functional import cached_property
from unfold.views import ChangeList

from progress.models import ContentInteraction, LearningSession
from progress.security.rights import taught_by
from progress.validation.storable import MAX_ID

from .columns import column, time
from .scope import ReadOnlyAdmin

# PostgreSQL reads all rows before a page, too; for older events, search an enrolment or session.
MAX_PAGE = 100
RECENT_SESSIONS = 20


class UncountedPaginator(Paginator):
    """Pages of a list that is never counted: `count` only looks one row beyond the page."""

    def __init__(self, *args, page: int, **kwargs):
        super().__init__(*args, **kwargs)
        self._page = page

    @cached_property
    def count(self):
        before = (self._page - 1) * self.per_page
        if self._page > MAX_PAGE:
            return before
        page_and_next = self.object_list.values_list("pk")[before : before + self.per_page + 1]
        return before + len(page_and_next)


class EvidenceList(ChangeList):
    def get_ordering(self, request, queryset):
        # Any other order would sort the whole table.
        return list(self.model_admin.get_ordering(request))

    def get_results(self, request):
        super().get_results(request)
        # Without a limit PostgreSQL would expect many rows, and sort them.
        self.result_list = self.result_list[: self.list_per_page]

    @property
    def newer_link(self) -> str | None:
        return self._page_link(-1) if self.page_num > 1 else None

    @property
    def older_link(self) -> str | None:
        has_more = self.result_count > self.page_num * self.list_per_page
        return self._page_link(1) if has_more and self.page_num < MAX_PAGE else None

    def _page_link(self, step: int) -> str:
        return self.get_query_string({PAGE_VAR: self.page_num + step})


@admin.register(ContentInteraction)
class ContentInteractionAdmin(ReadOnlyAdmin):
    # Ids only: no joins, as in the list.
    downloads = (
        "enrollment_id",
        "user_id",
        "content_id",
        "session_id",
        "chain_index",
        "event_id",
        "sequence",
        "interaction_type",
        "occurred_at",
        "received_at",
        "status",
        "code",
        "video_position",
        "reading_position",
        "credited_ms",
        "covered_ms",
        "withheld_ms",
        "withheld_active_ms",
        "withheld_reason",
    )
    course_lookup = "enrollment__course"
    change_list_template = "admin/progress/contentinteraction/change_list.html"
    list_display = [
        column("chain_index", "no.", str),
        "user",
        "content",
        column("interaction_type", "event", str),
        "occurred_at",
        "status",
        "why",
        column("credited_ms", "credited", time),
        column("covered_ms", "covered", time),
        "withheld",
    ]
    # No joins: with one, PostgreSQL may sort the whole table instead of following its index. And
    # events outlive the rows that they refer to.
    list_select_related = []
    list_per_page = 100
    # "Show all" would read the whole table.
    list_max_show_all = 0
    sortable_by = ()
    # Shows the search field; get_search_results takes a number or a UUID.
    search_fields = ["enrollment"]

    @admin.display(description="why")
    def why(self, event):
        """Why something was withheld, or why the event was not accepted."""
        return event.withheld_reason or event.code

    @admin.display(description="withheld")
    def withheld(self, event):
        amounts = {"of time": event.withheld_active_ms, "of coverage": event.withheld_ms}
        return ", ".join(f"{time(ms)} {of}" for of, ms in amounts.items() if ms)

    def get_queryset(self, request):
        rows = super().get_queryset(request).prefetch_related("user", "content")
        return rows.defer("record", "chain_hash", "fingerprint")

    def get_changelist(self, request, **kwargs):
        return EvidenceList

    def get_paginator(self, request, queryset, per_page, *args, **kwargs):
        page = request.GET.get(PAGE_VAR, "")
        number = int(page) if page.isdecimal() else 1
        return UncountedPaginator(queryset, per_page, *args, page=max(number, 1), **kwargs)

    def get_ordering(self, request):
        if request.GET.get("q"):
            return ["-chain_index"]
        if self.sees_all(request.user):
            return ["-id"]
        # Ordered by id, PostgreSQL may read all events to find those of a few sessions.
        return ["-received_at", "-chain_index"]

    def lookup_allowed(self, lookup, value, request=None):
        # No other column has an index.
        return False

    def get_search_results(self, request, queryset, search_term):
        """The evidence of one enrolment, by its number, or of one session, by its UUID.

        Without a term, an instructor gets the latest sessions of their own courses: finding the
        events of a few courses among all events could mean reading the whole table.
        """
        term = search_term.strip()
        if not term:
            return self._recent_events(request, queryset), False
        if term.isdecimal():
            return queryset.filter(enrollment_id=min(int(term), MAX_ID)), False
        return self._session_events(queryset, term), False

    def _session_events(self, queryset, term: str):
        try:
            session = LearningSession.objects.get(pk=uuid.UUID(term))
        except (ValueError, LearningSession.DoesNotExist):
            return queryset.none()
        # The enrolment leads to the index, the start to the partition.
        return queryset.filter(
            enrollment_id=session.enrollment_id,
            session_started_at=session.start_time,
            session_id=session.pk,
        )

    def _recent_events(self, request, queryset):
        if self.sees_all(request.user):
            return queryset
        rows = LearningSession.objects.filter(course__in=taught_by(request.user))
        columns = ("pk", "enrollment_id", "start_time")
        last = list(rows.order_by("-start_time").values_list(*columns)[:RECENT_SESSIONS])
        if not last:
            return queryset.none()
        sessions, enrollments, starts = zip(*last, strict=True)
        return queryset.filter(
            session_id__in=sessions,
            enrollment_id__in=enrollments,
            session_started_at__gte=min(starts),
        )
