"""How logs look: lines for people, or JSON for machines. Both to standard error.

Ids, never names, addresses or tokens. What our own code logs keeps to that; what libraries and
exceptions say is scrubbed here, and requests are named by their route, since an address may hold
whatever somebody typed.
"""

import logging
import re
import sys
import traceback

import structlog
from django.db import Error as DatabaseError
from django_structlog.middlewares import RequestMiddleware

_HIDDEN = "…"
# E-mail addresses; query strings; signed tokens; keys and other long secrets; what is quoted.
_PERSONAL = re.compile(
    r"[^\s<>'\"=,;()]+@[^\s<>'\"=,;()]+"
    r"|(?<=\S)\?\S*=\S*"
    r"|[\w+/=.-]{8,}:[\w-]{5,8}:[\w-]{20,}"
    r"|\b[\w-]{40,}\b"
)
# An apostrophe inside a word opens nothing.
_QUOTED = re.compile(
    r"(?:(?<!\w)|(?<=\bb))'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|‘[^’]*’|“[^”]*”", re.DOTALL
)
_RAISED = re.compile(r"(raised \w+: \w+)\(.*", re.DOTALL)
_OURS = ("progress", "analytics", "certificates", "lms_progress")
_REQUEST_ID = re.compile(r"[\w-]{1,64}", re.ASCII)


class RequestLog(RequestMiddleware):
    """A line for each refused or failed request: method, route and id; nothing that was sent."""

    def prepare(self, request) -> None:
        asked = request.headers.get("x-request-id", "")
        if asked and not _REQUEST_ID.fullmatch(asked):
            del request.META["HTTP_X_REQUEST_ID"]
        super().prepare(request)

    @staticmethod
    def format_request(request) -> str:
        return f"{request.method} {_route(request)}"


def _route(request) -> str:
    """`/api/learners/12/`: the address's pattern, with the ids that it was asked for."""
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
    """From now on each lock-out is a line; call it once Django's apps are ready."""
    from axes.signals import user_locked_out

    user_locked_out.connect(_note_lockout, dispatch_uid="lms_progress.lockout")


def _note_lockout(sender, **_) -> None:
    logging.getLogger(__name__).warning("a sign-in is locked out after too many failures")


def scrubbed(text: str) -> str:
    """The text without what may be personal: addresses, query strings, tokens, keys."""
    return _PERSONAL.sub(_HIDDEN, text)


def _scrub(_logger, _method, event: dict) -> dict:
    """Every text of a line; of those that libraries log also what they quote."""
    is_ours = str(event.get("logger", "")).partition(".")[0] in _OURS
    if not is_ours:
        event.pop("error", None)  # the text of what a task raised; its trace says the type
    for name, value in event.items():
        if isinstance(value, str) and name not in {"exception", "timestamp", "logger", "request"}:
            if not is_ours:
                value = _QUOTED.sub(_HIDDEN, _RAISED.sub(r"\1", value))
            event[name] = scrubbed(value)
    return event


def _format_exception(_logger, _method, event: dict) -> dict:
    """The trace: places and types, and messages without what was sent."""
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
    """The database quotes rows and statements; others what they were given."""
    cause = error.__cause__ if isinstance(error, DatabaseError) else error
    if hasattr(cause, "pgcode"):
        place = [getattr(cause.diag, name, None) for name in ("table_name", "constraint_name")]
        return " ".join(["SQLSTATE", str(cause.pgcode), *filter(None, place)])
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
            # It names who signs in. `note_lockouts` says it without.
            "axes": {"level": "CRITICAL"},
            # They quote what was sent; that a request was refused stands in its own line.
            "django.security": {"level": "CRITICAL"},
            # Their own handlers would write past this file. Access logs are the proxy's.
            "uvicorn": {"handlers": [], "propagate": True},
            "uvicorn.error": {"handlers": [], "propagate": True},
            "uvicorn.access": {"handlers": [], "propagate": False, "level": "CRITICAL"},
            "gunicorn.error": {"handlers": [], "propagate": True},
            "gunicorn.access": {"handlers": [], "propagate": False, "level": "CRITICAL"},
            # Tells of refused requests when their id is forgotten; django_structlog did before.
            "django.request": {"level": "CRITICAL"},
            # It empties the answer to a HEAD, as it should, and says so each time.
            "gunicorn.http.wsgi": {"level": "ERROR"},
            # Celery tells of each task's begin and end; the admin's Jobs say it better.
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
    told = [f"{name}={value}" for name, value in event.items()]
    return " ".join([*begin, str(text), *told]) + (f"\n{trace}" if trace else "")
