"""The learner's pages: HTML that is true before any script runs."""

from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from progress import enrolling, live
from progress.demo.seeding import SIMULATED
from progress.models import Content, Course, Enrollment, LearningSession, QuizAttempt
from progress.reading import CourseReading
from progress.structure import ContentFacts
from progress.time_left import time_left_seconds

from . import material, showing, words


@never_cache
@login_required
@require_GET
def my_learning(request):
    """The learner's courses: what to go on with first, what is done below."""
    now = timezone.now()
    enrollments = (
        Enrollment.objects.active()
        .filter(user_id=request.user.pk, course__retired_at=None)
        .select_related("course", "course_progress", "course_progress__resume_content")
        .order_by("course__title")
    )
    rows = [_course_row(enrollment, now) for enrollment in enrollments]
    begun = [row for row in rows if row["resumed_at"] and not row["is_complete"]]
    return render(
        request,
        "pages/my_learning.html",
        {
            "open": [row for row in rows if not row["is_complete"]],
            "done": [row for row in rows if row["is_complete"]],
            "going_on": max(begun, key=lambda row: row["resumed_at"], default=None),
        },
    )


def _course_row(enrollment: Enrollment, now) -> dict:
    progress, course = enrollment.course_progress, enrollment.course
    # Read afresh only between an author's change and its refold; 0: nothing done yet.
    is_stale = progress.structure_version not in {0, course.structure_version}
    reading = CourseReading(enrollment, now) if is_stale else None
    resumed = progress.resume_content
    return {
        "course": course,
        "percent": (reading.bp if reading else progress.completion_bp) // 100,
        "is_complete": reading.is_complete if reading else progress.completed_at is not None,
        "completed_at": progress.completed_at,
        "time": words.spent(progress.time_ms),
        "due_at": enrollment.due_at,
        "resumed_at": progress.resume_updated_at,
        "resume": resumed,
        "resume_url": resumed and showing.content_url(course.pk, resumed.pk),
    }


def _reading(request, course_id: int) -> CourseReading:
    """The signed-in learner's reading of a course; 404 when it isn't theirs."""
    enrollment = get_object_or_404(
        Enrollment.objects.active().select_related("course", "course_progress"),
        user_id=request.user.pk,
        course_id=course_id,
        course__retired_at=None,
    )
    return CourseReading(enrollment, timezone.now())


@never_cache
@login_required
@require_GET
def course(request, course_id: int):
    """A course: where one is, and why it isn't 100 % yet."""
    reading = _reading(request, course_id)
    remaining = [showing.content_row(reading, facts) for facts in reading.remaining()]
    resume = reading.resume()
    started = [facts for facts in reading.remaining() if showing.is_open(reading, facts)]
    next_id = resume["content_id"] if resume else started[0].id if started else None
    return render(
        request,
        "pages/course.html",
        {
            "course": reading.enrollment.course,
            "enrollment": reading.enrollment,
            "percent": reading.bp // 100,
            "is_complete": reading.is_complete,
            "completed_at": reading.progress.completed_at,
            "time": words.spent(reading.progress.time_ms),
            "time_left": words.time_left(time_left_seconds(reading)),
            "modules": showing.outline(reading),
            "remaining": remaining,
            "added": reading.added_since,
            "next_url": next_id and showing.content_url(course_id, next_id),
            "is_begun": resume is not None,
            "live": {
                "is_course_complete": reading.is_complete,
                "course_title": reading.enrollment.course.title,
                **_live(reading),
            },
            "words": words.for_scripts(),
        },
    )


def _live(reading: CourseReading) -> dict:
    enrollment = reading.enrollment
    return {
        "stream_url": live.stream_url(enrollment.user_id, enrollment.course_id),
        "progress_url": reverse(
            "realtime-progress", args=[enrollment.user_id, enrollment.course_id]
        ),
    }


@never_cache
@login_required
@require_GET
def content(request, course_id: int, content_id: int):
    """One content, to watch, read or answer."""
    reading = _reading(request, course_id)
    facts = reading.structure.contents.get(content_id)
    if facts is None or not facts.is_active:
        raise Http404
    around = [c for module in reading.structure.modules for c in module.active]
    place = around.index(facts)
    following = around[place + 1] if place + 1 < len(around) else None
    is_open = showing.is_open(reading, facts)
    return render(
        request,
        "pages/content.html",
        {
            "course": reading.enrollment.course,
            "course_percent": reading.bp // 100,
            "modules": showing.outline(reading),
            "row": showing.content_row(reading, facts),
            "facts": facts,
            "is_open": is_open,
            "following": following and showing.content_row(reading, following),
            "player": _player(reading, facts) if is_open else None,
            "words": words.for_scripts(),
            **_material(reading, facts),
        },
    )


def _player(reading: CourseReading, facts: ContentFacts) -> dict:
    """What the content's script needs to know."""
    return showing.player(reading, facts) | {"left": _left(reading, facts)} | _live(reading)


def _left(reading: CourseReading, facts: ContentFacts) -> dict | None:
    """Where, when and on which device the learner was in this content last; None before that."""
    row = reading.rows.get(facts.id)
    if row is None or row.last_position_milli is None:
        return None
    device = (
        LearningSession.objects.filter(
            pk=row.last_position_session, user_id=reading.enrollment.user_id
        )
        .values_list("device_id", flat=True)
        .first()
    )
    return {
        "position": row.last_position_milli / 1000,
        "at": row.last_position_at,
        "device_id": device or "",
    }


def _material(reading: CourseReading, facts: ContentFacts) -> dict:
    """What only this type of content needs."""
    if facts.is_quiz:
        return {"questions": _questions(reading, facts), **_attempts(reading, facts)}
    if facts.is_binned:
        return {"markup": material.markup_of(facts)}
    if facts.is_media:
        return material.beside_media(facts) | {"player_words": words.for_player()}
    return {"is_pdf": facts.url.endswith(".pdf")}


def _questions(reading: CourseReading, facts: ContentFacts):
    asked = Content.objects.get(pk=facts.id).questions.active().prefetch_related("choices")
    return [
        {
            "question": question,
            "choices": [c for c in question.choices.all() if c.retired_at is None],
            "is_multiple": len(facts.answer_key[question.pk]) > 1,
        }
        for question in asked
        if question.pk in facts.answer_key
    ]


def _attempts(reading: CourseReading, facts: ContentFacts) -> dict:
    attempts = list(
        QuizAttempt.objects.filter(
            enrollment_id=reading.enrollment.pk,
            user_id=reading.enrollment.user_id,
            content_id=facts.id,
        )
    )
    last = attempts[-1] if attempts else None
    is_open = last is not None and last.submitted_at is None
    closed = [attempt for attempt in attempts if attempt.submitted_at]
    left = None if facts.max_attempts is None else facts.max_attempts - len(closed)
    return {
        "attempts": closed,
        "pass_percent": None if facts.pass_bp is None else facts.pass_bp // 100,
        "attempts_left": left,
        "quiz": {
            "answers": last.answers if is_open else {},
            "attempt": last.number if is_open else None,
            "can_answer": is_open or left is None or left > 0,
        },
    }


# --- The demo page -------------------------------------------------------------------------------
@never_cache
@require_GET
def demo(request):
    """The brief's five steps against the real API, in a course whose plausibility is observed."""
    found = Course.objects.active().filter(code=SIMULATED).first()
    enrollment = None
    if found is not None and request.user.is_authenticated:
        enrollment = (
            Enrollment.objects.active()
            .select_related("course", "course_progress")
            .filter(user_id=request.user.pk, course=found)
            .first()
        )
    reading = enrollment and CourseReading(enrollment, timezone.now())
    return render(
        request,
        "realtime_progress_demo.html",
        {
            "course": found,
            "enrollment": enrollment,
            "modules": reading and showing.outline(reading),
            "percent": reading and reading.bp // 100,
            "demo": reading and _demo(reading),
            "words": words.for_scripts(),
            "log_words": words.for_demo(),
        },
    )


def _demo(reading: CourseReading) -> dict:
    contents = [facts for module in reading.structure.modules for facts in module.active]
    quiz = next(facts for facts in contents if facts.is_quiz)
    return {
        "user_id": reading.enrollment.user_id,
        "course_id": reading.enrollment.course_id,
        "video": next(facts.id for facts in contents if facts.is_media),
        "document": next(facts.id for facts in contents if facts.is_paged),
        "quiz": quiz.id,
        # A demo quiz may give itself away: its buttons answer it.
        "questions": [
            {"id": question.id, "right": sorted(question.correct), "all": sorted(question.choices)}
            for question in quiz.questions
        ],
        **_live(reading),
    }


@login_required
@require_POST
def join_demo(request):
    """Enrol whoever is signed in into the simulated course."""
    found = get_object_or_404(Course.objects.active(), code=SIMULATED)
    enrolling.enroll(request.user.pk, found.pk, now=timezone.now())
    return redirect("demo")
