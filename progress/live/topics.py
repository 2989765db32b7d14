"""Names of the channel and the kept messages of a learner in a course, and the stream's URL."""

import re

from progress.security import tokens

Key = tuple[int, int]  # user id, course id

# The channel that every process follows, and the notice on it that people's streams end.
NOTICES = "live"
END = "end"
# How many messages of a topic the broker keeps, and for how long after the last one.
KEPT = 100
KEPT_SECONDS = 3600
# The key that holds the time (ms, the broker's clock) since which every message was kept.
KEPT_SINCE = "live-kept-since"
STREAM_PATH = re.compile(r"/api/employee/stream/(\d{1,18})/(\d{1,18})/?")


def key_of(user_id: int, course_id: int) -> str:
    """Returns the broker's key of the kept messages; the channel's name is made from it."""
    return f"live:{user_id}:{course_id}"


def channel_of(key: str, database: int) -> str:
    """Returns the pub/sub channel. Its name has the database: all databases share channels."""
    return f"{database}:{key}"


def stream_url(user_id: int, course_id: int, *, reader_id: int) -> str:
    """Returns the stream's path with a token for this reader, relative to the site."""
    token = tokens.issue_stream_token(tokens.StreamClaims(reader_id, user_id, course_id))
    return f"/api/employee/stream/{user_id}/{course_id}?token={token}"
