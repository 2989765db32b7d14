"""Editing the catalogue row by row: checked and signalled like a course document."""

import pytest
from django.contrib.messages import get_messages

from progress import catalogue, signals
from progress.models import Choice, Content, Course, Module, Question
from tests.factories import a_course_of, content
from tests.support.admin import QUIZ, VIDEO, a_staff_member, choose, form_of, page, save

NO_INLINES = {"questions-TOTAL_FORMS": 0, "questions-INITIAL_FORMS": 0}


@pytest.fixture
def restructured():
    """The courses that `course_restructured` was sent for."""
    courses = []

    def listen(course_id, **_):
        courses.append(course_id)

    signals.course_restructured.connect(listen)
    yield courses
    signals.course_restructured.disconnect(listen)


@pytest.fixture
def committed(django_capture_on_commit_callbacks):
    return lambda: django_capture_on_commit_callbacks(execute=True)


def version(course) -> int:
    course.refresh_from_db()
    return course.structure_version


# --- What counts ---------------------------------------------------------------------------------
def test_a_new_weight_raises_the_version_and_is_signalled_after_the_commit(
    window, restructured, django_capture_on_commit_callbacks
):
    course = a_course_of(VIDEO)
    before, video = version(course), content(course, "c1")
    with django_capture_on_commit_callbacks(execute=True):
        assert save(window, video, weight=5).status_code == 302
        assert restructured == []
    assert video.weight == 5
    assert version(course) == before + 1
    assert restructured == [course.pk]


def test_saving_a_form_unchanged_changes_nothing(window, restructured, committed):
    course = a_course_of(VIDEO | {"release_at": "2026-06-01T10:00:00Z", "complete_at": 62.5}, QUIZ)
    before = version(course)
    rows = [course, *Module.objects.all(), *Content.objects.all()]
    with committed():
        for row in [*rows, *Question.objects.all(), *Choice.objects.all()]:
            assert save(window, row).status_code == 302
    assert version(course) == before
    assert restructured == []


def test_a_new_description_changes_no_version(window, restructured, committed):
    course = a_course_of(VIDEO)
    before = version(course)
    with committed():
        save(window, course, description="New words.")
    assert (version(course), course.description, restructured) == (before, "New words.", [])


def test_a_new_plausibility_raises_the_version(window):
    course = a_course_of(VIDEO)
    before = version(course)
    save(window, course, plausibility="observe")
    assert version(course) == before + 1


def test_a_choice_that_becomes_wrong_raises_the_version_and_is_signalled(
    window, restructured, committed
):
    course = a_course_of(QUIZ)
    before, question = version(course), Question.objects.get()
    with committed():
        answer = save(window, question, **{"choices-1-is_correct": "on"})
    assert answer.status_code == 302
    assert list(question.choices.values_list("is_correct", flat=True)) == [True, True]
    assert (version(course), restructured) == (before + 1, [course.pk])


def test_an_edit_of_a_course_keeps_a_version_raised_by_another_writer(window, monkeypatch):
    course = a_course_of(VIDEO)
    before, editing = version(course), catalogue.editing

    def second_in_line(course_id):
        """Another writer held the lock until now, and has changed what counts."""
        Course.objects.filter(pk=course_id).update(structure_version=before + 1)
        return editing(course_id)

    monkeypatch.setattr(catalogue, "editing", second_in_line)
    save(window, course, description="New words.")
    assert (version(course), course.description) == (before + 1, "New words.")


# --- New rows ------------------------------------------------------------------------------------
def test_a_course_is_built_from_nothing(window, restructured, committed):
    with committed():
        window.post(
            page(Course, "add"),
            {"code": "new", "title": "New", "plausibility": "enforce", "path": "fixed"},
        )
        course = Course.objects.get(code="new")
        module = {"course": course.pk, "code": "m", "title": "M", "position": 0}
        window.post(page(Module, "add"), module)
        module = Module.objects.get(course=course)
        row = {"module": module.pk, "position": 0, "weight": 1, "media_version": 1}
        video = row | {"code": "v", "title": "V", "content_type": "video", "duration_ms": "62.5"}
        window.post(page(Content, "add"), video | NO_INLINES)
    assert content(course, "v").duration_ms == 62_500
    assert version(course) == 3
    assert restructured == [course.pk] * 3


def quiz_form(course) -> dict:
    return {
        "module": Module.objects.get(course=course).pk,
        "code": "test",
        "title": "Test",
        "content_type": "quiz",
        "position": 1,
        "weight": 1,
        "media_version": 1,
        "pass_bp": "62.5",
    }


def test_a_quiz_comes_with_its_questions(window):
    course = a_course_of(VIDEO)
    answer = window.post(
        page(Content, "add"),
        quiz_form(course)
        | {
            "questions-TOTAL_FORMS": 1,
            "questions-INITIAL_FORMS": 0,
            "questions-0-code": "q1",
            "questions-0-text": "What first?",
            "questions-0-choices": "* Call 112\nRun\n\n",
        },
    )
    assert answer.status_code == 302
    quiz = content(course, "test")
    assert quiz.pass_bp == 6250
    assert list(quiz.questions.get().choices.values_list("text", "is_correct")) == [
        ("Call 112", True),
        ("Run", False),
    ]


def test_a_quiz_without_questions_is_refused_and_the_form_keeps_its_words(window, restructured):
    course = a_course_of(VIDEO)
    before = version(course)
    answer = window.post(page(Content, "add"), quiz_form(course) | NO_INLINES)
    assert "A quiz needs at least one question." in answer.content.decode()
    assert 'value="62.5"' in answer.content.decode()
    assert not Content.objects.filter(code="test").exists()
    assert version(course) == before


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        ("* one", "at least two choices"),
        ("one\ntwo", "needs a correct choice"),
        ("* one\none", "the same text"),
    ],
)
def test_a_question_that_nobody_could_answer_is_refused(window, choices, said):
    a_course_of(QUIZ)
    address = page(Content, "change", Content.objects.get().pk)
    sent = form_of(window.get(address)) | {
        "questions-TOTAL_FORMS": 1,
        "questions-0-code": "q2",
        "questions-0-text": "Second?",
        "questions-0-choices": choices,
    }
    assert said in window.post(address, sent).content.decode()
    assert Question.objects.count() == 1


def test_fields_of_another_content_type_are_refused(window):
    course = a_course_of(VIDEO)
    video = content(course, "c1")
    answer = save(window, video, page_count=4)
    assert "Does not apply to content of type video" in answer.content.decode()
    assert "Fire doors" in answer.content.decode()
    assert video.page_count is None


def test_contents_that_need_each_other_are_refused(window):
    course = a_course_of(VIDEO, VIDEO | {"prerequisites": ["c1"]})
    first, second = content(course, "c1"), content(course, "c2")
    answer = save(window, first, prerequisites=[second.pk])
    assert "Requires itself" in answer.content.decode()
    assert not first.prerequisites.exists()


def test_a_prerequisite_is_a_content_of_the_same_course(window):
    course, other = a_course_of(VIDEO, VIDEO), a_course_of(VIDEO)
    row = content(course, "c2")
    save(window, row, prerequisites=[content(other, "c1").pk])
    assert not row.prerequisites.exists()
    save(window, row, prerequisites=[content(course, "c1").pk])
    assert row.prerequisites.get() == content(course, "c1")


# --- Retiring ------------------------------------------------------------------------------------
def test_a_retired_content_leaves_what_counts_and_comes_back(window, restructured, committed):
    course = a_course_of(VIDEO, VIDEO)
    before, row = version(course), content(course, "c2")
    with committed():
        choose(window, "retire", row)
    row.refresh_from_db()
    assert row.retired_at is not None
    assert (version(course), restructured) == (before + 1, [course.pk])
    with committed():
        choose(window, "restore", row)
    row.refresh_from_db()
    assert row.retired_at is None
    assert (version(course), restructured) == (before + 2, [course.pk] * 2)


def test_retired_rows_cannot_be_edited(window):
    course = a_course_of(VIDEO, VIDEO)
    row = content(course, "c2")
    choose(window, "retire", row)
    assert window.post(page(Content, "change", row.pk), {"weight": 9}).status_code == 403


def test_the_last_question_of_a_quiz_stays(window):
    course = a_course_of(QUIZ)
    before, question = version(course), Question.objects.get()
    answer = choose(window, "retire", question)
    question.refresh_from_db()
    assert question.retired_at is None
    assert version(course) == before
    assert [
        "A quiz needs at least one question" in str(m) for m in get_messages(answer.wsgi_request)
    ] == [True]


def test_staff_who_may_only_view_cannot_retire(sign_in):
    course = a_course_of(VIDEO)
    row = content(course, "c1")
    choose(sign_in(a_staff_member("view_content", teaches=[course])), "retire", row)
    row.refresh_from_db()
    assert row.retired_at is None


def test_corrected_words_of_a_choice_keep_it_and_its_version(window, restructured, committed):
    course = a_course_of(QUIZ)
    before, question = version(course), Question.objects.get()
    ids = list(question.choices.values_list("pk", flat=True))
    first, second = question.choices.values_list("text", flat=True)
    with committed():
        texts = {"choices-0-text": second, "choices-1-text": first, "choices-0-code": "one"}
        assert save(window, question, **texts).status_code == 302
    assert list(question.choices.values_list("pk", "text")) == list(
        zip(ids, [second, first], strict=True)
    )
    assert (version(course), restructured) == (before, [])
