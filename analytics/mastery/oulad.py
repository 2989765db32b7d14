"""Real quiz results: the computer-marked assignments of the Open University's public data.

Kuzilek, Hlosta, Zdrahal (2017), Open University Learning Analytics Dataset, CC BY 4.0. A skill is
a module, a question one whole assignment, its answer the share of points.
"""

from pathlib import Path

import pyarrow.parquet as parquet

from .comparing import Given

FEWEST_ANSWERS = 2


def computer_marked(folder: Path) -> list[list[Given]]:
    """Each student's assignments in one presentation of a module, in the order handed in.

    Raises OSError where the tables aren't there.
    """
    assignments = {
        row["id_assessment"]: (row["code_module"], row["code_presentation"])
        for row in parquet.read_table(folder / "assessments.parquet").to_pylist()
        if row["assessment_type"] == "CMA"
    }
    found: dict[tuple, list[tuple]] = {}
    for row in parquet.read_table(folder / "studentAssessment.parquet").to_pylist():
        assignment = row["id_assessment"]
        is_own = row["score"] is not None and not row["is_banked"]
        if assignment in assignments and is_own:
            key = (*assignments[assignment], row["id_student"])
            given = Given(str(assignment), row["score"] / 100)
            found.setdefault(key, []).append((row["date_submitted"], assignment, given))
    return [
        [given for _, _, given in sorted(answers)]
        for _, answers in sorted(found.items())
        if len(answers) >= FEWEST_ANSWERS
    ]
