"""Another site: its web server, and the session that its server starts with a key."""

import contextlib
import http.server
import json
import threading
from urllib.request import Request, urlopen

from knox.models import AuthToken

from tests.factories import an_integrator

TYPES = {".js": "text/javascript"}


@contextlib.contextmanager
def serving(pages, headers=None):
    """Another site's web server. Yields its URL; `headers` are sent with every page."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = pages.get(self.path, "").encode()
            self.send_response(200 if body else 404)
            kind = TYPES.get(self.path[-3:], "text/html; charset=utf-8")
            self.send_header("Content-Type", kind)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self):
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.do_GET()

        def log_message(self, *arguments):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def mint(site, body):
    """A session, as another system's server starts it; `body` is that of start_session."""
    key = AuthToken.objects.create(an_integrator("add_learningsession"))[1]
    headers = {"Content-Type": "application/json", "Authorization": f"Token {key}"}
    asked = Request(f"{site}/api/employee/start_session", json.dumps(body).encode(), headers)
    with urlopen(asked, timeout=10) as answer:
        return json.load(answer)
