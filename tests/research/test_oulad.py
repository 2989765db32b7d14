"""The evaluation runs on any folder of the Open University's tables, and names what is wrong."""

import os
import shutil
from io import StringIO
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from django.core.management import CommandError, call_command

from analytics.facts.risk import fitting
from analytics.facts.risk.prior import prior
from analytics.facts.risk.training import Sample, observe
from research.risk import clicks, evaluation, oulad

REAL = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "oulad"
LENGTH = 240


def write_folder(folder: Path, presentations, *, learners=120, seed=3, activity=True) -> Path:
    """Tables of made-up learners: the diligent hand in, click and pass."""
    chance = np.random.default_rng(seed)
    rows = {name: [] for name in (*oulad.TABLES, clicks.NAME)}
    for number, (module, code) in enumerate(presentations):
        rows["courses"].append((module, code, LENGTH))
        tasks = [(1000 * number + t, 20 + 35 * t) for t in range(6)]
        rows["assessments"] += [(module, code, task, "TMA", day, 10.0) for task, day in tasks]
        rows["assessments"].append((module, code, 1000 * number + 9, "Exam", None, 100.0))
        for learner in range(learners):
            student = 10_000 * number + learner
            diligence = chance.uniform()
            left = (
                int(chance.integers(15, 200)) if chance.uniform() > 0.6 + 0.4 * diligence else None
            )
            result = "Withdrawn" if left else "Pass" if diligence > 0.45 else "Fail"
            sex = "MF"[learner % 2]
            personal = (sex, "0-35", "N", "10-20", "A Level", "Wales")
            rows["studentInfo"].append((module, code, student, 0, 60, result, *personal))
            rows["studentRegistration"].append((module, code, student, -30, left))
            for task, day in tasks:
                if chance.uniform() < diligence + 0.3 and day < (left or 999):
                    score = float(np.clip(100 * diligence + chance.normal(0, 10), 0, 100))
                    rows["studentAssessment"].append((task, student, day - 1, False, score))
            for day in (14, 28, 42, 56):
                if activity and day < (left or 999):
                    active = int(day * diligence) + 1
                    rows[clicks.NAME].append((module, code, student, day, active, active * 9))
    columns = {
        **oulad.TABLES,
        clicks.NAME: (*clicks.KEY, *clicks.COLUMNS),
    }
    folder.mkdir(exist_ok=True)
    for name, names in columns.items():
        table = list(zip(*rows[name], strict=True)) or [[] for _ in names]
        if rows[name] or name != clicks.NAME:
            parquet.write_table(
                pa.table(dict(zip(names, map(list, table), strict=True))),
                folder / f"{name}.parquet",
            )
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    known = [
        ("AAA", "2013B"),
        ("AAA", "2013J"),
        ("BBB", "2013J"),
        ("AAA", "2019J"),
        ("ZZZ", "2019J"),
    ]
    return write_folder(tmp_path_factory.mktemp("oulad"), known, learners=240)


def evaluate(folder, *options) -> str:
    out = StringIO()
    call_command("evaluate_risk", "--dataset", "oulad", str(folder), *options, stdout=out)
    return out.getvalue()


def test_a_presentation_never_seen_is_measured_by_the_shipped_model(folder):
    said = evaluate(folder, "--test", "2019J", "--cutoffs", "30,90")
    assert f"model {prior().version}, on AAA 2019J, ZZZ 2019J" in said
    day, learners, failed, auc, *_ = said.split("worst presentation\n")[1].split()
    assert (day, int(learners) > 300, 0 < float(failed) < 1) == ("30", True, True)
    assert float(auc) > 0.6


def test_training_and_testing_are_kept_separate(folder, monkeypatch):
    monkeypatch.setitem(fitting.SETTINGS, "max_iter", 5)
    options = ("--train", "2013B,2013J", "--cutoffs", "60")
    said = evaluate(folder, *options, "--test", "2019J")
    assert "left out, their modules aren't in --train: ZZZ 2019J" in said
    assert "on AAA 2019J\n" in said
    assert (
        "ZZZ" in evaluate(folder, *options, "--test", "2019J", "--unseen-modules").split("on ")[1]
    )
    with pytest.raises(CommandError, match="can't be measured on"):
        evaluate(folder, *options, "--test", "2013J")


def test_clicks_are_measured_where_they_were_recorded(folder, tmp_path):
    said = evaluate(folder, "--test", "2019J", "--clicks")
    assert [line.split()[0] for line in said.splitlines()[3:7]] == ["14", "28", "42", "56"]
    bare = write_folder(tmp_path / "bare", [("AAA", "2019J")], activity=False)
    assert "nobody to measure by" in evaluate(bare, "--test", "2019J", "--clicks")


def without(folder: Path, name: str, students: list[int]) -> None:
    path = folder / f"{name}.parquet"
    table = parquet.read_table(path)
    kept = ~np.isin(table["id_student"].to_numpy(), students)
    parquet.write_table(table.filter(pa.array(kept)), path)


def clicked(folder: Path):
    (whole,) = oulad.load(folder)
    return whole.cohort.activity.active


def never(folder: Path, day: float) -> np.ndarray:
    (whole,) = oulad.load(folder)
    return ~(whole.cohort.submitted <= day).any(axis=1)


def test_unlisted_learners_are_silent_until_they_submit_something(tmp_path):
    """The table of clicks lists neither the silent nor those whose clicks weren't recorded."""
    folder = write_folder(tmp_path / "clicks", [("AAA", "2019J")], learners=90)
    before = clicked(folder)
    submitted = np.flatnonzero(~never(folder, 28))
    unrecorded, silent = submitted[:3], submitted[3:6]
    without(folder, clicks.NAME, [*unrecorded, *silent])
    without(folder, "studentAssessment", list(silent))
    after = clicked(folder)
    assert (after[silent] == 0).all()
    assert (after[unrecorded, 0] == 0).all()  # on day 14 neither had submitted anything
    assert np.isnan(after[unrecorded][:, 1:]).all()
    others = np.setdiff1d(np.arange(90), [*unrecorded, *silent])
    np.testing.assert_array_equal(after[others], before[others])


@pytest.mark.parametrize("day", [14, 28, 56])
def test_no_one_who_is_enrolled_and_silent_is_left_out(tmp_path, day):
    folder = write_folder(tmp_path / "clicks", [("AAA", "2019J")], learners=90)
    there = predicted_learners(folder, day)
    quiet = [int(each) for each in np.flatnonzero(never(folder, day)) if each in there][:5]
    assert len(quiet) > 3
    without(folder, clicks.NAME, quiet)
    assert predicted_learners(folder, day) == there
    samples = [Sample(p.cohort, p.outcome, []) for p in oulad.load(folder)]
    learned = [observe(s, np.full(90, float(day)), with_activity=True) for s in samples]
    assert sum(len(each.outcome) for each in learned) == len(there)


def predicted_learners(folder: Path, day: float) -> set[int]:
    found = evaluation.predict(prior(), oulad.load(folder), day, recorded_only=True)
    return set(found.learner.tolist())


def test_learners_listed_later_were_silent_before(tmp_path):
    folder = write_folder(tmp_path / "clicks", [("AAA", "2019J")], learners=90)
    late = int(np.flatnonzero(never(folder, 42))[0])
    path = folder / f"{clicks.NAME}.parquet"
    table = parquet.read_table(path)
    at_most = (table["id_student"].to_numpy() == late) & (table["day"].to_numpy() <= 42)
    first = at_most | (table["id_student"].to_numpy() == late)
    assert first.sum() == 4
    parquet.write_table(table.filter(pa.array(~at_most)), path)
    assert clicked(folder)[late, 1:3].tolist() == [0, 0]
    assert clicked(folder)[late, 3] > 0


def test_error_rates_are_given_by_group(folder):
    said = evaluate(folder, "--test", "2019J", "--cutoffs", "60")
    assert [line for line in said.splitlines() if line.startswith("gender             F")]
    assert "disability         N" in said


def test_personal_attributes_change_no_score(folder, tmp_path):
    before = predicted_risk(folder)
    other = tmp_path / "other"
    other.mkdir()
    for path in folder.glob("*.parquet"):
        table = parquet.read_table(path)
        for name in oulad.PERSONAL:
            if name in table.column_names:
                where = table.column_names.index(name)
                table = table.set_column(where, name, pa.array(["X"] * len(table)))
        parquet.write_table(table, other / path.name)
    np.testing.assert_array_equal(predicted_risk(other), before)


@pytest.mark.parametrize("day", [14, 30, 60, 100])
@pytest.mark.parametrize("recorded_only", [False, True])
def test_what_happens_after_the_cutoff_changes_no_score(folder, tmp_path, day, recorded_only):
    """Nor who is counted: not even who is listed among those that clicked."""
    source = tmp_path / "source"
    shutil.copytree(folder, source)
    without(source, clicks.NAME, list(range(30_000, 30_060)))  # AAA 2019J
    before = predicted_risk(source, day, recorded_only=recorded_only)
    other = tmp_path / "other"
    other.mkdir()
    for path in source.glob("*.parquet"):
        table = parquet.read_table(path)
        if path.stem == "studentAssessment":
            table = table.filter(pa.compute.less_equal(table["date_submitted"], day))
        if path.stem == clicks.NAME:
            table = table.filter(pa.compute.less_equal(table["day"], day))
        if path.stem == "studentRegistration":
            where = table.column_names.index("date_unregistration")
            left = [d if d is not None and d <= day else None for d in table[where].to_pylist()]
            table = table.set_column(where, "date_unregistration", pa.array(left, pa.int64()))
        parquet.write_table(table, other / path.name)
    after = predicted_risk(other, day, recorded_only=recorded_only)
    np.testing.assert_array_equal(after, before)
    assert len(before) > (0 if recorded_only and day == 100 else 100)


def predicted_risk(folder, day=60, *, recorded_only=False):
    presentations = [each for each in oulad.load(folder) if each.code == "2019J"]
    return evaluation.predict(prior(), presentations, day, recorded_only=recorded_only).risk


def test_activity_is_used_where_it_is_known_and_measured_without_it_too(folder, tmp_path):
    def auc(said, title):
        return float(said.split(f"{title}\n")[1].splitlines()[1].split()[3])

    everything, bare = "from all that was known by then", "from registration and assessments alone"
    said = evaluate(folder, "--test", "2019J", "--cutoffs", "30")
    unknown = tmp_path / "unknown"
    shutil.copytree(folder, unknown)
    os.remove(unknown / f"{clicks.NAME}.parquet")
    less = evaluate(unknown, "--test", "2019J", "--cutoffs", "30")
    assert auc(said, everything) > auc(said, bare)
    assert auc(less, everything) == auc(less, bare) == auc(said, bare)


def test_only_registered_learners_are_measured(folder):
    [each] = [each for each in oulad.load(folder) if each.cohort.name == "AAA 2019J"]
    there = evaluation.predict(prior(), [each], 100, with_activity=False)
    assert len(there) == (~(each.cohort.left <= 100)).sum() < len(each.cohort)


def test_tables_without_rows_are_no_error(tmp_path):
    folder = write_folder(tmp_path / "small", [("AAA", "2019J")], learners=30)
    for name in ("studentAssessment", "assessments", "studentRegistration"):
        path = folder / f"{name}.parquet"
        parquet.write_table(parquet.read_table(path).slice(0, 0), path)
    assert "   30        30" in evaluate(folder, "--test", "2019J", "--cutoffs", "30")


def test_personal_attributes_may_be_absent_and_change_no_figure(folder, tmp_path):
    whole = evaluate(folder, "--test", "2019J").splitlines()
    for path in folder.glob("*.parquet"):
        table = parquet.read_table(path)
        if path.stem == "studentInfo":
            table = table.drop_columns(list(oulad.PERSONAL))
        parquet.write_table(table, tmp_path / path.name)
    bare = evaluate(tmp_path, "--test", "2019J").splitlines()
    assert bare[-1] == "no error rates by group: the data have no personal attributes"
    figures = bare.index("")
    assert bare[:figures] == whole[:figures]
    assert any(line.startswith("gender") for line in whole)


SPOILS = {
    "no studentInfo.parquet": lambda folder: os.remove(folder / "studentInfo.parquet"),
    "courses.parquet": lambda folder: (folder / "courses.parquet").write_text("no parquet"),
    "has no column weight": lambda folder: parquet.write_table(
        parquet.read_table(folder / "assessments.parquet").drop_columns(["weight"]),
        folder / "assessments.parquet",
    ),
    "courses: has no row for AAA 2019J": lambda folder: parquet.write_table(
        parquet.read_table(folder / "courses.parquet").slice(0, 0), folder / "courses.parquet"
    ),
}


@pytest.mark.parametrize(("words", "spoil"), SPOILS.items(), ids=SPOILS)
def test_errors_name_what_is_wrong(words, spoil, tmp_path):
    folder = write_folder(tmp_path / "spoilt", [("AAA", "2019J")], learners=20)
    spoil(folder)
    with pytest.raises(CommandError, match=words):
        evaluate(folder, "--test", "2019J")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--test", "2031B"), "no presentation 2031B; there are 2013B"),
        (("--test", "2019J", "--cutoffs", "soon"), "--cutoffs"),
        (("--test", "2019J", "--cutoffs", "-3"), "--cutoffs"),
        ((), "--test"),
    ],
)
def test_options_are_checked(options, words, folder):
    with pytest.raises(CommandError, match=words):
        evaluate(folder, *options)


def test_other_folders_and_datasets_are_refused(tmp_path):
    with pytest.raises(CommandError, match="not a folder"):
        evaluate(tmp_path / "nowhere", "--test", "2014B")
    with pytest.raises(CommandError, match="'moodle' isn't known"):
        call_command("evaluate_risk", "--dataset", "moodle", str(tmp_path), "--test", "2014B")


@pytest.mark.skipif(not REAL.exists(), reason="the Open University's data isn't here")
def test_the_real_tables_are_read_whole():
    presentations = {each.cohort.name: each for each in oulad.load(REAL)}
    assert len(presentations) == 15
    first = presentations["AAA 2013J"]
    assert len(first.cohort) == 383
    assert first.cohort.submitted.shape == (383, 5)
    assert first.cohort.due[0].tolist() == [19, 54, 117, 166, 215]
    assert abs(first.outcome.mean() - 0.274) < 0.001
    assert first.cohort.activity.days.tolist() == [14, 28, 42, 56]
    ccc = evaluation.predict(prior(), [presentations["CCC 2014B"]], 90, with_activity=False)
    assert evaluation.measure(ccc).auc > 0.8
