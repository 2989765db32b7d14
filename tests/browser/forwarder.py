"""The way from a browser to the site, which can be cut."""

import socket
import threading
from urllib.parse import urlsplit

CHUNK_BYTES = 65_536


class Forwarder:
    """A port that leads to the site's until it is cut.

    A browser that is set offline says so to its pages; but a service worker that starts afterwards
    may still have a network for a moment. Through a forwarder that is cut nothing goes.
    """

    def __init__(self, site: str):
        self._target = ("127.0.0.1", urlsplit(site).port)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._is_cut = False
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self, is_cut: bool = True) -> None:
        with self._lock:
            self._is_cut = is_cut
            ends = list(self._open) if is_cut else []
        for end in ends:
            _shut(end)

    def close(self) -> None:
        self.cut()
        _shut(self._listening)
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                caller, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._connect, args=(caller,), daemon=True).start()

    def _connect(self, caller: socket.socket) -> None:
        with caller, socket.socket() as site:
            with self._lock:
                if self._is_cut:
                    return
                self._open |= {caller, site}
            try:
                site.connect(self._target)
                back = threading.Thread(target=_pass, args=(site, caller), daemon=True)
                back.start()
                _pass(caller, site)
                back.join()
            except OSError:
                pass
            finally:
                with self._lock:
                    self._open -= {caller, site}


def _pass(one: socket.socket, other: socket.socket) -> None:
    try:
        while data := one.recv(CHUNK_BYTES):
            other.sendall(data)
    except OSError:
        pass
    _shut(one)
    _shut(other)


def _shut(end: socket.socket) -> None:
    try:
        end.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
