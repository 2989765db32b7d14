"""The people of a course: since when, until when, and the end of their enrolment."""

from functools import wraps
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from authoring import unenrolling
from progress.models import Course, Enrollment
from progress.pages.zone import in_own_zone

from .due import DueForm
from .files import own_course

PAGE_SIZE = 50


class FindForm(forms.Form):
    """Which of those enrolled are shown."""

    enrolled = forms.CharField(
        label=gettext_lazy("Name, address or id"), required=False, max_length=200
    )


def context_of(request, course: Course, due_form: DueForm | None = None) -> dict:
    """What the page shows of those enrolled; nothing for who may not see them.

    `due_form` is one that was filled in wrong.
    """
    by = request.user
    if not unenrolling.may_see(by, course):
        return {}
    find = FindForm(request.GET)
    text = find.cleaned_data["enrolled"] if find.is_valid() else ""
    paginator = Paginator(unenrolling.enrolled(by, course, text), PAGE_SIZE)
    page = paginator.get_page(request.GET.get("page"))
    rows = [(each, _due_form(each, due_form)) for each in page]
    return {
        "find": find,
        "enrolled_page": page,
        "enrolled_rows": rows,
        "may_change": by.has_perm(unenrolling.CHANGE),
        "may_end": by.has_perm(unenrolling.END),
        "just_ended": _just_ended(request, course),
    }


def _due_form(enrollment: Enrollment, wrong: DueForm | None) -> DueForm:
    prefix = due_prefix(enrollment.pk)
    if wrong is not None and wrong.prefix == prefix:
        return wrong
    # The day as the learner has it, in whose time zone it ends.
    due, zone = enrollment.due_at, ZoneInfo(enrollment.user.time_zone)
    day = timezone.localtime(due, zone).date() if due else None
    form = DueForm(prefix=prefix, initial={"due": day})
    form.fields["due"].help_text = _("Leave it empty for none.")
    return form


def due_prefix(enrollment_id: int) -> str:
    return f"due-{enrollment_id}"


def _just_ended(request, course: Course) -> Enrollment | None:
    """The enrolment that the person has ended a moment ago: it can be undone."""
    number = request.GET.get("ended", "")
    return unenrolling.ended(request.user, course, int(number)) if _is_id(number) else None


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 18


def enrollment_action(work):
    """A POST about the enrolment that the field `enrollment` names; 404 for one of others."""

    @never_cache
    @login_required
    @in_own_zone
    @require_POST
    @wraps(work)
    def action(request, course_id: int):
        course = own_course(request.user, course_id)
        number = request.POST.get("enrollment", "")
        if not _is_id(number):
            raise Http404
        try:
            return work(request, course, int(number))
        except Enrollment.DoesNotExist:
            raise Http404 from None

    return action


def to_page(course: Course, query: str = ""):
    address = reverse("course-people", args=[course.pk])
    return redirect(f"{address}{query}#enrolled")


@enrollment_action
def end_enrollment(request, course, number):
    ended = unenrolling.end(request.user, course, number, timezone.now())
    return to_page(course, f"?ended={ended.pk}")


@enrollment_action
def take_up_enrollment(request, course, number):
    enrollment = unenrolling.take_up(request.user, course, number, timezone.now())
    text = _("%(name)s is enrolled again.") % {"name": enrollment.user.get_full_name()}
    messages.success(request, text)
    return to_page(course)
