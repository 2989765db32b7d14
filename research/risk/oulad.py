"""The Open University's learning analytics data (Kuzilek, Hlosta, Zdrahal 2017) as cohorts.

A folder has the tables as parquet files, named as in the publication. Each presentation of a module
is a cohort; days count from the start of the presentation, as in the tables. Personal attributes
are read only for the table of error rates by group: no cohort has them.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np

from analytics.facts.risk.signs.history import Cohort, Elsewhere, Floats
from research import parquet
from research.parquet import BadFolder

from . import clicks
from .clicks import KEY

PERSONAL = ("gender", "age_band", "disability", "imd_band", "highest_education", "region")
TABLES = {
    "courses": (*KEY, "module_presentation_length"),
    "studentInfo": (
        *KEY,
        "id_student",
        "num_of_prev_attempts",
        "studied_credits",
        "final_result",
        *PERSONAL,
    ),
    "studentRegistration": (*KEY, "id_student", "date_registration", "date_unregistration"),
    "assessments": (*KEY, "id_assessment", "assessment_type", "date", "weight"),
    "studentAssessment": ("id_assessment", "id_student", "date_submitted", "is_banked", "score"),
}
TEXTS = {*KEY, *PERSONAL, "final_result", "assessment_type"}
PRESENTATION = re.compile(r"^(\d{4})([BJ])$")
STARTS = {"B": 2, "J": 10}  # presentations begin in February and in October
RESULT_DELAY = 30  # days from a presentation's end until its result counts as known
OUTCOMES = {"Pass": 0.0, "Distinction": 0.0, "Fail": 1.0, "Withdrawn": 1.0}
MAX_ELSEWHERE = 4

Table = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Presentation:
    """A cohort, its outcomes (1 failed or withdrawn, 0 passed, NaN unknown), who has no other
    enrolment in the folder, and the groups for error rates."""

    cohort: Cohort
    code: str
    outcome: Floats
    is_only: np.ndarray
    groups: dict[str, np.ndarray]


def load(folder: Path) -> list[Presentation]:
    """All presentations of the folder, by module and code. Raises BadFolder."""
    if not folder.is_dir():
        raise BadFolder(f"{folder} is not a folder")
    tables = {
        name: parquet.read(folder / f"{name}.parquet", columns, TEXTS, optional=PERSONAL)
        for name, columns in TABLES.items()
    }
    people = _People(tables)
    work = _Assessments(tables["assessments"], tables["studentAssessment"])
    keys = sorted(set(_keys(tables["courses"])) & set(people.of_key))
    found = {key: _presentation(key, people, work) for key in keys}
    activity = clicks.checkpoints(
        clicks.read(folder), {key: _submissions(each) for key, each in found.items()}
    )
    return [
        replace(each, cohort=replace(each.cohort, activity=activity.get(key)))
        for key, each in found.items()
    ]


class _People:
    """The enrolments in all presentations, one row each, with days on a common calendar."""

    def __init__(self, tables: Mapping[str, Table]):
        courses, self.info = tables["courses"], tables["studentInfo"]
        lengths = dict(zip(_keys(courses), courses["module_presentation_length"], strict=True))
        keys = _keys(self.info)
        missing = sorted({key for key in keys if key not in lengths})
        if missing:
            raise BadFolder(f"courses: has no row for {' '.join(missing[0])}")
        self.ids = self.info["id_student"].astype(np.int64)
        self.length = np.array([lengths[key] for key in keys], dtype=float)
        self.start = np.array([_start(code) for _, code in keys], dtype=float)
        self.outcome = np.array([OUTCOMES.get(r, np.nan) for r in self.info["final_result"]])
        self.registered, self.left = self._registrations(keys, tables["studentRegistration"])
        withdrawn = (self.info["final_result"] == "Withdrawn") & ~np.isnan(self.left)
        self.known = self.start + np.where(withdrawn, self.left, self.length + RESULT_DELAY)
        self.of_key, self.of_learner = defaultdict(list), defaultdict(list)
        for row, (key, learner) in enumerate(zip(keys, self.ids, strict=True)):
            self.of_key[key].append(row)
            self.of_learner[int(learner)].append(row)

    def _registrations(self, keys: list, table: Table) -> tuple[Floats, Floats]:
        days = {
            (key, int(learner)): (registered, left)
            for key, learner, registered, left in zip(
                _keys(table),
                table["id_student"],
                table["date_registration"],
                table["date_unregistration"],
                strict=True,
            )
        }
        unknown = (np.nan, np.nan)
        found = [days.get((k, int(i)), unknown) for k, i in zip(keys, self.ids, strict=True)]
        both = np.array(found, dtype=float).reshape(-1, 2)
        return both[:, 0], both[:, 1]

    def elsewhere(self, rows: np.ndarray) -> Elsewhere:
        left, known, completed = (np.full((len(rows), MAX_ELSEWHERE), np.nan) for _ in range(3))
        for index, row in enumerate(rows):
            others = [other for other in self.of_learner[int(self.ids[row])] if other != row]
            for column, other in enumerate(others[:MAX_ELSEWHERE]):
                shift = self.start[other] - self.start[row]
                left[index, column] = self.left[other] + shift
                known[index, column] = self.known[other] - self.start[row]
                completed[index, column] = 1 - self.outcome[other]
        return Elsewhere(left, known, completed)


class _Assessments:
    """Assessments with a due day, without exams, and what was submitted."""

    def __init__(self, assessments: Table, submissions: Table):
        kept = (assessments["assessment_type"] != "Exam") & ~np.isnan(assessments["date"])
        self.table = {name: column[kept] for name, column in assessments.items()}
        self.of_key = defaultdict(list)
        for row, key in enumerate(_keys(self.table)):
            self.of_key[key].append(row)
        order = np.argsort(submissions["id_assessment"], kind="stable")
        self.submissions = {name: column[order] for name, column in submissions.items()}

    def of(self, key: tuple[str, str], learners: np.ndarray) -> dict[str, np.ndarray]:
        """The fields of `Cohort` about tasks, for these learners, whose ids are in order."""
        table = self.table
        rows = sorted(
            self.of_key[key], key=lambda row: (table["date"][row], table["id_assessment"][row])
        )
        shape = (len(learners), len(rows))
        submitted, score, carried = np.full(shape, np.nan), np.full(shape, np.nan), np.zeros(shape)
        ids = self.submissions["id_assessment"]
        for column, row in enumerate(rows):
            number = table["id_assessment"][row]
            since, until = (np.searchsorted(ids, number, side) for side in ("left", "right"))
            part = slice(since, until)
            who = self.submissions["id_student"][part].astype(np.int64)
            index = np.clip(np.searchsorted(learners, who), 0, max(len(learners) - 1, 0))
            ours = learners[index] == who
            index = index[ours]
            submitted[index, column] = self.submissions["date_submitted"][part][ours]
            score[index, column] = self.submissions["score"][part][ours] / 100
            carried[index, column] = self.submissions["is_banked"][part][ours]
        return {
            "due": np.broadcast_to(table["date"][rows], shape),
            "weight": table["weight"][rows],
            "submitted": submitted,
            "score": score,
            "carried": carried,
        }


def _presentation(key: tuple[str, str], people: _People, work: _Assessments) -> Presentation:
    rows = np.array(people.of_key[key], dtype=int)
    rows = rows[np.argsort(people.ids[rows], kind="stable")]
    learners = people.ids[rows]
    tasks = work.of(key, learners)
    is_only = np.array([len(people.of_learner[int(learner)]) == 1 for learner in learners])
    cohort = Cohort(
        name=" ".join(key),
        course=key[0],
        learners=learners,
        length=people.length[rows],
        registered=people.registered[rows],
        left=people.left[rows],
        finished=np.full(len(rows), np.nan),
        attempts_before=people.info["num_of_prev_attempts"][rows],
        load=people.info["studied_credits"][rows],
        seen=np.full((len(rows), 0), np.nan),
        elsewhere=people.elsewhere(rows),
        **tasks,
    )
    return Presentation(
        cohort=cohort,
        code=key[1],
        outcome=people.outcome[rows],
        is_only=is_only,
        groups={name: people.info[name][rows] for name in PERSONAL if name in people.info},
    )


def _submissions(presentation: Presentation) -> clicks.Submissions:
    cohort = presentation.cohort
    return clicks.Submissions(
        learners=cohort.learners,
        day=np.where(cohort.carried > 0, np.nan, cohort.submitted),
        is_only=presentation.is_only,
    )


def _keys(table: Table) -> list[tuple[str, str]]:
    return [(str(m), str(p)) for m, p in zip(table[KEY[0]], table[KEY[1]], strict=True)]


def _start(code: str) -> int:
    match = PRESENTATION.match(code)
    if match is None:
        raise BadFolder(f"code_presentation {code!r} isn't a year and B or J")
    return date(int(match[1]), STARTS[match[2]], 1).toordinal()
