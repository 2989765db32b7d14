"""Questions of every type in a file: a row for each, imported, corrected, refused by cell."""

import pytest

from progress.catalogue import course_document
from progress.models import Choice, Content, Course
from tests.support.importing import counts, imported

pytestmark = pytest.mark.django_db
HEAD = (
    "course,course_title,module,content,content_type,question,question_text,question_type,choices,"
    "correct,matches,tolerance,pool,explanation,taught_in,taught_at,pools,time_limit_minutes,"
    "shuffle_questions\n"
)
ROWS = [
    "fire,Fire,m,film,embed,,,,,,,,,,,,,,",
    "fire,,m,quiz,quiz,order,What comes first?,ordering,Alarm|Leave|Meet,,,,,So,film,,,30,yes",
    "fire,,m,quiz,,match,Which?,matching,Wood|Paper|Oil,,Water|Water|Foam|None,,,,,,,,",
    'fire,,m,quiz,,number,How many?,numeric,12.5|13,,,"0,5",,,,,,,',
    "fire,,m,quiz,,word,Who?,short_text,Fire brigade|112,,,,,,,,,,",
    "fire,,m,quiz,,true,Is it?,true_false,True|False,False,,,,,,,,,",
    "fire,,m,quiz,,one,One?,single,A|B,B,,,p,,,,,,",
    "fire,,m,quiz,,several,Several?,multiple,A|B|C,A|C,,,p,,,,p=1,,",
]


def a_file(**changed: str) -> str:
    """The file, with the row of a question replaced."""
    rows = [changed.get(row.split(",")[5] or "film", row) for row in ROWS]
    return HEAD + "\n".join(rows).replace("embed", "text", 1) + "\n"


def questions() -> dict[str, dict]:
    document = course_document(Course.objects.get(), is_author=True)
    quiz = document["modules"][0]["contents"][1]
    return {each["code"]: each for each in quiz["questions"]}


def test_every_type_is_imported_and_again_changes_nothing():
    assert counts(imported("courses", a_file())) == (1, 0, 0)
    found = questions()
    assert [each["question_type"] for each in found.values()] == [
        "ordering", "matching", "numeric", "short_text", "true_false", "single", "multiple"
    ]  # fmt: skip
    texts = {code: [c["text"] for c in each["choices"]] for code, each in found.items()}
    assert texts["order"] == ["Alarm", "Leave", "Meet"]
    codes = {choice["text"]: choice["code"] for choice in found["match"]["choices"]}
    matches = {c["text"]: c["match"] for c in found["match"]["choices"] if c["match"]}
    assert matches == {"Wood": codes["Water"], "Paper": codes["Water"], "Oil": codes["Foam"]}
    assert texts["match"] == ["Wood", "Paper", "Oil", "Water", "Foam", "None"]
    assert (texts["number"], found["number"]["tolerance"]) == (["12.5", "13"], "0,5")
    assert texts["word"] == ["Fire brigade", "112"]
    assert [c["correct"] for c in found["true"]["choices"]] == [False, True]
    assert (found["order"]["explanation"], found["order"]["taught_in"]) == ("So", "film")
    quiz = Content.objects.get(code="quiz")
    assert (quiz.pools, quiz.time_limit_seconds, quiz.shuffles_questions) == ({"p": 1}, 1800, True)
    version = Course.objects.get().structure_version
    assert imported("courses", a_file()).is_noop
    assert Course.objects.get().structure_version == version


def test_matches_keep_their_identity_when_others_are_added():
    imported("courses", a_file())
    before = dict(Choice.objects.filter(question__code="match").values_list("text", "pk"))
    row = "fire,,m,quiz,,match,Which?,matching,Wood|Paper|Oil|Gas,,Water|Water|Foam|Foam,,,,,,,,"
    assert imported("courses", a_file(match=row)).is_written
    after = dict(Choice.objects.active().filter(question__code="match").values_list("text", "pk"))
    assert {text: pk for text, pk in after.items() if text in before} == {
        text: pk for text, pk in before.items() if text != "None"
    }


@pytest.mark.parametrize(
    ("question", "row", "column"),
    [
        ("number", "fire,,m,quiz,,number,How many?,numeric,twelve,,,,,,,,,,", "choices"),
        ("number", "fire,,m,quiz,,number,How many?,numeric,12,,,some,,,,,,,", "tolerance"),
        ("word", "fire,,m,quiz,,word,Who?,short_text,,,,,,,,,,,", "choices"),
        ("match", "fire,,m,quiz,,match,Which?,matching,Wood|Oil,,Water,,,,,,,,", "matches"),
        ("one", "fire,,m,quiz,,one,One?,single,A|B,B,Water,,,,,,,,", "matches"),
        ("one", "fire,,m,quiz,,one,One?,sorting,A|B,B,,,,,,,,,", "question_type"),
        ("one", "fire,,m,quiz,,one,One?,single,A|B,B,,,q,,,,,,", "pool"),
        (
            "several",
            "fire,,m,quiz,,several,Several?,multiple,A|B,A,,,p,,nowhere,,p=1,,",
            "taught_in",
        ),
        ("several", "fire,,m,quiz,,several,Several?,multiple,A|B,A,,,,,,,p,,", "pools"),
    ],
)
def test_a_wrong_cell_is_named_as_its_author_sees_it(question, row, column):
    problems = imported("courses", a_file(**{question: row})).problems
    number = 2 + [each.split(",")[5] for each in ROWS].index(question)
    assert (number, column) in {(each.row, each.column) for each in problems}
    assert not Course.objects.exists()
