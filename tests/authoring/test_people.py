"""Enrolling people in a course: by search, from a pasted list; by its teachers only."""

from datetime import UTC, date, datetime

import pytest
from django.utils import timezone

from authoring import enrolling
from authoring.enrolling import names_in
from progress.ingest.enrolling import unenroll
from progress.models import Enrollment
from tests.factories import a_course, a_learner, an_instructor, enrolled, grant

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def author(course):
    """Teaches the course, and another one whose learners they know."""
    return grant(an_instructor(course, a_course()), "add_enrollment", "change_enrollment")


@pytest.fixture
def known(author, course):
    """Makes a person that the author knows from the other course."""
    other = author.courses_taught.exclude(pk=course.pk).get()
    return lambda **values: a_learner(other, **values)


@pytest.fixture
def send(course, author, sign_in):
    window = sign_in(author)

    def post(action: str, query: str = "", **values):
        return window.post(f"/authoring/courses/{course.pk}/{action}/{query}", values)

    post.window = window
    return post


def people_of(course) -> set[str]:
    rows = Enrollment.objects.active().filter(course=course)
    return set(rows.values_list("user__username", flat=True))


def due_of(course, person):
    return Enrollment.objects.active().get(course=course, user=person).due_at


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("lena\nomar\r\nnoor", ["lena", "omar", "noor"]),
        ("lena, omar; noor\tlena", ["lena", "omar", "noor"]),
        ("Lena Fischer <lena@example.org>, omar", ["lena@example.org", "omar"]),
        ("  lena  \n\n ,;", ["lena"]),
        ("Lena Fischer", ["Lena Fischer"]),
        ("", []),
    ],
)
def test_names_in_a_pasted_list(text, names):
    assert names_in(text) == names


def test_a_list_of_names_addresses_and_ids(course, send, known):
    known(username="lena"), known(username="omar", email="Omar@Example.org")
    known(username="noor", external_id="P-7")
    send("enrol-list", people="LENA\nomar@example.org\nP-7\nlena")
    assert people_of(course) == {"lena", "omar", "noor"}


def test_who_is_not_known_stays_in_the_field_and_the_others_are_enrolled(course, send, known):
    known(username="lena")
    a_learner(a_course(), username="stranger")
    answer = send("enrol-list", people="lena\nstranger\nghost").content.decode()
    assert people_of(course) == {"lena"}
    assert "stranger\nghost</textarea>" in answer
    assert "1 person enrolled." in answer


def test_an_address_of_two_people_is_nobody_in_particular(course, send, known):
    known(username="a", email="office@example.org"), known(username="b", email="office@example.org")
    answer = send("enrol-list", people="office@example.org").content.decode()
    assert people_of(course) == set()
    assert "Several people share" in answer


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"people": ""}, "Write or paste at least one name."),
        ({"people": ";;,"}, "Write or paste at least one name."),
        ({"people": "lena", "due": "soon"}, "Give a day, such as 2026-12-31."),
        ({"people": "lena", "due": "2001-01-01"}, "This day is over, or too far away."),
        ({"people": "lena", "due": "9999-12-31"}, "This day is over, or too far away."),
        ({"people": "lena\0"}, "Null characters are not allowed."),
        ({"people": "\n".join(map(str, range(2001)))}, "More than 2000 people"),
    ],
)
def test_what_is_wrong_with_a_list_is_said_at_its_field(course, send, known, values, message):
    known(username="lena")
    answer = send("enrol-list", **values)
    assert answer.status_code == 400
    assert message in answer.content.decode()
    assert people_of(course) == set()


def test_the_search_finds_names_departments_and_says_who_is_enrolled(course, send, known):
    lena = known(full_name="Lena Fischer", department="Office")
    known(full_name="Lena Brandt", department="Workshop")
    a_learner(a_course(), full_name="Lena Unknown")
    enrolled(lena, course)
    address = f"/authoring/courses/{course.pk}/people/"
    text = send.window.get(address, {"q": "lena"}).content.decode()
    assert "Lena Fischer" in text and "Lena Brandt" in text and "Lena Unknown" not in text
    text = send.window.get(address, {"q": "lena", "department": "Office"}).content.decode()
    assert "Lena Fischer" in text and "Lena Brandt" not in text
    assert "· enrolled" in text
    assert "No one was found" in send.window.get(address, {"q": "nobody"}).content.decode()


def test_those_ticked_are_enrolled_and_nobody_else(course, send, known):
    lena, _omar = known(username="lena", full_name="A"), known(username="omar", full_name="A")
    stranger = a_learner(a_course(), full_name="A")
    send("enrol", "?q=A", person=[lena.pk, stranger.pk, "x", "9" * 40])
    assert people_of(course) == {"lena"}


def test_all_who_were_found_are_enrolled(course, send, known):
    for name in ("lena", "omar"):
        known(username=name, department="Office")
    known(username="noor", department="Workshop")
    send("enrol", "?department=Office", everybody="1")
    assert people_of(course) == {"lena", "omar"}
    send("enrol", "", everybody="1")
    assert people_of(course) == {"lena", "omar"}


def test_a_day_ends_in_the_time_zone_of_each_learner(course, author, known):
    lena, omar = known(time_zone="Europe/Berlin"), known(time_zone="Asia/Amman")
    enrolling.enrol(course, author, [lena, omar], date(2026, 6, 30), NOW)
    assert due_of(course, lena) == datetime(2026, 6, 30, 21, 59, 59, tzinfo=UTC)
    assert due_of(course, omar) == datetime(2026, 6, 30, 20, 59, 59, tzinfo=UTC)


def test_enrolling_again_keeps_the_due_date_and_another_one_changes_it(course, author, known):
    lena = known()
    first = enrolling.enrol(course, author, [lena], date(2026, 6, 30), NOW)
    again = enrolling.enrol(course, author, [lena], None, NOW)
    later = enrolling.enrol(course, author, [lena], date(2026, 7, 31), NOW)
    assert (first.new, again.unchanged, later.changed) == (1, 1, 1)
    assert due_of(course, lena).month == 7


def test_an_enrolment_is_changed_only_with_the_permission(course, author, known):
    lena, omar = known(), known()
    unenroll(enrolled(lena, course), now=NOW)
    may_only_add = grant(author, "add_enrollment")
    may_only_add = type(author).objects.get(pk=may_only_add.pk)
    outcome = enrolling.enrol(course, may_only_add, [lena, omar], None, NOW)
    assert (outcome.new, outcome.refused) == (1, 1)
    assert people_of(course) == {omar.username}


ACTIONS = ("enrol", "enrol-list", "open", "new-link")


def test_without_the_permission_to_enrol_nothing_is_offered(course, sign_in):
    window = sign_in(an_instructor(course))
    address = f"/authoring/courses/{course.pk}/"
    text = window.get(f"{address}people/").content.decode()
    assert "may not enrol people" in text and "<textarea" not in text
    for action in ACTIONS:
        assert window.post(f"{address}{action}/", {"people": "x"}).status_code == 403


def test_nobody_else_enrols_people_in_a_course(course, sign_in):
    others = an_instructor(a_course()), a_learner(course)
    for other in others:
        window = sign_in(grant(other, "add_enrollment"))
        assert window.get(f"/authoring/courses/{course.pk}/people/").status_code == 404
        for action in ACTIONS:
            address = f"/authoring/courses/{course.pk}/{action}/"
            assert window.post(address, {"people": "x"}).status_code == 404


def test_a_longer_list_takes_no_more_queries(
    course, author, known, django_assert_max_num_queries, client
):
    names = [known().username for _ in range(40)]
    with django_assert_max_num_queries(25):
        named = enrolling.named_people(author, names)
        outcome = enrolling.enrol(course, author, named.people, None, timezone.now())
    assert outcome.new == 40
