"""Celery's Redis transport, made to survive messages that it can't read.

kombu raises on anything in the queue that isn't a message: the worker ends or reconnects, and one
in the list of unacknowledged messages would end each later worker too. Here such a message is set
aside, where an operator finds the most recent ones, and the worker goes on.
"""

import hashlib
import json
import logging

from kombu.transport import TRANSPORT_ALIASES, redis, virtual

logger = logging.getLogger(__name__)
SET_ASIDE = "malformed-messages"
MAX_SET_ASIDE = 100
MAX_BYTES = 64 * 1024


def use() -> None:
    """Makes every `redis://` address of a broker use this transport."""
    TRANSPORT_ALIASES["redis"] = TRANSPORT_ALIASES["rediss"] = f"{__name__}:Transport"


class QoS(redis.QoS):
    def restore_by_tag(self, tag, client=None, leftmost=False):
        try:
            super().restore_by_tag(tag, client, leftmost)
        except (ValueError, TypeError):
            with self.channel.conn_or_acquire(client) as connection:
                self.channel.set_aside(connection.hget(self.unacked_key, tag) or b"")
                connection.hdel(self.unacked_key, tag)
                connection.zrem(self.unacked_index_key, tag)


class Malformed(Exception):
    """A message that kombu can't read."""


class Message(virtual.Message):
    def __init__(self, *args, **kwargs):
        try:
            super().__init__(*args, **kwargs)
        except Exception as error:
            # kombu fails in many ways on what isn't a message.
            raise Malformed from error


class Channel(redis.Channel):
    QoS = QoS
    Message = Message

    def _brpop_read(self, **options):
        try:
            return super()._brpop_read(**options)
        except (ValueError, RecursionError) as error:
            # The text that isn't JSON; errors about numbers or nesting have none.
            text = getattr(error, "doc", "") or getattr(error, "object", b"")
            self.set_aside(text if isinstance(text, bytes) else text.encode())
            return True

    def set_aside(self, message: bytes) -> None:
        # It may contain personal data: the log has only its digest.
        digest = hashlib.sha256(message).hexdigest()[:16]
        logger.error("a malformed message (%s bytes, %s) was set aside", len(message), digest)
        with self.conn_or_acquire() as client:
            client.lpush(SET_ASIDE, message[:MAX_BYTES])
            client.ltrim(SET_ASIDE, 0, MAX_SET_ASIDE - 1)


class Transport(redis.Transport):
    Channel = Channel

    def _deliver(self, message, queue):
        try:
            super()._deliver(message, queue)
        except Malformed:
            self.channels[0].set_aside(json.dumps(message).encode())
