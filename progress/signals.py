"""Signals about what has happened, sent after the commit.

Each carries ids only. A receiver makes things quick; a sweep over the tables (or the outbox, for
`course_completed`, `course_regraded` and `person_invited`) makes them certain, so a receiver must
be idempotent.
"""

from django.dispatch import Signal

content_completed = Signal()  # enrollment_id, content_id
module_completed = Signal()  # enrollment_id, module_id
course_completed = Signal()  # enrollment_id
course_regraded = Signal()  # enrollment_id, of a completed course whose scores changed
course_restructured = Signal()  # course_id
captions_changed = Signal()  # course_id, in which captions were uploaded or removed
person_invited = Signal()  # user_id, of a new account that has no password yet
# No arguments: test data is to be erased that is too much for a request.
erasure_requested = Signal()
