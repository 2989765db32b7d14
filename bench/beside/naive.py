"""A heartbeat as one would first write it with Django's ORM; without spans, rules and hash chain.

A row for the content, one for the session, one for the course, one for the event, in a transaction
that locks the course's row. What `bench/ingest.py` calls `orm`.
"""

# ruff: noqa: DJ008  (these rows are never printed)
from django.db import models, transaction
from django.db.models import Avg, F
from django.utils import timezone


class Course(models.Model):
    user_id = models.BigIntegerField(unique=True)
    percentage = models.FloatField(default=0)
    seconds = models.FloatField(default=0)

    class Meta:
        app_label = "naive"


class Session(models.Model):
    user_id = models.BigIntegerField(unique=True)
    last_event_at = models.DateTimeField(null=True)
    seconds = models.FloatField(default=0)

    class Meta:
        app_label = "naive"


class Content(models.Model):
    user_id = models.BigIntegerField()
    key = models.CharField(max_length=100)
    share = models.FloatField(default=0)
    views = models.IntegerField(default=0)

    class Meta:
        app_label = "naive"
        constraints = [models.UniqueConstraint(fields=["user_id", "key"], name="naive_once")]


class Event(models.Model):
    user_id = models.BigIntegerField(db_index=True)
    key = models.CharField(max_length=100)
    share = models.FloatField()
    received_at = models.DateTimeField()

    class Meta:
        app_label = "naive"


MODELS = (Course, Session, Content, Event)


@transaction.atomic
def record(user_id: int, key: str, share: float) -> None:
    now = timezone.now()
    course, _ = Course.objects.select_for_update().get_or_create(user_id=user_id)
    session, _ = Session.objects.select_for_update().get_or_create(user_id=user_id)
    content, _ = Content.objects.get_or_create(user_id=user_id, key=key)
    Content.objects.filter(pk=content.pk).update(
        share=max(content.share, share), views=F("views") + 1
    )
    Event.objects.create(user_id=user_id, key=key, share=share, received_at=now)
    session.last_event_at, session.seconds = now, session.seconds + 5
    session.save()
    course.percentage = Content.objects.filter(user_id=user_id).aggregate(Avg("share"))[
        "share__avg"
    ]
    course.seconds += 5
    course.save()
