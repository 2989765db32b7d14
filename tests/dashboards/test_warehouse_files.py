"""Every view as a Parquet file each night: whole or not there, and resumed after a break."""

import hashlib
import json
import re
import sys
from datetime import timedelta
from pathlib import Path

import pyarrow.parquet
import pytest
from django.conf import settings as configured
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.utils import timezone

from analytics.tasks import export_warehouse
from analytics.warehouse import exporting
from progress.models import Job
from tests.support.learners import DAY, learn, pass_quiz, someone

pytestmark = pytest.mark.django_db


@pytest.fixture
def learned(course):
    for number in range(3):
        person = someone(course, full_name=f"Learner {number}", department="Care")
        learn(course, person, ago=DAY)
        pass_quiz(course, person, "c2", ago=DAY)


def rows_of(view: str) -> set[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM warehouse.{view}")
        return {tuple(map(comparable, row)) for row in cursor.fetchall()}


def comparable(value):
    return str(value) if type(value).__name__ == "UUID" else value


def manifest_of(folder: Path) -> dict:
    return json.loads((folder / "manifest.json").read_text())


def test_the_files_hold_what_the_views_show(learned, tmp_path, monkeypatch):
    monkeypatch.setattr(exporting, "CHUNK", 2)  # several groups of rows in a file
    count = exporting.export(tmp_path, timezone.now())
    [folder] = tmp_path.iterdir()
    files = manifest_of(folder)["files"]
    assert set(files) == set(exporting.views())
    assert {each.name for each in folder.iterdir()} == {
        "manifest.json",
        *(each["file"] for each in files.values()),
    }
    for view, described in files.items():
        file = folder / described["file"]
        table = pyarrow.parquet.read_table(file)
        found = {tuple(row.values()) for row in table.to_pylist()}
        assert found == rows_of(view), view
        assert described["rows"] == table.num_rows
        assert described["bytes"] == file.stat().st_size
        assert described["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert count == sum(each["rows"] for each in files.values()) > 10


def test_an_export_that_breaks_off_goes_on_with_what_is_missing(learned, tmp_path, monkeypatch):
    now = timezone.now()
    write = exporting._write_rows

    def fail_at_progress(path, view):
        if view == "progress":
            path.write_bytes(b"half a file")
            raise OSError("No space left on device")
        return write(path, view)

    monkeypatch.setattr(exporting, "_write_rows", fail_at_progress)
    with pytest.raises(OSError, match="No space"):
        exporting.export(tmp_path, now)
    [folder] = tmp_path.iterdir()
    assert not (folder / "manifest.json").exists()
    assert not (folder / "progress.parquet").exists()
    there = {each.name: each.stat().st_mtime_ns for each in folder.glob("*.parquet")}
    monkeypatch.setattr(exporting, "_write_rows", write)
    exporting.export(tmp_path, now + timedelta(hours=1))
    assert [folder] == list(tmp_path.iterdir())
    assert set(manifest_of(folder)["files"]) == set(exporting.views())
    again = {name: (folder / name).stat().st_mtime_ns for name in there}
    assert again == there and there
    assert not list(folder.glob("*.part"))


def test_one_that_broke_off_long_ago_is_begun_anew(learned, tmp_path):
    now = timezone.now()
    exporting.export(tmp_path, now - timedelta(days=1))
    [old] = tmp_path.iterdir()
    (old / "manifest.json").unlink()
    exporting.export(tmp_path, now)
    [folder] = tmp_path.iterdir()
    assert folder != old


def test_the_newest_seven_are_kept(tmp_path):
    now = timezone.now()
    for days in range(9, 0, -1):
        exporting.export(tmp_path, now - timedelta(days=days))
    kept = sorted(each.name for each in tmp_path.iterdir())
    assert len(kept) == exporting.KEPT
    assert kept[-1] == (now - timedelta(days=1)).strftime("%Y%m%dT%H%M%SZ")


def test_the_job_exports_only_where_a_directory_is_set(learned, tmp_path, settings):
    export_warehouse()
    settings.WAREHOUSE_DIR = str(tmp_path / "warehouse")
    export_warehouse()
    assert len(list((tmp_path / "warehouse").glob("*/manifest.json"))) == 1
    job = Job.objects.get(name__endswith="export_warehouse")
    assert job.last_error == "" and job.rows > 10


def test_without_pyarrow_the_job_says_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImproperlyConfigured, match="pyarrow"):
        exporting.export(tmp_path / "new", timezone.now())


def test_the_pages_example_reads_a_file(learned, tmp_path):
    exporting.export(tmp_path, timezone.now())
    page = Path(configured.BASE_DIR) / "docs/warehouse.md"
    [example] = re.findall(r"```python\n(.*?)```", page.read_text(), re.S)
    names = {"WAREHOUSE_DIR": str(tmp_path)}
    exec(example, names)
    assert names["progress"].num_rows == 3
