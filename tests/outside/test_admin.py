"""The admin's form records, and afterwards it can only withdraw."""

import pytest

from progress.models import OutsideCompletion
from tests.factories import a_course, a_learner, a_user, grant
from tests.support.admin import a_staff_member, page, text_of
from tests.support.outside import elsewhere, withdrawn

pytestmark = pytest.mark.django_db
RIGHTS = (
    "view_course",
    "view_user",
    "view_outsidecompletion",
    "add_outsidecompletion",
    "change_outsidecompletion",
)


@pytest.fixture
def course():
    return a_course()


@pytest.fixture
def teacher(course):
    return a_staff_member(*RIGHTS, teaches=[course])


def sent(course, person, **changes):
    return {
        "user": person.pk,
        "course": course.pk,
        "completed_on": "2023-03-14",
        "basis": "in_person",
        "authority": "Red Cross",
        "score_bp": "92.5",
    } | changes


def errors(answer) -> dict:
    return answer.context["adminform"].form.errors


def test_a_form_records_with_the_users_name(sign_in, course, teacher):
    lena, window = a_learner(course), sign_in(teacher)
    address = page(OutsideCompletion, "add")
    assert "Score, %" in text_of(window.get(address))
    assert window.post(address, sent(course, lena)).status_code == 302
    made = OutsideCompletion.objects.get()
    assert (made.recorded_by, made.score_bp, made.user) == (teacher, 9250, lena)
    assert "completed_on" in errors(window.post(address, sent(course, lena)))
    wrong = errors(window.post(address, sent(course, lena, completed_on="2999-01-01")))
    assert list(wrong) == ["completed_on"]
    other = sent(course, lena, basis="other", completed_on="2023-03-15")
    assert list(errors(window.post(address, other))) == ["details"]


def test_only_own_courses_and_others_than_oneself(sign_in, course, teacher):
    other = a_course()
    window, address = sign_in(teacher), page(OutsideCompletion, "add")
    lena, stranger = a_learner(course), a_learner(other)
    assert list(errors(window.post(address, sent(other, lena)))) == ["course"]
    assert list(errors(window.post(address, sent(course, stranger)))) == ["user"]
    assert list(errors(window.post(address, sent(course, teacher)))) == ["user"]
    boss = a_user(is_staff=True, is_superuser=True)
    assert list(errors(sign_in(boss).post(address, sent(course, boss)))) == ["user"]
    assert not OutsideCompletion.objects.exists()


def test_a_record_can_be_withdrawn_and_nothing_else(sign_in, course, teacher):
    made = elsewhere(course, a_learner(course))
    window, address = sign_in(teacher), page(OutsideCompletion, "change", made.pk)
    assert "Withdraw it, because" in text_of(window.get(address))
    assert list(errors(window.post(address, {"authority": "Me"}))) == ["withdrawal_reason"]
    assert (
        window.post(address, {"withdrawal_reason": "Wrong", "authority": "Me"}).status_code == 302
    )
    made.refresh_from_db()
    assert (made.withdrawal_reason, made.withdrawn_by) == ("Wrong", teacher)
    assert made.authority == "Red Cross"
    assert "Withdraw it, because" not in text_of(window.get(address))
    assert window.post(address, {"withdrawal_reason": "Again"}).status_code == 403
    assert window.post(page(OutsideCompletion, "delete", made.pk)).status_code == 403


def test_whoever_may_only_look_sees_no_form(sign_in, course, teacher):
    made = withdrawn(elsewhere(course, a_learner(course)))
    grant(teacher, "view_course", "view_outsidecompletion")
    window = sign_in(teacher)
    assert window.get(page(OutsideCompletion, "add")).status_code == 403
    assert "Another person" in text_of(window.get(page(OutsideCompletion, "change", made.pk)))
    listed = {
        state: len(window.get(page(OutsideCompletion), {"state": state}).context["cl"].result_list)
        for state in ("in_force", "ended", "withdrawn")
    }
    assert listed == {"in_force": 0, "ended": 0, "withdrawn": 1}
