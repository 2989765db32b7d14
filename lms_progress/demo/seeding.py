"""The demo's courses and people, made through the product's own functions; idempotent."""

import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from django.contrib.auth.models import Group, Permission
from django.utils import timezone

from progress.catalogue import replace_course
from progress.ingest.enrolling import enroll
from progress.models import Course, User

HERE = Path(__file__).parent
REAL, SIMULATED, ADAPTIVE = "fire-safety", "demo-simulation", "fire-wardens"
# The simulated course again, so that guests are in no instructor's figures.
GUESTS = "demo-guests"
_READS = ["view_course", "view_module", "view_content", "view_question", "view_choice"]
INSTRUCTOR_PERMISSIONS = [
    *_READS,
    "add_course",
    "view_user",
    "view_enrollment",
    "add_enrollment",
    "change_enrollment",
    "delete_enrollment",
    "view_courseprogress",
    "view_contentprogress",
    "view_learningsession",
    "view_contentinteraction",
    "view_quizattempt",
    "view_quizanswer",
    "view_waiver",
    "view_outsidecompletion",
    "add_outsidecompletion",
    "change_outsidecompletion",
]
INTEGRATOR_PERMISSIONS = [
    *_READS,
    *(
        f"{verb}_{model}"
        for model in ("user", "enrollment", "course", "learningsession", "outsidecompletion")
        for verb in ("add", "change", "view")
    ),
    "delete_enrollment",
    "view_courseprogress",
    "view_contentprogress",
]


@dataclass(frozen=True, slots=True)
class Person:
    username: str
    full_name: str
    role: str
    department: str = ""
    time_zone: str = "UTC"
    group: str = ""
    is_staff: bool = False
    is_superuser: bool = False
    learns: tuple[str, ...] = ()


PEOPLE = [
    Person(
        "lena",
        "Lena Fischer",
        "learner",
        "Warehouse",
        "Europe/Berlin",
        learns=(REAL, SIMULATED, ADAPTIVE),
    ),
    Person("omar", "عمر الحسيني", "learner", "Office", "Asia/Amman", learns=(REAL, SIMULATED)),
    Person(
        "noor", "Noor de Vries", "learner", "Office", "Europe/Amsterdam", learns=(REAL, ADAPTIVE)
    ),
    Person("ines", "Inês Carvalho", "instructor", group="Instructors", is_staff=True),
    Person("lms", "The company's LMS", "integrator", group="Integrators"),
    Person("admin", "Ada Admin", "administrator", is_staff=True, is_superuser=True),
]


@dataclass(frozen=True, slots=True)
class Login:
    person: Person
    password: str


def seed(known_passwords: dict[str, str]) -> list[Login]:
    """Make what is missing; returns each person's login.

    `known_passwords` are those of an earlier run. Others get a new password, since a stored one
    can't be read back.
    """
    groups = {
        "Instructors": group("Instructors", INSTRUCTOR_PERMISSIONS),
        "Integrators": group("Integrators", INTEGRATOR_PERMISSIONS),
    }
    logins = [_person(person, groups, known_passwords) for person in PEOPLE]
    for name in ("fire-safety.json", "simulation.json", "fire-wardens.json"):
        replace_course(json.loads((HERE / name).read_text("utf-8")))
    replace_guest_course()
    courses = {
        course.code: course.pk
        for course in Course.objects.filter(code__in=[REAL, SIMULATED, ADAPTIVE])
    }
    users = {user.username: user.pk for user in User.objects.all()}
    for person in PEOPLE:
        for code in person.learns:
            enroll(users[person.username], courses[code], now=timezone.now())
    return logins


def replace_guest_course() -> Course:
    document = json.loads((HERE / "simulation.json").read_text("utf-8"))
    return replace_course(document | {"code": GUESTS, "instructors": []})


def group(name: str, codenames: list[str]) -> Group:
    """The group of that name, with exactly these permissions of `progress`."""
    group, _ = Group.objects.get_or_create(name=name)
    group.permissions.set(
        Permission.objects.filter(content_type__app_label="progress", codename__in=codenames)
    )
    return group


def _person(person: Person, groups: dict[str, Group], passwords: dict[str, str]) -> Login:
    user, is_new = User.objects.get_or_create(
        username=person.username,
        defaults={
            "full_name": person.full_name,
            "email": f"{person.username}@example.org",
            "department": person.department,
            "time_zone": person.time_zone,
            "is_staff": person.is_staff,
            "is_superuser": person.is_superuser,
        },
    )
    if person.group:
        user.groups.add(groups[person.group])
    password = passwords.get(person.username)
    if is_new or password is None:
        password = password or secrets.token_urlsafe(9)
        user.set_password(password)
        user.save(update_fields=["password"])
    return Login(person, password)
