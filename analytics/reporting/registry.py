"""Every report by its name. `analytics.site.reports` fills it when the system starts.

Imports nothing at runtime, so that template tags can use it while the admin is being imported.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .report import Report

_reports: dict[str, Report] = {}


def register(reports: Iterable[Report]) -> None:
    """Adds reports, in the order of the list on the page."""
    _reports.update((report.slug, report) for report in reports)


def all_reports() -> list[Report]:
    return list(_reports.values())


def named(slug: str) -> Report | None:
    """The report of that name, whoever may open it."""
    return _reports.get(slug)


def find(slug: str, user) -> Report | None:
    """The report of that name, if `user` may open it."""
    report = named(slug)
    return report if report and report.may_open(user) else None


def open_to(user) -> list[Report]:
    """The reports that `user` may open."""
    return [report for report in all_reports() if report.may_open(user)]
