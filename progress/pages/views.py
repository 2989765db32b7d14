"""The learner's pages: complete HTML, correct before any script runs."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from progress import slots
from progress.catalogue import completable
from progress.ingest import declining
from progress.ingest.course_fold import certificate
from progress.models import LearningSession
from progress.state.course_state import CourseState
from progress.state.outside import latest_row, owed_due_at, shown
from progress.state.structure import ContentSpec
from progress.state.time_left import time_left_seconds
from progress.state.waivers import waiving_link
from progress.validation.content_urls import is_own_address

from . import content_files, kept_parts, outline, players, quizzes, words
from .due import due
from .end_card import end_card
from .enrolled import course_state, expected_days
from .framing import may_be_framed
from .kept_words import for_kept
from .next_step import next_step
from .notes import note_rows
from .zone import in_own_zone


@never_cache
@login_required
@in_own_zone
@require_GET
def course(request, course_id: int, is_kept: bool = False):
    """A course: the learner's progress, and why it isn't 100 % yet.

    With `is_kept` it is a copy for the learner's device: without the certificate, and with what
    needs a network.
    """
    state = course_state(request, course_id, outside_row=latest_row())
    elsewhere = shown(state.enrollment.outside_row, state.now)
    remaining = [outline.content_row(state, content) for content in state.remaining()]
    path = slots.path(state)
    step = next_step(state, path)
    return render(
        request,
        "pages/course.html",
        {
            "course": state.enrollment.course,
            "due": due(owed_due_at(state.enrollment.due_at, elsewhere), state.now),
            "outside": elsewhere,
            "percent": state.bp // 100,
            "is_complete": state.is_complete,
            "completed_at": state.progress.completed_at,
            "time": words.spent(state.progress.time_ms),
            "time_left": words.time_left(time_left_seconds(state)),
            "expected": words.expected(expected_days(state), state.now),
            "modules": outline.module_rows(state),
            "remaining": remaining,
            "added": state.added_since,
            "certificate": certificate(state.progress),
            "path": path,
            "skills": slots.skills(state),
            "step": step,
            "next_url": step and outline.content_url(course_id, step.content.id),
            "is_begun": bool(state.rows),
            "live": {
                "is_course_complete": state.is_complete,
                "course_title": state.enrollment.course.title,
                **outline.live_urls(state),
            },
            "words": words.for_scripts(),
            "kept_words": for_kept(),
            "is_kept": is_kept,
            "left_out": kept_parts.kept_course(state).left_out if is_kept else None,
        },
    )


@never_cache
@may_be_framed
@login_required
@in_own_zone
@require_GET
def content(request, course_id: int, content_id: int, is_kept: bool = False):
    """One content, to watch, read or answer.

    With `is_kept` it is a copy for the learner's device, without what needs a network; 404 for a
    content that can't be kept.
    """
    state = course_state(request, course_id)
    content = state.structure.contents.get(content_id)
    if content is None or not content.is_active:
        raise Http404
    if is_kept and not kept_parts.is_kept(state, content):
        raise Http404
    path = slots.path(state)
    following = _following(state, content, path)
    is_open = state.is_open(content)
    film = players.film_of(content.url, content.content_type, request) if is_open else None
    response = render(
        request,
        "pages/content.html",
        {
            "course": state.enrollment.course,
            "course_percent": state.bp // 100,
            "modules": outline.module_rows(state),
            "row": outline.content_row(state, content),
            "content": content,
            "is_open": is_open,
            "end": end_card(state, content, path) if is_open and not is_kept else None,
            "notes": note_rows(state, content) if is_open and not content.is_quiz else None,
            "is_kept": is_kept,
            "kept_words": for_kept() if is_kept else None,
            "following": following and outline.content_row(state, following),
            "waiver": _waiver(state, content),
            "waivable": _waivable(state, content),
            "player": _player(state, content) if is_open else None,
            "words": words.for_scripts(),
            # A page of this site, with its origin and scripts, could take its own sandbox away.
            "is_own_page": is_own_address(content.url, request.get_host()),
            "film": film,
            **_context_of_type(state, content, request.GET, request.user.captions_language, film),
        },
    )
    return players.opens_pages(response) if content.is_embed else players.opens(response, film)


def _following(state: CourseState, content: ContentSpec, path: dict | None) -> ContentSpec | None:
    """The content after this one, in the learner's path if they follow one, else in the course."""
    if path and path["is_followed"]:
        ahead = [step["content_id"] for step in path["steps"] if step["content_id"] != content.id]
        return state.structure.contents[ahead[0]] if ahead else None
    in_order = [each for module in state.structure.modules for each in module.active]
    index = in_order.index(content)
    return in_order[index + 1] if index + 1 < len(in_order) else None


def _waiver(state: CourseState, content: ContentSpec) -> dict | None:
    """The learner's choice about a waived content, or one whose waiver they declined; or None."""
    link = waiving_link(state, content)
    if link is not None:
        may = link.is_pre_test and not state.is_complete
        return {"is_declined": False, "text": words.waived(state, content), "may_change": may}
    if content.id in state.progress.waivers_declined and not state.is_done(content):
        return {"is_declined": True, "may_change": True}
    return None


def _waivable(state: CourseState, content: ContentSpec) -> list[ContentSpec]:
    """The contents that passing this pre-test would waive."""
    targets = (state.structure.contents[pk] for pk in content.waives)
    return [each for each in targets if each.is_active and not state.is_done(each)]


@login_required
@require_POST
def waiver(request, course_id: int, content_id: int):
    """Decline a waiver, to learn the content after all; with `take_back`, have it waived again."""
    enrollment = course_state(request, course_id).enrollment
    decide = declining.take_back if "take_back" in request.POST else declining.decline
    try:
        decide(enrollment, content_id, now=timezone.now())
    except (declining.NoSuchWaiver, declining.CourseComplete):
        raise Http404 from None
    return redirect("content", course_id, content_id)


def _player(state: CourseState, content: ContentSpec) -> dict:
    """The values that the content page's script needs."""
    return (
        outline.player(state, content)
        | {"last_position": _last_position(state, content)}
        | outline.live_urls(state)
    )


def _last_position(state: CourseState, content: ContentSpec) -> dict | None:
    """Where, when and on which device the learner last was in this content; None if never."""
    row = state.rows.get(content.id)
    if row is None or row.last_position_milli is None:
        return None
    device = (
        LearningSession.objects.filter(
            pk=row.last_position_session, user_id=state.enrollment.user_id
        )
        .values_list("device_id", flat=True)
        .first()
    )
    return {
        "position": row.last_position_milli / 1000,
        "at": row.last_position_at,
        "device_id": device or "",
    }


def _context_of_type(
    state: CourseState,
    content: ContentSpec,
    query: QueryDict,
    captions_language: str,
    film: dict | None,
) -> dict:
    """The part of the context that only this type of content needs."""
    if content.is_quiz:
        return quizzes.quiz_context(state, content, query)
    if content.is_embed:
        is_scored = content.completes_on_score
        return {
            "view_time": words.duration(content.view_seconds) if content.view_seconds else "",
            "score_needed": words.percent(state.needed_bp(content)) if is_scored else "",
        }
    if content.is_binned:
        return {"markup": content_files.markup_of(content)}
    if content.is_media:
        return content_files.media_files(content, captions_language) | {
            "player_words": film["words"] if film and film["is_framed"] else words.for_player()
        }
    return {"is_pdf": completable.is_pdf(content.url)}
