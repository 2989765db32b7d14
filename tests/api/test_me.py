"""`/api/me/`: the own profile, and what people choose for themselves, also their reminders."""

import pytest

from progress.models import StudyReminder, User
from progress.rules.reminding import EVERY_DAY
from tests.factories import a_learner, a_user
from tests.support.callers import api, window

pytestmark = pytest.mark.django_db
CHOSEN = {
    "language": "de",
    "time_zone": "Europe/Berlin",
    "weekly_goal_minutes": 45,
    "captions_on": True,
    "captions_language": "pt-BR",
    "autoplay_next": True,
}


@pytest.fixture(autouse=True)
def _public(settings):
    settings.PUBLIC_URL = "https://learn.example.org"


@pytest.fixture
def lena() -> User:
    return a_learner(full_name="Lena Fischer", email="lena@example.org")


def errors(answer) -> dict:
    assert answer.status_code == 400, answer.content
    return {error["attr"]: error["code"] for error in answer.json()["errors"]}


def test_what_was_chosen_is_read_back(lena):
    client = api(lena)
    before = client.get("/api/me/").json()
    assert (before["id"], before["full_name"]) == (lena.pk, "Lena Fischer")
    assert before["reminders"]["is_on"] is False
    answer = client.patch("/api/me/", CHOSEN, format="json")
    assert answer.status_code == 200, answer.content
    assert client.get("/api/me/").json() == answer.json() == before | CHOSEN
    lena.refresh_from_db()
    assert (lena.captions_on, lena.captions_language, lena.autoplay_next) == (True, "pt-BR", True)
    # As the page does: days before are still those of the zone in which they were earned.
    assert [name for name, _until in lena.earlier_zones] == ["UTC"]


def test_reminders_are_turned_on_changed_and_turned_off(lena):
    client = api(lena)
    wanted = {"is_on": True, "hour": 7, "weekdays": ["monday", "sunday"]}
    answer = client.patch("/api/me/", {"reminders": wanted}, format="json")
    assert answer.json()["reminders"] == wanted
    assert StudyReminder.objects.get().weekdays == 0b100_0001
    later = client.patch("/api/me/", {"reminders": {"hour": 8}}, format="json").json()
    assert later["reminders"] == wanted | {"hour": 8}
    off = client.patch("/api/me/", {"reminders": {"is_on": False}}, format="json").json()
    assert off["reminders"]["is_on"] is False and not StudyReminder.objects.exists()
    client.patch("/api/me/", {"reminders": {"is_on": True}}, format="json")
    assert StudyReminder.objects.get().weekdays == EVERY_DAY


@pytest.mark.parametrize(
    ("sent", "wrong"),
    [
        ({"captions_on": "perhaps"}, {"captions_on": "invalid"}),
        ({"captions_language": "no language"}, {"captions_language": "invalid"}),
        ({"captions_language": "a" * 17}, {"captions_language": "invalid"}),
        ({"language": "fr"}, {"language": "invalid_choice"}),
        ({"time_zone": "Europe/Nowhere"}, {"time_zone": "invalid"}),
        ({"weekly_goal_minutes": 0}, {"weekly_goal_minutes": "min_value"}),
        ({"autoplay_next": None}, {"autoplay_next": "null"}),
        ({"full_name": "Another"}, {"full_name": "read_only"}),
        ({"is_staff": True}, {"is_staff": "unknown_field"}),
        ({"reminders": {"is_on": True, "hour": 24}}, {"reminders.hour": "max_value"}),
        ({"reminders": {"is_on": True, "weekdays": []}}, {"reminders.weekdays": "min_length"}),
        (
            {"reminders": {"is_on": True, "weekdays": ["moonday"]}},
            {"reminders.weekdays.0": "invalid_choice"},
        ),
        ({"reminders": {"hour": 7}}, {"reminders.hour": "invalid"}),
        ({"reminders": {"days": 1}}, {"reminders.days": "unknown_field"}),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_stored(lena, sent, wrong):
    client = api(lena)
    before = client.get("/api/me/").json()
    assert errors(client.patch("/api/me/", {"autoplay_next": True} | sent, format="json")) == wrong
    assert client.get("/api/me/").json() == before


def test_reminders_need_an_address_and_a_site_that_sends_mail(lena, settings):
    on = {"reminders": {"is_on": True}}
    User.objects.filter(pk=lena.pk).update(email="")
    assert errors(api(lena).patch("/api/me/", on, format="json")) == {"reminders.is_on": "invalid"}
    User.objects.filter(pk=lena.pk).update(email="lena@example.org")
    settings.PUBLIC_URL = ""
    assert errors(api(lena).patch("/api/me/", on, format="json")) == {"reminders.is_on": "invalid"}
    assert not StudyReminder.objects.exists()


def test_everybody_reaches_their_own_profile_only(lena):
    assert api(None).get("/api/me/").status_code == 401
    other = a_user(full_name="Omar")
    assert window(other).get("/api/me/").json()["full_name"] == "Omar"
    assert api(lena).get("/api/me/", {"user_id": other.pk}).status_code == 400
    assert api(lena).delete("/api/me/").status_code == 405
