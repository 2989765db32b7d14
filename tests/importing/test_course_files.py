"""Files of courses: created, extended, refused by cell, and who may change them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from progress.models import Content, Course
from tests.factories import a_user, an_instructor
from tests.support.importing import counts, imported, places

COURSE = (
    "course,course_title,module,module_title,content,title,content_type,duration_seconds,required,"
    "skills,pass_percentage,question,question_text,choices,correct\n"
    "fire,Fire safety,m1,See,intro,Fire doors,video,60.5,yes,fire|doors,,,,,\n"
    "fire,,m1,,test,Test,quiz,,,,80,q1,Which?,A|B,B\n"
    "fire,,m1,,test,,,,,,,q2,And?,C|D|E,C|E\n"
)


@pytest.mark.django_db
def test_a_course_is_created_extended_and_left_unchanged():
    assert counts(imported("courses", COURSE)) == (1, 0, 0)
    course = Course.objects.get()
    quiz = Content.objects.get(code="test")
    assert course.title == "Fire safety" and Content.objects.get(code="intro").duration_ms == 60_500
    right = quiz.questions.get(code="q2").choices.filter(is_correct=True)
    assert {choice.text for choice in right} == {"C", "E"}
    assert imported("courses", COURSE).is_noop
    assert Course.objects.get().structure_version == course.structure_version
    more = "course,module,content,content_type,completion_source\nfire,m2,walk,embed,reported\n"
    assert counts(imported("courses", more)) == (0, 1, 0)
    assert Content.objects.active().count() == 3


@pytest.mark.django_db
def test_a_wrong_cell_of_a_course_is_named_and_holds_the_course_back():
    text = (
        COURSE.replace("60.5", "-1").replace("C|E", "X") + "good,Good,m,,walk,A walk,text,,,,,,,,\n"
    )
    outcome = imported("courses", text, is_partial=True)
    assert places(outcome) == [(2, "", ""), (3, "", ""), (4, "correct", "X")]
    assert [course.code for course in Course.objects.all()] == ["good"]
    outcome = imported("courses", COURSE.replace("60.5", "-1").replace(",quiz,", ",film,"))
    found = {(problem.row, problem.column) for problem in outcome.problems}
    assert {(2, "duration_seconds"), (3, "content_type")} <= found
    assert "60.5" not in str(outcome.problems)


@pytest.mark.django_db
def test_only_authors_change_a_course():
    imported("courses", COURSE)
    author, other = an_instructor(Course.objects.get()), an_instructor()
    changed = COURSE.replace("Fire doors", "Doors")
    assert places(imported("courses", changed, by=other)) == [
        (2, "course", "fire"),
        (3, "", ""),
        (4, "", ""),
    ]
    assert imported("courses", changed, by=author).is_written


@pytest.mark.django_db
def test_a_video_at_a_service_is_imported_where_the_site_allows_it(settings):
    file = "course,course_title,module,content,content_type,url,duration_seconds\n"
    file += "films,Films,m,film,video,https://youtu.be/M7lc1UVf-VE?t=9,212\n"
    settings.EMBEDDED_PLAYERS = []
    [problem] = imported("courses", file).problems
    assert (problem.row, problem.column) == (2, "url")
    assert "EMBEDDED_PLAYERS=youtube" in problem.wanted
    settings.EMBEDDED_PLAYERS = ["youtube"]
    assert imported("courses", file).is_written
    assert Content.objects.get().url == "https://youtu.be/M7lc1UVf-VE?t=9"


TAUGHT = "course,course_title,instructors,module,content,content_type\n"


def teachers(code: str) -> list[str]:
    course = Course.objects.get(code=code)
    return sorted(course.instructors.values_list("username", flat=True))


@pytest.mark.django_db
def test_instructors_are_named_by_user_name_or_address():
    for name in ("lena", "omar", "ines"):
        a_user(username=name, email=f"{name.title()}@Example.org")
    file = TAUGHT + "fire,Fire,lena; OMAR@example.org ;lena,m,walk,text\nfire,,,m,two,text\n"
    assert counts(imported("courses", file, is_dry=True)) == (1, 0, 0)
    assert not Course.objects.exists()
    imported("courses", file)
    assert teachers("fire") == ["lena", "omar"]
    assert imported("courses", file).is_noop
    # The cell names all of them; an empty one, or a file without the column, changes none.
    assert counts(imported("courses", TAUGHT + "fire,,ines|lena,m,walk,\n")) == (0, 1, 0)
    assert teachers("fire") == ["ines", "lena"]
    assert imported("courses", TAUGHT + "fire,,,m,walk,\n").is_noop
    version = Course.objects.get().structure_version
    imported("courses", TAUGHT + "fire,,omar,m,walk,\n")
    # A change of instructors doesn't recompute anybody's progress.
    assert Course.objects.get().structure_version == version


@pytest.mark.django_db
def test_an_unknown_instructor_is_named_and_holds_the_course_back():
    for name in ("lena", "twin1", "twin2"):
        a_user(username=name, email="" if name == "lena" else "twin@example.org")
    file = (
        TAUGHT
        + "fire,Fire,lena;nobody,m,walk,text\nfire,,twin@example.org,m,two,text\n"
        + "good,Good,lena,m,walk,text\ngood,,LENNA,m,two,text\n"
        + "two,Two,lena,m,walk,text\ntwo,,lena;twin1,m,two,text\ntwo,,lena,m,six,text\n"
    )
    outcome = imported("courses", file, is_partial=True)
    wrong = [problem for problem in outcome.problems if problem.column]
    assert [(each.row, each.column, each.value) for each in wrong] == [
        (2, "instructors", "nobody"),
        (3, "instructors", "twin@example.org"),
        (5, "instructors", "LENNA"),
        (7, "instructors", "lena; twin1"),
    ]
    assert "Several people" in wrong[1].wanted and "row 6" in wrong[3].wanted
    assert not Course.objects.exists()


@pytest.mark.django_db
def test_teachers_of_many_courses_cost_as_many_statements_as_of_few():
    def looked(count: int) -> list[str]:
        people = [a_user(username=f"t{count}-{number}") for number in range(count)]
        rows = [f"new,New,{';'.join(p.username for p in people)},m,walk,text\n"]
        with CaptureQueriesContext(connection) as seen:
            imported("courses", TAUGHT + "".join(rows), is_dry=True)
        return [each["sql"] for each in seen if "progress_user" in each["sql"]]

    assert len(looked(1)) == len(looked(20))
