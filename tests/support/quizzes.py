"""A quiz that is answered and submitted by events."""

from datetime import timedelta

from progress.models import ContentProgress
from tests.factories import NOON, a_course_of, a_session, content, report


def at(seconds: float):
    return NOON + timedelta(seconds=seconds)


class Quiz:
    """A quiz of four questions and a session at it."""

    def __init__(self, **changes):
        document = {
            "content_type": "quiz",
            "pass_percentage": 75,
            "questions": [
                {
                    "code": f"q{number}",
                    "text": "?",
                    "choices": [
                        {"text": "right", "correct": True},
                        {"text": "wrong"},
                        {"text": "also right", "correct": True},
                    ],
                }
                for number in range(4)
            ],
        } | changes
        self.course = a_course_of(document)
        self.content = content(self.course, "c1")
        self.session = a_session(self.course)
        self.questions = list(self.content.questions.all())
        self.clock = 0

    def choices(self, question, *texts):
        return [choice.pk for choice in question.choices.all() if choice.text in texts]

    def answer(self, number, *texts, session=None, **more):
        question = self.questions[number]
        return self.send(
            {
                "interaction_type": "answer",
                "question_id": question.pk,
                "answer": self.choices(question, *texts),
                **more,
            },
            session=session,
        )

    def submit(self, **more):
        return self.send({"interaction_type": "submit", **more})

    def send(self, event, session=None):
        self.clock += 10
        receipt = report(
            session or self.session, {"content_id": self.content.pk} | event, now=at(self.clock)
        )
        return receipt.outcomes[0].as_payload()

    def answer_all(self, right: int, **more):
        for number in range(4):
            texts = ("right", "also right") if number < right else ("wrong",)
            self.answer(number, *texts, **more)

    @property
    def row(self):
        return ContentProgress.objects.get(content=self.content)
