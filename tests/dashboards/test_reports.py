"""Reports: one declaration, shown on a page, in a file and in the API."""

import io
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pypdf import PdfReader

from analytics.facts.rollups import folding
from analytics.query.filters import filters_from
from analytics.reporting import printing, registry
from analytics.reporting.cells import in_words, plain
from analytics.reporting.report import Kind, ReportQuery
from progress.files import downloads
from progress.jobs import Run
from tests.factories import a_course_of
from tests.support.admin import VIDEO, a_staff_member, text_of
from tests.support.learners import A_QUIZ, DAY, an_instructor_of, complete, learn, someone
from tests.support.reports import API, PAGE, in_api, rows_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def own(sign_in, course):
    return sign_in(an_instructor_of(course))


def test_the_same_rows_on_the_page_in_the_file_and_in_the_api(sign_in, course):
    teacher = an_instructor_of(course)
    lena = someone(course, full_name="Lena", department="Care")
    learn(course, lena, ago=DAY)
    window = sign_in(teacher)
    shown = text_of(window.get(f"{PAGE}learners/"))
    assert "Lena" in shown and "Care" in shown and "15 s" in shown and "1 row. As of" in shown
    (row,) = rows_of(window.get(f"{PAGE}learners/csv/"))
    (same,) = in_api(teacher).get(f"{API}learners/").json()["results"]
    assert {key: str(value or "") for key, value in same.items()}.items() >= {
        key: row[key] for key in ("learner", "department", "course", "active_seconds", "percent")
    }.items()
    assert (row["learner"], row["active_seconds"], row["completed_at"]) == ("Lena", "15", "")
    assert list(row) == [column.key for column in registry.find("learners", teacher).columns]


def test_the_spreadsheet_and_the_pdf_show_the_same(sign_in, course):
    lena = someone(course, full_name="Lena #1 [*]", department="Care")
    learn(course, lena, ago=DAY)
    window = sign_in(an_instructor_of(course))
    sheet = b"".join(window.get(f"{PAGE}learners/xlsx/").streaming_content)
    rows = [
        [cell.value for cell in row] for row in openpyxl.load_workbook(io.BytesIO(sheet)).active
    ]
    shown = dict(zip(rows[0], rows[1], strict=True))
    assert shown["Learner"] == "Lena #1 [*]" and shown["Active time"] == timedelta(seconds=15)
    paper = window.get(f"{PAGE}learners/pdf/?department=Nobody")
    assert paper.status_code == 400  # a department that isn't there is no filter
    paper = window.get(f"{PAGE}learners/pdf/")
    assert paper["Content-Disposition"].endswith('.pdf"')
    text = PdfReader(io.BytesIO(b"".join(paper.streaming_content))).pages[0].extract_text()
    assert "Lena #1 [*]" in text and "Fire safety" in text and "15 s" in text and "1 / 1" in text


def test_paper_has_the_first_rows_and_says_how_many_more(own, course, monkeypatch):
    monkeypatch.setattr(printing, "MAX_ROWS", 2)
    for _ in range(5):
        someone(course)
    paper = b"".join(own.get(f"{PAGE}learners/pdf/").streaming_content)
    assert "3 more rows" in PdfReader(io.BytesIO(paper)).pages[0].extract_text()


def kilobytes(name: str) -> int:
    (line,) = [line for line in Path("/proc/self/status").read_text().splitlines() if name in line]
    return int(line.split()[1])


def test_a_long_paper_takes_no_memory_of_the_server(course):
    """In this process a table of 1,500 rows took 170 MB."""
    teacher, row = an_instructor_of(course), (1, "Lena", "lena", "", "", "Fire", *[None] * 8)
    learners = registry.find("learners", teacher)
    long = replace(learners, rows=lambda asked: [row] * 1500, to_row=tuple)
    asked = ReportQuery(
        teacher, filters_from(QueryDict(), {course.pk: course.title}), timezone.now()
    )
    printing.pdf(replace(long, rows=lambda asked: [row]), asked)
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before = kilobytes("VmHWM")
    paper = printing.pdf(long, asked)
    assert kilobytes("VmHWM") - before < 40_000
    assert len(PdfReader(io.BytesIO(paper)).pages) > 20


def test_courses_are_added_up(sign_in, course):
    for number in range(4):
        learn(course, someone(course), ago=DAY * number)
    complete(course, someone(course), timezone.now())
    (row,) = rows_of(sign_in(an_instructor_of(course)).get(f"{PAGE}courses/csv/"))
    assert row["course"] == "Fire safety"
    assert (row["learners"], row["started"], row["complete"]) == ("5", "4", "1")
    assert (row["complete_percent"], row["active_seconds"]) == ("20", "60")


def test_completions_of_the_chosen_days_only(own, course):
    now = timezone.now()
    complete(course, someone(course, full_name="Lena"), now - 2 * DAY)
    complete(course, someone(course, full_name="Omar"), now - 50 * DAY)
    assert [row["learner"] for row in rows_of(own.get(f"{PAGE}completions/csv/"))] == ["Lena"]
    wide = f"{PAGE}completions/csv/?since={(now - 60 * DAY).date()}"
    assert {row["learner"] for row in rows_of(own.get(wide))} == {"Lena", "Omar"}


def test_nobody_sees_others_courses(sign_in, course):
    other = a_course_of(VIDEO, A_QUIZ, title="Not yours")
    someone(other, full_name="Omar")
    teacher = an_instructor_of(course)
    window = sign_in(teacher)
    for report in registry.open_to(teacher):
        address = f"{PAGE}{report.slug}/"
        assert "Omar" not in text_of(window.get(address))
        assert "Not yours" not in text_of(window.get(f"{address}?course={other.pk}"))
        shown = str(rows_of(window.get(f"{address}csv/")))
        assert "Omar" not in shown and "Not yours" not in shown
    refused = in_api(teacher).get(f"{API}learners/?course={other.pk}")
    assert refused.status_code == 400 and refused.json()["errors"][0]["attr"].startswith("course")


def test_without_the_permission_there_is_no_report(sign_in, course):
    nobody = a_staff_member("view_course", teaches=[course])
    assert sign_in(nobody).get(PAGE).status_code == 403
    assert sign_in(nobody).get(f"{PAGE}learners/").status_code == 403
    assert in_api(nobody).get(API).status_code == 403
    assert in_api(nobody).get(f"{API}learners/").status_code == 403
    assert in_api(nobody).get(f"{API}nothing/").status_code == 404


def test_each_has_a_page_a_file_and_an_answer(own, course):
    someone(course)
    teacher = course.instructors.get()
    shown = text_of(own.get(PAGE))
    listed = in_api(teacher).get(API).json()["results"]
    assert {each["slug"] for each in listed} == {each.slug for each in registry.open_to(teacher)}
    for report in registry.open_to(teacher):
        assert str(report.title) in shown
        assert own.get(f"{PAGE}{report.slug}/").status_code == 200
        assert own.get(f"{PAGE}{report.slug}/csv/").status_code == 200
        assert in_api(teacher).get(f"{API}{report.slug}/").status_code == 200
        keys = [column.key for column in report.columns]
        assert len(keys) == len(set(keys))
    assert own.get(f"{PAGE}unknown/").status_code == 404
    assert own.get(f"{PAGE}learners/exe/").status_code == 404


def test_a_filter_without_sense_is_named(own):
    wrong = "?since=2026-05-02&until=2026-05-01"
    assert "It starts after it ends." in text_of(own.get(f"{PAGE}completions/{wrong}"))
    refused = own.get(f"{PAGE}completions/csv/{wrong}")
    assert refused.status_code == 400 and "It starts after it ends." in refused.content.decode()


def test_a_csv_ends_with_its_number_of_rows_if_asked_to(own, course):
    for _ in range(2):
        someone(course)
    address = f"{PAGE}learners/csv/"
    plain_file = b"".join(own.get(address).streaming_content)
    whole = b"".join(own.get(f"{address}?end_line=true").streaming_content)
    assert whole == plain_file + b"#end,2\r\n"
    assert b"".join(own.get(f"{address}?end_line=false").streaming_content) == plain_file
    for wrong in (
        "csv/?end_line=perhaps",
        "csv/?end_line=true&end_line=true",
        "xlsx/?end_line=true",
    ):
        refused = own.get(f"{PAGE}learners/{wrong}")
        assert refused.status_code == 400 and "end_line" in text_of(refused)


def test_a_long_report_costs_as_much_as_a_short_one(own, course):
    def statements() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            own.get(f"{PAGE}learners/")
        return len(seen)

    someone(course)
    few = statements()
    for _ in range(60):
        someone(course)
    assert statements() == few <= 15
    assert "Page 1 of 2" in text_of(own.get(f"{PAGE}learners/"))


def test_a_file_is_read_in_parts_and_misses_nobody(course):
    teacher = an_instructor_of(course)
    for _ in range(5):
        someone(course)
    filters = filters_from(QueryDict(), {course.pk: course.title})
    rows = registry.find("learners", teacher).rows(ReportQuery(teacher, filters, timezone.now()))
    with CaptureQueriesContext(connection) as seen:
        read = list(downloads.tuples_in_chunks(rows, chunk=2))
    assert (len(read), len(seen)) == (5, 3)
    assert [row[0] for row in read] == sorted(row[0] for row in rows)


@pytest.mark.parametrize(
    ("value", "kind", "words", "kept"),
    [
        (None, Kind.SECONDS, "–", None),
        (0, Kind.NUMBER, "0", 0),
        (12345, Kind.NUMBER, "12,345", 12345),
        (0.12345, Kind.NUMBER, "0.1", 0.123),
        (750, Kind.SECONDS, "12 min", 750),
        (42, Kind.PERCENT, "42 %", 42),
        (True, Kind.FLAG, "Yes", True),
        ("", Kind.TEXT, "–", ""),
    ],
)
def test_a_value_in_words_and_plain(value, kind, words, kept):
    assert in_words(value, kind) == words
    assert plain(value, kind) == kept


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("-5", "'-5"),
        ("@a", "'@a"),
        ("\n=1", "'\n=1"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        (" =1", "' =1"),
        ("\u00a0\u3000+1", "'\u00a0\u3000+1"),
        ("\u200b=1", "'\u200b=1"),
        ("\ufeff@a", "'\ufeff@a"),
        ("＝1＋1", "'＝1＋1"),
        ("＋1", "'＋1"),
        ("－1", "'－1"),
        ("＠SUM(1)", "'＠SUM(1)"),
        ("﹦1", "'﹦1"),
        ("\u22121", "'\u22121"),
        ("Lena = Anna", "Lena = Anna"),
        (" Lena", " Lena"),
        ("", ""),
        (-5, "-5"),
        (-0.5, "-0.5"),
        (None, ""),
    ],
)
def test_no_text_is_a_formula_and_no_number_a_text(cell, shown):
    assert downloads.csv_cell(cell) == shown


def test_moments_are_shown_with_their_zone():
    at = timezone.now().replace(microsecond=0)
    assert plain(at, Kind.MOMENT) == timezone.localtime(at).isoformat()
    assert in_words(at.date(), Kind.DAY).endswith(str(at.year))
    assert plain(at.date() - timedelta(days=1), Kind.DAY) == str(at.date() - timedelta(days=1))


def test_who_needs_attention_and_what_was_done_day_by_day(own, course):
    for number in range(5):
        learn(course, someone(course, full_name=f"Lena {number}"), ago=20 * DAY)
    learn(course, someone(course), ago=2 * DAY)
    for _ in range(4):
        learn(course, someone(course), ago=DAY)
    folding.fold_new(Run("fold", timezone.now()))
    needs = rows_of(own.get(f"{PAGE}needs/csv/"))
    assert {row["learner"] for row in needs} == {f"Lena {number}" for number in range(5)}
    assert {row["reason"] for row in needs} == {"Stalled at ‘Fire doors’"}
    since = (timezone.now() - 30 * DAY).date()
    early, late, _last = rows_of(own.get(f"{PAGE}days/csv/?since={since}"))
    assert (early["learners"], early["active_seconds"], early["sessions"]) == ("5", "75", "5")
    assert (late["learners"], late["active_seconds"], late["sessions"]) == ("1", "", "")


def test_a_reader_without_courses_reads_so_on_every_page_and_is_refused_by_the_api(sign_in, course):
    learn(course, someone(course, full_name="Omar"), ago=DAY)
    nobody = a_staff_member("view_courseprogress", "view_course")
    window = sign_in(nobody)
    pages = ["alerts", "engagement", "habits", "compliance", "return", "reports"]
    pages += [f"reports/{report.slug}" for report in registry.open_to(nobody)]
    for address in ["/admin/", *(f"/admin/insight/{page}/" for page in pages)]:
        answer = window.get(address)
        assert answer.status_code == 200 and "Omar" not in text_of(answer), address
        is_list = address.endswith("/reports/")
        assert is_list or "You don't teach any courses yet" in text_of(answer), address
    for name in ("engagement", "heatmap", "patterns", "compliance", "roi", "reports/learners"):
        assert in_api(nobody).get(f"/api/analytics/{name}/").status_code == 403, name
