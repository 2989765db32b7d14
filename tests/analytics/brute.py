"""The rollups by brute force: slow, from the evidence's rows, sharing no code with the folding."""

import json
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from progress.models import Content, ContentInteraction, ContentProgress, QuizAttempt

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
QUARTER = 900_000


def events(course):
    rows = ContentInteraction.objects.filter(
        status="accepted", enrollment__course=course
    ).select_related("user", "enrollment")
    for row in rows.order_by("pk"):
        record = json.loads(row.record)
        yield row, record["event"], record.get("earned", {})


def ms(moment) -> int:
    return (moment - EPOCH) // timedelta(milliseconds=1)


def local(moment_ms, user):
    return (EPOCH + timedelta(milliseconds=moment_ms)).astimezone(ZoneInfo(user.time_zone))


def month(row):
    return row.session_started_at.astimezone(UTC).date().replace(day=1)


def stretches(claim, duration_ms):
    if "segments" in claim:
        result = claim["segments"]
    elif claim["interaction_type"] == "progress" and "position_ms" in claim:
        lasted = claim.get("duration_ms", 0) if claim.get("is_active", True) else 0
        end = claim["position_ms"]
        result = [(max(end - lasted * claim.get("rate_milli", 1000) // 1000, 0), end)]
    else:
        result = []
    cut = [(max(a, 0), min(b, duration_ms)) for a, b in result]
    return [(a, b) for a, b in cut if a < b]


def _replayed(content, claim, earned):
    if content.content_type not in {"video", "audio"}:
        return 0
    length = sum(b - a for a, b in stretches(claim, content.duration_ms))
    held = 0 if earned.get("withheld_reason") == "observed" else earned.get("withheld_ms", 0)
    return max(length - earned.get("covered_ms", 0) - held, 0)


def learner_days(course):
    """{(enrolment, day, month): {…}}"""
    days = defaultdict(lambda: Counter())
    sessions, active = defaultdict(set), defaultdict(set)
    users = {}
    for row, claim, earned in events(course):
        users[row.enrollment_id] = row.user
        content = Content.objects.get(pk=row.content_id)
        start, moment, received = (
            ms(row.session_started_at),
            ms(row.occurred_at),
            ms(row.received_at),
        )
        key = (row.enrollment_id, local(moment, row.user).date(), month(row))
        idle = claim.get("idle_ms", 0)
        if not claim.get("is_active", True):
            idle += claim.get("duration_ms", 0)
        days[key]["events"] += 1
        days[key]["idle_ms"] += min(idle, received - start)
        days[key]["distractions"] += claim.get("distractions", 0)
        for name in ("covered_ms", "withheld_ms"):
            days[key][name] += earned.get(name, 0)
        days[key]["replayed_ms"] += _replayed(content, claim, earned)
        sessions[key].add(row.session_id)
        begin = max(moment - row.credited_ms, start)
        end = min(begin + row.credited_ms, received)
        # Where jitter was taken out, the evidence has the span as it was counted.
        begin, end = json.loads(row.record).get("active_span_ms", (begin, end))
        while begin < end:  # by quarters of an hour: zones differ by no less
            until = min(end, (begin // QUARTER + 1) * QUARTER)
            there = local(begin, row.user)
            active[(row.enrollment_id, there.date(), month(row)), there.hour].update(
                range(begin // 10, until // 10)
            )
            begin = until
    for (key, hour), ticks in active.items():
        days[key]["active_ms"] += len(ticks) * 10
        days[key]["hour", hour] += len(ticks) * 10
    for key, ids in sessions.items():
        days[key]["sessions"] = len(ids)
    _add_done(course, days)
    return {key: {k: v for k, v in result.items() if v} for key, result in days.items()}


def course_days(learner_days):
    """{day: [active time, that of each hour]}, of `learner_days`."""
    found = defaultdict(lambda: [0] * 25)
    for (_, day, _), amounts in learner_days.items():
        for place in range(25):
            name = ("hour", place - 1) if place else "active_ms"
            found[day][place] += amounts.get(name, 0)
    return dict(found)


def habits(learner_days):
    """{enrolment: (first day, groups)}, of `learner_days`."""
    found = {}
    for enrollment in {key[0] for key in learner_days}:
        own = [
            (day, amounts)
            for (one, day, _), amounts in learner_days.items()
            if one == enrollment and amounts.get("active_ms")
        ]
        if own:
            found[enrollment] = _habit(own)
    return found


def _habit(own):
    first = min(day for day, _ in own)
    parts, total, weekend, days = Counter(), 0, 0, set()
    for day, amounts in own:
        if day < first + timedelta(days=14):
            days.add(day)
            total += amounts["active_ms"]
            weekend += amounts["active_ms"] if day.weekday() in {5, 6} else 0
            for hour in range(24):
                name = "morning" if 5 <= hour < 12 else "afternoon" if 12 <= hour < 17 else "night"
                name = "evening" if 17 <= hour < 22 else name
                parts[name] += amounts.get(("hour", hour), 0)
    longest = max(parts.values())
    order = ("night", "morning", "afternoon", "evening")
    minutes = total / len(days) / 60_000
    return (
        first,
        next(name for name in order if parts[name] == longest),
        "weekend" if 2 * weekend >= total else "both" if 10 * weekend > total else "weekdays",
        next(
            (
                name
                for most, name in ((15, "under_15"), (30, "15_to_30"), (60, "30_to_60"))
                if minutes < most
            ),
            "over_60",
        ),
        next(
            (
                name
                for most, name in ((1, "one_day"), (3, "two_or_three"), (6, "four_to_six"))
                if len(days) <= most
            ),
            "seven_and_more",
        ),
    )


def _add_done(course, days):
    for rows, column, name in (
        (ContentProgress, "completed_at", "contents_completed"),
        (QuizAttempt, "submitted_at", "quiz_attempts"),
    ):
        for found in rows.objects.filter(enrollment__course=course).select_related("user"):
            if moment := getattr(found, column):
                day = local(ms(moment), found.user).date()
                days[found.enrollment_id, day, day.replace(day=1)][name] += 1


def seconds(content, claim):
    """(position, bucket, buckets seen, whether at the end) of an event about a medium."""
    duration, size = content.duration_ms, -(-content.duration_ms // 1000)
    here = claim.get("position_ms")
    if here is None and claim.get("segments"):
        here = claim["segments"][-1][1]
    shown = []
    for a, b in stretches(claim, duration):
        middles = [(s, (s * 1000 + min(s * 1000 + 1000, duration)) // 2) for s in range(size)]
        shown += [second for second, middle in middles if a <= middle < b]
    at_end = here is not None and here >= duration - min(5000, duration * 5 // 100)
    return None if here is None else min(here // 1000, size - 1), shown, at_end


def pages(content, claim):
    page = claim.get("page")
    return (None, [], False) if page is None else (page - 1, [page - 1], page == content.page_count)


def hundredths(content, claim):
    span = claim.get("span_ppm")
    here = claim.get("reading_ppm", span and span[0])
    shown = []
    if span:
        shown = [n for n in range(100) if n * 10_000 < span[1] and span[0] < (n + 1) * 10_000]
    place = None if here is None else min(here // 10_000, 99)
    return place, shown, here is not None and here >= 950_000


def curves(content):
    """{(month): {name: [counts]}} and the reach, of a content that never changed."""
    size, look = content.page_count or 100, pages if content.page_count else hundredths
    if content.duration_ms:
        size, look = -(-content.duration_ms // 1000), seconds
    curve = defaultdict(lambda: {name: [0] * size for name in _CURVE})
    saw, last = defaultdict(Counter), {}
    for row, claim, _ in events(content.module.course):
        if row.content_id != content.pk:
            continue
        result = curve[month(row)]
        place, shown, at_end = look(content, claim)
        saw[row.enrollment_id].update(shown)
        for bucket in shown:
            result["seen"][bucket] += 1
            if not content.duration_ms:
                result["dwell_ms"][bucket] += row.credited_ms
        if place is not None:
            key = (ms(row.occurred_at), row.chain_index)
            last[row.enrollment_id] = max(last.get(row.enrollment_id, ()), (*key, place, at_end))
            if turn := {"pause": "pauses", "seek": "seek_in"}.get(claim["interaction_type"]):
                result[turn][place] += 1
        if (
            claim["interaction_type"] == "seek"
            and content.duration_ms
            and "from_position_ms" in claim
        ):
            result["seek_out"][min(claim["from_position_ms"] // 1000, size - 1)] += 1
    return dict(curve), _reach(saw, last, size, is_media=bool(content.duration_ms))


_CURVE = ("seen", "seek_in", "seek_out", "pauses", "dwell_ms")


def _reach(saw, last, size, *, is_media):
    reach = {"learners": len(saw), "finished": 0}
    reach |= {name: [0] * size for name in ("viewers", "replayers", "drop_offs")}
    for enrollment, seen in saw.items():
        for bucket, times in seen.items():
            reach["viewers"][bucket] += 1
            reach["replayers"][bucket] += times > 1 and is_media
        *_, place, at_end = last.get(enrollment, (None, False))
        if at_end or len(seen) >= 0.9 * size:
            reach["finished"] += 1
        elif place is not None:
            reach["drop_offs"][place] += 1
    return reach


def questions(content):
    """{question: (answers, right, first answers, first right, rest, rest², right·rest, times)}"""
    found = {}
    seen = set()
    attempts = QuizAttempt.objects.filter(content=content, submitted_at__isnull=False)
    for attempt in attempts.order_by("enrollment", "number"):
        is_first = attempt.enrollment_id not in seen
        seen.add(attempt.enrollment_id)
        for question in map(int, attempt.answers):
            right = int(question in attempt.right_questions)
            rest = len(attempt.right_questions) - right
            result = found.setdefault(question, [[0] * 7, []])
            more = [1, right, 0, 0, 0, 0, 0]
            if is_first:
                more[2:] = [1, right, rest, rest**2, right * rest]
            result[0] = [a + b for a, b in zip(result[0], more, strict=True)]
            if str(question) in attempt.question_ms:
                result[1].append(min(attempt.question_ms[str(question)] // 1000, 600))
    return {question: (result[0], sorted(result[1])) for question, result in found.items()}
