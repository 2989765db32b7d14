"""Webhooks never reach into the operator's own network, whatever name or spelling leads there."""

import socket
import threading

import pytest
from django.core.exceptions import ValidationError

from connections.webhooks import addresses, sending
from progress.operations import public_addresses

from .receiver import answer_with

PRIVATE = [
    "127.0.0.1",
    "127.8.8.8",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "192.0.0.192",
    "192.0.0.8",
    "192.88.99.1",
    "168.63.129.16",
    "::ffff:192.0.0.192",
    "64:ff9b::a83f:8110",
    "2002:c000:00c0::1",
    "64:ff9b:1::a00:1",
    "3fff::1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::",
    "2002:0a00:0001::1",
]
PUBLIC = ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "64:ff9b::808:808"]


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_is_not_public_is_refused(address):
    assert not public_addresses.is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_allowed(address):
    assert public_addresses.is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://localhost/",
        "https://LOCALHOST./",
        "https://db.localhost/",
        "https://metadata.google.internal/",
        "https://printer.local/",
        "https://[::ffff:10.0.0.1]/",
        "http://example.org/",
        "ftp://example.org/",
        "//example.org/",
        "/hook",
        "example.org/hook",
        "",
        "https://",
        "https://user:pass@example.org/",
        "https://example.org/#part",
        "https://example.org/a b",
        "https://example.org/\r\nHost: other",
        "https://exämple.org/",
        "https://example.org:99999/",
        "https://example.org/" + "x" * 2000,
    ],
)
def test_a_url_that_cannot_be_right_is_refused(settings, url):
    settings.WEBHOOK_ALLOW_PRIVATE = False
    with pytest.raises(ValidationError):
        addresses.check_url(url)


@pytest.mark.parametrize(
    "url", ["https://example.org/hook", "https://example.org:8443/a?b=c", "https://8.8.8.8/"]
)
def test_a_public_url_is_accepted_without_asking_anybody(settings, url, monkeypatch):
    settings.WEBHOOK_ALLOW_PRIVATE = False
    addresses.check_url(url)


def resolved_to(monkeypatch, *answers):
    """Makes names resolve to these addresses, one list for each time that they are asked for."""
    left = list(answers)
    asked = []

    def resolve(host, port, *args, **kwargs):
        asked.append(host)
        found = left.pop(0) if len(left) > 1 else left[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in found]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return asked


def test_a_name_that_leads_inside_is_refused_when_it_is_connected(settings, monkeypatch, receiver):
    settings.WEBHOOK_ALLOW_PRIVATE = False
    resolved_to(monkeypatch, ["127.0.0.1"])
    url = receiver.url.replace("127.0.0.1", "innocent.example.org")
    answer = sending.post(url, b"{}", {}, seconds=2)
    assert "isn't public" in answer.error
    assert answer.status is None
    assert receiver.received == []


def test_one_private_address_among_public_ones_is_enough(monkeypatch):
    resolved_to(monkeypatch, ["8.8.8.8", "10.0.0.1"])
    with pytest.raises(public_addresses.ForbiddenAddress):
        public_addresses.resolve("innocent.example.org", 443, seconds=2, allow_private=False)


def test_the_address_that_was_checked_is_the_one_that_is_connected(settings, monkeypatch, receiver):
    # A name server that answers a second question otherwise gets no second question.
    settings.WEBHOOK_ALLOW_PRIVATE = False
    monkeypatch.setattr(public_addresses, "is_public", lambda text: text == "127.0.0.1")
    real = socket.create_connection
    connected = []

    def connect(address, *args, **kwargs):
        connected.append(address[0])
        return real(address, *args, **kwargs)

    monkeypatch.setattr(socket, "create_connection", connect)
    url = receiver.url.replace("127.0.0.1", "innocent.example.org")
    monkeypatch.setattr(
        public_addresses.socket,
        "getaddrinfo",
        _only_once("127.0.0.1", socket.getaddrinfo),
    )
    assert sending.post(url, b"{}", {}, seconds=2).status == 204
    assert connected == ["127.0.0.1"]
    assert receiver.received[0].headers["host"].startswith("innocent.example.org:")


def _only_once(address: str, real):
    asked = []

    def resolve(host, port, *args, **kwargs):
        if host != "innocent.example.org":
            return real(host, port, *args, **kwargs)
        asked.append(host)
        answer = address if len(asked) == 1 else "10.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answer, port))]

    return resolve


def test_redirects_are_not_followed(receiver):
    receiver.answer = receiver.redirect
    answer = sending.post(receiver.url, b"{}", {}, seconds=2)
    assert answer.status == 302
    assert not answer.is_success
    assert len(receiver.received) == 1


@pytest.mark.parametrize(
    "how",
    [
        "hang",
        "trickle_body",
        "trickle_headers",
        "endless_headers",
        "endless_continue",
        "garbage",
        "close_at_once",
    ],
)
def test_whatever_the_other_side_does_ends_in_time(receiver, how):
    receiver.answer = getattr(receiver, how)
    answer = sending.post(receiver.url, b"{}", {}, seconds=1)
    assert not answer.is_success
    assert answer.error
    assert answer.duration_ms < 3000


def test_an_answer_that_streams_for_ever_is_read_to_its_limit(receiver):
    receiver.answer = receiver.stream_for_ever
    answer = sending.post(receiver.url, b"{}", {}, seconds=5)
    assert answer.is_success
    assert len(answer.body) == sending.MAX_ANSWER_BYTES
    assert answer.duration_ms < 5000


def test_an_answer_is_kept_as_text_that_can_be_stored(receiver):
    receiver.answer = answer_with(200, b"caf\xc3\xa9 \xff\x00!")
    assert sending.post(receiver.url, b"{}", {}, seconds=2).body == "café \ufffd!"


def test_a_port_where_nobody_listens_is_an_error_with_its_reason(receiver):
    url = receiver.url
    receiver.stop()
    answer = sending.post(url, b"{}", {}, seconds=2)
    assert answer.status is None
    assert "refused" in answer.error.lower()
    receiver.start()


def test_a_name_that_does_not_exist_is_an_error_with_its_reason(monkeypatch):
    def fail(*args, **kwargs):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    answer = sending.post("https://nowhere.example.org/", b"{}", {}, seconds=2)
    assert "Name or service not known" in answer.error


def test_a_name_server_that_never_answers_holds_nothing_up(monkeypatch):
    never = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: never.wait(30))
    answer = sending.post("https://slow.example.org/", b"{}", {}, seconds=0.5)
    never.set()
    assert "within 0.5 seconds" in answer.error
    assert answer.duration_ms < 2000
