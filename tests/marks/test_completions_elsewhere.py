"""Completions elsewhere of test learners are for test keys, and those of others for other keys."""

import pytest
from django.db import IntegrityError, transaction

from progress.models import OutsideCompletion
from tests.marks.test_keys import ids
from tests.support.outside import elsewhere, withdrawn

pytestmark = pytest.mark.django_db
LIST = "/api/outside-completions/"
CSV = {"content_type": "text/csv"}
FACTS = {"completed_on": "2023-03-14", "basis": "in_person", "authority": "Red Cross"}


def row(person, course) -> dict:
    return {"user_id": person.pk, "course_id": course.pk, **FACTS}


def lines(*rows: tuple[str, str]) -> str:
    made = "".join(f"{name},{code},2023-03-14,in_person,Red Cross\n" for name, code in rows)
    return f"username,course,completed_on,basis,authority\n{made}"


def faults(answer) -> set[tuple[str, str]]:
    assert answer.status_code == 400, answer.content
    return {(error["attr"], error["code"]) for error in answer.json()["errors"]}


def test_each_kind_of_key_records_and_lists_its_own(live, test_key, anna, tess, real_course):
    unknown = {("user_id", "does_not_exist")}
    assert faults(live.post(LIST, row(tess, real_course))) == unknown
    assert faults(test_key.post(LIST, row(anna, real_course))) == unknown
    of_anna, of_tess = (
        client.post(LIST, row(person, real_course)).json()["id"]
        for client, person in ((live, anna), (test_key, tess))
    )
    assert ids(live, LIST) == {of_anna} and ids(test_key, LIST) == {of_tess}
    body = {"reason": "An error"}
    assert live.post(f"{LIST}{of_tess}/withdraw/", body).status_code == 404
    assert test_key.post(f"{LIST}{of_anna}/withdraw/", body).status_code == 404
    assert test_key.post(f"{LIST}{of_tess}/withdraw/", body).status_code == 200


def test_followers_get_their_own_only(live, test_key, anna, tess, real_course):
    since = {
        client: client.get(f"{LIST}?cursor=").json()["next_updated_since"]
        for client in (live, test_key)
    }
    rows = {live: elsewhere(real_course, anna), test_key: elsewhere(real_course, tess)}
    for client, completion in rows.items():
        assert ids(client, f"{LIST}?updated_since={since[client]}") == {completion.pk}
        withdrawn(completion)
        assert ids(client, f"{LIST}?updated_since={since[client]}") == {completion.pk}


def test_imports_reach_people_of_the_kind_of_the_key(live, test_key, anna, tess, real_course):
    for client, own, other in ((live, "anna", "tess"), (test_key, "tess", "anna")):
        address = "/api/imports/outside-completions/"
        answer = client.post(address, lines((own, "real"), (other, "real")), **CSV)
        assert {attr for attr, _ in faults(answer)} == {"rows.3.username"}
        assert client.post(address, lines((own, "real")), **CSV).status_code == 200
    names = OutsideCompletion.objects.values_list("user__username", flat=True)
    assert set(names) == {"anna", "tess"}


# --- A real learner has none of a test course -----------------------------------------------------
def test_the_api_refuses_it_and_names_the_course(owner, anna, tess, test_course, sign_in):
    window = sign_in(owner)
    by_code = {"username": "anna", "course_code": "trial", **FACTS}
    for sent, name in ((row(anna, test_course), "course_id"), (by_code, "course_code")):
        answer = window.post(LIST, sent, "application/json")
        assert faults(answer) == {(name, "test_course")}
    assert window.post(LIST, row(tess, test_course), "application/json").status_code == 201
    assert OutsideCompletion.objects.get().user == tess


def test_an_import_refuses_it_and_names_the_cell(owner, anna, tess, test_course, sign_in):
    text = lines(("tess", "trial"), ("anna", "trial"))
    answer = sign_in(owner).post("/api/imports/outside-completions/", text, **CSV)
    assert {attr for attr, _ in faults(answer)} == {"rows.3.course"}
    assert not OutsideCompletion.objects.exists()


def test_the_admin_refuses_it_and_names_the_course(owner, anna, tess, test_course, sign_in):
    window, address = sign_in(owner), "/admin/progress/outsidecompletion/add/"
    data = {"user": anna.pk, "course": test_course.pk, **FACTS}
    page = window.post(address, data)
    assert page.context["adminform"].form.errors["course"] == [
        "Only test learners can have completed a test course."
    ]
    assert window.post(address, data | {"user": tess.pk}).status_code == 302
    assert OutsideCompletion.objects.get().user == tess


def test_the_database_refuses_it(anna, tess, test_course):
    with pytest.raises(IntegrityError, match="Only test learners"), transaction.atomic():
        elsewhere(test_course, anna)
    elsewhere(test_course, tess)


def test_a_real_completion_stays_and_that_of_a_test_learner_can_go(anna, tess, real_course):
    of_anna, of_tess = elsewhere(real_course, anna), elsewhere(real_course, tess)
    with pytest.raises(IntegrityError, match="stays as it was"), transaction.atomic():
        of_anna.delete()
    of_tess.delete()
    assert OutsideCompletion.objects.get() == of_anna
