"""The site for tests in a browser: the first answer for each static file is given again.

A page asks for thirty to eighty of them. They don't change while tests run, and going through
Django for each is a good part of what the web process does.
"""

from lms_progress.asgi import application as site

# With one of these, an answer depends on more than the file.
_CONDITIONS = {b"range", b"if-none-match", b"if-modified-since"}


class RememberedFiles:
    def __init__(self, asgi_application):
        self._application = asgi_application
        self._answers: dict[tuple, list[dict]] = {}

    async def __call__(self, scope, receive, send):
        key = _key(scope)
        if key is None:
            await self._application(scope, receive, send)
            return
        if key in self._answers:
            for message in self._answers[key]:
                await send(message)
            return
        answer = []

        async def note(message):
            answer.append(message)
            await send(message)

        await self._application(scope, receive, note)
        if answer and answer[0]["status"] == 200 and not answer[-1].get("more_body", False):
            self._answers[key] = answer


def _key(scope):
    """What the answer to a request depends on; None if it isn't remembered."""
    if scope["type"] != "http" or scope["method"] != "GET":
        return None
    if not scope["path"].startswith("/static/"):
        return None
    headers = dict(scope["headers"])
    if _CONDITIONS & headers.keys():
        return None
    return (scope["path"], scope["query_string"], headers.get(b"accept-encoding"))


application = RememberedFiles(site)
