"""What has happened, in the order in which it became known; the source of all webhooks.

Rows are written by triggers of the database (migration `0002_triggers`), in the transaction that
made them true, and by `connections.events` for what only the clock makes true. They refer to other
tables without constraints: an event stays when its subject goes, and taking a key lock on an
enrolment here would turn the documented lock order around.
"""

import uuid

from django.contrib.postgres.functions import RandomUUID
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from connections import event_types as types
from progress.models.marks import within_reach
from progress.security import rights


class EventQuerySet(models.QuerySet):
    def unpublished(self):
        return self.filter(position=None)

    def published(self):
        """In order. A reader who has seen a position has seen, or could see, all before it."""
        return self.exclude(position=None).order_by("position")

    def visible_to(self, user):
        """Events about the learners of courses that `user` teaches, or all with the permission; of
        those learners that `user` works with."""
        taught = rights.taught_by(user)
        visible = Q()
        for permission, names in types.by_permission().items():
            if permission == types.PEOPLE:
                continue
            rows = Q(type__in=names)
            visible |= rows if user.sees_all(permission) else rows & Q(course_id__in=taught)
        people = Q(type__in=types.by_permission()[types.PEOPLE])
        if not rights.sees_all_people(user):
            people &= Q(user_id__in=rights.people_in_reach(user).order_by().values("pk"))
            people &= ~Q(user_id=user.pk)
        return within_reach(self.filter(visible | people), user)


class Event(models.Model):
    """Something that happened to a learner, once.

    `subject` is the id of what it is about beside the learner, such as a session's; `facts` what
    was known when it was written. `data` (the full payload) and `position` are filled in when the
    event is published, and never change afterwards.
    """

    uid = models.UUIDField(unique=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False)
    type = models.CharField(max_length=40)
    key = models.CharField(
        max_length=120,
        null=True,
        blank=True,
        unique=True,
        help_text="Of what may be found several times, and happens once.",
    )
    user_id = models.BigIntegerField(null=True, blank=True)
    course_id = models.BigIntegerField(null=True, blank=True)
    enrollment_id = models.BigIntegerField(null=True, blank=True)
    subject = models.CharField(max_length=64, blank=True, db_default="", default="")
    facts = models.JSONField(default=dict, db_default={}, blank=True)
    transaction = models.BigIntegerField(
        db_default=0, default=0, help_text="The database's id of the transaction that wrote it."
    )
    recorded_at = models.DateTimeField()
    position = models.BigIntegerField(null=True, blank=True, unique=True)
    data = models.JSONField(null=True, blank=True, encoder=DjangoJSONEncoder)

    objects = EventQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(position=None, data=None)
                | Q(position__isnull=False, data__isnull=False),
                name="event_published_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(position=None), name="event_unpublished"),
            # Replays, polling by time, and what is old enough to be deleted.
            models.Index(fields=["recorded_at"], name="event_by_time"),
        ]

    def __str__(self):
        return self.public_id

    @property
    def public_id(self) -> str:
        """`evt_…`, as receivers know it; the same in every delivery."""
        return f"evt_{self.uid.hex}"


class ChangedProgress(models.Model):
    """Progress that has changed since its last `progress.updated`: one event for all changes of
    `WEBHOOK_PROGRESS_SECONDS`. Written by a trigger, deleted when its event is written."""

    enrollment_id = models.BigIntegerField(primary_key=True)
    user_id = models.BigIntegerField()
    course_id = models.BigIntegerField()
    changed_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name_plural = "changed progress"

    def __str__(self):
        return f"enrolment {self.enrollment_id}"
