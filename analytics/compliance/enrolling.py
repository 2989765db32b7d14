"""Whose requirements may enrol people: one that does reaches everybody in its departments,
whoever's learners they are."""

from django.utils.translation import gettext_lazy as _

from analytics.models import Requirement
from progress.security import rights

REFUSAL = _("Only someone who may enrol everybody can have a requirement enrol people.")


def fixed_fields(by, requirement: Requirement | None) -> list[str]:
    """The fields that `by` may not set or change, for want of the right to enrol everybody.

    They may stop a requirement from enrolling people, but not widen or begin it.
    """
    if rights.may_enroll_everybody(by):
        return []
    if requirement is None or not requirement.enrols:
        return ["enrols"]
    reach = ["course", "departments", "starts_on"]
    return reach if requirement.is_active else [*reach, "is_active"]
