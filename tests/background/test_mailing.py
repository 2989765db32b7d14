"""Mail by a real connection: one that can't be sent stops no other, and none comes twice."""

import logging
import threading
from datetime import timedelta

import pytest
from django.core.mail import EmailMessage
from django.db import InterfaceError, OperationalError, connection
from django.urls import reverse

from certificates.lifecycle import reminders
from certificates.models import Reminder, Validity
from progress.jobs import Run
from progress.mail import outgoing
from progress.models import Job, OutgoingMail, User
from progress.operations import retention
from tests.factories import NOON
from tests.support.certificates import a_certificate, a_short_course

from .smtp_server import SmtpServer

pytestmark = pytest.mark.django_db(transaction=True)
State = OutgoingMail.State
HOUR = timedelta(hours=1)


@pytest.fixture
def server(settings):
    served = SmtpServer()
    settings.EMAIL_BACKEND = "progress.mail.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", served.port
    settings.EMAIL_USE_TLS, settings.EMAIL_TIMEOUT = False, 1
    yield served
    served.stop()


@pytest.fixture
def noted():
    """A kind of mail whose payload is its address; what its owner hears of each."""
    heard = {}

    def compose(payload, now):
        assert not connection.in_atomic_block
        return EmailMessage(payload.get("subject", "Hello"), "Text", to=[payload["to"]])

    def note(payload, sent_at, error):
        heard[payload["to"]] = (sent_at, error)

    outgoing.register("test", outgoing.Kind(compose, note))
    yield heard
    outgoing._kinds.pop("test")


def queue(*addresses, **payload):
    outgoing.queue("test", [(to, {"to": to} | payload) for to in addresses], NOON)


def states():
    return {mail.key: mail.state for mail in OutgoingMail.objects.all()}


def received(server):
    return [recipient for recipient, _ in server.mails]


def by_address(**answers):
    """For the server: what it says to some recipients."""
    return lambda line: next((said for name, said in answers.items() if name in line), None)


def test_a_refused_recipient_is_final_and_stops_no_other_mail(server, noted):
    server.answers["RCPT"] = by_address(nobody="550 5.1.1 no such box")
    queue("nobody@x.org", "ann@x.org", "ben@x.org")
    assert outgoing.send_due(NOON) == 2
    assert received(server) == ["ann@x.org", "ben@x.org"]
    assert states()["nobody@x.org"] == State.FAILED
    assert noted["nobody@x.org"] == (None, "550 5.1.1 no such box")
    assert noted["ann@x.org"] == (NOON, "")
    assert outgoing.send_due(NOON + 99 * HOUR) == 0


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA", "end"])
def test_greylisted_mail_is_tried_at_growing_intervals(command, server, noted):
    server.answers[command] = lambda line: "451 4.7.1 greylisted"
    queue("ann@x.org")
    assert outgoing.send_due(NOON) == 0
    mail = OutgoingMail.objects.get()
    assert (mail.state, mail.retry_at) == (State.WAITING, NOON + outgoing.FIRST_RETRY)
    assert "greylisted" in mail.last_error and noted["ann@x.org"] == (None, "")
    assert outgoing.send_due(NOON) == 0 and OutgoingMail.objects.get().attempts == 1
    outgoing.send_due(mail.retry_at)
    assert OutgoingMail.objects.get().retry_at == mail.retry_at + 2 * outgoing.FIRST_RETRY
    server.answers.clear()
    assert outgoing.send_due(NOON + HOUR) == 1
    assert received(server) == ["ann@x.org"] and noted["ann@x.org"] == (NOON + HOUR, "")


def test_after_three_days_it_is_given_up_with_the_servers_answer(server, noted):
    server.answers["RCPT"] = lambda line: "450 mailbox full"
    queue("ann@x.org")
    for hours in range(0, 80, 4):
        outgoing.send_due(NOON + hours * HOUR)
    mail = OutgoingMail.objects.get()
    assert mail.state == State.FAILED and "450 mailbox full" in mail.last_error
    assert mail.settled_at == NOON + 72 * HOUR


def test_one_mail_that_loses_the_connection_stops_no_other(server, noted):
    server.answers["RCPT"] = by_address(poison="drop")
    queue("poison@x.org", "ann@x.org", "ben@x.org")
    assert outgoing.send_due(NOON) == 2
    assert states() == {"poison@x.org": "waiting", "ann@x.org": "sent", "ben@x.org": "sent"}


@pytest.mark.parametrize("how", ["drop", "hang"])
def test_a_connection_lost_before_the_answer_leaves_the_mail_unknown_and_unsent(how, server, noted):
    server.answers["end"] = by_address(ann=how)
    queue("ann@x.org", "ben@x.org")
    assert outgoing.send_due(NOON) == 1
    assert states() == {"ann@x.org": "unknown", "ben@x.org": "sent"}
    assert noted["ann@x.org"] == (None, outgoing.INTERRUPTED)
    server.answers.clear()
    assert outgoing.send_due(NOON + 99 * HOUR) == 0
    assert outgoing.send_again(OutgoingMail.objects.all(), NOON + HOUR) == 1
    assert outgoing.send_due(NOON + HOUR) == 1
    assert received(server) == ["ben@x.org", "ann@x.org"]


def test_a_server_that_hangs_or_is_gone_costs_one_try_and_says_so_in_the_jobs(server, noted):
    queue("ann@x.org", "ben@x.org")
    server.stop()
    with pytest.raises(OSError):
        outgoing.send_due(NOON)
    assert sorted(OutgoingMail.objects.values_list("attempts", "state")) == [
        (0, "waiting"),
        (1, "waiting"),
    ]
    with pytest.raises(OSError):
        outgoing.send_mail()
    assert Job.objects.get(name="progress.tasks.send_mail").failures_in_a_row == 1


UNSENDABLE = {
    "no @": "ann",
    "two": "ann@x.org, ben@x.org",
    "a line end": "ann@x.org\nBcc: all@x.org",
    "a space": "ann berg@x.org",
    "letters before the @": "änn@x.org",
    "no domain": "ann@",
    "an impossible domain": f"ann@{'ä' * 70}.org",
    "brackets": "<ann@x.org",
}


@pytest.mark.parametrize("kind", UNSENDABLE)
def test_an_impossible_address_is_final_for_that_mail_only(kind, server, noted):
    queue(UNSENDABLE[kind][:90], "ben@x.org")
    assert outgoing.send_due(NOON) == 1
    assert received(server) == ["ben@x.org"]
    assert OutgoingMail.objects.exclude(key="ben@x.org").get().state == State.FAILED


def test_a_header_with_a_line_end_is_final_and_other_domains_letters_are_sent(server, noted):
    queue("ann@x.org", subject="Hello\nBcc: all@x.org")
    queue("ben@bücher.example")
    assert outgoing.send_due(NOON) == 1
    assert states()["ann@x.org"] == State.FAILED
    assert received(server) == ["ben@xn--bcher-kva.example"]


def test_what_cannot_be_composed_is_final_for_that_mail_only(server, noted):
    outgoing.queue("test", [("broken", {})], NOON)
    outgoing.queue("nobody's", [("x", {})], NOON)
    queue("ann@x.org")
    assert outgoing.send_due(NOON) == 1
    assert states() == {"broken": "failed", "x": "failed", "ann@x.org": "sent"}


class Killed(BaseException):
    """As the process ends in the middle of it."""


def test_a_kill_while_sending_leaves_the_mail_unknown(server, noted, monkeypatch):
    def die(message):
        raise Killed

    queue("ann@x.org")
    with monkeypatch.context() as dying:
        dying.setattr(EmailMessage, "send", die)
        with pytest.raises(Killed):
            outgoing.send_due(NOON)
    assert states() == {"ann@x.org": "sending"}
    assert noted["ann@x.org"] == (None, outgoing.INTERRUPTED)
    assert outgoing.send_due(NOON + HOUR) == 0
    assert states() == {"ann@x.org": "unknown"} and not server.mails


def test_a_kill_while_composing_leaves_the_mail_to_be_sent_later(server, monkeypatch):
    def die(payload, now):
        raise Killed

    monkeypatch.setitem(outgoing._kinds, "test", outgoing.Kind(die))
    queue("ann@x.org")
    with pytest.raises(Killed):
        outgoing.send_due(NOON)
    assert states() == {"ann@x.org": "sending"}
    composes = outgoing.Kind(lambda payload, now: EmailMessage("Hello", "Text", to=[payload["to"]]))
    monkeypatch.setitem(outgoing._kinds, "test", composes)
    assert outgoing.send_due(NOON + HOUR) == 0
    assert OutgoingMail.objects.get().last_error == outgoing.NOT_HANDED_OVER
    assert outgoing.send_due(NOON + 2 * HOUR) == 1 and received(server) == ["ann@x.org"]


def test_a_database_lost_while_composing_leaves_no_doubt_and_the_mail_comes_later(
    server, monkeypatch
):
    lost = []

    def compose(payload, now):
        if not lost:
            lost.append(True)
            connection.cursor().execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return EmailMessage("Hello", "Text", to=[payload["to"]])

    monkeypatch.setitem(outgoing._kinds, "test", outgoing.Kind(compose))
    queue("ann@x.org", "ben@x.org")
    try:
        with pytest.raises((OperationalError, InterfaceError)):
            outgoing.send_due(NOON)
    finally:
        connection.close()
    assert outgoing.send_due(NOON + HOUR) == 1
    assert outgoing.send_due(NOON + 2 * HOUR) == 1
    assert received(server) == ["ben@x.org", "ann@x.org"]


def test_a_statement_that_fails_while_composing_is_tried_later_and_stops_no_other(
    server, monkeypatch
):
    def compose(payload, now):
        if payload["to"] == "ann@x.org" and now == NOON:
            raise OperationalError("canceling statement due to statement timeout")
        return EmailMessage("Hello", "Text", to=[payload["to"]])

    monkeypatch.setitem(outgoing._kinds, "test", outgoing.Kind(compose))
    queue("ann@x.org", "ben@x.org")
    assert outgoing.send_due(NOON) == 1
    assert states() == {"ann@x.org": "waiting", "ben@x.org": "sent"}
    assert outgoing.send_due(NOON + HOUR) == 1


def test_what_takes_too_long_to_compose_is_sent_once_by_its_new_process(server, monkeypatch):
    slow = []

    def compose(payload, now):
        if not slow:
            slow.append(True)
            outgoing.settle_interrupted(NOON + HOUR)
            assert outgoing.send_due(NOON + 2 * HOUR) == 1
        return EmailMessage("Hello", "Text", to=[payload["to"]])

    monkeypatch.setitem(outgoing._kinds, "test", outgoing.Kind(compose))
    queue("ann@x.org")
    assert outgoing.send_due(NOON) == 0
    assert received(server) == ["ann@x.org"] and states() == {"ann@x.org": "sent"}


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("MAIL", "550 5.7.1 sender rejected"),
        ("MAIL", "553 5.7.1 not owned by user"),
        ("MAIL", "530 5.7.0 authentication required"),
        ("RCPT", "530 5.7.0 authentication required"),
        ("EHLO", "554 go away"),
    ],
)
def test_a_refused_sender_or_account_is_not_the_mails_fault(command, words, server, noted):
    server.answers[command] = lambda line: words
    server.answers["HELO"] = server.answers.get("EHLO", lambda line: None)
    queue(*(f"a{number}@x.org" for number in range(9)))
    with pytest.raises(ConnectionError, match=words[:3]):
        outgoing.send_due(NOON)
    assert set(states().values()) == {"waiting"}
    tried = OutgoingMail.objects.filter(attempts=1)
    assert tried.count() == outgoing.MAX_LOST_CONNECTIONS
    assert all(words in mail.last_error for mail in tried)
    server.answers.clear()
    assert outgoing.send_due(NOON + HOUR) == 9


@pytest.mark.parametrize("command", ["MAIL", "end"])
def test_a_mail_the_server_finds_too_large_is_final_for_that_mail(command, server, noted):
    queue("ann@x.org")
    server.answers[command] = lambda line: "552 5.3.4 too large"
    assert outgoing.send_due(NOON) == 0
    assert states() == {"ann@x.org": "failed"}
    assert noted["ann@x.org"] == (None, "552 5.3.4 too large")


def test_many_at_once_send_each_once(server, noted):
    addresses = [f"a{number}@x.org" for number in range(30)]
    queue(*addresses)
    queue(*addresses)

    def work():
        outgoing.send_due(NOON)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(received(server)) == sorted(addresses)


def test_no_address_and_no_text_is_in_the_log(server, noted, caplog):
    caplog.set_level(logging.DEBUG)
    server.answers["RCPT"] = by_address(
        nobody="550 nobody@secret.org unknown", gone="drop", busy="421 busy@secret.org: later"
    )
    queue("nobody@secret.org", "gone@secret.org", "bad@secret.org\n", subject="secret")
    queue("busy@secret.org")
    with pytest.raises(ConnectionError) as raised:
        outgoing.send_due(NOON)
    assert caplog.records and "secret" not in caplog.text and "secret" not in str(raised.value)


def test_people_who_share_an_address_get_a_mail_each_in_their_own_name(server):
    course = a_short_course()
    Validity.objects.create(course=course, months=12)
    for name in ("Ann", "Ben"):
        certificate = a_certificate(course, full_name=name, email="home@x.org")
        Reminder.objects.create(certificate=certificate, days_before=30, due_at=NOON)
    run = Run("remind", NOON)
    reminders.send(run)
    assert run.rows == 2
    assert received(server) == ["home@x.org", "home@x.org"]
    names = [("Ann" in text, "Ben" in text) for _, text in server.mails]
    assert sorted(names) == [(False, True), (True, False)]


def test_staff_see_the_servers_answer_and_send_again(server, noted, client):
    server.answers["RCPT"] = lambda line: "550 no such box"
    queue("ann@x.org")
    outgoing.send_due(NOON)
    client.force_login(User.objects.create_superuser("root"))
    url = reverse("admin:progress_outgoingmail_changelist")
    page = client.get(url, {"state__exact": "failed"}).content.decode()
    assert "550 no such box" in page and "ann@x.org" in page
    mail = OutgoingMail.objects.get()
    client.post(url, {"action": "send_again", "_selected_action": [mail.pk]})
    assert states() == {"ann@x.org": "waiting"} and noted["ann@x.org"] == (None, "")


def test_old_mail_is_pruned_and_what_waits_is_kept(noted):
    queue("ann@x.org", "ben@x.org")
    OutgoingMail.objects.filter(key="ann@x.org").update(state=State.SENT, settled_at=NOON)
    retention.prune(NOON + timedelta(days=91))
    assert states() == {"ben@x.org": "waiting"}


def test_what_base64_adds_counts_in_the_size_of_an_attachment():
    raw = b"\xff" * 7_500_000
    message = EmailMessage("x", "y", to=["ann@x.org"])
    message.attach("report.xlsx", raw, "application/octet-stream")
    assert len(raw) < outgoing.MAX_BYTES < outgoing.encoded_bytes(len(raw))
    assert outgoing.is_too_large(message)
    size = len(message.message().as_bytes(linesep="\r\n"))
    assert 0 < size - outgoing.encoded_bytes(len(raw)) < 1000
