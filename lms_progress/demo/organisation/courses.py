"""The organisation's courses as documents, and what is hard in them. The same every time."""

from dataclasses import dataclass
from random import Random

PREFIX = "org-"
QUESTIONS = 5


@dataclass(frozen=True, slots=True)
class Subject:
    """A course: the departments it is for (None: all), when they start, and who teaches it."""

    code: str
    title: str
    departments: tuple[str, ...] | None
    starts_in_week: int
    instructor: str
    chapters: tuple[str, ...]


DEPARTMENTS = ("Warehouse", "Production", "Sales", "Service", "Office")
SUBJECTS = (
    Subject(
        f"{PREFIX}height",
        "Working at height",
        None,
        0,
        "org-ines",
        ("Ladders", "Scaffolds and lifts", "When someone falls"),
    ),
    Subject(
        f"{PREFIX}data",
        "Looking after personal data",
        None,
        2,
        "org-bruno",
        ("What is personal", "Sharing and keeping", "A leak, and what to do"),
    ),
    Subject(
        f"{PREFIX}lifting",
        "Lifting and carrying",
        ("Warehouse", "Production"),
        4,
        "org-ines",
        ("Backs", "Loads", "Machines that lift"),
    ),
    Subject(
        f"{PREFIX}customers",
        "Difficult conversations",
        ("Sales", "Service", "Office"),
        4,
        "org-bruno",
        ("Listening", "Saying no", "Complaints"),
    ),
)


@dataclass(frozen=True, slots=True)
class Hard:
    """A passage that many learners replay, and the question about it."""

    from_ms: int
    to_ms: int
    quiz: str
    question: int


def document(subject: Subject) -> dict:
    """The course as `replace_course` takes it."""
    return {
        "code": subject.code,
        "title": subject.title,
        "description": "A course of the demonstration's organisation.",
        "instructors": [subject.instructor],
        "modules": [_module(subject, number) for number in range(1, len(subject.chapters) + 1)],
    }


def durations(subject: Subject, chapter: int) -> tuple[int, int]:
    """The durations of a chapter's two films, in whole seconds."""
    dice = Random(f"{subject.code}:{chapter}")
    return dice.randint(140, 300), dice.randint(100, 240)


def hard(subject: Subject, chapter: int) -> Hard:
    """The hard passage lies in a chapter's first film."""
    dice = Random(f"{subject.code}:{chapter}:hard")
    at = dice.randint(30, durations(subject, chapter)[0] - 60) * 1000
    length = dice.randint(20, 40) * 1000
    return Hard(at, at + length, f"quiz-{chapter}", dice.randrange(QUESTIONS))


def difficulty(subject: Subject, chapter: int, question: int) -> float:
    """How hard a question is, on the scale of the learners' abilities."""
    base = Random(f"{subject.code}:{chapter}:{question}").uniform(-2.2, 0.2)
    return base + (1.2 if question == hard(subject, chapter).question else 0.0)


def _module(subject: Subject, chapter: int) -> dict:
    title = subject.chapters[chapter - 1]
    first, second = durations(subject, chapter)
    dice = Random(f"{subject.code}:{chapter}:pages")
    contents = [
        {"code": f"film-{chapter}a", "title": title, "content_type": "video"}
        | {"duration_seconds": first},
        {
            "code": f"paper-{chapter}",
            "title": f"{title}: the rules",
            "content_type": "document",
            "page_count": dice.randint(4, 8),
        },
        {"code": f"film-{chapter}b", "title": f"{title}: in practice", "content_type": "video"}
        | {"duration_seconds": second},
        {
            "code": f"talk-{chapter}",
            "title": f"{title}: a conversation",
            "content_type": "audio",
            "duration_seconds": 300,
            "required": False,
        },
        _quiz(subject, chapter),
    ]
    for each in contents:
        each["skills"] = [title]
    return {"code": f"chapter-{chapter}", "title": title, "contents": contents}


def _quiz(subject: Subject, chapter: int) -> dict:
    return {
        "code": f"quiz-{chapter}",
        "title": f"{subject.chapters[chapter - 1]}: questions",
        "content_type": "quiz",
        "pass_percentage": 60,
        "prerequisites": [f"film-{chapter}a"],
        "questions": [
            {
                "code": f"q{number}",
                "text": f"Question {number} about {subject.chapters[chapter - 1].lower()}",
                "choices": [
                    {"text": "What the film says", "correct": True},
                    {"text": "What is often thought"},
                    {"text": "What used to be right"},
                ],
            }
            for number in range(1, QUESTIONS + 1)
        ],
    }
