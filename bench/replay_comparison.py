"""Compares what a replay stored with what was played and with what was reported as completed."""

from collections import defaultdict

from bench.xapi import union

COMPLETE_BP = 9000


def stored_coverage(world) -> dict[tuple[int, int], tuple[list, int]]:
    """{(user id, content id): (coverage in ms, basis points)}."""
    from progress.models import ContentProgress

    rows = ContentProgress.objects.filter(user__in=world.users.values())
    return {
        (row.user_id, row.content_id): ([tuple(span) for span in row.coverage], row.completion_bp)
        for row in rows.iterator()
    }


def disagreements(world, sittings, lengths, stored) -> list[str]:
    """Returns the pairs whose stored coverage isn't the union of what was played."""
    played = defaultdict(list)
    for sitting in sittings:
        for video, span in sitting.played:
            played[sitting.actor, video].append(span)
    found = []
    for (actor, video), spans in played.items():
        wanted = union(spans, lengths[video])
        key = world.users[actor], world.contents[video]
        got = stored.get(key, ([], 0))[0]
        if got != wanted:
            found.append(f"{actor} {video}: {got[:4]} stored, {wanted[:4]} played")
    return found


def unfinished(world, statements, sittings, lengths, stored) -> tuple[int, list[str]]:
    """Returns how many pairs were reported as completed, and which end below 90 %, and why."""
    reported, own = set(), defaultdict(int)
    for statement in statements:
        pair = statement["actor"], statement["object"]
        if statement["verb"] == "completed":
            reported.add(pair)
            own[pair] = max(own[pair], round((statement["length"] or 0) * 1000))
    played = {(s.actor, video) for s in sittings for video, _ in s.played}
    found = []
    for pair in sorted(reported):
        actor, video = pair
        key = world.users[actor], world.contents[video]
        spans, bp = stored.get(key, ([], 0))
        if bp < COMPLETE_BP:
            found.append(
                f"{bp / 100:6.2f} %  {actor[:8]} {video[-12:]}  "
                + _cause(pair in played, spans, own[pair], lengths[video])
            )
    return len(reported), found


def _cause(was_played: bool, spans: list, own_length: int, longest: int) -> str:
    if not was_played:
        return "no closed segment was ever reported"
    covered = sum(end - start for start, end in spans)
    if own_length and 10_000 * covered // own_length >= COMPLETE_BP:
        return (
            f"complete by the length reported then, {own_length / 1000:.0f} s; "
            f"the longest reported is {longest / 1000:.0f} s"
        )
    return (
        f"its own segments cover {covered / 1000:.0f} of {longest / 1000:.0f} s, "
        f"in {len(spans)} part{'s' if len(spans) > 1 else ''}"
    )
