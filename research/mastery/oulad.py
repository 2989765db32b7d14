"""Real quiz results: the computer-marked assignments of the Open University's public data.

Kuzilek, Hlosta, Zdrahal (2017), Open University Learning Analytics Dataset, CC BY 4.0. A skill is
a module, a question one whole assignment, its answer the share of points.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from research import parquet

from .comparison import Response

MIN_ANSWERS = 2
MODULE = ("code_module", "code_presentation")


def computer_marked(folder: Path) -> list[list[Response]]:
    """Each student's assignments in one presentation of a module, in order of submission.

    Raises parquet.BadFolder where the tables aren't there.
    """
    assignments = {
        assignment: (module, presentation)
        for assignment, module, presentation, kind in _rows(
            folder / "assessments.parquet",
            ("id_assessment", *MODULE, "assessment_type"),
            texts=(*MODULE, "assessment_type"),
        )
        if kind == "CMA"
    }
    found: dict[tuple, list[tuple]] = {}
    for assignment, student, day, is_banked, score in _rows(
        folder / "studentAssessment.parquet",
        ("id_assessment", "id_student", "date_submitted", "is_banked", "score"),
    ):
        is_own = not np.isnan(score) and not is_banked
        if assignment in assignments and is_own:
            response = Response(f"{assignment:.0f}", score / 100)
            key = (*assignments[assignment], student)
            found.setdefault(key, []).append((day, assignment, response))
    return [
        [response for _, _, response in sorted(answers)]
        for _, answers in sorted(found.items())
        if len(answers) >= MIN_ANSWERS
    ]


def _rows(path: Path, columns: tuple[str, ...], texts: tuple[str, ...] = ()) -> Iterator[tuple]:
    table = parquet.read(path, columns, texts)
    return zip(*(table[name].tolist() for name in columns), strict=True)
