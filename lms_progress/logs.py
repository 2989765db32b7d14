"""How logs look: lines for people, or JSON for machines. Both to standard error."""

import structlog

_SHARED = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
    structlog.processors.format_exc_info,
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
            # Sign-ins are no news; lock-outs still are.
            "axes": {"level": "WARNING"},
            # Tells of refused requests when their id is forgotten; django_structlog did before.
            "django.request": {"level": "ERROR"},
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
    """`2026-05-04T12:00:00Z WARNING progress.broker the message key=value`."""
    begin = [event.pop("timestamp"), event.pop("level").upper(), event.pop("logger", "")]
    text, trace = event.pop("event"), event.pop("exception", "")
    told = [f"{name}={value}" for name, value in event.items()]
    return " ".join([*begin, str(text), *told]) + (f"\n{trace}" if trace else "")
