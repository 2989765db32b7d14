"""The format of logs: lines for people, or JSON for machines. Both go to standard error.

Logs have ids, never names, addresses or tokens. Our own code keeps to that; what libraries and
exceptions say is scrubbed here, and requests are named by their route, because a URL may contain
anything that was typed.
"""

import logging
import re
import sys
import traceback

import structlog
from django.db import Error as DatabaseError
from django_structlog.middlewares import RequestMiddleware

_HIDDEN = "…"
# E-mail addresses; query strings; signed tokens; keys and other long secrets.
_PERSONAL = re.compile(
    r"[^\s<>'\"=,;()]+@[^\s<>'\"=,;()]+"
    r"|(?<=\S)\?\S*=\S*"
    r"|[\w+/=.-]{8,}:[\w-]{5,8}:[\w-]{20,}"
    r"|\b[\w-]{40,}\b"
)
# Quoted text. An apostrophe inside a word opens no quotation.
_QUOTED = re.compile(
    r"(?:(?<!\w)|(?<=\bb))'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|‘[^’]*’|“[^”]*”", re.DOTALL
)
_RAISED = re.compile(r"(raised \w+: \w+)\(.*", re.DOTALL)
_OURS = ("progress", "analytics", "certificates", "connections", "lms_progress")
# What a caller may name a request; anything else is replaced.
REQUEST_ID = re.compile(r"[\w-]{1,64}", re.ASCII)


class RequestLog(RequestMiddleware):
    """A line for each refused or failed request: method, route and id; nothing that was sent."""

    def prepare(self, request) -> None:
        given = request.headers.get("x-request-id", "")
        if given and not REQUEST_ID.fullmatch(given):
            del request.META["HTTP_X_REQUEST_ID"]
        super().prepare(request)

    @staticmethod
    def format_request(request) -> str:
        return f"{request.method} {_route(request)}"


def _route(request) -> str:
    """Returns the URL's pattern with the ids of the request, such as `/api/learners/12/`."""
    match = request.resolver_match
    if match is None:
        return "(unknown address)"
    ids = {name: value for name, value in match.kwargs.items() if str(value).isdigit()}
    route = re.sub(
        r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)",
        lambda found: str(ids.get(found[1] or found[2], f"<{found[1] or found[2]}>")),
        match.route,
    )
    return f"/{route.replace('^', '').rstrip('$').replace('/?', '')}"


def note_lockouts() -> None:
    """Logs each lock-out from now on. Call it once Django's apps are ready."""
    from axes.signals import user_locked_out

    user_locked_out.connect(_note_lockout, dispatch_uid="lms_progress.lockout")


def _note_lockout(sender, **_) -> None:
    logging.getLogger(__name__).warning("a sign-in is locked out after too many failures")


def scrubbed(text: str) -> str:
    """Returns the text without addresses, query strings, tokens and keys."""
    return _PERSONAL.sub(_HIDDEN, text)


def _scrub(_logger, _method, event: dict) -> dict:
    """Scrubs every text of a line, and quoted texts in lines of libraries."""
    is_ours = str(event.get("logger", "")).partition(".")[0] in _OURS
    if not is_ours:
        event.pop("error", None)  # the text of a task's exception; the trace has its type
    for name, value in event.items():
        if isinstance(value, str) and name not in {"exception", "timestamp", "logger", "request"}:
            if not is_ours:
                value = _QUOTED.sub(_HIDDEN, _RAISED.sub(r"\1", value))
            event[name] = scrubbed(value)
    return event


def _format_exception(_logger, _method, event: dict) -> dict:
    """Adds the trace: source lines and types, and messages without request data."""
    raised = event.pop("exc_info", None)
    if raised is True:
        raised = sys.exc_info()[1]
    elif isinstance(raised, tuple):
        raised = raised[1]
    if isinstance(raised, BaseException):
        event["exception"] = "\n".join(_trace(raised))
    return event


def _trace(error: BaseException, seen: frozenset[int] = frozenset()) -> list[str]:
    lines: list[str] = []
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None and id(before) not in seen:
        lines += [*_trace(before, seen | {id(error)}), "", "which led to:", ""]
    lines.append("Traceback (most recent call last):")
    lines += [text.rstrip() for text in traceback.format_tb(error.__traceback__)]
    for part in getattr(error, "exceptions", ()):
        lines += _trace(part, seen | {id(error)})
    return [*lines, f"{type(error).__qualname__}: {_message(error)}".rstrip(": ")]


def _message(error: BaseException) -> str:
    """Returns the error's message without quotations: errors quote rows, statements and input."""
    cause = error.__cause__ if isinstance(error, DatabaseError) else error
    if hasattr(cause, "pgcode"):
        names = [getattr(cause.diag, name, None) for name in ("table_name", "constraint_name")]
        return " ".join(["SQLSTATE", str(cause.pgcode), *filter(None, names)])
    return scrubbed(_QUOTED.sub(_HIDDEN, str(error)))


_SHARED = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(allow=["task_id"]),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
    _format_exception,
    _scrub,
]


def configuration(form: str, level: str) -> dict:
    """Django's LOGGING, for `form` "line" or "json"; sets structlog up to go through it."""
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"chosen": _line() if form == "line" else _json()},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "chosen"}},
        "loggers": {
            # It logs user names. `note_lockouts` logs lock-outs without them.
            "axes": {"level": "CRITICAL"},
            # They quote the request; a refused request has a line of its own.
            "django.security": {"level": "CRITICAL"},
            # Their own handlers would bypass this configuration. The proxy has the access log.
            "uvicorn": {"handlers": [], "propagate": True},
            "uvicorn.error": {"handlers": [], "propagate": True},
            "uvicorn.access": {"handlers": [], "propagate": False, "level": "CRITICAL"},
            "gunicorn.error": {"handlers": [], "propagate": True},
            "gunicorn.access": {"handlers": [], "propagate": False, "level": "CRITICAL"},
            # It logs refused requests when their id is gone; django_structlog has done so before.
            "django.request": {"level": "CRITICAL"},
            # It warns each time it empties the response to a HEAD, as it should.
            "gunicorn.http.wsgi": {"level": "ERROR"},
            # Celery logs the begin and end of each task; the admin's Jobs show them better.
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},
        },
        "root": {"handlers": ["console"], "level": level},
    }


def _json() -> dict:
    return {
        "()": structlog.stdlib.ProcessorFormatter,
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.EventRenamer("message"),
            structlog.processors.JSONRenderer(),
        ],
        "foreign_pre_chain": _SHARED,
    }


def _line() -> dict:
    return {
        "()": structlog.stdlib.ProcessorFormatter,
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, _render_line],
        "foreign_pre_chain": _SHARED,
    }


def _render_line(_logger, _method, event: dict) -> str:
    """`2026-05-04T12:00:00Z WARNING progress.operations.broker the message key=value`."""
    begin = [event.pop("timestamp"), event.pop("level").upper(), event.pop("logger", "")]
    text, trace = event.pop("event"), event.pop("exception", "")
    values = [f"{name}={value}" for name, value in event.items()]
    return " ".join([*begin, str(text), *values]) + (f"\n{trace}" if trace else "")
