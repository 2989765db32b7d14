"""Questions and attempts at quizzes, as tables."""

from django.db.models import Count, F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from analytics.models import QuestionRollup
from analytics.query.figures import share
from analytics.query.filters import LEARNER, ExtraFilter
from analytics.query.minimum_sample import is_enough
from analytics.query.people import learner_url
from analytics.query.quiz import discrimination, median_seconds
from analytics.reporting import columns
from analytics.reporting.report import Column, Kind, Report, ReportQuery, Rows
from progress.models import QuizAttempt

GROUP = _("Engagement")


def _questions(query: ReportQuery) -> Rows:
    """Over all submitted attempts: questions aren't counted by department or month."""
    rows = QuestionRollup.objects.filter(
        content__module__course__in=list(query.filters.courses),
        question__retired_at=None,
        content__retired_at=None,
    ).select_related("question", "content__module__course")
    return [_question(row) for row in rows.order_by("content__module__course__title", "pk")]


def _question(row: QuestionRollup) -> tuple:
    learners, content = row.first_answers, row.content
    names = (row.pk, row.question.text, content.title, content.module.course.title)
    if not is_enough(learners):
        return (*names, learners, *[None] * 4, content.pk)
    return (
        *names,
        learners,
        share(row.first_right, learners),
        share(row.right, row.answers),
        discrimination(row),
        median_seconds(row.seconds),
        content.pk,
    )


QUESTIONS = Report(
    slug="questions",
    title=_("Questions"),
    group=GROUP,
    description=_("How hard each question is, how well it discriminates, and how long it takes."),
    columns=[
        Column("question_id", _("Number"), Kind.NUMBER, off_page=True),
        Column("question", _("Question")),
        columns.QUIZ,
        columns.COURSE,
        Column("learners", _("Learners"), Kind.NUMBER, _("Who answered it in a first attempt.")),
        Column("first_right_percent", _("Correct on the first try"), Kind.PERCENT),
        Column("right_percent", _("Correct overall"), Kind.PERCENT, _("Over all attempts.")),
        Column(
            "discrimination",
            _("Discrimination"),
            Kind.NUMBER,
            _("Correlation with the other answers of the first attempt, −1 to 1."),
        ),
        Column("median_seconds", _("Median time"), Kind.SECONDS),
    ],
    rows=_questions,
    filters=("course",),
    to_row=lambda row: row[:-1],
    link=lambda row: reverse("admin:insight-content", args=[row[-1]]),
)


def _attempts(query: ReportQuery) -> Rows:
    rows = QuizAttempt.objects.filter(query.filters.period.contains("submitted_at"))
    if (passed := query.filters.extra.get("result")) is not None:
        rows = rows.filter(passed=passed == "passed")
    return (
        query.filters.of_learner(query.filters.apply(rows, course="enrollment__course"))
        .order_by("-submitted_at", "pk")
        .values_list(
            "pk",
            "user__full_name",
            "user__username",
            "user__department",
            "content__title",
            "enrollment__course__title",
            "number",
            "started_at",
            "submitted_at",
            "time_ms",
            "question_count",
            "correct_count",
            "score_bp",
            "passed",
            F("enrollment__course_id"),
            "user_id",
        )
    )


def _attempt(row: tuple) -> tuple:
    pk, name, username, *details = row[:9]
    time_ms, questions, correct, score_bp, passed = row[9:14]
    each = time_ms // questions // 1000 if questions else None
    return (
        pk,
        name or username,
        username,
        *details,
        time_ms // 1000,
        each,
        questions,
        correct,
        None if score_bp is None else score_bp / 100,
        passed,
    )


ATTEMPTS = Report(
    slug="attempts",
    for_managers=True,
    title=_("Quiz attempts"),
    group=GROUP,
    description=_("Every attempt that was submitted in this period, with its active time."),
    columns=[
        Column("attempt_id", _("Number"), Kind.NUMBER, off_page=True),
        columns.LEARNER,
        columns.USERNAME,
        columns.DEPARTMENT,
        columns.QUIZ,
        columns.COURSE,
        Column("number", _("Attempt"), Kind.NUMBER),
        Column("started_at", _("Started"), Kind.MOMENT, off_page=True),
        Column("submitted_at", _("Submitted"), Kind.MOMENT),
        columns.ACTIVE_TIME,
        Column("seconds_a_question", _("Per question"), Kind.SECONDS),
        Column("questions", _("Questions"), Kind.NUMBER),
        Column("right", _("Right"), Kind.NUMBER),
        Column("score_percent", _("Score"), Kind.PERCENT),
        Column("passed", _("Passed"), Kind.FLAG),
    ],
    rows=_attempts,
    extra_filters={
        "result": ExtraFilter(
            _("Result"),
            _("All results"),
            [("passed", _("Passed")), ("failed", _("Not passed"))],
        )
    }
    | LEARNER,
    to_row=_attempt,
    link=lambda row: learner_url(row[-2], row[-1]),
)

BAND_BP = 1000
FULL_BP = 10_000


def _scores(query: ReportQuery) -> Rows:
    """For each quiz a row for each tenth of the score; 100 % has a row of its own.

    A quiz that fewer than five people took has one row without a score.
    """
    rows = QuizAttempt.objects.filter(
        query.filters.period.contains("submitted_at"), score_bp__isnull=False
    )
    rows = query.filters.apply(rows, course="enrollment__course")
    names = ("content_id", "content__title", "enrollment__course__title")
    quizzes = (
        rows.order_by("enrollment__course__title", "content__title", "content_id")
        .values_list(*names)
        .annotate(people=Count("user", distinct=True))
    )
    bands: dict[int, dict[int, tuple]] = {}
    counted = (
        rows.order_by()
        .values_list("content_id", F("score_bp") / BAND_BP)
        .annotate(
            attempts=Count("pk"),
            first=Count("pk", filter=Q(number=1)),
            people=Count("user", distinct=True),
        )
    )
    for content, band, *figures in counted:
        bands.setdefault(content, {})[band] = tuple(figures)
    found = []
    for content, quiz, course, people in quizzes:
        if is_enough(people):
            for band in range(FULL_BP // BAND_BP + 1):
                figures = bands[content].get(band, (0, 0, 0))
                found.append((content, quiz, course, *_band(band), *figures))
        else:
            found.append((content, quiz, course, None, None, None, None, people))
    return found


def _band(band: int) -> tuple[int, int]:
    """Its lowest and highest whole percent."""
    low = band * BAND_BP // 100
    return low, min(low + BAND_BP // 100 - 1, 100) if low < 100 else 100


SCORES = Report(
    slug="scores",
    title=_("Distribution of scores"),
    group=GROUP,
    description=_("How many attempts at each quiz reached which score in this period."),
    columns=[
        Column("content_id", _("Number"), Kind.NUMBER, off_page=True),
        columns.QUIZ,
        columns.COURSE,
        Column("from_percent", _("Score from"), Kind.PERCENT),
        Column("to_percent", _("to"), Kind.PERCENT, _("And less than the next row's.")),
        Column("attempts", _("Attempts"), Kind.NUMBER),
        Column("first_attempts", _("First attempts"), Kind.NUMBER),
        Column("learners", _("Learners"), Kind.NUMBER, _("Who had such an attempt.")),
    ],
    rows=_scores,
    link=lambda row: reverse("admin:insight-content", args=[row[0]]),
)

REPORTS = (QUESTIONS, ATTEMPTS, SCORES)
