"""Which contents engage most and least, and which to improve first, with the reason in words."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.models import ContentEdition
from analytics.query.curves import added, left_at
from analytics.query.figures import share
from analytics.query.minimum_sample import is_enough

from .queries import ContentEngagement
from .score import parts, per_hour, score, weakest

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Ranked:
    """A content with its score and the parts of it in percent; None where one isn't known."""

    content: ContentEngagement
    score: int
    finish: int | None
    seen: int | None
    attention: int | None

    @property
    def url(self) -> str:
        return reverse("admin:insight-content", args=[self.content.content_id])


@dataclass(frozen=True, slots=True)
class Improvement:
    """`lost` is how many left, times the share of the course from this content on."""

    ranked: Ranked
    lost: float
    reasons: list[str]


def ranked(contents: Iterable[ContentEngagement]) -> list[Ranked]:
    """The most engaging first, without contents that fewer than five learners began."""
    found = [_ranked(content) for content in contents if is_enough(content.totals.begun)]
    return sorted(found, key=lambda each: (-each.score, each.content.content_id))


def _ranked(content: ContentEngagement) -> Ranked:
    percents = {name: round(100 * value) for name, value in parts(content.totals).items()}
    value = score(content.totals)
    assert value is not None  # five learners have begun
    return Ranked(
        content, value, percents.get("finish"), percents.get("seen"), percents.get("attention")
    )


def improvements(contents: Iterable[ContentEngagement], limit: int = SHOWN) -> list[Improvement]:
    """The contents where most learning is lost, the largest loss first. One statement."""
    by_course: dict[int, list[ContentEngagement]] = defaultdict(list)
    for content in contents:
        by_course[content.course_id].append(content)
    found = []
    for in_course in by_course.values():
        for position, content in enumerate(in_course):
            ahead = (len(in_course) - position) / len(in_course)
            if content.totals.left and is_enough(content.totals.begun):
                found.append((content.totals.left * ahead, ahead, content))
    found.sort(key=lambda each: (-each[0], each[2].content_id))
    where = _where([content for _lost, _ahead, content in found[:limit]])
    return [
        Improvement(_ranked(content), lost, _reasons(content, ahead, where.get(content.content_id)))
        for lost, ahead, content in found[:limit]
    ]


def _reasons(content: ContentEngagement, ahead: float, where: str | None) -> list[str]:
    text = ngettext(
        "%(left)s learner left it unfinished, with %(behind)s %% of the course still to come.",
        "%(left)s learners left it unfinished, with %(behind)s %% of the course still to come.",
        content.totals.left,
    )
    reasons = [text % {"left": content.totals.left, "behind": round(100 * ahead)}]
    if where:
        reasons.append(where)
    if reason := _weakness(content):
        reasons.append(reason)
    return reasons


def _weakness(content: ContentEngagement) -> str:
    totals = content.totals
    match weakest(totals):
        case "finish":
            text = _("Of those who finished or left it, %(percent)s %% finished.")
            return text % {"percent": share(totals.complete, totals.complete + totals.left)}
        case "seen":
            text = _("Those who began have done %(percent)s %% of it on average.")
            return text % {"percent": totals.completion_bp // totals.begun // 100}
        case "attention":
            text = _("%(count)s distractions per hour of active time.")
            return text % {"count": round(per_hour(totals) or 0)}
    return ""


def _where(contents: list[ContentEngagement]) -> dict[int, str]:
    """Texts on where learners leave, by content, for contents with such a point."""
    content_ids = [content.content_id for content in contents]
    editions = (
        ContentEdition.objects.filter(content__in=content_ids, reach__isnull=False)
        .order_by("content_id", "-pk")
        .distinct("content_id")
        .select_related("reach")
    )
    found = {}
    for edition in editions:
        drop_offs = added([edition.reach.drop_offs], edition.buckets)
        if drop_offs and (hotspot := left_at(edition.kind, drop_offs)):
            found[edition.content_id] = hotspot.text
    return found
