"""Which scopes of a key open which addresses of the API. An address in no rule opens to none."""

import re
from typing import NamedTuple

from progress.models.keys import Scope

READ = frozenset({"GET", "HEAD", "OPTIONS"})
_PROGRESS, _PEOPLE, _REPORTS = Scope.READ_PROGRESS, Scope.READ_PEOPLE, Scope.READ_REPORTS
_MANAGE_PEOPLE, _MANAGE_COURSES = Scope.MANAGE_PEOPLE, Scope.MANAGE_COURSES

Choice = frozenset[str]


class Rule(NamedTuple):
    """The sets of scopes of which one must be held whole, to read and to write."""

    address: re.Pattern
    read: tuple[Choice, ...]
    write: tuple[Choice, ...]


def _rule(address: str, read: list, write: list) -> Rule:
    def choices(each: list) -> tuple[Choice, ...]:
        return tuple(
            frozenset(map(str, one)) if isinstance(one, tuple) else frozenset({str(one)})
            for one in each
        )

    return Rule(re.compile(address), choices(read), choices(write))


_NAMED = (_REPORTS, _PEOPLE)  # reports whose rows name people
RULES = (
    _rule(r"/api/(schema/|docs/.*)?", [()], []),
    _rule(r"/api/certificates/verify/", [()], []),
    _rule(r"/api/employee/.*", [_PROGRESS], [Scope.REPORT]),
    _rule(r"/api/courses/.*", [_PROGRESS, _MANAGE_COURSES], [_MANAGE_COURSES]),
    _rule(r"/api/(files|uploads)/.*", [_MANAGE_COURSES], [_MANAGE_COURSES]),
    _rule(r"/api/me/", [_PEOPLE, _MANAGE_PEOPLE], [_MANAGE_PEOPLE]),
    _rule(r"/api/learners/.*", [_PEOPLE, _MANAGE_PEOPLE], [_MANAGE_PEOPLE]),
    _rule(r"/api/enrollments/.*", [_PROGRESS, _MANAGE_PEOPLE], [_MANAGE_PEOPLE]),
    _rule(r"/api/waivers/.*", [_PROGRESS], [Scope.REPORT]),
    _rule(
        r"/api/outside-completions/.*",
        [_PROGRESS, _MANAGE_PEOPLE, _MANAGE_COURSES],
        [_MANAGE_PEOPLE, _MANAGE_COURSES],
    ),
    _rule(r"/api/certificates/.*", [_PEOPLE], []),
    _rule(r"/api/imports/(people|enrollments|outside-completions)/", [], [_MANAGE_PEOPLE]),
    _rule(r"/api/imports/courses/", [], [_MANAGE_COURSES]),
    _rule(r"/api/test-data/", [_MANAGE_PEOPLE], [(_MANAGE_PEOPLE, _MANAGE_COURSES)]),
    _rule(r"/api/analytics/reports/[^/]+/.*", [_NAMED], []),
    _rule(r"/api/analytics/courses/[^/]+/learners/.*", [_NAMED], []),
    _rule(r"/api/analytics/letters/.*", [_NAMED], [_MANAGE_PEOPLE]),
    _rule(r"/api/analytics/saved-reports/.*", [_REPORTS], [_REPORTS]),
    _rule(r"/api/analytics/.*", [_REPORTS], [_MANAGE_PEOPLE]),
    _rule(r"/api/events/.*", [(_PROGRESS, _PEOPLE)], []),
    _rule(r"/api/webhooks/.*", [(_PROGRESS, _PEOPLE)], [(_PROGRESS, _PEOPLE)]),
    _rule(r"/scim/v2(/.*)?", [_PEOPLE, _MANAGE_PEOPLE], [_MANAGE_PEOPLE]),
)

# Figures count no test rows, so they are nothing for a test key; nor are the groups of SCIM, which
# become departments.
_OPEN_TO_TEST_KEYS = re.compile(
    r"/api/((schema|docs|courses|files|uploads|learners|enrollments|waivers|employee|certificates"
    r"|outside-completions|imports|events|webhooks|test-data)/.*)?"
    r"|/scim/v2(?!.*/groups)(?!.*\.search)(/.*)?"
    r"|/scim/v2/users/\.search",
    re.IGNORECASE,
)


def opens_to_test_keys(path: str) -> bool:
    return _OPEN_TO_TEST_KEYS.fullmatch(path) is not None


def needed(method: str, path: str) -> tuple[Choice, ...]:
    """The sets of scopes that open an address; () where no scope does."""
    for rule in RULES:
        if rule.address.fullmatch(path):
            return rule.read if method in READ else rule.write
    return ()


def may_open(scopes: list[str], method: str, path: str) -> bool:
    """Whether a key with these scopes may ask for this; without scopes it may ask for all."""
    return not scopes or any(choice <= set(scopes) for choice in needed(method, path))
