"""A course's rollups, computed again from the evidence that is kept.

Months whose evidence has been dropped keep their rows, and so does what learners saw in them: it is
joined with the rest. Everything else is removed and folded again, with the same result, since
amounts are sums and unions, which don't depend on the order.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from analytics.facts import store
from analytics.models import (
    ContentCurve,
    ContentDay,
    ContentEdition,
    CourseDay,
    FoldedEnrollment,
    LearnerContent,
    LearnerDay,
    LearnerQuiz,
    QuestionRollup,
)

from . import course_days, folding, writing


@transaction.atomic
def rebuild(course_id: int, *, now: datetime, chunk: int = folding.CHUNK) -> int:
    """Rebuild a course's rollups; returns the number of enrolments. Invisible to others until
    the end."""
    store.lock()
    kept = folding.dropped_months()
    folded = dict(
        FoldedEnrollment.objects.filter(enrollment__course=course_id)
        .order_by("pk")
        .values_list("pk", "folded")
    )
    ids, known = list(folded), folded if kept else None
    _forget(course_id, kept)
    for at in range(0, len(ids), chunk):
        folding.fold(ids[at : at + chunk], now=now, kept_months=kept, known=known)
    editions = ContentEdition.objects.filter(content__module__course=course_id)
    writing.reset_reach(dict(editions.values_list("pk", "buckets")))
    CourseDay.objects.filter(course=course_id).update(is_stale=True)
    course_days.add_up()
    return len(ids)


def _forget(course_id: int, kept) -> None:
    of_month = ~Q(session_month__in=kept)
    LearnerDay.objects.filter(of_month, course=course_id).delete()
    ContentDay.objects.filter(of_month, content__module__course=course_id).delete()
    ContentCurve.objects.filter(of_month, edition__content__module__course=course_id).delete()
    if not kept:
        LearnerContent.objects.filter(enrollment__course=course_id).delete()
    LearnerQuiz.objects.filter(enrollment__course=course_id).delete()
    QuestionRollup.objects.filter(content__module__course=course_id).delete()
    FoldedEnrollment.objects.filter(enrollment__course=course_id).update(folded=0)
