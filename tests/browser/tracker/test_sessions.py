"""Ended sessions, and the ways in which they end."""

import json

import pytest

from .conftest import ours


def session_of(lms):
    return lms.run("tracker.session.session_id")


# --- Rejections within an answer ------------------------------------------------------------------
def test_a_rejected_event_reaches_the_page_and_its_neighbours_count(lms):
    lms.open()
    lms.api.rejections = {"submit": "attempt_closed"}
    lms.run("tracker.record(11, 'view')")
    result = lms.run("tracker.updateProgress(12, 'submit')")
    assert (result["status"], result["code"]) == ("rejected", "attempt_closed")
    [refused] = lms.dispatched("refused")
    assert [event["content_id"] for event in refused["events"]] == [12]
    assert [each["code"] for each in refused["results"]] == ["attempt_closed"]
    assert len(lms.api.of("view")) == 1


# --- Ended elsewhere ------------------------------------------------------------------------------
@pytest.mark.parametrize("is_whole", [True, False], ids=["409", "within an answer of 200"])
def test_an_old_tab_gets_a_new_session_and_its_later_seconds_arrive(lms, is_whole):
    lms.open()
    old = session_of(lms)
    lms.run("tracker.record(11, 'view')")
    lms.until(lambda: lms.api.of("view"))
    lms.api.ended.append(old)
    if is_whole:
        lms.api.script = lambda request: (
            ours(409, "session_ended") if request["body"].get("session_id") == old else None
        )
    result = lms.run("tracker.updateProgress(11, 'progress', { segments: [[3, 4]] })")
    assert result["status"] == "accepted"
    new = session_of(lms)
    assert new != old
    assert [event["segments"] for event in lms.api.taken[new]] == [[[3, 4]]]
    assert [event["sequence"] for event in lms.api.taken[new]] == [1]
    lms.run("tracker.record(11, 'progress', { segments: [[4, 5]] })")
    lms.until(lambda: len(lms.api.taken[new]) == 2)
    assert lms.dispatched("refused") == []


def test_the_old_queue_goes_to_the_old_session(lms):
    lms.open(is_hurried=True)
    old = session_of(lms)
    usual = lms.api.take

    def ended_at_page_3(path, body):
        """Events from before the end are still accepted."""
        answer = usual(path, body)
        if body["session_id"] == old:
            for event, result in zip(body["events"], answer["events"], strict=True):
                if event["page"] >= 3:
                    lms.api.taken[old].remove(event)
                    result |= {"status": "rejected", "code": "session_ended"}
        return answer

    lms.api.take = ended_at_page_3
    lms.api.script = lambda request: "abort" if request["path"] == "update_progress" else None
    for page in [1, 2, 3, 4]:
        lms.run("(page) => tracker.record(11, 'progress', { page })", page)
    lms.until(lambda: lms.state()["state"] == "offline")
    lms.api.script = lambda request: None
    lms.until(lambda: len(lms.api.events()) == 4)
    assert [event["page"] for event in lms.api.taken[old]] == [1, 2]
    assert [event["page"] for event in lms.api.taken[session_of(lms)]] == [3, 4]


def test_a_page_with_a_minted_session_is_asked_for_another(lms):
    minted = lms.api.start({"client_session_id": "minted"})
    lms.open(before=f"window.options = {{ session: {json.dumps(minted)} }};")
    lms.api.ended.append(minted["session_id"])
    lms.run("tracker.record(11, 'progress', { page: 4 })")
    lms.page.wait_for_function("() => dispatched.renew.length === 1")
    lms.run(
        "(session) => tracker.useSession(session)", lms.api.start({"client_session_id": "second"})
    )
    [event] = lms.until(lambda: lms.api.of("progress"))
    assert event["page"] == 4
    assert lms.api.taken[session_of(lms)] == [event]


def test_a_reload_with_another_minted_session_leaves_the_old_queue_to_the_old_one(lms):
    sessions = [lms.api.start({"client_session_id": name}) for name in ["first", "second"]]
    lms.api.script = lambda request: "abort"
    lms.open(
        before=f"""
        const sessions = {json.dumps(sessions)};
        window.options = {{ session: sessions[Number(window.name)] }};
        window.name = "1";
        """
    )
    lms.run("tracker.record(11, 'progress', { page: 4 })")
    lms.goes_on(0.5)
    lms.page.reload()
    lms.page.wait_for_function("() => window.isReady")
    lms.api.script = lambda request: None
    lms.run("tracker.record(11, 'progress', { page: 5 })")
    lms.until(lambda: len(lms.api.events()) == 2)
    taken = [[event["page"] for event in lms.api.taken[each["session_id"]]] for each in sessions]
    assert taken == [[4], [5]]


def test_a_session_that_the_server_no_longer_knows_is_replaced(lms):
    lms.open()
    old = session_of(lms)
    lms.api.script = lambda request: (
        ours(404, "not_found") if request["body"].get("session_id") == old else None
    )
    lms.run("tracker.record(11, 'view')")
    lms.until(lambda: lms.api.of("view"))
    assert session_of(lms) != old


def test_a_token_that_is_too_old_is_renewed(lms):
    lms.open()
    old = session_of(lms)
    left = [ours(401, "authentication_failed")]
    lms.api.script = lambda request: (
        left.pop() if request["path"] == "update_progress" and left else None
    )
    lms.run("tracker.record(11, 'view')")
    lms.until(lambda: lms.api.of("view"))
    assert session_of(lms) == old


# --- The end --------------------------------------------------------------------------------------
@pytest.mark.parametrize("count", [0, 1, 450])
def test_the_session_ends_after_all_waiting_events(lms, count):
    lms.open()
    session = session_of(lms)
    lms.api.script = lambda request: "abort"
    lms.run("(count) => { for (let n = 0; n < count; n += 1) tracker.record(11, 'view'); }", count)
    lms.goes_on(0.5)
    lms.run("void tracker.endSession().then((body) => (window.ended = body))")
    lms.goes_on(0.5)
    lms.api.script = lambda request: None
    lms.page.wait_for_function("() => window.ended")
    assert lms.run("ended.session_id") == session
    assert len(lms.api.taken[session]) == count
    reached = [request for request in lms.api.requests if session in lms.api.ended]
    ends = [request for request in reached if request["path"] == "end_session"]
    assert lms.api.ended == [session]
    assert ends[-1] is lms.api.requests[-1]
    assert lms.run("tracker.record(11, 'view')") is None
    assert lms.state()["state"] == "ended"


def test_a_tracker_can_start_again_after_the_end(lms):
    lms.open()
    first = session_of(lms)
    lms.run("tracker.endSession()")
    lms.run("tracker.startSession(7, 3, 5)")
    second = session_of(lms)
    assert first != second
    lms.run("tracker.updateProgress(11, 'view')")
    assert len(lms.api.taken[second]) == 1


def test_events_from_before_the_session_wait_for_it(lms):
    lms.api.script = lambda request: "abort"
    lms.open(is_ready=False, is_hurried=True)
    lms.page.wait_for_function("() => window.tracker")
    lms.run("tracker.record(11, 'view')")
    lms.api.script = lambda request: None
    lms.until(lambda: lms.api.of("view"))
