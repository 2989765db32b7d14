"""Connections that send no whole head are closed, and others are answered."""

import re
import socket
import threading

import pytest
import uvicorn

from lms_progress import bounded_heads
from lms_progress.embedded.state import CHECKOUT

HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
PATIENCE = 20  # seconds until a test gives up


async def app(scope, receive, send) -> None:
    """Answers with the length of the body."""
    length, more = 0, True
    while more:
        message = await receive()
        length += len(message.get("body", b""))
        more = message.get("more_body", False)
    body = str(length).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture
def connect(monkeypatch):
    monkeypatch.setattr(bounded_heads, "HEAD_SECONDS", 0.3)
    http = "lms_progress.bounded_heads:BoundedHeads"
    config = uvicorn.Config(app, port=0, http=http, lifespan="off", log_config=None)
    server, listening = uvicorn.Server(config), config.bind_socket()
    listening.listen()  # whoever connects before the server runs waits for it
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    opened = []

    def connected(*parts: bytes) -> socket.socket:
        client = socket.create_connection(listening.getsockname(), timeout=PATIENCE)
        opened.append(client)
        for part in parts:
            client.sendall(part)
        return client

    yield connected
    for client in opened:
        client.close()
    server.should_exit = True
    thread.join()


def answer_of(client: socket.socket) -> bytes:
    """All that comes until the other side closes. Raises TimeoutError where it doesn't."""
    found = b""
    while part := client.recv(65_536):
        found += part
    return found


@pytest.mark.parametrize("sent", [b"", b"GET", HEAD, HEAD + b"X-Half: 1", b"\r\n\r\n"])
def test_a_connection_without_a_whole_head_is_closed(connect, sent):
    assert answer_of(connect(sent)) == b""


def test_a_head_in_pieces_is_answered(connect):
    client = connect(*(bytes([each]) for each in HEAD + b"Connection: close\r\n\r\n"))
    assert answer_of(client).startswith(b"HTTP/1.1 200")


def test_half_of_a_second_head_is_no_reason_to_wait_either(connect):
    found = answer_of(connect(HEAD + b"\r\n", HEAD))
    assert found.count(b"HTTP/1.1 200") == 1


def test_a_head_without_an_end_is_refused(connect):
    line = b"X-More: " + b"y" * 1000 + b"\r\n"
    client = connect(HEAD)
    try:
        for _ in range(200):
            client.sendall(line)
        answer = answer_of(client)
    except ConnectionError:  # it was closed while there was more to come
        answer = b"HTTP/1.1 431"
    assert answer.startswith(b"HTTP/1.1 431")


def test_a_body_is_no_head(connect):
    """Larger than a head may be, and slower to come: another part of the server limits it."""
    head = (
        b"POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 200000\r\n\r\n"
    )
    client = connect(head, b"x" * 100_000)
    waits = connect()
    assert answer_of(waits) == b""  # as long as a head may take
    client.sendall(b"x" * 100_000)
    assert answer_of(client).endswith(b"200000")


def test_the_server_is_never_started_without_it():
    starts = {
        str(path): path.read_text()
        for place in ("lms_progress", "docs/production", "bench", "tests/conftest.py")
        for path in [CHECKOUT / place, *(CHECKOUT / place).rglob("*")]
        if path.is_file() and path.suffix in {".py", ".yaml", ".service"}
        if re.search(r"uvicorn\W+lms_progress\.asgi", path.read_text())
    }
    assert len(starts) >= 5
    assert [path for path, text in starts.items() if "bounded_heads:BoundedHeads" not in text] == []
