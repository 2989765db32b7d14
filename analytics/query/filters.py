"""The filters of a dashboard; they are in the address, so that a view can be shared."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, TypeGuard

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Count, Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from progress.models import Enrollment, User, marks
from progress.validation.usernames import normalized

from .minimum_sample import MIN_SAMPLE
from .scope import SeenCourses

USUAL_DAYS = 28
# Courses by id, with their titles. All learners of these are meant, unless they are `SeenCourses`.
Titles = Mapping[int, str]
# The filters of a period, of the present state, and of the state at the end of a day.
AS_OF_NOW = ("course", "department", "cohort")
OF_A_DAY = (*AS_OF_NOW, "until")
EVERYTHING = (*AS_OF_NOW, "since", "until")
Choices = Sequence[tuple[Any, Any]]
MAX_DAYS = 366


@dataclass(frozen=True, slots=True)
class Period:
    """Days, the first and last included; with the same number of days before, to compare with."""

    since: date
    until: date

    @property
    def days(self) -> int:
        return (self.until - self.since).days + 1

    @property
    def before(self) -> "Period":
        last = self.since - timedelta(days=1)
        return Period(last - timedelta(days=self.days - 1), last)

    def contains(self, moment: str) -> Q:
        """Whether a row's `moment`, say `opened_at`, is on one of these days in the reader's
        time zone."""
        first, end = midnight(self.since), midnight(self.until + timedelta(days=1))
        return Q(**{f"{moment}__gte": first, f"{moment}__lt": end})


class _Day(UnfoldAdminTextInputWidget):
    input_type = "date"

    def format_value(self, value):
        return value.isoformat() if isinstance(value, date) else value


class _Month(_Day):
    input_type = "month"

    def format_value(self, value):
        return f"{value:%Y-%m}" if isinstance(value, date) else value


# Days that leave room for a period before them.
SENSIBLE = [MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2999, 12, 31))]


@dataclass(frozen=True, slots=True)
class ExtraFilter:
    """A filter that only some reports have: its choices, or a function that finds them for the
    reader's courses; None accepts any text.

    `everything` is the label of no filter, `kind` the type of a choice; `summary` says what a value
    means where it doesn't say so itself, as in `%(value)s h this week`.
    """

    label: Any
    everything: Any
    choices: Choices | Callable[[Titles], Choices] | None
    kind: type = str
    summary: Any = "%(value)s"

    @property
    def fixed_choices(self) -> list[str]:
        """The values to choose from; none for any text, or if courses decide."""
        choices = () if callable(self.choices) else self.choices or ()
        return [str(key) for key, _label in choices]

    def field(self, courses: Titles) -> forms.Field:
        if self.choices is None:
            text = UnfoldAdminTextInputWidget()
            return forms.CharField(label=self.label, required=False, max_length=150, widget=text)
        choices = self.choices(courses) if callable(self.choices) else self.choices
        return forms.TypedChoiceField(
            label=self.label,
            required=False,
            choices=[("", self.everything), *choices],
            coerce=self.kind,
            empty_value=None,
            widget=UnfoldAdminSelectWidget(),
        )


ExtraFilters = Mapping[str, ExtraFilter]
# One learner by user name; applied by `Filters.of_learner`.
LEARNER = {"learner": ExtraFilter(_("User name"), "", None)}


class GroupForm(forms.Form):
    """A course and a department. Departments are offered only if they have enough people."""

    course = forms.TypedChoiceField(
        required=False,
        label=_("Course"),
        coerce=int,
        empty_value=None,
        widget=UnfoldAdminSelectWidget(),
    )
    department = forms.ChoiceField(
        required=False, label=_("Department"), widget=UnfoldAdminSelectWidget()
    )

    def offer_courses(self, courses: Titles) -> None:
        self.fields["course"].choices = [("", _("All courses")), *courses.items()]

    def offer_departments(self, courses: Titles) -> None:
        names = [(name, name) for name in departments(courses)]
        self.fields["department"].choices = [("", _("All departments")), *names]


class FilterForm(GroupForm):
    """Empty fields filter nothing."""

    cohort = forms.DateField(
        required=False,
        label=_("Enrolled in"),
        input_formats=["%Y-%m"],
        widget=_Month(),
        validators=SENSIBLE,
    )
    since = forms.DateField(required=False, label=_("From"), widget=_Day(), validators=SENSIBLE)
    until = forms.DateField(required=False, label=_("To"), widget=_Day(), validators=SENSIBLE)

    def __init__(
        self,
        query: QueryDict,
        courses: Titles,
        *,
        has_course: bool = True,
        allowed: Collection[str] = EVERYTHING,
        extra: ExtraFilters | None = None,
    ):
        super().__init__(query)
        if allowed == OF_A_DAY:
            self.fields["until"].label = _("On")
        for name in set(EVERYTHING) - {*allowed, "course", "department"}:
            del self.fields[name]
        self._seen = courses
        self._courses = courses if has_course else {}
        if has_course:
            self.offer_courses(courses)
        else:
            del self.fields["course"]
        if "department" in allowed:
            self.offer_departments(courses)
        else:
            del self.fields["department"]
        self._extra = {name: each.field(courses) for name, each in (extra or {}).items()}
        self._summaries = {name: each.summary for name, each in (extra or {}).items()}
        self.fields |= self._extra

    def clean(self):
        cleaned = super().clean()
        today = timezone.localdate()
        until = cleaned.get("until") or today
        since = cleaned.get("since") or until - timedelta(days=USUAL_DAYS - 1)
        if since > until:
            self.add_error("since", ValidationError(_("It starts after it ends.")))
        elif (until - since).days >= MAX_DAYS:
            self.add_error("since", ValidationError(_("At most a year.")))
        else:
            cleaned["period"] = Period(since, until)
        return cleaned

    @property
    def summary(self) -> str:
        """The filters in one line: `Fire safety · Care · 1 Mar 2026 – 31 Mar 2026`."""
        cleaned = self.cleaned_data
        course = cleaned.get("course")
        titles = [self._courses[course]] if course else list(self._courses.values())
        words = titles if len(titles) == 1 else []
        if is_limited(self._seen):
            words.append(_("Team of %(name)s") % {"name": self._seen.reader.get_full_name()})
        if cleaned.get("department"):
            words.append(cleaned["department"])
        if cohort := cleaned.get("cohort"):
            month = date_format(cohort, "YEAR_MONTH_FORMAT")
            words.append(_("Enrolled in %(month)s") % {"month": month})
        for name, each in self._extra.items():
            if (value := cleaned.get(name)) not in (None, ""):
                text = dict(getattr(each, "choices", ())).get(value, value)
                words.append(str(self._summaries[name] % {"value": text}))
        period = cleaned.get("period") or usual_period()
        if "since" in self.fields:
            words.append(f"{_day(period.since)} – {_day(period.until)}")
        elif "until" in self.fields:
            words.append(_("At the end of %(day)s") % {"day": _day(period.until)})
        return " · ".join(words)


def _day(day: date) -> str:
    return date_format(day, "j M Y")


def usual_period() -> Period:
    today = timezone.localdate()
    return Period(today - timedelta(days=USUAL_DAYS - 1), today)


def is_limited(courses: Titles | None) -> TypeGuard[SeenCourses]:
    """Whether only a team of some of these courses' learners is meant."""
    return isinstance(courses, SeenCourses) and courses.is_limited


def departments(courses: Titles) -> list[str]:
    """The departments of the courses' learners that are large enough to be compared."""
    enrolled = Enrollment.objects.active().filter(course__in=list(courses))
    if is_limited(courses):
        enrolled = enrolled.filter(courses.learners("course", "user"))
    people = marks.counted(User.objects.filter(pk__in=enrolled.values("user_id")))
    people = people.exclude(department="")
    counted = people.values("department").annotate(count=Count("pk")).order_by("department")
    return list(counted.filter(count__gte=MIN_SAMPLE).values_list("department", flat=True))


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters that were asked for and are valid; the form knows what is wrong with the
    others."""

    form: FilterForm
    courses: Titles
    department: str
    cohort: date | None  # the first day of the month of enrolment
    period: Period
    extra: Mapping[str, Any] = field(default_factory=dict)  # filters that only one report has

    def of_learner(self, rows: QuerySet) -> QuerySet:
        """These rows, for the learner asked for only, if one was."""
        name = self.extra.get("learner")
        if not name:
            return rows
        return rows.filter(Q(user__username_key=normalized(name)) | Q(user__username=name))

    @property
    def is_limited(self) -> bool:
        """Whether the reader sees only their team of some of these courses."""
        return is_limited(self.courses)

    @property
    def is_group(self) -> bool:
        """Whether only some of the courses' learners are meant."""
        return bool(self.department or self.cohort) or self.is_limited

    def seen(self, rows: QuerySet, *, course: str = "course", user: str = "user") -> QuerySet:
        """The rows of the chosen courses that are about learners that the reader sees, whatever
        the other filters.

        Rows of test learners are none of them: not here, and not in what is added up beforehand.
        """
        rows = rows.filter(**{f"{course}__in": list(self.courses)})
        if rows.model._meta.app_label == "progress":
            rows = marks.counted(rows, learner=f"{user}_id")
        if is_limited(self.courses):
            rows = rows.filter(self.courses.learners(course, user))
        return rows

    def apply(
        self,
        rows: QuerySet,
        *,
        course: str = "course",
        user: str = "user",
        enrolled_at: str = "enrollment__enrolled_at",
    ) -> QuerySet:
        """The rows of the chosen courses, department and cohort, and of learners that the reader
        sees; the arguments are lookups from a row to its course, user and enrolment."""
        rows = self.seen(rows, course=course, user=user)
        if self.department:
            rows = rows.filter(**{f"{user}__department": self.department})
        if self.cohort:
            first, end = (midnight(day) for day in (self.cohort, _next_month(self.cohort)))
            rows = rows.filter(**{f"{enrolled_at}__gte": first, f"{enrolled_at}__lt": end})
        return rows


def midnight(day: date) -> datetime:
    """When a day begins in the reader's time zone."""
    return datetime.combine(day, time.min, timezone.get_current_timezone())


def _next_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def _chosen(courses: Titles, course: int) -> Titles:
    if isinstance(courses, SeenCourses):
        return courses.only(course)
    return {course: courses[course]}


def filters_from(
    query: QueryDict,
    courses: Titles,
    *,
    has_course: bool = True,
    allowed: Collection[str] = EVERYTHING,
    extra: ExtraFilters | None = None,
) -> Filters:
    """The filters in `query`. `courses` are those the reader may see; no filter leads beyond them.

    `allowed` are the filters that apply; the form has no others.
    """
    form = FilterForm(query, courses, has_course=has_course, allowed=allowed, extra=extra)
    form.is_valid()
    cleaned = form.cleaned_data
    course = cleaned.get("course")
    return Filters(
        form=form,
        courses=_chosen(courses, course) if course else courses,
        department=cleaned.get("department") or "",
        cohort=cleaned.get("cohort"),
        period=cleaned.get("period") or usual_period(),
        extra={name: cleaned[name] for name in extra or () if cleaned.get(name) not in (None, "")},
    )
