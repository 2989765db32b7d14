"""A learner's last messages in a course, kept by the broker for clients that come back."""

from collections.abc import Sequence

from redis.asyncio import Redis

from .messages import order_of
from .topics import KEPT, KEPT_SECONDS, KEPT_SINCE, Key, key_of

Messages = list[tuple[str, str]]


async def newest_ids(client: Redis, keys: Sequence[Key]) -> dict[Key, str]:
    """Returns the id of the last message for each `(user id, course id)`.

    Where none is kept, it is an id below all those to come.
    """
    async with client.pipeline(transaction=False) as pipeline:
        pipeline.time()
        for key in keys:
            pipeline.xrevrange(key_of(*key), count=1)
        time, *streams = await pipeline.execute()
    below_all = f"{_milliseconds(*time) - 1}-0"
    newest = {
        key: entries[0][0] if entries else below_all
        for key, entries in zip(keys, streams, strict=True)
    }
    since = max(order_of(message_id)[0] for message_id in newest.values())
    await client.set(KEPT_SINCE, since, nx=True)
    return newest


async def since(client: Redis, user_id: int, course_id: int, last_id: str) -> Messages | None:
    """Returns the messages after `last_id` as `(id, body)`; None when some may be missing."""
    try:
        order = order_of(last_id)
    except ValueError:
        return None
    async with client.pipeline(transaction=False) as pipeline:
        pipeline.time()
        pipeline.xrange(key_of(user_id, course_id))
        time, entries = await pipeline.execute()
    now = _milliseconds(*time)
    if not (_is_in_range(order, entries) or _has_lost_nothing(order, entries, now)):
        return None
    if not await _is_kept_since(client, order, now):
        return None
    return [
        (entry_id, fields["body"]) for entry_id, fields in entries if order_of(entry_id) > order
    ]


def _is_in_range(order: tuple[int, int], entries: list) -> bool:
    return bool(entries) and order_of(entries[0][0]) <= order <= order_of(entries[-1][0])


def _has_lost_nothing(order: tuple[int, int], entries: list, now: int) -> bool:
    """Whether no message after this id can have been dropped: it is recent and messages are few.

    That holds for most clients that come back after a restart, since nothing happened meanwhile.
    """
    return now - KEPT_SECONDS * 1000 < order[0] < now and len(entries) < KEPT


async def _is_kept_since(client: Redis, order: tuple[int, int], now: int) -> bool:
    """Whether the broker has received and kept every message since then."""
    await client.set(KEPT_SINCE, now, nx=True)
    return order[0] >= int(await client.get(KEPT_SINCE) or now)


def _milliseconds(seconds: int, microseconds: int) -> int:
    return seconds * 1000 + microseconds // 1000
