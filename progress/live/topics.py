"""Where the news of one learner in one course is found, for those who push and who follow."""

import re

from progress.security import tokens

Key = tuple[int, int]  # user id, course id

# How many messages of a topic the broker keeps, and how long after the last of them.
KEPT = 100
KEPT_SECONDS = 3600
# The key of the moment (ms, the broker's clock) since when every message has been kept.
KEPT_SINCE = "live-kept-since"
STREAM_PATH = re.compile(r"/api/employee/stream/(\d{1,18})/(\d{1,18})/?")


def key_of(user_id: int, course_id: int) -> str:
    """The broker's key of the kept messages; also what the channel is named after."""
    return f"live:{user_id}:{course_id}"


def channel_of(key: str, database: int) -> str:
    """The pub/sub channel: the broker has one space of channels for all its databases."""
    return f"{database}:{key}"


def stream_url(user_id: int, course_id: int, *, reader_id: int) -> str:
    """The path of the stream with a token for this reader, relative to the site."""
    token = tokens.issue_stream_token(tokens.StreamClaims(reader_id, user_id, course_id))
    return f"/api/employee/stream/{user_id}/{course_id}?token={token}"
