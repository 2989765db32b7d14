"""The last messages of a learner in a course, kept by the broker for clients that come back."""

from redis.asyncio import Redis

from .messages import order_of
from .topics import key_of


async def newest_id(client: Redis, user_id: int, course_id: int) -> str:
    """The id of the last message; when none is kept, one below any that is still to come."""
    entries = await client.xrevrange(key_of(user_id, course_id), count=1)
    if entries:
        return entries[0][0]
    seconds, microseconds = await client.time()
    return f"{seconds * 1000 + microseconds // 1000 - 1}-0"


async def since(
    client: Redis, user_id: int, course_id: int, last_id: str
) -> list[tuple[str, str]] | None:
    """`(id, body)` of what was pushed after `last_id`; None when that can't be told any more."""
    try:
        order = order_of(last_id)
    except ValueError:
        return None
    entries = await client.xrange(key_of(user_id, course_id))
    if not entries or not order_of(entries[0][0]) <= order <= order_of(entries[-1][0]):
        return None
    return [
        (entry_id, fields["body"]) for entry_id, fields in entries if order_of(entry_id) > order
    ]
