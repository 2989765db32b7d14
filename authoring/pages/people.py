"""The page on which people are enrolled in a course, and opened for those who enrol themselves."""

import re
from datetime import date

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from authoring import enrolling, self_enrolling, unenrolling
from authoring.enrolling import MAX_PEOPLE, Outcome
from authoring.models.self_enrollment import MAX_DUE_DAYS
from progress.models import Course, Enrollment, User, marks
from progress.pages.zone import in_own_zone

from . import enrolled
from .due import DueForm
from .enrolled import enrollment_action
from .files import own_course

MAX_SHOWN = 50
MAX_LIST_CHARACTERS = 200_000


class SearchForm(forms.Form):
    """Which people are shown."""

    q = forms.CharField(label=gettext_lazy("Name, address or id"), required=False, max_length=200)
    department = forms.ChoiceField(label=gettext_lazy("Department"), required=False)

    def __init__(self, *args, departments: list[str], **kwargs):
        super().__init__(*args, **kwargs)
        choices = [("", _("All departments")), *((each, each) for each in departments)]
        self.fields["department"].choices = choices


class ListForm(DueForm):
    people = forms.CharField(
        label=gettext_lazy("People, one per line"),
        max_length=MAX_LIST_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
        help_text=gettext_lazy("User names, e-mail addresses or ids; from a spreadsheet too."),
        error_messages={"required": gettext_lazy("Write or paste at least one name.")},
    )
    field_order = ("people", "due")

    def clean_people(self) -> list[str]:
        names = enrolling.names_in(self.cleaned_data["people"])
        if not names:
            raise forms.ValidationError(_("Write or paste at least one name."))
        if len(names) > MAX_PEOPLE:
            raise forms.ValidationError(_too_many())
        return names


class OpenForm(forms.Form):
    """How people enrol themselves."""

    is_listed = forms.BooleanField(
        label=gettext_lazy("Show it in the catalogue, for everybody with an account"),
        required=False,
    )
    has_link = forms.BooleanField(
        label=gettext_lazy("Let whoever has a link enrol, once signed in"), required=False
    )
    due_days = forms.IntegerField(
        label=gettext_lazy("Days until it is due"),
        required=False,
        min_value=1,
        max_value=MAX_DUE_DAYS,
        help_text=gettext_lazy("Counted from the day of enrolling. Leave it empty for none."),
    )


def _too_many() -> str:
    return _("More than %(most)s people: import them as a file instead.") % {"most": MAX_PEOPLE}


# --- The page ------------------------------------------------------------------------------------
@never_cache
@login_required
@in_own_zone
@require_GET
def people(request, course_id: int):
    """Who can be enrolled, and how the course is open."""
    course = own_course(request.user, course_id)
    return _page(request, course)


def _page(request, course: Course, status: int = 200, due_of_one=None, **forms_with_errors):
    may_enrol = enrolling.may_enrol(request.user, course)
    search = SearchForm(request.GET, departments=enrolling.departments(request.user))
    opened = self_enrolling.self_enrollment_of(course)
    link = request.build_absolute_uri(_link_path(opened.link_key)) if opened.link_key else ""
    context = {
        "course": course,
        "may_enrol": may_enrol,
        "enrolled_count": _enrolled_count(course),
        "search": search,
        "due_form": DueForm(prefix="found"),
        "list_form": ListForm(),
        "open_form": OpenForm(initial=_open_values(opened)),
        "link": link,
    }
    context |= _found(request, course, search) if may_enrol else {}
    context |= enrolled.context_of(request, course, due_of_one)
    return render(request, "authoring/people.html", context | forms_with_errors, status=status)


def _enrolled_count(course: Course) -> int:
    """Real learners; in a test course there are none, and all count."""
    rows = Enrollment.objects.active().filter(course=course)
    return (rows if course.is_test else marks.counted(rows)).count()


def _found(request, course: Course, search: SearchForm) -> dict:
    """The first people that the search finds, and how many there are."""
    if not search.is_valid():
        return {"rows": [], "found_count": 0, "is_search": False}
    people = enrolling.found_people(request.user, course, **_searched(search))
    shown = list(people[: MAX_SHOWN + 1])
    current = enrolling.enrollments_of(course, shown[:MAX_SHOWN])
    return {
        "rows": [(each, current.get(each.pk)) for each in shown[:MAX_SHOWN]],
        "found_count": people.count() if len(shown) > MAX_SHOWN else len(shown),
        "is_search": any(search.cleaned_data.values()),
    }


def _searched(search: SearchForm) -> dict:
    return {"text": search.cleaned_data["q"], "department": search.cleaned_data["department"]}


def _link_path(key: str) -> str:
    return reverse("join-course", args=[key])


def _open_values(opened) -> dict:
    return {
        "is_listed": opened.is_listed,
        "has_link": opened.link_key is not None,
        "due_days": opened.due_days,
    }


# --- Actions -------------------------------------------------------------------------------------
def _allowed_course(user, course_id: int) -> Course:
    """404 for a course of others; 403 without the permission to enrol."""
    course = own_course(user, course_id)
    if not enrolling.may_enrol(user, course):
        raise PermissionDenied
    return course


@never_cache
@login_required
@in_own_zone
@require_POST
def enrol_found(request, course_id: int):
    """Enrol the people who were ticked; with `everybody` all that the search finds."""
    course = _allowed_course(request.user, course_id)
    form = DueForm(request.POST, prefix="found")
    search = SearchForm(request.GET, departments=enrolling.departments(request.user))
    if not form.is_valid() or not search.is_valid():
        return _page(request, course, 400, due_form=form)
    found = enrolling.found_people(request.user, course, **_searched(search))
    if "everybody" not in request.POST:
        found = found.filter(pk__in=_ids(request.POST.getlist("person")))
    people = list(found[: MAX_PEOPLE + 1])
    if len(people) > MAX_PEOPLE:
        messages.error(request, _too_many())
    elif not people:
        messages.error(request, _("Choose at least one person."))
    else:
        _enrol(request, course, people, form.cleaned_data["due"])
    address = reverse("course-people", args=[course.pk])
    return redirect(f"{address}?{request.GET.urlencode()}")


def _ids(values: list[str]) -> list[int]:
    """The ids among the values; no id has more than 18 digits."""
    return [int(each) for each in values[:MAX_PEOPLE] if re.fullmatch(r"[0-9]{1,18}", each)]


@never_cache
@login_required
@in_own_zone
@require_POST
def enrol_listed(request, course_id: int):
    """Enrol the people of a pasted list; names that aren't known stay in the field."""
    course = _allowed_course(request.user, course_id)
    form = ListForm(request.POST)
    if not form.is_valid():
        return _page(request, course, 400, list_form=form)
    named = enrolling.named_people(request.user, form.cleaned_data["people"])
    if named.people:
        _enrol(request, course, named.people, form.cleaned_data["due"])
    left = [*named.unknown, *named.ambiguous]
    if not left:
        return redirect("course-people", course.pk)
    again = ListForm(initial={"people": "\n".join(left), "due": form.cleaned_data["due"]})
    return _page(request, course, 200, list_form=again, named=named)


def _enrol(request, course: Course, people: list[User], due: date | None) -> None:
    outcome = enrolling.enrol(course, request.user, people, due, timezone.now())
    for text in _outcome_texts(outcome):
        messages.success(request, text)


def _outcome_texts(outcome: Outcome) -> list[str]:
    texts = []
    if count := outcome.new:
        text = ngettext("%(count)d person enrolled.", "%(count)d people enrolled.", count)
        texts.append(text % {"count": count})
    if count := outcome.changed:
        text = ngettext(
            "%(count)d enrolment changed: due date, or taken up again.",
            "%(count)d enrolments changed: due date, or taken up again.",
            count,
        )
        texts.append(text % {"count": count})
    if count := outcome.unchanged:
        text = ngettext(
            "%(count)d person was enrolled already.",
            "%(count)d people were enrolled already.",
            count,
        )
        texts.append(text % {"count": count})
    if count := outcome.refused:
        text = ngettext(
            "%(count)d enrolment stays as it is: you may not change it.",
            "%(count)d enrolments stay as they are: you may not change them.",
            count,
        )
        texts.append(text % {"count": count})
    if count := outcome.real:
        text = ngettext(
            "%(count)d person can’t be enrolled: this is a test course, for test learners only.",
            "%(count)d people can’t be enrolled: this is a test course, for test learners only.",
            count,
        )
        texts.append(text % {"count": count})
    return texts


@never_cache
@login_required
@require_POST
def open_course(request, course_id: int):
    """Open the course for people who enrol themselves, or close it."""
    course = _allowed_course(request.user, course_id)
    form = OpenForm(request.POST)
    if not form.is_valid():
        return _page(request, course, 400, open_form=form)
    self_enrolling.set_self_enrollment(course, **form.cleaned_data)
    messages.success(request, _("Saved."))
    return redirect(reverse("course-people", args=[course.pk]) + "#open")


@never_cache
@login_required
@require_POST
def renew_link(request, course_id: int):
    course = _allowed_course(request.user, course_id)
    self_enrolling.renew_link(course)
    messages.success(request, _("There is a new link; the one before no longer works."))
    return redirect(reverse("course-people", args=[course.pk]) + "#open")


@enrollment_action
def date_enrollment(request, course, number):
    """Change the due date of one person, or take it away."""
    form = DueForm(request.POST, prefix=enrolled.due_prefix(number))
    if not form.is_valid():
        return _page(request, course, 400, due_of_one=form)
    enrollment = unenrolling.set_due(request.user, course, number, form.cleaned_data["due"])
    text = _("The due date of %(name)s was saved.")
    messages.success(request, text % {"name": enrollment.user.get_full_name()})
    return enrolled.to_page(course)
