"""The bytes of files of test courses that are erased; the rows go with their course."""

from collections.abc import Sequence

from authoring.models import StoredFile, Upload
from authoring.storing import storage
from progress.ingest import erasing


@erasing.also
def forget(learners: Sequence[int], courses: Sequence[int]) -> int:
    stored = StoredFile.objects.filter(course__in=courses).exclude(stored_as="")
    for name in stored.values_list("stored_as", flat=True):
        storage().delete(name)
    for parts in Upload.objects.filter(course__in=courses).values_list("parts", flat=True):
        for name in parts:
            storage().delete(name)
    return 0
