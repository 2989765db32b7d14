"""Files of people and enrolments: checked, refused by cell, written once."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from progress.files.downloads import csv_lines
from progress.importing import KINDS, Unreadable
from progress.importing.table import read_table
from progress.mail import outgoing
from progress.models import CourseProgress, Enrollment, OutboxMessage, User
from progress.operations import outbox
from tests.factories import a_course, a_learner, a_user, an_instructor, enrolled
from tests.support.importing import counts, imported, places

PEOPLE = "username,full_name,email,department,time_zone\nlena,Lena,lena@example.org,Care,UTC\n"


# --- Tables --------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["utf-16", "utf-8"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("says", ["", "sep={}\r\n", '"sep={}"\r\n'])
def test_files_saved_by_spreadsheets_are_read(name, delimiter, says):
    cells = ["full_name", "username"], ["Ü, Zoë; “x”", "lena"]
    lines = [delimiter.join(f'"{cell}"' for cell in row) for row in cells]
    text = says.format(delimiter) + "\r\n".join(lines) + "\r\n"
    table = read_table(text.encode(name))
    (row,) = table.rows
    assert row.cells == {"full_name": "Ü, Zoë; “x”", "username": "lena"}
    assert row.number == 2 + bool(says)  # as the spreadsheet counts


@pytest.mark.parametrize(
    "text", ["=1+1", "@lena", "-5 °C", "＝1＋1", "＠lena", "\u22125", "\u200b=1", "'n", "'"]
)
def test_a_text_in_a_file_of_ours_comes_back_as_it_was(text):
    lines = csv_lines(["username", "full_name"], [["lena", text]])
    (row,) = read_table(b"".join(lines)).rows
    assert row.cells["full_name"] == text


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_byte_order_marks_delimiters_and_cases_are_recognised(delimiter, mark):
    text = delimiter.join(["User-Name", "FULL  name"]) + "\r\n" + delimiter.join(["lena", "Ü"])
    table = read_table(mark + text.encode())
    assert table.columns == ["user_name", "full_name"]
    assert [(row.number, row.cells["full_name"]) for row in table.rows] == [(2, "Ü")]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"a,b\nc,\xff\n", "Row 2 is not UTF-8"),
        ("a\n".encode("utf-16-le"), "This is not a CSV file"),
        ("a\n".encode("utf-16") + b"x", "is not UTF-8"),
        (b"a\n\0", "not a CSV file"),
        (b'a,b\n"c,d\n', "Row 2 can't be read"),
        (b"Name,name\n", "same name: name"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(content, said):
    with pytest.raises(Unreadable, match=said):
        read_table(content)


def test_empty_rows_are_skipped_but_counted():
    table = read_table(b"a,b\n\n,\nc,'=1\n")
    assert [(row.number, row.cells["b"]) for row in table.rows] == [(4, "=1")]


# --- People --------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_dry_run_writes_nothing_and_the_second_import_changes_nothing():
    assert counts(imported("people", PEOPLE, is_dry=True)) == (1, 0, 0)
    assert not User.objects.exists()
    assert counts(imported("people", PEOPLE)) == (1, 0, 0)
    lena = User.objects.get()
    assert (lena.full_name, lena.department, lena.has_usable_password()) == ("Lena", "Care", False)
    again = imported("people", PEOPLE)
    assert counts(again) == (0, 0, 1) and again.is_noop
    assert counts(imported("people", PEOPLE.replace("Care", "IT"))) == (0, 1, 0)
    imported("people", "username,department\nlena,\n")
    assert User.objects.get().department == "IT"


@pytest.mark.django_db
def test_each_wrong_cell_is_named_and_nothing_is_written():
    a_user(username="omar", external_id="7")
    text = (
        "username,email,time_zone,external_id\n"
        "good,good@example.org,UTC,1\n"
        "no spaces,nobody,Mars/Olympus,\n"
        "good,,,\n"
        "thief,,,7\n"
        ",,,9\n"
        "long,,,2,over\n"
    )
    outcome = imported("people", text)
    assert places(outcome) == [
        (3, "email", "nobody"),
        (3, "time_zone", "Mars/Olympus"),
        (3, "username", "no spaces"),
        (4, "username", "good"),
        (5, "external_id", "7"),
        (6, "username", ""),
        (7, "", "over"),
    ]
    assert all(problem.wanted for problem in outcome.problems)
    assert "lena@example.org" in outcome.problems[0].wanted
    assert not outcome.is_written and not User.objects.filter(username="good").exists()


@pytest.mark.django_db
@pytest.mark.parametrize("name", [field.name for field in KINDS["people"].fields])
def test_too_long_values_never_reach_the_database(name):
    cells = {"username": "lena"} | {name: "a" * 280 + "@example.org"}
    text = ",".join(cells) + "\n" + ",".join(cells.values()) + "\n"
    (problem,) = imported("people", text).problems
    assert (problem.row, problem.column) == (2, name)


@pytest.mark.django_db
def test_partial_imports_write_right_rows_and_return_the_others():
    text = PEOPLE + "=cmd,x,nobody,,\n"
    outcome = imported("people", text, is_partial=True)
    assert counts(outcome) == (1, 0, 0) and User.objects.filter(username="lena").exists()
    back = outcome.wrong_rows_csv()
    assert back.startswith("username,full_name,email,department,time_zone,error\r\n'=cmd,x,nobody")
    assert "lena@example.org" in back and back.count("\n") == 2
    assert places(imported("people", back)) == places(
        imported("people", back.replace("'=cmd", "=cmd"))
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("header", "column", "said"),
    [
        ("username,Password", "Password", "never imported"),
        ("username,shoe size", "shoe size", "time_zone"),
        ("full_name", "username", "is required"),
    ],
)
def test_a_wrong_header_stops_everything(header, column, said):
    outcome = imported("people", f"{header}\nlena,x\n", is_partial=True)
    (problem,) = outcome.problems
    assert (problem.row, problem.column) == (1, column) and said in problem.wanted
    assert counts(outcome) == (0, 0, 0) and not User.objects.exists()


@pytest.mark.django_db
def test_nobody_imports_more_than_they_may():
    a_user(username="boss", is_superuser=True)
    clerk = a_user(is_staff=True)
    assert places(imported("people", PEOPLE, by=clerk)) == [(2, "username", "lena")]
    clerk.user_permissions.set(Permission.objects.filter(codename__in=["add_user", "change_user"]))
    clerk = User.objects.get(pk=clerk.pk)
    assert imported("people", PEOPLE, by=clerk).is_written
    taken = imported("people", "username,email\nboss,thief@example.org\n", by=clerk)
    assert places(taken) == [(2, "username", "boss")] and not taken.is_written
    assert imported("people", "username,email\nboss,\n", by=clerk).is_noop


@pytest.mark.django_db
def test_a_thousand_people_cost_as_many_statements_as_one():
    def statements(many: int, prefix: str) -> int:
        rows = "".join(f"{prefix}{number},{prefix}{number}\n" for number in range(many))
        with CaptureQueriesContext(connection) as seen:
            imported("people", "username,external_id\n" + rows)
        return len(seen)

    assert statements(200, "a") == statements(1, "b") <= 6


@pytest.mark.django_db
def test_new_people_are_mailed_one_link_that_sets_a_password(client, settings):
    settings.PUBLIC_URL = "https://learn.example.org"
    imported("people", PEOPLE + "omar,Omar,,,\n", invites=True)
    imported("people", PEOPLE, invites=True)
    message = OutboxMessage.objects.get()
    assert outbox.send([message.pk]) == 1 and outbox.send([message.pk]) == 0
    assert outgoing.send_due(timezone.now()) == 1
    (sent,) = mail.outbox
    assert sent.to == ["lena@example.org"]
    link = next(word for word in sent.body.split() if word.startswith(settings.PUBLIC_URL))
    page = client.get(link.removeprefix(settings.PUBLIC_URL), follow=True)
    chosen = {"new_password1": "doors-open-9", "new_password2": "doors-open-9"}
    assert client.post(page.request["PATH_INFO"], chosen).status_code == 302
    assert User.objects.get(username="lena").check_password("doors-open-9")
    used = client.get(link.removeprefix(settings.PUBLIC_URL), follow=True)
    assert "already been used" in used.content.decode()


@pytest.mark.django_db
def test_only_what_differs_is_written():
    for name in ("lena", "omar"):
        a_user(username=name, department="Care", email=f"{name}@example.org")
    text = "username,department,email\nlena,IT,lena@example.org\nomar,Care,new@example.org\n"
    with CaptureQueriesContext(connection) as seen:
        assert counts(imported("people", text)) == (0, 2, 0)
    written = [each["sql"] for each in seen if each["sql"].startswith("UPDATE")]
    assert len(written) == 2
    assert not [sql for sql in written if '"department" =' in sql and '"email" =' in sql]


# --- Enrolments ----------------------------------------------------------------------------------
@pytest.mark.django_db
def test_enrolments_are_created_resumed_and_dated():
    course = a_course()
    lena = a_learner(username="lena", external_id="E1", time_zone="Asia/Tokyo")
    omar = a_learner(course, username="omar")
    code = course.code
    text = f"username,external_id,course,due_at\nlena,E1,{code},2026-12-31\nomar,,{code},\n"
    assert counts(imported("enrollments", text)) == (1, 0, 1)
    made = Enrollment.objects.get(user=lena)
    assert made.due_at == datetime(2026, 12, 31, 14, 59, 59, tzinfo=UTC)
    assert CourseProgress.objects.filter(enrollment=made, course=course).exists()
    assert imported("enrollments", text).is_noop
    Enrollment.objects.filter(user=omar).update(unenrolled_at=timezone.now())
    assert counts(imported("enrollments", text)) == (0, 1, 1)
    assert Enrollment.objects.get(user=omar).unenrolled_at is None
    assert Enrollment.objects.count() == 2


@pytest.mark.django_db
def test_unknown_people_and_courses_are_named_by_cell():
    course = a_course()
    a_user(username="lena", external_id="E1")
    a_user(username="omar")
    code = course.code
    text = (
        "username,external_id,course,due_at\n"
        f"nobody,,{code},\n,,{code},\nlena,,nothing,\nlena,,{code},soon\n"
        f"lena,,{code},2026-12-31T12:00\nomar,E1,{code},\nlena,,{code},\n,E1,{code},\n"
        f"omar,,{code},9999-12-31\nomar,,{code},2026-02-30\n"
    )
    assert places(imported("enrollments", text)) == [
        (2, "username", "nobody"),
        (3, "username", ""),
        (4, "course", "nothing"),
        (5, "due_at", "soon"),
        (6, "due_at", "2026-12-31T12:00"),
        (7, "external_id", "E1"),
        (9, "username", ""),
        (10, "due_at", "9999-12-31"),
        (11, "due_at", "2026-02-30"),
    ]


@pytest.mark.django_db
def test_an_instructor_enrols_own_learners_in_own_courses_only():
    own, other = a_course(), a_course()
    teacher = an_instructor(own)
    teacher.user_permissions.set(Permission.objects.filter(codename="add_enrollment"))
    stranger = a_learner(other, username="stranger")
    a_learner(own, username="known")
    text = f"username,course\nstranger,{own.code}\nknown,{other.code}\n"
    outcome = imported("enrollments", text, by=teacher)
    assert places(outcome) == [(2, "username", "stranger"), (3, "course", other.code)]
    second = a_course(instructors=[teacher.username])
    assert imported("enrollments", f"username,course\nknown,{second.code}\n", by=teacher).is_written
    assert not Enrollment.objects.filter(user=stranger, course=own).exists()


@pytest.mark.django_db
def test_many_enrolments_cost_as_many_statements_as_one():
    course = a_course()
    people = [a_user() for _each in range(40)]
    rows = [f"{person.username},{course.code}\n" for person in people]
    enrolled(people[0], course)

    def statements(some) -> int:
        with CaptureQueriesContext(connection) as seen:
            imported("enrollments", "username,course\n" + "".join(some))
        return len(seen)

    assert statements(rows[1:2]) == statements(rows[2:])
    assert CourseProgress.objects.filter(course=course).count() == 40


# --- The command ---------------------------------------------------------------------------------
@pytest.mark.django_db
def test_the_command_prints_its_result(tmp_path, capsys):
    file, rejected = tmp_path / "people.csv", tmp_path / "rejected.csv"
    file.write_text(PEOPLE + "omar,,nobody,,\n")
    with pytest.raises(CommandError, match="Nothing was written: 1 new, 0 changed"):
        call_command("import_csv", "people", str(file))
    assert "Row 3: email ‘nobody’: an address" in capsys.readouterr().err
    call_command("import_csv", "people", str(file), partial=True, rejected=str(rejected))
    assert "Written: 1 new, 0 changed, 0 unchanged, 1 problems." in capsys.readouterr().out
    assert "omar,,nobody" in rejected.read_text("utf-8-sig")
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_csv", "people", str(tmp_path / "none.csv"))
