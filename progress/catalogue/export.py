"""A stored course as a course document, with its ids."""

from django.db.models import Prefetch

from progress.models import Choice, Content, Course, Module, Question
from progress.rules.grading import shuffled

from .questions import by_correct_choices


def course_document(course: Course, *, is_author: bool) -> dict:
    """The course document. Only an author gets hidden contents, correct choices and instructors.

    Takes six statements, however large the course is.
    """
    return {
        "id": course.pk,
        "code": course.code,
        "title": course.title,
        "description": course.description,
        "plausibility": course.plausibility,
        "path": course.path,
        **(
            {"instructors": sorted(course.instructors.values_list("username", flat=True))}
            if is_author
            else {}
        ),
        "structure_version": course.structure_version,
        "is_test": course.is_test,
        "modules": [
            {
                "id": module.pk,
                "code": module.code,
                "title": module.title,
                "contents": [_content(content, is_author) for content in module.contents.all()],
            }
            for module in _modules(course, is_author)
        ],
    }


def _modules(course: Course, is_author: bool):
    contents = Content.objects.active()
    if not is_author:
        contents = contents.filter(hidden=False)
    questions = (
        Question.objects.active()
        .select_related("taught_in")
        .prefetch_related(Prefetch("choices", Choice.objects.active()))
    )
    contents = contents.prefetch_related(
        Prefetch("questions", questions), "prerequisites", "waives"
    )
    return (
        Module.objects.active()
        .filter(course=course)
        .prefetch_related(Prefetch("contents", contents))
    )


def _content(content: Content, is_author: bool) -> dict:
    document = {
        "id": content.pk,
        "code": content.code,
        "title": content.title,
        "content_type": content.content_type,
        "url": content.url,
        "duration_seconds": None if content.duration_ms is None else content.duration_ms / 1000,
        "page_count": content.page_count,
        "reading_seconds": content.reading_seconds,
        "required": content.required,
        "weight": content.weight,
        "complete_at": _percentage(content.complete_at_bp),
        "skills": content.skills,
        "hidden": content.hidden,
        "release_at": content.release_at,
        "prerequisites": [needed.code for needed in content.prerequisites.all()],
        "completion_source": "reported" if content.is_reported else None,
        "media_version": content.media_version,
        "completes_on": _completes_on(content),
        "view_seconds": content.view_seconds,
        "pass_percentage": _percentage(content.pass_bp),
        "max_attempts": content.max_attempts,
        "time_limit_minutes": _minutes(content.time_limit_seconds),
        "grace_minutes": _minutes(content.grace_seconds),
        "shuffle_questions": content.shuffles_questions,
        "shuffle_choices": content.shuffles_choices,
        "pools": content.pools,
        "waives": [spared.code for spared in content.waives.all()],
        "alternative_group": content.alternative_group,
        "remedial": content.is_remedial,
    }
    if content.content_type == Content.Type.QUIZ:
        # What an attempt draws, or has a limited time for, can't be read before it begins.
        is_shown = is_author or not (content.pools or content.time_limit_seconds)
        questions = content.questions.all() if is_shown else ()
        document["questions"] = [_question(each, is_author) for each in questions]
    return document


def _question(question: Question, is_author: bool) -> dict:
    choices = list(question.choices.all())
    document = {
        "id": question.pk,
        "code": question.code,
        "question_type": question_type(question, choices),
        "text": question.text,
        "image": question.image,
        "image_alt": question.image_alt,
    }
    if is_author:
        return document | {
            "tolerance": question.tolerance,
            "pool": question.pool,
            "explanation": question.explanation,
            "taught_in": question.taught_in.code if question.taught_in else None,
            "taught_at": question.taught_at,
            "choices": [_own_choice(each) for each in choices],
        }
    return document | {"choices": _offered(document["question_type"], choices)}


def question_type(question: Question, choices: list[Choice]) -> str:
    return question.question_type or by_correct_choices(sum(each.is_correct for each in choices))


def _choice(choice: Choice) -> dict:
    return {
        "id": choice.pk,
        "code": choice.code,
        "text": choice.text,
        "image": choice.image,
        "image_alt": choice.image_alt,
    }


def _own_choice(choice: Choice) -> dict:
    """A choice as its author reads it."""
    return _choice(choice) | {
        "correct": choice.is_correct,
        "match": choice.match_code,
        "explanation": choice.explanation,
    }


def _offered(question_type: str, choices: list[Choice]) -> list[dict]:
    """What a learner may see: neither the right order, nor what is accepted; of a matching
    question, `is_prompt` says what is to be matched."""
    if question_type in Question.TYPED:
        return []
    if question_type not in Question.ARRANGED:
        return [_choice(each) for each in choices]
    by_id = {each.pk: each for each in choices}
    return [
        {"id": pk, "code": None, "text": by_id[pk].text}
        | (
            {"is_prompt": bool(by_id[pk].match_code)}
            if question_type == Question.Type.MATCHING
            else {}
        )
        for pk in shuffled(list(by_id))
    ]


def _completes_on(content: Content) -> str | None:
    if content.view_seconds is not None:
        return "view"
    if content.completes_on_confirmation:
        return "confirmation"
    if content.completes_on_score:
        return "score"
    return "download" if content.completes_on_download else None


def _minutes(seconds: int | None) -> int | None:
    return None if seconds is None else seconds // 60


def _percentage(bp: int | None) -> float | None:
    return None if bp is None else bp / 100
