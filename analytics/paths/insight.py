"""What instructors see of paths: a learner's, and what a course's pre-tests and alternatives do."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef
from django.db.models.functions import JSONObject
from django.urls import reverse

from analytics.query.figures import share
from analytics.query.filters import Filters
from analytics.query.minimum_sample import is_enough
from progress.models import Waiver
from progress.state.course_state import CourseState
from progress.state.structure import Structure

from . import payloads
from .queries import paths_of, quiz_of


# --- A learner -----------------------------------------------------------------------------------
def waiver_rows() -> ArraySubquery:
    """The waivers that `of_learner` shows, as an expression over the enrolment."""
    rows = Waiver.objects.filter(enrollment=OuterRef("pk"), user=OuterRef("user")).order_by("pk")
    names = {"content": "content__title", "because": "because__title"}
    names |= {name: name for name in ("reason", "score_bp", "granted_at", "declined_at")}
    return ArraySubquery(rows.values(row=JSONObject(**names)))


def of_learner(state: CourseState, waivers: list[dict]) -> dict | None:
    """The path that the learner is shown, and every waiver, declined ones too; None without any.

    A course without pre-tests, alternatives and an adaptive order costs no statement.
    """
    is_adaptive = payloads.is_adaptive(state)
    was_spared = state.waived or state.progress.waivers_declined
    if not (is_adaptive or state.structure.links or was_spared):
        return None
    steps, offers, is_followed = [], [], False
    if not state.is_complete:
        [path] = paths_of([state])
        steps = [payloads.step_payload(step, path) for step in path.steps]
        offers = [payloads.offer_payload(step, path) for step in path.offers]
        is_followed = path.is_followed
    return {
        "is_adaptive": is_adaptive,
        "is_followed": is_followed,
        "steps": steps,
        "offers": offers,
        "waivers": [_waiver(each) for each in waivers],
    }


def _waiver(row: dict) -> dict:
    at = {name: row[name] and datetime.fromisoformat(row[name]) for name in _MOMENTS}
    return row | at | {"why": Waiver.Reason(row["reason"]).label}


_MOMENTS = ("granted_at", "declined_at")


# --- A course ------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class PreTest:
    """Shares are of those who took it; None when they are fewer than five. `luck_percent` of
    learners who know nothing would pass it by guessing."""

    title: str
    url: str
    spares: list[str]
    taken: int
    passed_percent: int | None
    luck_percent: int
    declined_percent: int | None  # of those who passed


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several alternatives: its share of those who completed any; None as above."""

    title: str
    url: str
    group: str
    percent: int | None


@dataclass(frozen=True, slots=True)
class CoursePaths:
    tests: list[PreTest]
    choices: list[Choice]


class Reached(Protocol):
    """Learners who completed a content, and those who submitted answers to it."""

    @property
    def done(self) -> int: ...

    @property
    def handed_in(self) -> int: ...


def of_course(
    structure: Structure, filters: Filters, reached: Mapping[int, Reached]
) -> CoursePaths | None:
    """What pre-tests waived and which alternatives were taken; None in a course without them.

    `reached` counts current learners by content id. One statement.
    """
    if not structure.links:
        return None
    declined = _declined({link.source for link in structure.links}, filters)
    facts_of = structure.contents
    tests = [
        _pre_test(structure, pk, reached.get(pk), declined[pk])
        for pk in facts_of
        if facts_of[pk].is_active and facts_of[pk].waives
    ]
    return CoursePaths(tests, list(_choices(structure, reached)))


def _declined(sources: set[int], filters: Filters) -> dict[int, int]:
    """`{pre-test: learners who declined something that it waived}`."""
    rows = Waiver.objects.filter(
        because__in=sources,
        declined_at__isnull=False,
        enrollment__is_current=True,
        enrollment__unenrolled_at=None,
    )
    counted = (
        filters.apply(rows, course="enrollment__course")
        .order_by()
        .values_list("because_id")
        .annotate(learners=Count("enrollment", distinct=True))
    )
    found: dict[int, int] = defaultdict(int)
    return found | dict(counted)


def _pre_test(structure: Structure, pk: int, reached: Reached | None, declined: int) -> PreTest:
    content = structure.contents[pk]
    taken, passed = (reached.handed_in, reached.done) if reached else (0, 0)
    spares = [structure.contents[each] for each in content.waives]
    return PreTest(
        title=content.title,
        url=_url(pk),
        spares=[each.title for each in spares if each.is_active],
        taken=taken,
        passed_percent=_share(passed, taken),
        luck_percent=round(100 * quiz_of(content).luck),
        declined_percent=_share(declined, passed),
    )


def _choices(structure: Structure, reached: Mapping[int, Reached]) -> Iterator[Choice]:
    done: dict[int, int] = defaultdict(int) | {pk: each.done for pk, each in reached.items()}
    for pk, others in structure.alternatives.items():
        content = structure.contents[pk]
        total = sum(done[each] for each in (pk, *others))
        yield Choice(content.title, _url(pk), content.alternative_group, _share(done[pk], total))


def _share(part: int, whole: int) -> int | None:
    return share(part, whole) if is_enough(whole) else None


def _url(content_id: int) -> str:
    return reverse("admin:insight-content", args=[content_id])
