"""The organisation's requirements, exemptions and hourly rates.

There are no escalation steps: a demonstration sends no mail.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from analytics.models import Exemption, HourlyRate, Requirement
from progress.models import Course, User

RATES = {
    "": "36.00",  # all other departments
    "Warehouse": "27.50",
    "Production": "31.00",
    "Office": "42.00",
}
REASONS = ("Parental leave", "Did the same course at another site", "Works from home for good")


def require(courses: Mapping[str, Course], first: date, until: date, by: User) -> None:
    """Make requirements from the day `first` on, and hourly rates; rates that exist stay."""
    height, _, _ = Requirement.objects.bulk_create(
        [
            Requirement(
                name="Working at height, on the floor",
                course=courses["org-height"],
                departments=["Warehouse", "Production", "Service"],
                starts_on=first,
                due_on=first + (until - first) * 2 / 3,
            ),
            Requirement(
                name="Personal data, every one of us",
                course=courses["org-data"],
                starts_on=first,
                due_on=until + timedelta(days=10),
            ),
            Requirement(
                name="Lifting, within eight weeks",
                course=courses["org-lifting"],
                departments=["Warehouse", "Production"],
                starts_on=first,
                due_days=56,
            ),
        ]
    )
    _exempt(height, first, until, by)
    for department, amount in RATES.items():
        HourlyRate.objects.get_or_create(
            department=department, defaults={"amount": Decimal(amount)}
        )


def _exempt(requirement: Requirement, first: date, until: date, by: User) -> None:
    """Exempt three of the learners; one of the exemptions has ended."""
    people: Sequence[User] = User.objects.filter(
        username__startswith="org-learner-", department__in=requirement.departments
    ).order_by("username")[: len(REASONS)]
    Exemption.objects.bulk_create(
        Exemption(
            requirement=requirement,
            user=user,
            reason=reason,
            since=first,
            until=until - timedelta(days=7) if number == 0 else None,
            granted_by=by,
        )
        for number, (user, reason) in enumerate(zip(people, REASONS, strict=False))
    )
