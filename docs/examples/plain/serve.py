"""Another site in one file: a page with a tracked film, and the part that only a server may do.

    SITE=http://127.0.0.1:8000 KEY=lp_live_… LEARNER=hr-17 COURSE=first-steps \
        python3 docs/examples/plain/serve.py

Then open http://127.0.0.1:8010/. The tracker's site needs CORS_ALLOWED_ORIGINS=http://127.0.0.1:8010.
"""

import http.server
import json
import os
import sys
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

PAGE = Path(__file__).parent / "page"
TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css"}
# What the browser may say about its session. Who learns what is decided here, by your own login.
PASSED_ON = ("client_session_id", "device_id", "content_id")
NEEDED = ("SITE", "KEY", "LEARNER", "COURSE")


def start_session(asked: dict) -> tuple[int, bytes]:
    """The tracker's answer to `start_session`, for the learner who is signed in here."""
    body = {name: asked[name] for name in PASSED_ON if asked.get(name)}
    body |= {"external_id": os.environ["LEARNER"], "course_code": os.environ["COURSE"]}
    headers = {
        "Authorization": f"Token {os.environ['KEY']}",
        "Content-Type": "application/json",
    }
    address = f"{os.environ['SITE']}/api/employee/start_session"
    try:
        request = Request(address, json.dumps(body).encode(), headers)
        with urlopen(request, timeout=10) as answer:
            return answer.status, answer.read()
    except HTTPError as refused:
        return refused.code, refused.read()
    except URLError:
        return 502, b"{}"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        name = self.path.partition("?")[0].removeprefix("/") or "index.html"
        path = PAGE / name
        if path.parent != PAGE or not path.is_file():
            return self.answer(404, b"", "text/plain")
        body = path.read_text("utf-8").replace("{{ site }}", os.environ["SITE"])
        return self.answer(200, body.encode(), TYPES[path.suffix])

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        # A page of another site can't send JSON here without asking first.
        if self.path != "/learning-session" or "json" not in self.headers.get("Content-Type", ""):
            return self.answer(404, b"", "text/plain")
        return self.answer(*start_session(json.loads(self.rfile.read(length))))

    def answer(self, status: int, body: bytes, kind: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        pass


if __name__ == "__main__":
    missing = [name for name in NEEDED if not os.environ.get(name)]
    if missing:
        sys.exit(f"Missing in the environment: {', '.join(missing)}")
    port = int(os.environ.get("PORT", "8010"))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
    sys.stdout.write(f"http://127.0.0.1:{port}/\n")
    sys.stdout.flush()
    server.serve_forever()
