"""The documents of an evidence packet that say, in JSON, what the learner did."""

from collections.abc import Iterator
from datetime import datetime

from certificates.models import Certificate
from progress.models import (
    Choice,
    ContentProgress,
    Enrollment,
    LearningSession,
    Question,
    QuizAttempt,
)
from progress.state.course_state import CourseState
from progress.state.structure import ContentSpec

# The units of stored positions, by the unit of the content's extent.
UNITS = {"seconds": "milliseconds", "fraction": "thousandths"}


def records(
    certificate: Certificate, enrollment: Enrollment, now: datetime
) -> Iterator[tuple[str, dict | list]]:
    """Yields the name and the content of each document."""
    state = CourseState(enrollment, now)
    yield "certificate.json", _certificate(certificate)
    yield "rules.json", certificate.rules
    yield "contents.json", _contents(certificate, state)
    yield "attempts.json", _attempts(enrollment)
    yield "sessions.json", _sessions(enrollment)


def _certificate(certificate: Certificate) -> dict:
    return {
        "number": certificate.number,
        "learner_name": certificate.learner_name,
        "user_id": certificate.user_id,
        "enrollment_id": certificate.enrollment_id,
        "course_id": certificate.course_id,
        "course_code": certificate.course_code,
        "course_title": certificate.course_title,
        "course_version": certificate.course_version,
        "time_ms": certificate.time_ms,
        "score_bp": certificate.score_bp,
        "completed_at": iso(certificate.completed_at),
        "issued_at": iso(certificate.issued_at),
        "expires_at": iso(certificate.expires_at),
    }


def _contents(certificate: Certificate, state: CourseState) -> list[dict]:
    rules = {rule["content_id"]: rule for rule in certificate.rules["contents"]}
    # What was done instead may not count itself, such as a pre-test.
    for rule in list(rules.values()):
        if "waived" in rule:
            by = rule["waived"]["by"]
            rules.setdefault(by["content_id"], by)
    found = []
    for rule in rules.values():
        content = state.structure.contents.get(rule["content_id"])
        row = state.rows.get(rule["content_id"])
        if content is not None and row is not None:
            found.append(_content(rule, content, row))
    return found


def _content(rule: dict, content: ContentSpec, row: ContentProgress) -> dict:
    return {
        "content_id": content.id,
        "code": rule["code"],
        "title": rule["title"],
        "content_type": rule["content_type"],
        "completion_source": rule["completion_source"],
        "needed_bp": rule["needed_bp"],
        "media_version": row.media_version,
        "unit": UNITS.get(content.extent_unit, content.extent_unit),
        "extent": content.extent,
        "covered": [list(span) for span in row.coverage],
        "replayed_ms": row.replayed_ms,
        "withheld_ms": row.withheld_ms,
        "time_ms": row.time_ms,
        "reported_bp": row.reported_bp,
        "best_score_bp": row.best_score_bp,
        "downloads": row.download_count,
        "completes_on_download": content.completes_on_download,
        "completed_at": iso(row.completed_at),
    }


def _attempts(enrollment: Enrollment) -> list[dict]:
    attempts = list(
        QuizAttempt.objects.filter(enrollment=enrollment)
        .prefetch_related("regrades")
        .order_by("content_id", "number")
    )
    texts = _Texts({int(question) for attempt in attempts for question in attempt.answers})
    return [_attempt(attempt, texts) for attempt in attempts]


def _attempt(attempt: QuizAttempt, texts: "_Texts") -> dict:
    right = set(attempt.right_questions or [])
    return {
        "content_id": attempt.content_id,
        "number": attempt.number,
        "started_at": iso(attempt.started_at),
        "ends_at": iso(attempt.ends_at),
        "submitted_at": iso(attempt.submitted_at),
        # By the server, when the time was over.
        "was_timed_out": attempt.was_timed_out,
        "score_bp": attempt.score_bp,
        "passed": attempt.passed,
        "right": attempt.correct_count,
        "questions": attempt.question_count,
        # Those that were drawn for it, in the order asked; null where every attempt asks all.
        "drawn": attempt.drawn_questions,
        "time_ms": attempt.time_ms,
        "answers": [
            {
                "question_id": int(question),
                "question": texts.questions.get(int(question), ""),
                "revision": revision,
                # Events name choices by these ids, in pairs where they were matched; else as typed.
                "chosen_ids": choices,
                "chosen": [texts.of(part) for part in choices],
                # The right choice is left out: who may see it depends on the reader and the time.
                "is_right": int(question) in right if attempt.submitted_at else None,
                "time_ms": attempt.question_ms.get(question, 0),
            }
            for question, (revision, choices) in sorted(attempt.answers.items())
        ],
        "regrades": [
            {
                "score_before_bp": each.score_before_bp,
                "score_after_bp": each.score_after_bp,
                "reason": each.reason,
                "regraded_at": iso(each.regraded_at),
            }
            for each in attempt.regrades.all()
        ],
    }


class _Texts:
    """The texts of questions and choices at the time of sealing."""

    def __init__(self, questions: set[int]):
        found = Question.objects.filter(pk__in=questions)
        self.questions = dict(found.values_list("pk", "text"))
        offered = Choice.objects.filter(question__in=questions)
        self.choices = dict(offered.values_list("pk", "text"))

    def of(self, part: int | str | list[int]) -> str:
        """A part of an answer: a choice, a pair of them, or what was typed."""
        if isinstance(part, list):
            return ": ".join(map(self.of, part))
        return part if isinstance(part, str) else self.choices.get(part, str(part))


def _sessions(enrollment: Enrollment) -> list[dict]:
    sessions = LearningSession.objects.filter(enrollment=enrollment).order_by("start_time", "pk")
    return [
        {
            "session_id": str(session.session_id),
            "device": session.device_id,
            "start": iso(session.start_time),
            "end": iso(session.end_time),
            "end_reason": session.end_reason or None,
            "last_activity_at": iso(session.last_activity_at),
            "active_ms": session.active_ms,
            "idle_ms": session.idle_ms,
            "distractions": session.distractions,
        }
        for session in sessions
    ]


def iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
