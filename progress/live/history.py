"""The last messages of a learner in a course, kept by the broker for clients that come back."""

from collections.abc import Sequence

from redis.asyncio import Redis

from .messages import order_of
from .topics import KEPT, KEPT_SECONDS, KEPT_SINCE, Key, key_of

Messages = list[tuple[str, str]]


async def newest_ids(client: Redis, keys: Sequence[Key]) -> dict[Key, str]:
    """The id of the last message of each `(user id, course id)`.

    Where none is kept: one below any that is still to come.
    """
    async with client.pipeline(transaction=False) as asked:
        asked.time()
        for key in keys:
            asked.xrevrange(key_of(*key), count=1)
        time, *streams = await asked.execute()
    before = f"{_milliseconds(*time) - 1}-0"
    newest = {
        key: entries[0][0] if entries else before
        for key, entries in zip(keys, streams, strict=True)
    }
    since = max(order_of(message_id)[0] for message_id in newest.values())
    await client.set(KEPT_SINCE, since, nx=True)
    return newest


async def since(client: Redis, user_id: int, course_id: int, last_id: str) -> Messages | None:
    """`(id, body)` of what was pushed after `last_id`; None when that can't be told any more."""
    try:
        order = order_of(last_id)
    except ValueError:
        return None
    async with client.pipeline(transaction=False) as asked:
        asked.time()
        asked.xrange(key_of(user_id, course_id))
        time, entries = await asked.execute()
    now = _milliseconds(*time)
    if not (_is_known(order, entries) or _is_whole_after(order, entries, now)):
        return None
    if not await _is_kept_since(client, order, now):
        return None
    return [
        (entry_id, fields["body"]) for entry_id, fields in entries if order_of(entry_id) > order
    ]


def _is_known(order: tuple[int, int], entries: list) -> bool:
    return bool(entries) and order_of(entries[0][0]) <= order <= order_of(entries[-1][0])


def _is_whole_after(order: tuple[int, int], entries: list, now: int) -> bool:
    """Whether nothing that came after an id can have been dropped: it is young, and they are few.

    So it is for most streams of a process that is started again: nothing happened meanwhile.
    """
    return now - KEPT_SECONDS * 1000 < order[0] < now and len(entries) < KEPT


async def _is_kept_since(client: Redis, order: tuple[int, int], now: int) -> bool:
    """Whether the broker has kept every message since then: it lost nothing, and missed none."""
    await client.set(KEPT_SINCE, now, nx=True)
    return order[0] >= int(await client.get(KEPT_SINCE) or now)


def _milliseconds(seconds: int, microseconds: int) -> int:
    return seconds * 1000 + microseconds // 1000
