"""The body of a delivery: by the specification, or a message that a chat shows."""

import json
from datetime import UTC

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from connections.events import payloads
from connections.models import Endpoint, Event

MAX_BODY_BYTES = 65_536
CARD = "application/vnd.microsoft.card.adaptive"


def body(event: Event, payload: str) -> str:
    """`{"type", "timestamp", "data"}`, or a message. Too large a full payload is sent thin."""
    data = event.data or {}
    if payload == Endpoint.Payload.SLACK:
        return json.dumps({"text": _escaped(sentence(event.type, data))}, ensure_ascii=False)
    if payload == Endpoint.Payload.TEAMS:
        return json.dumps(_card(sentence(event.type, data)), ensure_ascii=False)
    text = _standard(event, payloads.thin(data) if payload == Endpoint.Payload.THIN else data)
    if len(text.encode()) > MAX_BODY_BYTES:
        return _standard(event, payloads.thin(data))
    return text


def _standard(event: Event, data: dict) -> str:
    moment = event.recorded_at.astimezone(UTC).isoformat(timespec="milliseconds")
    timestamp = moment.replace("+00:00", "Z")
    return json.dumps(
        {"type": event.type, "timestamp": timestamp, "data": data}, ensure_ascii=False
    )


def _escaped(text: str) -> str:
    """As Slack asks for: so that no name mentions a channel or makes a link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _card(text: str) -> dict:
    block = {"type": "TextBlock", "text": _plain(text), "wrap": True}
    content = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [block],
    }
    return {"type": "message", "attachments": [{"contentType": CARD, "content": content}]}


def _plain(text: str) -> str:
    """Without what a card would read as Markdown links or emphasis."""
    return "".join(f"\\{each}" if each in "\\[]*_`" else each for each in text)


def sentence(event_type: str, data: dict) -> str:
    """What happened, in a sentence, in the site's language."""
    with translation.override(settings.LANGUAGE_CODE):
        text = _sentences().get(event_type, event_type) % _names(data)
        return _("Test: %(message)s") % {"message": text} if data.get(payloads.TEST) else text


def _names(data: dict) -> dict[str, str]:
    learner, course = data.get("learner", {}), data.get("course", {})
    return {
        "learner": learner.get("full_name") or learner.get("username") or _("A learner"),
        "course": course.get("title") or _("a course"),
        "percent": f"{data.get('completion_percentage', 0):g}",
        "title": (data.get("content") or data.get("module") or {}).get("title", ""),
        "day": str(data.get("due_at") or data.get("expires_at") or "")[:10],
    }


def _sentences() -> dict[str, str]:
    return {
        "ping": _("This is a test message from Learning progress."),
        "learner.created": _("An account was created for %(learner)s."),
        "learner.deactivated": _("The account of %(learner)s was deactivated."),
        "enrollment.created": _("%(learner)s was enrolled in %(course)s."),
        "enrollment.due": _("%(learner)s has to complete %(course)s by %(day)s."),
        "enrollment.overdue": _("%(learner)s has not completed %(course)s, which was due %(day)s."),
        "session.ended": _("%(learner)s stopped learning in %(course)s."),
        "progress.updated": _("%(learner)s has reached %(percent)s %% of %(course)s."),
        "content.completed": _("%(learner)s completed “%(title)s” in %(course)s."),
        "module.completed": _("%(learner)s completed the module “%(title)s” of %(course)s."),
        "course.completed": _("%(learner)s completed %(course)s."),
        "certificate.issued": _("%(learner)s received the certificate for %(course)s."),
        "certificate.revoked": _("The certificate of %(learner)s for %(course)s was revoked."),
        "certificate.expiring": _(
            "The certificate of %(learner)s for %(course)s expires on %(day)s."
        ),
        "alert.opened": _("%(learner)s needs attention in %(course)s."),
        "alert.closed": _("An alert about %(learner)s in %(course)s was closed."),
    }
