"""A learner's due dates and reviews for their own calendar, at an address that only they know."""

import re
import secrets
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from progress import slots
from progress.models import Enrollment, User, fulfilled_outside

_SALT = "progress.calendar"
MAX_LINE_BYTES = 75
_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")


def address(user: User) -> str:
    """The path of the feed in the language of now; "" if the learner has none."""
    if user.calendar_number is None:
        return ""
    parts = [user.pk, user.calendar_number, translation.get_language()]
    return reverse("calendar", args=[signing.Signer(salt=_SALT).sign_object(parts)])


@login_required
@require_POST
def change_address(request):
    """Make a new address, or with `off` none. The one of before stops working."""
    request.user.calendar_number = None if "off" in request.POST else secrets.randbits(62)
    request.user.save(update_fields=["calendar_number"])
    done = _("Your calendar has a new address.")
    if request.user.calendar_number is None:
        done = _("Your calendar has no address any more.")
    messages.success(request, done)
    return redirect("account")


@require_GET
def calendar(request, token: str):
    """The feed. Whoever has the address may read it, as calendars don't sign in."""
    user, language = _reader(token)
    site = settings.PUBLIC_URL or request.build_absolute_uri("/").rstrip("/")
    with translation.override(language), timezone.override(ZoneInfo(user.time_zone)):
        lines = [*_head(), *_due_dates(user, site), *_reviews(user, site), "END:VCALENDAR"]
    body = "".join(f"{part}\r\n" for line in lines for part in _folded(line))
    answer = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    answer["Cache-Control"] = "private, max-age=3600"
    return answer


def _reader(token: str) -> tuple[User, str]:
    try:
        pk, number, language = signing.Signer(salt=_SALT).unsign_object(token)
    except (signing.BadSignature, ValueError):
        raise Http404 from None
    user = User.objects.filter(pk=pk, calendar_number=number, is_active=True).first()
    if user is None:
        raise Http404
    return user, user.language or language


def _head() -> list[str]:
    return [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Learning progress//Due dates and reviews//EN",
        f"X-WR-CALNAME:{_text(_('Learning progress'))}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT6H",
    ]


def _due_dates(user: User, site: str) -> Iterator[str]:
    """Of the courses that aren't complete, here or elsewhere."""
    enrollments = (
        Enrollment.objects.active()
        .filter(
            ~fulfilled_outside(timezone.now()),
            user_id=user.pk,
            course__retired_at=None,
            due_at__isnull=False,
        )
        .with_progress("course")
        .order_by("due_at", "pk")
    )
    for each in enrollments:
        if each.course_progress.completed_at is None:
            title = _("Due: %(title)s") % {"title": each.course.title}
            url = site + reverse("course", args=[each.course_id])
            yield from _event(f"due-{each.pk}", _moment(each.due_at), title, url)


def _reviews(user: User, site: str) -> Iterator[str]:
    """A whole day for each skill, today if it is overdue."""
    today = timezone.localdate()
    for review in slots.reviews(user.pk) or []:
        day = max(timezone.localdate(review["due_at"]), today)
        title = _("Review: %(skill)s") % {"skill": review["skill"]}
        uid = f"review-{user.pk}-{review['id']}"
        yield from _event(uid, _day(day), title, site + reverse("my-learning"))


def _event(uid: str, when: list[str], title: str, url: str) -> list[str]:
    return [
        "BEGIN:VEVENT",
        f"UID:{uid}@learning-progress",
        f"DTSTAMP:{_utc(timezone.now())}",
        *when,
        f"SUMMARY:{_text(title)}",
        f"URL:{url}",
        "END:VEVENT",
    ]


def _moment(at: datetime) -> list[str]:
    return [f"DTSTART:{_utc(at)}"]


def _day(day: date) -> list[str]:
    following = day + timedelta(days=1)
    return [f"DTSTART;VALUE=DATE:{day:%Y%m%d}", f"DTEND;VALUE=DATE:{following:%Y%m%d}"]


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(text: str) -> str:
    """RFC 5545, 3.3.11."""
    plain = _CONTROLS.sub("", text.replace("\r\n", "\n"))
    for character in "\\;,":
        plain = plain.replace(character, f"\\{character}")
    return plain.replace("\n", "\\n")


def _folded(line: str) -> Iterator[str]:
    """RFC 5545, 3.1: lines of 75 bytes at most, never broken within a character."""
    part, size = "", 0
    for character in line:
        length = len(character.encode())
        if size + length > MAX_LINE_BYTES:
            yield part
            part, size = " ", 1
        part, size = part + character, size + length
    yield part
