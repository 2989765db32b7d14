"""A certificate says what was waived, and its evidence says why and proves it."""

import json

import pytest

from certificates import tasks
from certificates.badges.open_badge import credential
from certificates.documents import page_text, styles
from certificates.lifecycle import issuing
from certificates.models import Certificate
from tests.support.evidence import unpacked, verify
from tests.support.waivers import LATER, a_chosen_course, a_tested_course, begun, take, walk, watch

pytestmark = pytest.mark.django_db


def certified(session) -> Certificate:
    certificate = issuing.issue(session.enrollment_id, LATER)
    assert certificate is not None
    tasks.render_certificate(certificate.pk)
    tasks.seal_evidence(certificate.pk)
    return certificate


@pytest.fixture
def tested() -> Certificate:
    session = begun(a_tested_course(), full_name="Lena Fischer")
    take(session, "test", right=3)
    walk(session)
    return certified(session)


def test_the_packet_proves_the_pre_test(tested, tmp_path):
    code, output = verify(unpacked(tested, tmp_path))
    assert code == 0, output
    assert "“The film”: WAIVED, not learned here, as the pre-test “Do you know it?” was" in output
    assert "“Do you know it?”: 75 %, 75 % needed" in output
    assert "VERIFIED: the evidence bears the certificate out, with these reservations:" in output


def test_the_packet_proves_the_alternative(tmp_path):
    session = begun(a_chosen_course())
    watch(session, 10)
    walk(session)
    code, output = verify(unpacked(certified(session), tmp_path))
    assert code == 0, output
    assert "“The book”: WAIVED, not learned here, as “The film” was completed instead" in output


def test_a_waiver_without_its_proof_is_no_evidence(tested, tmp_path):
    folder = unpacked(tested, tmp_path)
    rules = json.loads((folder / "rules.json").read_text())
    waived = next(each for each in rules["contents"] if "waived" in each)
    waived["waived"]["by"]["content_id"] = waived["content_id"]
    (folder / "rules.json").write_text(json.dumps(rules, sort_keys=True, separators=(",", ":")))
    code, output = verify(folder)
    assert code == 1
    assert "“The film”: waived by what wasn't done" in output


def test_the_certificate_says_how_much_was_waived(tested):
    details = page_text.page_payload(
        tested, styles.design_style(styles.course_design(tested.course_id))
    )["details"]
    assert ["Waived", "2 of 3"] in details
    assert ["Self-reported", "1 of 3"] in details


def test_the_badge_says_it_too(tested):
    text = str(credential(tested))
    assert "All of this was completed, or proven otherwise:" in text
    assert "The film (video): not needed, by “Do you know it?”" in text
