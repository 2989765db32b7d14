"""The admin: rows in every table of `progress`, people who may see them, pages and forms."""

import csv
import io
import re
import uuid
from datetime import timedelta

from django.apps import apps
from django.contrib.auth.models import Permission
from django.urls import reverse

from progress.models import (
    Accommodation,
    Choice,
    Content,
    ContentInteraction,
    Course,
    Drift,
    Enrollment,
    Erasure,
    EvidenceExport,
    Job,
    LearningSession,
    Module,
    OutboxMessage,
    OutgoingMail,
    OutsideCompletion,
    PastSpans,
    Question,
    QuizAttempt,
    Regrade,
    SetAside,
    User,
    Waiver,
)
from tests.factories import (
    NOON,
    a_course_of,
    a_learner,
    a_session,
    an_instructor,
    content,
    report,
)
from tests.support.outside import elsewhere

# Notes for machines, not for people: a key's details are shown with the key. A person's own notes,
# reminders and devices are nobody else's. What is indexed is read from files.
WITHOUT_PAGE = {
    *("RowChange", "KeptAnswer", "KeyDetails", "IndexedContent", "Passage"),
    *("Note", "StudyReminder", "SignIn", "OwnDataCopy"),
}
MODELS = [
    model
    for model in apps.get_app_config("progress").get_models()
    if model.__name__ not in WITHOUT_PAGE
]
CATALOGUE = [Course, Module, Content, Question, Choice]
WRITTEN_BY_PEOPLE = [*CATALOGUE, User, Enrollment, OutsideCompletion, Accommodation]
WRITTEN_BY_INGEST = [model for model in MODELS if model not in WRITTEN_BY_PEOPLE]
OPERATION = [Job, SetAside, Drift, EvidenceExport, OutboxMessage, OutgoingMail, Erasure]
OF_A_COURSE = [model for model in MODELS if model not in OPERATION]
EMBED = {"content_type": "embed", "completion_source": "reported", "title": "A walk"}
VIDEO = {"content_type": "video", "title": "Fire doors", "duration_seconds": 60}
QUIZ = {
    "content_type": "quiz",
    "title": "What to do",
    "questions": [
        {"code": "q1", "text": "First?", "choices": [{"text": "a", "correct": True}, {"text": "b"}]}
    ],
}


def label(model) -> str:
    return model.__name__


def page(model, view: str = "changelist", *args) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{view}", args=args)


def complete_a_course() -> LearningSession:
    """A learner completes a new course: at least a row in every table."""
    course = a_course_of(EMBED, QUIZ)
    session = a_session(course, a_learner(course))
    quiz = content(course, "c2")
    question = quiz.questions.get()
    seen = {
        "content_id": content(course, "c1").pk,
        "interaction_type": "progress",
        "completion_percentage": 100,
        "duration_seconds": 15,
        "event_id": str(uuid.uuid4()),
    }
    answered = {
        "content_id": quiz.pk,
        "interaction_type": "answer",
        "question_id": question.pk,
        "answer": [question.choices.get(text="a").pk],
    }
    submitted = {"content_id": quiz.pk, "interaction_type": "submit"}
    report(session, seen, answered, submitted, now=NOON + timedelta(seconds=60))
    make_operation_rows(session)
    return session


def make_operation_rows(session: LearningSession) -> None:
    """A row in every table that jobs and staff write, for a learner's session."""
    number = session.enrollment_id
    Regrade.objects.create(
        attempt=QuizAttempt.objects.get(enrollment=number),
        user_id=session.user_id,
        score_before_bp=0,
        score_after_bp=10_000,
        reason="The key was wrong.",
        regraded_at=NOON,
    )
    first, second = Content.objects.filter(module__course=session.course_id)
    Waiver.objects.create(
        enrollment_id=number,
        user_id=session.user_id,
        content=first,
        because=second,
        reason=Waiver.Reason.ALTERNATIVE,
        granted_at=NOON,
        declined_at=NOON,
    )
    elsewhere(session.course, session.user)
    Accommodation.objects.create(user_id=session.user_id, quiz_time_percent=150)
    OutgoingMail.objects.create(kind="reminder", key=str(number), created_at=NOON, retry_at=NOON)
    PastSpans.objects.create(enrollment_id=number, user_id=session.user_id)
    Job.objects.create(name=f"tests.job_{number}", started_at=NOON)
    SetAside.objects.create(job=f"tests.job_{number}", row=number, error="", set_aside_at=NOON)
    Drift.objects.create(enrollment_id=number, what="time", stored="1", fresh="2", found_at=NOON)
    Erasure.objects.create(requested_at=NOON)
    EvidenceExport.objects.create(
        partition="month", file=str(number), rows=0, sha256="", exported_at=NOON
    )


def rows_of(model, course: Course):
    """The model's rows that belong to a course."""
    lookup = {
        Course: "pk",
        Module: "course",
        Content: "module__course",
        Question: "content__module__course",
        Choice: "question__content__module__course",
        User: "enrollments__course",
        Enrollment: "course",
        Accommodation: "user__enrollments__course",
        LearningSession: "course",
        OutsideCompletion: "course",
        ContentInteraction: "enrollment__course",
    }
    names = {field.name for field in model._meta.get_fields()}
    default = "attempt__enrollment__course" if "attempt" in names else "enrollment__course"
    return model.objects.filter(**{lookup.get(model, default): course.pk})


def a_staff_member(*permissions: str, teaches=()) -> User:
    """Staff with these permissions, such as "view_course", who teach these courses."""
    person = an_instructor(*teaches)
    person.user_permissions.set(
        Permission.objects.filter(content_type__app_label="progress", codename__in=permissions)
    )
    return person


def an_instructor_who_may_read(*courses: Course) -> User:
    return a_staff_member(*(f"view_{model._meta.model_name}" for model in MODELS), teaches=courses)


def text_of(answer) -> str:
    """The text of a page: without markup, in single spaces."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def form_of(answer) -> dict:
    """The data that a browser would send for a form as it is shown."""
    forms = [answer.context["adminform"].form]
    for inline in answer.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    sent = {}
    for form in forms:
        for field in form:
            value = field.value()
            if hasattr(field.field.widget, "decompress"):
                parts = field.field.widget.decompress(value)
                sent |= {f"{field.html_name}_{n}": part for n, part in enumerate(parts) if part}
            elif value is not None and value is not False:
                sent[field.html_name] = value
    return sent


def save(window, row, **changes):
    address = page(type(row), "change", row.pk)
    shown = window.get(address)
    answer = window.post(address, form_of(shown) | changes)
    row.refresh_from_db()
    return answer


def choose(window, action: str, *rows):
    return window.post(
        page(type(rows[0])), {"action": action, "_selected_action": [row.pk for row in rows]}
    )


def shown(window, model) -> set:
    """The keys of all rows of a list, as the window's user sees it."""
    answer = window.get(page(model), {"all": ""})
    return {row.pk for row in answer.context["cl"].result_list}


def keys(rows) -> set:
    return set(rows.values_list("pk", flat=True))


def csv_rows(answer) -> list[dict]:
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def sources(answer, directive: str) -> set[str]:
    """The sources that the response's content security policy allows."""
    parts = answer.headers["Content-Security-Policy"].split(";")
    return set(next(words[1:] for words in map(str.split, parts) if words[0] == directive))
