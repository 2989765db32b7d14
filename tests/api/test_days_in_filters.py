"""A date in a filter of a list is the whole day in the caller's zone, in every list."""

from datetime import UTC, datetime

import django_filters
import pytest
from django.urls import get_resolver

from analytics.models import Alert
from tests.factories import a_course, a_user
from tests.support.alerts import an_alert
from tests.support.callers import api

pytestmark = pytest.mark.django_db


def filtered_views(patterns=None) -> set[type]:
    found = set()
    for each in get_resolver().url_patterns if patterns is None else patterns:
        if hasattr(each, "url_patterns"):
            found |= filtered_views(each.url_patterns)
        elif getattr(getattr(each.callback, "cls", None), "filterset_class", None):
            found.add(each.callback.cls)
    return found


def test_no_list_reads_moments_in_a_way_of_its_own():
    views = filtered_views()
    assert len(views) > 10
    own = (django_filters.DateTimeFilter, django_filters.IsoDateTimeFilter)
    found = {
        f"{view.__name__}: {name}"
        for view in views
        for name, each in view.filterset_class.base_filters.items()
        if isinstance(each, own)
    }
    assert found == set()


@pytest.mark.parametrize(
    ("day", "count"),
    [("2026-12-31", 1), ("2027-01-01", 0), ("2026-12-31T08:00", 1), ("2026-12-31T10:00", 0)],
)
def test_alerts_are_found_by_a_day_of_the_callers_zone(day, count):
    """This one was opened on the 31st at 9:00 in Auckland, which is the 30th in UTC."""
    caller = a_user(is_staff=True, is_superuser=True, time_zone="Pacific/Auckland")
    alert = an_alert(a_course())
    Alert.objects.filter(pk=alert.pk).update(opened_at=datetime(2026, 12, 30, 20, tzinfo=UTC))
    found = api(caller).get("/api/analytics/alerts/", {"opened_after": day}).json()
    assert found["count"] == count
