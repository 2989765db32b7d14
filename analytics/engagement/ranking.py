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

from .queries import Place
from .score import parts, per_hour, score, weakest

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Ranked:
    """A content with its score and parts, in percent; parts that aren't known are None."""

    place: Place
    score: int
    finish: int | None
    seen: int | None
    attention: int | None

    @property
    def url(self) -> str:
        return reverse("admin:insight-content", args=[self.place.content_id])


@dataclass(frozen=True, slots=True)
class Improvement:
    """`lost` is how many left, each counted by how much of the course lay behind it for them."""

    ranked: Ranked
    lost: float
    reasons: list[str]


def ranked(places: Iterable[Place]) -> list[Ranked]:
    """The most engaging first; contents that fewer than five learners began have no score."""
    told = [_ranked(place) for place in places if is_enough(place.facts.begun)]
    return sorted(told, key=lambda each: (-each.score, each.place.content_id))


def _ranked(place: Place) -> Ranked:
    told = {name: round(100 * value) for name, value in parts(place.facts).items()}
    value = score(place.facts)
    assert value is not None  # five have begun
    return Ranked(place, value, told.get("finish"), told.get("seen"), told.get("attention"))


def improvements(places: Iterable[Place], most: int = SHOWN) -> list[Improvement]:
    """Where most of the learning is lost, the largest loss first. One statement."""
    by_course: dict[int, list[Place]] = defaultdict(list)
    for place in places:
        by_course[place.course_id].append(place)
    found = []
    for own in by_course.values():
        for number, place in enumerate(own):
            behind = (len(own) - number) / len(own)
            if place.facts.left and is_enough(place.facts.begun):
                found.append((place.facts.left * behind, behind, place))
    found.sort(key=lambda each: (-each[0], each[2].content_id))
    where = _where([place for _lost, _behind, place in found[:most]])
    return [
        Improvement(_ranked(place), lost, _reasons(place, behind, where.get(place.content_id)))
        for lost, behind, place in found[:most]
    ]


def _reasons(place: Place, behind: float, where: str | None) -> list[str]:
    told = ngettext(
        "%(left)s learner left it unfinished, with %(behind)s %% of the course still to come.",
        "%(left)s learners left it unfinished, with %(behind)s %% of the course still to come.",
        place.facts.left,
    )
    reasons = [told % {"left": place.facts.left, "behind": round(100 * behind)}]
    if where:
        reasons.append(where)
    if reason := _weakness(place):
        reasons.append(reason)
    return reasons


def _weakness(place: Place) -> str:
    facts = place.facts
    match weakest(facts):
        case "finish":
            told = _("Of those who finished or left it, %(percent)s %% finished.")
            return told % {"percent": share(facts.complete, facts.complete + facts.left)}
        case "seen":
            told = _("Those who began have done %(percent)s %% of it on average.")
            return told % {"percent": facts.completion_bp // facts.begun // 100}
        case "attention":
            told = _("%(count)s distractions per hour of active time.")
            return told % {"count": round(per_hour(facts) or 0)}
    return ""


def _where(places: list[Place]) -> dict[int, str]:
    """Where each is left, in words, by content: of those that have such a place."""
    keys = [place.content_id for place in places]
    editions = (
        ContentEdition.objects.filter(content__in=keys, reach__isnull=False)
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
