"""Clients that announce a body and don't send it take nothing away from the others."""

import asyncio
import json
import socket
import tempfile
import urllib.request
from urllib.parse import urlsplit

import pytest

from lms_progress import asgi_bridge

POST = "POST /api/employee/update_progress HTTP/1.1\r\nHost: 127.0.0.1\r\n"


@pytest.fixture
def connect(site):
    """Open connections to the running site; each is closed at the test's end."""
    address, opened = urlsplit(site), []

    def connect() -> socket.socket:
        connection = socket.create_connection((address.hostname, address.port), timeout=10)
        opened.append(connection)
        return connection

    yield connect
    for connection in opened:
        connection.close()


def answers(site) -> bool:
    with urllib.request.urlopen(f"{site}/healthz", timeout=10) as response:
        return response.status == 200


KINDS = ["application/json", "multipart/form-data; boundary=x"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("path", ["/login/", "/api/certificates/verify/"])
@pytest.mark.parametrize("sent", [100, 6_000_000])
def test_many_bodies_that_never_end_stop_nobody(site, connect, path, kind, sent):
    part = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {kind}\r\n"
    head += f"Cookie: csrftoken={'x' * 32}\r\nContent-Length: 12000000\r\n\r\n"
    for _ in range(24):
        connect().sendall(head.encode() + part + b" " * sent)
    assert answers(site)


def test_many_chunked_bodies_that_never_end_stop_nobody(site, connect):
    for _ in range(24):
        connection = connect()
        connection.sendall((POST + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n").encode())
    assert answers(site)


def test_a_body_that_is_announced_too_large_is_refused_before_it_is_sent(connect):
    connection = connect()
    connection.sendall(f"{POST}Content-Length: {asgi_bridge.MAX_BODY_BYTES + 1}\r\n\r\n".encode())
    answer = connection.recv(65536)
    assert answer.startswith(b"HTTP/1.1 413")
    error = json.loads(answer.partition(b"\r\n\r\n")[2] or connection.recv(65536))
    assert error["type"] == "client_error"
    assert error["errors"][0]["code"] == "payload_too_large"


def test_a_body_of_several_megabytes_arrives_whole(site):
    body = json.dumps({"username": "x" * 4_000_000, "password": "y"}).encode()
    request = urllib.request.Request(
        f"{site}/api/employee/update_progress", body, {"Content-Type": "application/json"}
    )
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=20)
    # Refused for what it says, not for how long it is to read.
    assert refused.value.code in (401, 413)


def read(messages, *, pause=0.0, length=None):
    """Returns what the bridge reads of a body sent in these parts, `pause` seconds apart."""
    waiting = list(messages)

    async def receive():
        await asyncio.sleep(pause)
        return waiting.pop(0) if waiting else await asyncio.Event().wait()

    async def run():
        headers = [] if length is None else [(b"content-length", str(length).encode())]
        with tempfile.SpooledTemporaryFile() as body:
            is_whole = await asgi_bridge._read_body({"headers": headers}, receive, body)
            body.seek(0)
            return is_whole, body.read()

    return asyncio.run(run())


def part(body, more=True):
    return {"type": "http.request", "body": body, "more_body": more}


def test_a_body_in_parts_is_put_together():
    assert read([part(b"ab"), part(b""), part(b"c", more=False)]) == (True, b"abc")


def test_a_client_that_leaves_early_is_no_error():
    assert read([part(b"ab"), {"type": "http.disconnect"}])[0] is False


def test_a_silent_client_is_given_up(monkeypatch):
    monkeypatch.setattr(asgi_bridge, "SILENT_BODY_SECONDS", 0.05)
    with pytest.raises(asgi_bridge.BodyRefused) as refused:
        read([part(b"ab")], length=100)
    assert refused.value.status == 408


def test_a_client_that_sends_a_byte_now_and_then_is_given_up(monkeypatch):
    monkeypatch.setattr(asgi_bridge, "SILENT_BODY_SECONDS", 0.2)
    with pytest.raises(asgi_bridge.BodyRefused) as refused:
        read([part(b"a")] * 100, pause=0.03, length=100)
    assert refused.value.status == 408


def test_a_body_longer_than_allowed_is_refused_whatever_was_announced(monkeypatch):
    monkeypatch.setattr(asgi_bridge, "MAX_BODY_BYTES", 3)
    with pytest.raises(asgi_bridge.BodyRefused) as refused:
        read([part(b"ab"), part(b"cd")])
    assert refused.value.status == 413
