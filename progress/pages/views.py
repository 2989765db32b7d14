"""The learner's pages: HTML that is true before any script runs."""

import re

from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from progress import enrolling, live
from progress.catalogue.words import static_file
from progress.demo.seeding import SIMULATED
from progress.models import Content, Course, Enrollment, QuizAttempt
from progress.reading import CourseReading
from progress.structure import ContentFacts

from . import showing, words


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
    remaining = [
        {
            "title": facts.title,
            "url": showing.content_url(course_id, facts.id),
            "why": words.remaining(reading, facts),
        }
        for facts in reading.remaining()
    ]
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
            "modules": showing.outline(reading),
            "remaining": remaining,
            "added": reading.added_since,
            "next_url": next_id and showing.content_url(course_id, next_id),
            "is_begun": resume is not None,
            "live": _live(reading),
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
            "row": showing.content_row(reading, facts),
            "facts": facts,
            "is_open": is_open,
            "following": following and showing.content_row(reading, following),
            "player": showing.player(reading, facts) | _live(reading) if is_open else None,
            "words": words.for_scripts(),
            **_material(reading, facts),
        },
    )


def _material(reading: CourseReading, facts: ContentFacts) -> dict:
    """What only this type of content needs."""
    if facts.is_quiz:
        return {"questions": _questions(reading, facts), **_attempts(reading, facts)}
    if facts.is_binned:
        path = static_file(facts.url)
        is_html = path is not None and path.suffix in {".html", ".htm"}
        return {"markup": _body(path.read_text("utf-8")) if is_html else None}
    if facts.is_media:
        stem = re.sub(r"\.\w+$", "", facts.url)
        beside = {"captions": ".en.vtt", "chapters": ".chapters.vtt", "poster": ".jpg"}
        return {
            name: stem + suffix if static_file(stem + suffix) else ""
            for name, suffix in beside.items()
        }
    return {"is_pdf": facts.url.endswith(".pdf")}


def _body(markup: str) -> str:
    """What is inside <body>; files among our own static files are trusted like templates."""
    found = re.search(r"<body[^>]*>(.*)</body>", markup, re.DOTALL | re.IGNORECASE)
    return found.group(1) if found else markup


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
