"""The dashboards to each who may see them, narrowed by their address, at a bounded cost."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from analytics.facts.rollups import folding
from analytics.models import RiskScore
from progress.jobs import Run
from progress.models import Course, Enrollment
from progress.state.course_state import CourseState
from tests.factories import a_course_of, a_session, content, grant, report
from tests.support.admin import VIDEO, a_staff_member, text_of
from tests.support.dashboards import (
    MAX_QUERIES,
    of_content,
    of_course,
    of_learner,
    queries,
    scored,
)
from tests.support.learners import A_QUIZ, DAY, an_instructor_of, complete, fail, learn, someone

pytestmark = pytest.mark.django_db


@pytest.fixture
def own(sign_in, course):
    return sign_in(an_instructor_of(course))


# --- For which readers ---------------------------------------------------------------------------
def test_an_instructor_sees_own_courses_and_learners_only(sign_in, course):
    other = a_course_of(VIDEO, A_QUIZ, title="Not yours")
    ours, theirs = someone(course, full_name="Lena"), someone(other, full_name="Omar")
    window = sign_in(an_instructor_of(course))
    result = text_of(window.get("/admin/"))
    assert "1 of 1 learners needs you" in result and "Lena" in result
    assert "Omar" not in result and "Not yours" not in result
    for address in (of_course(course), of_learner(course, ours), of_content(course, "c1")):
        assert window.get(address).status_code == 200
    for address in (of_course(other), of_learner(other, theirs), of_content(other, "c1")):
        assert window.get(address).status_code == 404
    # Known here, but not in that course; and the other way round.
    for address in (of_learner(course, theirs), of_learner(other, ours)):
        assert window.get(address).status_code == 404


def test_who_may_see_all_progress_sees_every_course(sign_in, course):
    someone(course, full_name="Lena")
    person = a_staff_member("view_courseprogress", "view_all_progress")
    assert "Lena" in text_of(sign_in(person).get("/admin/"))
    assert sign_in(person).get(of_course(course)).status_code == 200


def test_who_may_see_no_progress_sees_none(sign_in, course):
    person = someone(course, full_name="Lena")
    clerk = grant(an_instructor_of(course), "view_user")
    window = sign_in(clerk)
    home = window.get("/admin/")
    assert home.status_code == 200 and "Lena" not in text_of(home)
    assert "need" not in text_of(home)
    addresses = [of_course(course), of_learner(course, person), of_content(course, "c1")]
    for address in [*addresses, reverse("admin:insight-active")]:
        assert window.get(address).status_code == 403


def test_learners_are_not_let_in(sign_in, course):
    person = someone(course)
    for address in (of_course(course), reverse("admin:insight-active")):
        assert sign_in(person).get(address).status_code == 302


# --- Narrowed ------------------------------------------------------------------------------------
def test_a_course_of_others_is_no_filter(sign_in, course):
    other = a_course_of(VIDEO, title="Not yours")
    someone(other, full_name="Omar")
    answer = sign_in(an_instructor_of(course)).get("/admin/", {"course": other.pk})
    assert "Select a valid choice" in text_of(answer)
    assert "Omar" not in text_of(answer) and "Not yours" not in text_of(answer)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"since": "2026-05-09", "until": "2026-05-02"}, "It starts after it ends."),
        ({"since": "2020-05-09", "until": "2026-05-02"}, "At most a year."),
        ({"since": "yesterday"}, "Enter a valid date."),
        ({"department": "Nowhere"}, "Select a valid choice."),
        ({"cohort": "May"}, "Enter a valid date."),
        ({"since": "0001-01-01", "until": "0001-01-02"}, "greater than or equal to"),
        ({"until": "9999-12-31"}, "less than or equal to"),
        ({"cohort": "9999-12"}, "less than or equal to"),
    ],
)
def test_what_makes_no_sense_is_named(asked, said, own, course):
    for address in ("/admin/", of_content(course, "c1")):
        answer = own.get(address, asked)
        assert answer.status_code == 400
        assert said in text_of(answer)
    # A course's page stands as of now: days are no filter of it.
    answer = own.get(of_course(course), asked)
    assert answer.status_code == 400
    assert (said if asked.keys() & {"cohort", "department"} else "no such filter") in text_of(
        answer
    )


def test_departments_of_fewer_than_five_are_neither_offered_nor_compared(own, course):
    for department, count in (("Care", 5), ("Legal", 4), ("Sales", 6)):
        for _ in range(count):
            someone(course, department=department)
    page = own.get(of_course(course)).content.decode()
    assert '<option value="Care">' in page and '<option value="Legal">' not in page
    groups = own.get(of_course(course)).context["reading"].groups[0]
    assert [line.name for line in groups.rows] == ["Care", "Sales"]
    assert groups.hidden == 4
    assert "4 learners are in groups that are too small to be shown" in text_of(
        own.get(of_course(course))
    )


def test_a_cohort_is_who_enrolled_in_a_month(own, course):
    may = datetime(2026, 5, 1, tzinfo=UTC)
    for name, moment in {"Old": may - timedelta(seconds=1), "New": may}.items():
        person = someone(course, full_name=name)
        Enrollment.objects.filter(user=person).update(enrolled_at=moment)
        learn(course, person, ago=DAY)
    answer = own.get(of_course(course), {"cohort": "2026-05"})
    assert [row.name for row in answer.context["reading"].roster.rows] == ["New"]
    assert answer.context["reading"].funnel[1].begun == 1
    for cohort, count in (("2026-05", 1), ("2026-04", 1), ("", 2)):
        overview = own.get("/admin/", {"cohort": cohort}).context["overview"]
        assert overview.sentence.learners == count
    assert own.get(of_content(course, "c1"), {"cohort": "2026-05"}).status_code == 200


@pytest.mark.parametrize(
    ("show", "names"),
    [
        ("all", ["Done", "Gone", "Here"]),
        ("need", ["Gone"]),
        ("done", ["Done"]),
        ("open", ["Gone", "Here"]),
        ("overdue", ["Here"]),
    ],
)
def test_the_learners_of_a_course_are_found_by_how_they_stand(show, names, own, course):
    for name, ago in (("Done", 3), ("Gone", 20), ("Here", 2)):
        learn(course, someone(course, full_name=name), ago=ago * DAY)
    done = Enrollment.objects.get(user__full_name="Done")
    complete(course, done.user, timezone.now())
    late = Enrollment.objects.filter(user__full_name__in=["Done", "Here"])
    late.update(due_at=timezone.now() - DAY)
    roster = own.get(of_course(course), {"show": show}).context["reading"].roster
    assert [row.name for row in roster.rows] == names


def test_a_learner_is_found_by_a_part_of_the_name(own, course):
    someone(course, full_name="Lena Fischer")
    someone(course, full_name="Omar Haddad")
    for asked, found in (("fisch", ["Lena Fischer"]), ("%", []), ("\0", None), ("x" * 500, [])):
        roster = own.get(of_course(course), {"q": asked}).context["reading"].roster
        if found is not None:
            assert [row.name for row in roster.rows] == found


# --- True ----------------------------------------------------------------------------------------
def test_active_now_counts_learners_not_windows(own, course):
    person = someone(course)
    learn(course, person, ago=DAY / 1440)
    learn(course, person, ago=DAY / 1440)
    learn(course, someone(course), ago=DAY / 24)
    other = a_course_of(VIDEO)
    learn(other, someone(other), ago=DAY / 1440)
    result = own.get(reverse("admin:insight-active")).json()
    assert result["active"] == 1
    assert re.fullmatch(r"\d\d:\d\d:\d\d", result["as_of"])


def test_the_funnel_counts_who_began_and_finished(own, course):
    learn(course, someone(course), ago=DAY)
    learn(course, someone(course), ago=20 * DAY)
    someone(course)
    steps = own.get(of_course(course)).context["reading"].funnel
    result = [(step.title, step.begun, step.done, step.left) for step in steps]
    assert result[1:] == [("Fire doors", 2, 0, 1), ("What to do", 0, 0, 0)]
    assert steps[1].begun_percent == 66


def test_a_learners_page_shows_strips_attempts_and_what_was_withheld(own, course):
    person = someone(course, full_name="Lena Fischer")
    learn(course, person, ago=DAY)
    fail(course, person, "c2", times=2, ago=DAY / 2)
    answer = own.get(of_learner(course, person))
    result = text_of(answer)
    assert "Lena Fischer" in result and "Not passed" in result
    first = answer.context["reading"]["modules"][0].contents[0]
    assert first.spans == [(0.0, 50.0)] and [gap.start for gap in first.gaps] == [50.0]
    assert "Everything that was reported was counted" in result
    assert len(answer.context["reading"]["sessions"]) == 2


def test_withheld_time_is_shown_with_its_reason(own, course):
    person = someone(course)
    session = a_session(course, person, now=timezone.now() - DAY)
    rushed = {
        "content_id": content(course, "c1").pk,
        "interaction_type": "progress",
        "segments": [[0, 60]],
        "duration_seconds": 1,
    }
    report(session, rushed, now=session.start_time + timedelta(seconds=10))
    (row,) = own.get(of_learner(course, person)).context["reading"]["withheld"]
    assert row["content"] == "Fire doors" and row["coverage"] != "–"
    assert row["why"] == "Faster than it can be played"


def test_groups_that_began_at_different_times_are_compared_after_four_weeks(own, course):
    now = timezone.now()
    for number in range(6):
        early = someone(course, department="Care", enrolled_ago=60 * DAY)
        if number < 4:  # the last of them a day too late
            complete(course, early, now - (60 - (28 if number else 29)) * DAY)
    for _ in range(5):
        complete(course, someone(course, department="Sales", enrolled_ago=9 * DAY), now)
    lines = own.get(of_course(course)).context["reading"].groups[0].rows
    result = [(line.name, line.done_percent, line.soon_percent) for line in lines]
    assert result == [("Care", 66, 50), ("Sales", 100, None)]
    assert "In 4 weeks: of those enrolled" in text_of(own.get(of_course(course)))


def test_who_is_here_and_who_is_at_risk_is_found_by_name(sign_in, own, course):
    here, risky, done = (someone(course, full_name=name) for name in ("Here", "Risky", "Done"))
    learn(course, here, ago=DAY / 1440)
    learn(course, risky, ago=DAY)
    for person in (risky, done):
        scored(Enrollment.objects.get(user=person), 80)
    complete(course, done, timezone.now())

    def found(window, show: str) -> list[str]:
        answer = window.get(of_course(course), {"show": show})
        return [row.name for row in answer.context["reading"].roster.rows]

    assert (found(own, "now"), found(own, "risk")) == (["Here"], ["Risky"])
    (line,) = own.get("/admin/").context["overview"].courses
    assert line.at_risk == 1
    link = f"{of_course(course)}?show=risk#learners"
    assert link in own.get("/admin/").content.decode()
    everything = a_staff_member("view_courseprogress", "view_all_progress")
    assert found(sign_in(everything), "risk") == []


def test_a_number_leads_to_the_rows_that_it_counts(own, course):
    for name, days in (("Done", -1), ("Late", -1), ("Early", 5)):
        person = someone(course, full_name=name, department="Care")
        due_at = timezone.now() + days * DAY
        Enrollment.objects.filter(user=person).update(due_at=due_at)
        if name == "Done":
            complete(course, person, timezone.now())
    for _ in range(2):
        complete(course, someone(course, department="Care"), timezone.now() - 90 * DAY)
    since = timezone.localdate() - 6 * DAY
    page = own.get("/admin/", {"department": "Care", "since": since.isoformat()})
    figures = {figure.name: figure for figure in page.context["overview"].figures}
    for name, people in (("completions", ["Done"]), ("overdue", ["Late"])):
        (link,) = re.findall(rf'id="figure-{name}".*?href="([^"]+)"', page.content.decode(), re.S)
        rows = own.get(link.replace("&amp;", "&")).context["table"].rows
        assert [row[0].text for row in rows] == people
        assert figures[name].value == "1"


# --- At which cost -------------------------------------------------------------------------------
def addresses(course) -> dict[str, str]:
    person = Enrollment.objects.filter(course=course).earliest("pk").user
    return {
        "overview": "/admin/",
        "course": of_course(course),
        "learner": of_learner(course, person),
        "video": of_content(course, "c1"),
        "quiz": of_content(course, "c2"),
    }


@pytest.mark.parametrize("name", ["overview", "course", "learner", "video", "quiz"])
def test_fifty_learners_cost_as_many_queries_as_five(name, own, course):
    people(course, 5)
    own.get(addresses(course)[name])
    five = queries(own, addresses(course)[name])
    people(course, 45)
    fifty = queries(own, addresses(course)[name])
    assert len(fifty) == len(five) <= MAX_QUERIES, fifty


def people(course: Course, count: int) -> None:
    for number in range(count):
        person = someone(course, department="Care")
        if number % 3:
            learn(course, person, ago=20 * DAY)
        if number % 5 == 1:
            fail(course, person, "c2", times=2, ago=19 * DAY)


# --- From events to a page -----------------------------------------------------------------------
def test_what_learners_did_stands_on_the_pages(own, course):
    learners = [someone(course) for _ in range(5)]
    for person in learners:
        learn(course, person, ago=DAY)
    folding.fold_new(Run("fold", timezone.now()))
    reading = own.get(of_content(course, "c1")).context["reading"]
    assert reading.drawing.heads[:3] == ["First views", "Learners who replayed", "Replays"]
    rows = [values[:3] for _, values in reading.drawing.table]
    assert rows == [[5, 0, 0]] * 30 + [[0, 0, 0]] * 30
    overview = own.get("/admin/").context["overview"]
    figures = {figure.name: figure for figure in overview.figures}
    assert (figures["time"].value, figures["learners"].value) == ("1 min", "5")
    assert figures["time"].as_of is not None
    result = own.get(of_learner(course, learners[0])).context["reading"]["figures"]
    seen = CourseState(Enrollment.objects.get(user=learners[0]), timezone.now())
    assert (result[0].value, result[1].value) == (f"{seen.bp // 100} %", "15 s")


def test_risk_is_counted_and_explained_to_who_teaches(sign_in, own, course):
    person, other = someone(course), someone(a_course_of(VIDEO))
    assert "risk" not in {f.name for f in own.get("/admin/").context["overview"].figures}
    assert own.get(of_learner(course, person)).context["reading"]["risk"] is None
    for learner in (person, other):
        scored(Enrollment.objects.get(user=learner), 80)
    figures = {f.name: f for f in own.get("/admin/").context["overview"].figures}
    assert figures["risk"].value == "1"
    result = text_of(own.get(of_learner(course, person)))
    assert "Risk of not completing on time: High (80 of 100)" in result
    assert "No activity for 9 days. 70 %" in result
    assert " by model v," in result
    everything = a_staff_member("view_courseprogress", "view_all_progress")
    shown = sign_in(everything).get(of_learner(course, person)).context["reading"]
    assert shown["risk"] is None  # scores have a permission of their own


def test_where_scores_arent_validated_it_says_why_and_what_is_known_without_one(own, course):
    person = someone(course)
    scored(Enrollment.objects.get(user=person), 80)
    known = {"verdict": "too_few", "outcomes": 12, "missed": 3, "due": 5, "silent_days": 9}
    RiskScore.objects.update(
        score=None, band="", insufficient="unvalidated", reasons=[], unvalidated=known
    )
    result = text_of(own.get(of_learner(course, person)))
    assert "Behind and silent for 9 days." in result
    assert "too few enrolments have ended" in result and "(12 so far)" in result
    assert "of 100)" not in result


def test_where_too_little_is_known_that_is_said_and_no_number(own, course):
    person = someone(course)
    scored(Enrollment.objects.get(user=person), 80)
    RiskScore.objects.update(score=None, band="", insufficient="just_started", reasons=[])
    result = text_of(own.get(of_learner(course, person)))
    assert "Risk of not completing on time: insufficient data" in result
    assert "Too little time has passed to tell." in result
    assert "of 100)" not in result
