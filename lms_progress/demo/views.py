"""The demo page: the five steps of a learner's session, as requests to the real API."""

from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from progress.ingest import enrolling
from progress.models import Course, Enrollment
from progress.pages import outline, quizzes
from progress.pages.words import for_scripts
from progress.state.course_state import CourseState
from progress.state.structure import ContentSpec

from . import guests
from .seeding import SIMULATED
from .words import for_log


@never_cache
@require_GET
def demo(request):
    """The brief's five steps against the real API, in a course with `plausibility: observe`."""
    found = guests.course_of(request.user)
    can_try = found is not None
    if found is None:
        # Without the guests' course, people with an account can still sign in to the other.
        found = Course.objects.active().filter(code=SIMULATED).first()
    enrollment = None
    if found is not None and request.user.is_authenticated:
        enrollment = (
            Enrollment.objects.active()
            .with_progress("course")
            .filter(user_id=request.user.pk, course=found)
            .first()
        )
    state = enrollment and CourseState(enrollment, timezone.now())
    return render(
        request,
        "realtime_progress_demo.html",
        {
            "course": found,
            "can_try": can_try,
            "is_guest": guests.is_guest(request.user),
            "enrollment": enrollment,
            "modules": state and outline.module_rows(state),
            "percent": state and state.bp // 100,
            "demo": state and _demo(state),
            "words": for_scripts(),
            "log_words": for_log(),
        },
    )


def _demo(state: CourseState) -> dict:
    contents = [content for module in state.structure.modules for content in module.active]
    video = next(content for content in contents if content.is_media)
    document = next(content for content in contents if content.is_paged)
    quiz = next(content for content in contents if content.is_quiz)
    return {
        "user_id": state.enrollment.user_id,
        "course_id": state.enrollment.course_id,
        "video": video.id,
        "document": document.id,
        "quiz": quiz.id,
        "complete": [each.id for each in contents if state.content_state(each).is_complete],
        "is_course_complete": state.is_complete,
        "watched": _first_gap(state, video) / 1000,
        "read": _first_gap(state, document),
        "answers": quizzes.open_answers(state, quiz),
        # The demo quiz may reveal its answers: the page's buttons answer it.
        "questions": [
            {"id": question.id, "right": sorted(question.correct), "all": sorted(question.choices)}
            for question in quiz.questions
        ],
        **outline.live_urls(state),
    }


def _first_gap(state: CourseState, content: ContentSpec) -> int:
    """The beginning of the first part that isn't covered, or the extent if all is covered."""
    missing = state.missing(content)
    return missing[0][0] if missing else content.extent or 0


@login_required
@require_POST
def join_demo(request):
    """Enrol the signed-in person in the simulated course; with `again`, begin a new cycle."""
    found = guests.course_of(request.user)
    if found is None:
        raise Http404
    begin = enrolling.begin_new_cycle if "again" in request.POST else enrolling.enroll
    begin(request.user.pk, found.pk, now=timezone.now())
    return redirect("demo")


@require_POST
def try_demo(request):
    """Sign in a new guest, who needs no account; whoever is signed in stays who they are."""
    if request.user.is_authenticated:
        return redirect("demo")
    found = guests.course_of(request.user)
    if found is None:
        raise Http404
    if not guests.GuestThrottle().allow_request(request, None):
        return render(request, "demo_busy.html", status=429)
    guest = guests.create_guest(found, now=timezone.now())
    login(request, guest, backend="django.contrib.auth.backends.ModelBackend")
    request.session.set_expiry(int(guests.LASTS.total_seconds()))
    return redirect("demo")
