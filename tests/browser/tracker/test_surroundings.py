"""Storage, networks, proxies and servers that fail while a tracker runs."""

import json
import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from .conftest import HTML, ours

FORBID = """
for (const name of %s) Object.defineProperty(window, name, {
    configurable: true,
    get() { throw new DOMException("The operation is insecure.", "SecurityError"); },
});
"""
FULL = """
Storage.prototype.setItem = () => { throw new DOMException("Full.", "QuotaExceededError"); };
"""


def forbid(*names):
    return FORBID % json.dumps(names)


def offline(request):
    return "abort" if request["path"] == "update_progress" else None


# --- Storage --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "before",
    [
        forbid("localStorage"),
        forbid("sessionStorage"),
        forbid("indexedDB"),
        forbid("localStorage", "sessionStorage", "indexedDB"),
        FULL,
        "Object.defineProperty(window, 'sessionStorage', { value: null });",
        "sessionStorage.setItem('session:7:3', '{broken');",
    ],
    ids=["localStorage", "sessionStorage", "indexedDB", "all", "full", "null", "not ours"],
)
def test_storage_that_is_forbidden_or_full_costs_no_event(lms, before):
    lms.open(before=before)
    lms.run("tracker.record(11, 'view')")
    result = lms.run("tracker.updateProgress(11, 'progress', { page: 2 })")
    assert result["status"] == "accepted"
    assert [event["interaction_type"] for event in lms.api.events()] == ["view", "progress"]


FAULTS = {
    "forbidden": forbid("indexedDB"),
    "refuses to open": "IDBFactory.prototype.open = () => { throw new Error('No.'); };",
    "never opens": "IDBFactory.prototype.open = () => ({});",
    "refuses one write": """
        IDBObjectStore.prototype.put = () => {
            throw new DOMException("Full.", "QuotaExceededError");
        };
    """,
    "aborts what was written": """
        const put = IDBObjectStore.prototype.put;
        IDBObjectStore.prototype.put = function (...given) {
            const asked = put.apply(this, given);
            this.transaction.abort();
            return asked;
        };
    """,
    "never commits": """
        Object.defineProperty(IDBTransaction.prototype, "oncomplete", { set() {} });
    """,
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_failing_database_is_reported_and_everything_arrives(lms, fault):
    lms.api.script = offline
    lms.open(before=FAULTS[fault])
    lms.run("tracker.record(11, 'view')")
    lms.run("tracker.record(11, 'progress', { page: 2 })")
    lms.until(lambda: lms.state().get("isDurable") is False)
    lms.until(lambda: lms.state()["state"] == "offline")
    lms.api.script = lambda request: None
    lms.until(lambda: len(lms.api.events()) == 2)
    lms.until(lambda: lms.state()["state"] == "saved")
    assert lms.state()["waiting"] == 0


@pytest.mark.parametrize(
    "event",
    [
        "new Promise((ok) => { indexedDB.deleteDatabase('learning-progress').onsuccess = ok; })",
        "tracker.queue.db.close()",
        "tracker.queue.db.dispatchEvent(new Event('close'))",
    ],
    ids=["deleted", "closed", "closed by the browser"],
)
def test_a_database_lost_under_an_open_page_is_filled_again(lms, event):
    lms.api.script = offline
    lms.open()
    lms.run("tracker.record(11, 'view')")
    lms.run(f"async () => {{ await {event}; }}")
    lms.run("tracker.record(11, 'progress', { page: 2 })")
    lms.until(lambda: [each["isDurable"] for each in lms.dispatched("durability")] == [False, True])
    lms.page.reload()
    lms.api.script = lambda request: None
    lms.until(lambda: len(lms.api.events()) == 2)


def test_a_database_that_opens_late_gets_what_was_queued_before(lms):
    lms.api.script = offline
    lms.open(
        before="""
        const open = IDBFactory.prototype.open;
        IDBFactory.prototype.open = function (...given) {
            const late = {};
            setTimeout(() => {
                const asked = open.apply(this, given);
                for (const name of ["onupgradeneeded", "onsuccess", "onerror"]) {
                    asked[name] = (event) => {
                        late.result = asked.result;
                        late[name]?.(event);
                    };
                }
            }, window.name === "late" ? 5000 : 0);
            return late;
        };
        window.name ||= "late";
        """
    )
    lms.run("tracker.record(11, 'view')")
    lms.until(lambda: [each["isDurable"] for each in lms.dispatched("durability")] == [False, True])
    lms.run("window.name = 'soon'")
    lms.page.reload()
    lms.api.script = lambda request: None
    lms.until(lambda: len(lms.api.of("view")) == 1)


# --- Answers of other servers ---------------------------------------------------------------------
FOREIGN = {
    "HTML": HTML,
    **{f"HTML {status}": HTML | {"status": status} for status in (404, 403, 401, 409, 400, 502)},
    "other JSON": {"status": 200, "content_type": "application/json", "body": "{}"},
    "nothing": {"status": 204, "body": ""},
    "timeout": ours(408, "timeout"),
    "too early": ours(425, "too_early"),
    "throttled": ours(429, "throttled"),
    "unavailable": ours(503, "unavailable"),
    "no answer": "abort",
}


def answers_first(lms, path, answer):
    """Let the next two requests of `path` be answered by another server."""
    left = [answer, answer]
    lms.api.script = lambda request: left.pop() if request["path"] == path and left else None


def test_answers_from_other_servers_to_a_report_are_retried(lms):
    lms.open(is_hurried=True)
    for number, (name, answer) in enumerate(FOREIGN.items(), 1):
        answers_first(lms, "update_progress", answer)
        lms.run("(id) => void tracker.record(id, 'view')", number)
        lms.until(lambda count=number: len(lms.api.of("view")) == count)
        lms.until(lambda: lms.state()["state"] == "saved")
        assert (name, lms.dispatched("refused"), lms.dispatched("stopped")) == (name, [], [])
    assert [event["content_id"] for event in lms.api.of("view")] == [*range(1, len(FOREIGN) + 1)]


@pytest.mark.parametrize("name", FOREIGN)
def test_an_answer_from_another_server_to_the_start_of_a_session_is_retried(lms, name):
    answers_first(lms, "start_session", FOREIGN[name])
    lms.open(is_ready=False, is_hurried=True)
    lms.page.wait_for_function("() => window.tracker")
    lms.run("tracker.record(11, 'view')")
    lms.until(lambda: len(lms.api.of("view")) == 1)
    assert lms.dispatched("refused") == []
    assert lms.dispatched("stopped") == []


def test_events_refused_by_the_api_are_reported(lms):
    lms.open()
    lms.api.script = lambda request: ours(400, "invalid")
    result = lms.run("tracker.updateProgress(11, 'view')")
    assert (result["status"], result["code"]) == ("rejected", "invalid")
    [refused] = lms.dispatched("refused")
    assert (refused["status"], len(refused["events"])) == (400, 1)


# --- Too large ------------------------------------------------------------------------------------
@pytest.mark.parametrize("answer", [ours(413, "payload_too_large"), HTML | {"status": 413}])
def test_too_large_batches_are_split_and_only_one_event_is_refused(lms, answer):
    def too_large(request):
        events = request["body"].get("events", [])
        is_large = len(events) > 3 or any(event["content_id"] == 99 for event in events)
        return answer if is_large else None

    lms.api.script = too_large
    lms.open()
    lms.run("for (let id = 1; id <= 20; id += 1) tracker.record(id === 13 ? 99 : id, 'view')")
    lms.until(lambda: len(lms.api.events()) == 19)
    lms.until(lambda: lms.state()["state"] == "saved")
    [refused] = lms.dispatched("refused")
    assert [event["content_id"] for event in refused["events"]] == [99]
    assert refused["status"] == 413


# --- How long to wait -----------------------------------------------------------------------------
def busy_once(lms, retry_after):
    """Answer 503 to the first delivery; return the times of all deliveries."""
    times = []

    def script(request):
        if request["path"] == "start_session" and not times:
            return None
        times.append(request["at"])
        if len(times) > 1:
            return None
        return ours(503, "unavailable", headers={"Retry-After": retry_after()})

    lms.api.script = script
    return times


@pytest.mark.parametrize(
    "retry_after",
    [
        lambda: "4",
        lambda: format_datetime(datetime.now(UTC) + timedelta(seconds=5), usegmt=True),
    ],
    ids=["seconds", "date"],
)
def test_nothing_is_sent_before_retry_after_is_over(lms, retry_after):
    times = busy_once(lms, retry_after)
    lms.open()
    lms.run("tracker.record(11, 'view')")
    lms.until(lambda: times)
    for _ in range(8):
        lms.run("tracker.record(11, 'progress', { page: 2 }); tracker.beat();")
        lms.run("dispatchEvent(new Event('online')); dispatchEvent(new Event('pagehide'));")
        lms.run("void tracker.updateProgress(11, 'pause')")
        lms.goes_on(0.3)
    lms.until(lambda: len(times) > 1)
    assert times[1] - times[0] >= 3.8
    lms.until(lambda: len(lms.api.events()) == 17)


def test_retry_after_survives_a_reload(lms):
    times = busy_once(lms, lambda: "4")
    lms.open()
    lms.run("tracker.record(11, 'view')")
    lms.until(lambda: times and lms.state()["state"] == "offline")
    lms.page.reload()
    lms.until(lambda: lms.api.of("view"))
    assert times[1] - times[0] >= 3.9


def test_pauses_grow_and_differ(lms):
    lms.open()
    pauses = lms.run("""async () => {
        const { Pace } = await import("/static/progress/pace.js");
        const { SafeStorage } = await import("/static/progress/storage.js");
        return Array.from({ length: 20 }, () => {
            const pace = new Pace(new SafeStorage(() => null), "x");
            return Array.from({ length: 8 }, () => (pace.failed(), pace.remaining));
        });
    }""")
    for index, usual in enumerate([2, 4, 8, 16, 32, 60, 60, 60]):
        each = [of_one[index] / 1000 for of_one in pauses]
        assert all(usual * 0.7 <= pause <= usual * 1.3 for pause in each)
        assert len({round(pause, 2) for pause in each}) > 10


# --- Ids ------------------------------------------------------------------------------------------
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


@pytest.mark.parametrize(
    "before", ["", "Object.defineProperty(window, 'crypto', { value: undefined });"]
)
def test_plain_http_without_random_uuid_and_locks_tracks_as_well(lms, before):
    lms.open(origin="http://lms.test", before=before)
    assert not lms.run("window.isSecureContext")
    assert lms.run("window.crypto?.randomUUID === undefined && navigator.locks === undefined")
    lms.run("for (let number = 0; number < 50; number += 1) tracker.record(11, 'view')")
    lms.until(lambda: len(lms.api.events()) == 50)
    ids = {event["event_id"] for event in lms.api.events()}
    assert len(ids) == 50
    assert all(UUID.fullmatch(each) for each in ids)


# --- Invalid fields -------------------------------------------------------------------------------
DOUBTFUL = [
    "playback_rate: 0",
    "playback_rate: -1",
    "playback_rate: Infinity",
    "playback_rate: 1e9",
    "position: NaN",
    "position: -3",
    "position: Infinity",
    "from_position: 'here'",
    "page: 0",
    "page: 2.5",
    "span: [0.2]",
    "reading_position: 1.5",
    "completion_percentage: NaN",
    "distractions: -1",
    "idle_seconds: NaN",
    "duration_seconds: -5",
]


def test_a_doubtful_side_field_is_left_out_and_costs_nothing_else(lms):
    lms.open()
    for number, field in enumerate(DOUBTFUL, 1):
        segments = "segments: [[0, 5], [8, 7], [NaN, 9]]"
        lms.run(f"tracker.record({number}, 'progress', {{ {segments}, {field} }})")
    lms.until(lambda: len(lms.api.of("progress")) == len(DOUBTFUL))
    for field, event in zip(DOUBTFUL, lms.api.of("progress"), strict=True):
        name = field.split(":")[0]
        assert (field, event["segments"]) == (field, [[0, 5]])
        assert (field, event.get(name, 0)) == (field, 0)


UNSENDABLE = ["null", "'text'", "{ a: 1n }", "(() => { const a = {}; a.a = a; return a; })()"]


def test_fields_that_cant_be_sent_dont_block_the_queue(lms):
    lms.open()
    for number, fields in enumerate(UNSENDABLE, 1):
        lms.run(f"tracker.record(11, 'view', {fields})")
        lms.run("tracker.record(11n, 'view')")
        lms.run("tracker.record(12, 'view')")
        lms.until(lambda count=3 * number: len(lms.api.events()) == count)


def test_what_the_server_ignored_reaches_the_caller(lms):
    lms.open()
    usual = lms.api.take
    lms.api.take = lambda path, body: (
        usual(path, body)
        | {"events": [{"status": "accepted", "ignored": ["playback_rate"]} for _ in body["events"]]}
    )
    result = lms.run("tracker.updateProgress(11, 'progress', { segments: [[0, 1]] })")
    assert result["ignored"] == ["playback_rate"]
    assert lms.dispatched("result")[-1]["result"]["ignored"] == ["playback_rate"]


# --- Without an enrolment -------------------------------------------------------------------------
def test_an_unenrolled_learner_gets_a_message_and_nothing_more_is_sent(lms):
    lms.open("<video id=media></video>")
    lms.api.script = lambda request: ours(403, "not_enrolled")
    result = lms.run("tracker.updateProgress(11, 'view')")
    assert (result["status"], result["code"]) == ("rejected", "not_enrolled")
    assert [each["code"] for each in lms.dispatched("stopped")] == ["not_enrolled"]
    assert (lms.state()["state"], lms.state()["code"]) == ("stopped", "not_enrolled")
    count = len(lms.api.requests)
    lms.run("tracker.watchMedia(document.getElementById('media'), 11)")
    assert lms.run("tracker.record(11, 'view')") is None
    again = lms.run("tracker.updateProgress(11, 'view')")
    assert again["code"] == "not_enrolled"
    lms.goes_on(2.5)
    assert len(lms.api.requests) == count


def test_a_learner_who_was_never_enrolled_gets_a_message(lms):
    lms.api.script = lambda request: ours(403, "not_enrolled")
    lms.open(is_ready=False)
    lms.page.wait_for_function("() => window.startError")
    assert [each["code"] for each in lms.dispatched("stopped")] == ["not_enrolled"]
    assert lms.run("tracker.updateProgress(11, 'view')")["code"] == "not_enrolled"
    assert len(lms.api.requests) == 1
