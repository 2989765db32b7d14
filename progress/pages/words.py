"""Numbers and states in words: `12 min`, `2:10–3:05 not watched`."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language_bidi, ngettext
from django.utils.translation import gettext as _

from progress.rules import quizzes
from progress.state.course_state import CourseState
from progress.state.structure import ContentSpec
from progress.state.waivers import waiving_link

from . import locale_formats


def clock(ms: int) -> str:
    """A position in media: `2:05`, `1:02:05`."""
    minutes, seconds = divmod(ms // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def duration(seconds: float) -> str:
    """A duration: `40 s`, `12 min`, `3 h`, `3 h 05 min`."""
    whole = int(seconds)
    if whole < 60:
        return _("%(seconds)s s") % {"seconds": whole}
    hours, minutes = divmod(whole // 60, 60)
    if hours and not minutes:
        return _("%(hours)s h") % {"hours": hours}
    if hours:
        return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": f"{minutes:02}"}
    return _("%(minutes)s min") % {"minutes": minutes}


def moment(at: datetime) -> str:
    """A day and time in the current time zone and language."""
    local = timezone.localtime(at)
    return f"{date_format(local, 'DATE_FORMAT')}, {date_format(local, 'TIME_FORMAT')}"


def spent(ms: int) -> str:
    """The time spent, or "" if there is none yet."""
    return duration(ms / 1000) if ms >= 1000 else ""


def time_left(seconds: int | None) -> str:
    """The estimated time left, in whole minutes; "" if it is 0 or unknown."""
    if not seconds:
        return ""
    return _("About %(time)s left") % {"time": duration(-(-seconds // 60) * 60)}


def expected(days: dict | None, now: datetime) -> str:
    """When a course will be done at the learner's pace; "" if that isn't known.

    `days` are those of `slots.expected_days`.
    """
    if not days:
        return ""
    first, last = (
        date_format(timezone.localtime(max(datetime.fromisoformat(days[name]), now)), "DATE_FORMAT")
        for name in ("first_at", "last_at")
    )
    if first == last:
        return _("At your pace you will finish around %(day)s") % {"day": first}
    return _("At your pace you will finish between %(first)s and %(last)s") % {
        "first": first,
        "last": last,
    }


def length(content: ContentSpec) -> str:
    """The length of a content, in its own unit."""
    if content.is_timed and content.duration_ms:
        return clock(content.duration_ms)
    if content.is_paged:
        pages = content.page_count
        return ngettext("%(count)s page", "%(count)s pages", pages) % {"count": pages}
    if content.is_quiz:
        count = content.question_count
        return ngettext("%(count)s question", "%(count)s questions", count) % {"count": count}
    seconds = content.view_seconds or content.reading_seconds
    return duration(seconds) if seconds else ""


def type_label(content: ContentSpec) -> str:
    """What kind of content it is."""
    labels = {
        "video": _("Video"),
        "audio": _("Audio"),
        "document": _("Document"),
        "text": _("Text"),
        "quiz": _("Quiz"),
        "embed": _("Interactive"),
    }
    return labels[content.content_type]


def waived(state: CourseState, content: ContentSpec) -> str:
    """Why a content need not be done, in a short sentence."""
    link = waiving_link(state, content)
    if link is None:
        return _("Not needed")
    title = state.structure.contents[link.source].title
    if link.is_pre_test:
        return _("Not needed: you passed “%(title)s”") % {"title": title}
    return _("Not needed: you completed “%(title)s” instead") % {"title": title}


def remaining(state: CourseState, content: ContentSpec) -> str:
    """Why a content isn't complete, in a short sentence."""
    if state.is_waived(content):
        return waived(state, content)
    reason = state.reason(content)
    if reason == "not_released":
        day = date_format(timezone.localtime(content.release_at), "DATE_FORMAT")
        return _("Opens on %(date)s") % {"date": day}
    if reason == "locked":
        return _("Opens after %(needed)s") % {"needed": _needed(state, content)}
    if reason == "not_started":
        return _("Not started")
    if content.is_quiz:
        return quiz(state, content)
    return _missing(state, content)


def quiz(state: CourseState, content: ContentSpec) -> str:
    """How much of an incomplete quiz is answered, and what is still needed to pass it."""
    row = state.rows.get(content.id)
    counts = {"answered": answered(state, content), "count": content.question_count}
    best = row.best_score_bp if row else None
    if best is None or content.pass_bp is None:
        return _("%(answered)s of %(count)s answered, not submitted yet") % counts
    scores = {"best": score(best, content.pass_bp), "needed": percent(content.pass_bp)}
    text = _("%(answered)s of %(count)s answered, not passed: %(best)s %%, %(needed)s %% needed")
    return text % {**counts, **scores}


def answered(state: CourseState, content: ContentSpec) -> int:
    """The number of questions of a quiz that the learner has answered."""
    row = state.rows.get(content.id)
    return quizzes.answered_questions(row.answered_bp, content.question_count) if row else 0


def percent(bp: int) -> str:
    """A percentage without rounding and without its sign: `80`, `66.67`, in German `66,67`."""
    return locale_formats.decimal(bp)


def score(bp: int, pass_bp: int | None) -> str:
    """A score in whole percent, rounded down; exact if the pass mark has a fraction."""
    return percent(bp) if (pass_bp or 0) % 100 else str(bp // 100)


def _needed(state: CourseState, content: ContentSpec) -> str:
    return ", ".join(quoted(each.title) for each in state.keys_of(content))


def quoted(title: str) -> str:
    """A title in the quotation marks of the reader's language."""
    return _("“{title}”").replace("{title}", title)


def _missing(state: CourseState, content: ContentSpec) -> str:
    if content.view_seconds:
        row = state.rows.get(content.id)
        left = content.view_seconds * 1000 - (row.time_ms if row else 0)
        return _("%(time)s more to spend on it") % {"time": duration(max(-(-left // 1000), 1))}
    spans = state.missing(content)
    if not spans:
        bp = state.content_state(content).bp
        if content.completes_on_score:
            text = _(
                "Score so far, reported by the embedded page: %(score)s %%, %(needed)s %% needed"
            )
            return text % {"score": bp // 100, "needed": percent(state.needed_bp(content))}
        return _("%(percent)s %% reported so far") % {"percent": bp // 100}
    if not state.covered(content):
        return _("Not watched yet") if content.is_timed else _("Not read yet")
    shown = ", ".join(span(content, *each) for each in spans[:3])
    more = _(" and more") if len(spans) > 3 else ""
    text = _("%(spans)s not watched") if content.is_timed else _("%(spans)s not read")
    return text % {"spans": shown + more}


def span(content: ContentSpec, start: int, end: int) -> str:
    """A stretch of a content: `2:10–3:05`, `page 4`, `pages 4–6`, `40–55 %`.

    The end is rounded up, so that the range shown always includes the whole stretch.
    """
    if content.is_timed:
        return left_to_right(f"{clock(start)}–{clock(end + 999)}")
    if content.is_paged:
        if end - start == 1:
            return _("page %(page)s") % {"page": end}
        return _("pages %(first)s–%(last)s") % {"first": start + 1, "last": end}
    return left_to_right(locale_formats.percentage(f"{start // 10}–{end // 10}"))


def left_to_right(numbers: str) -> str:
    """A range of numbers that keeps its order in a right-to-left text."""
    return f"\u2066{numbers}\u2069" if get_language_bidi() else numbers


def for_scripts() -> dict[str, str]:
    """The texts of the pages' scripts, which fill in `{name}`."""
    return {
        "complete": _("Complete"),
        "quiz_open": _("{answered} of {count} answered, not submitted yet"),
        "quiz_not_passed": _(
            "{answered} of {count} answered, not passed: {best} %, {needed} % needed"
        ),
        "content_complete": _("This content is complete."),
        "course_complete": _("You have completed “{title}”. Well done."),
        "quoted": _("“{title}”"),
        "place_page": _("page {page}"),
        "place_pages": _("pages {first}–{last}"),
        "and_more": _("and {count} more"),
        "offer_here": _("You were at {place} {ago}."),
        "offer_elsewhere": _("You were at {place} on another device {ago}."),
        "offer_now": _("You continued to {place} on another device."),
        "continue_there": _("Continue there"),
        "first_gap": _("First gap: {place}"),
        "next_in": _("The next one begins in {seconds} s."),
        "not_counted_yet": _("Not counted yet"),
        "saving": _("Saving…"),
        "saved_now": _("Saved just now"),
        "saved_seconds": _("Saved {seconds} s ago"),
        "saved_minutes": _("Saved {minutes} min ago"),
        "offline": _("Offline, saved on this device"),
        "offline_long": _(
            "We couldn't reach the server. Your progress is kept on this device and will be sent "
            "when you're back online."
        ),
        "offline_memory": _("Offline, saved only while this page is open"),
        "offline_memory_long": _(
            "We couldn't reach the server, and this browser stores nothing here. Please leave this "
            "page open until your progress is saved."
        ),
        "memory_only": _("nothing is stored on this device"),
        "not_enrolled": _(
            "You aren't enrolled in this course any more, so what you do here isn't counted."
        ),
        "stopped": _("What you do here isn't counted any more. Please reload the page."),
        "online_again": _("You're back online, and everything is saved."),
        "refused": _("The server rejected this. Please reload the page."),
        "page": _("Page {page} of {pages}"),
        "page_read": _("Read"),
        "zoom": _("Zoom {percent} %"),
        "found": _("{number} of {count}"),
        "nothing_found": _("Not found"),
        "document_failed": _("The document couldn't be shown. Please download it below."),
    }


def for_quiz() -> dict[str, str]:
    """The texts of the quiz's script."""
    return {
        "saved": _("✓ Saved"),
        "undecided": _("Not saved yet: choose which answer counts."),
        "refused": _("This answer couldn't be saved: {detail}"),
        "not_a_number": _("Not saved: please enter a number, such as 3.5."),
        "no_answer": _("no answer"),
        "moved": _("{text}: now at place {place}"),
        "answered": _("{answered} of {count} answered"),
        "question": _("Question {number}"),
        "question_answered": _("Question {number}, answered"),
        "question_undecided": _("Question {number}, choose which answer counts"),
        "ask_some": _("{count} questions have no answer yet: {numbers}."),
        "ask_one": _("Question {numbers} has no answer yet."),
        "answer_first": _("Answer at least one question first."),
        "decide_first": _("First choose which answer counts in question {number}."),
        "submitting": _("Submitting…"),
        "submitted": _("Submitted"),
        "closed": _("This attempt was submitted in another window or on another device."),
        "look": _("View it"),
        "minutes_left": _("{minutes} minutes left"),
        "minute_left": _("1 minute left"),
        "time_over": _("The time is over. Your answers are being submitted."),
        "timed_out": _("The time is over: this attempt has been submitted."),
        "after_time_limit": _("This answer came after the time limit and doesn't count."),
    }


def for_player() -> dict[str, str]:
    """The labels of the media player's controls."""
    return {
        "restart": _("Restart"),
        "rewind": _("Back {seektime} s"),
        "play": _("Play"),
        "pause": _("Pause"),
        "fastForward": _("Forward {seektime} s"),
        "seek": _("Position"),
        "seekLabel": _("{currentTime} of {duration}"),
        "played": _("Played"),
        "buffered": _("Loaded"),
        "currentTime": _("Current time"),
        "duration": _("Length"),
        "volume": _("Volume"),
        "mute": _("Mute"),
        "unmute": _("Unmute"),
        "enableCaptions": _("Captions on"),
        "disableCaptions": _("Captions off"),
        "enterFullscreen": _("Full screen"),
        "exitFullscreen": _("Leave full screen"),
        "captions": _("Captions"),
        "settings": _("Settings"),
        "pip": _("Picture in picture"),
        "menuBack": _("Back to the menu"),
        "speed": _("Speed"),
        "normal": _("Normal"),
        "disabled": _("Off"),
        "enabled": _("On"),
    }
