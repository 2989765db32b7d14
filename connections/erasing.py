"""What webhooks and events keep of test learners and test courses that are erased."""

from collections.abc import Sequence

from django.db.models import Q

from connections.models import ChangedProgress, Event
from progress.ingest import erasing


@erasing.also
def forget(learners: Sequence[int], courses: Sequence[int]) -> int:
    """Deletes their events with the deliveries of these; returns how many events."""
    theirs = Q(user_id__in=learners) | Q(course_id__in=courses)
    ids = list(Event.objects.filter(theirs).values_list("pk", flat=True))
    deleted = erasing.delete_all(ChangedProgress.objects.filter(theirs))
    for at in range(0, len(ids), erasing.SLICE):
        Event.objects.filter(pk__in=ids[at : at + erasing.SLICE]).delete()
    return deleted + len(ids)
