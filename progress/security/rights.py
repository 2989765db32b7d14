"""Who may change whom: the one rule for accounts, enrolments and instructors, behind every door.

The API, the admin and the importer ask here. `by` is who asks; None is whoever may run commands
on the server, and like a superuser they may change everything. The model permissions (`add_user`,
`change_enrollment`, …) say *what* somebody may do at all, and are asked for by each door; this
module says *to whom*. docs/decisions/0020-rights-over-accounts.md has the reasons.
"""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import Permission
from django.db.models import Exists, OuterRef, Q, QuerySet

from progress.models import Course, Enrollment, User

CHUNK = 1000
# What teaching a course lets somebody see, beside changing the course.
SEEN_BY_TEACHING = (
    "progress.view_user",
    "progress.view_enrollment",
    "progress.view_courseprogress",
)


# --- Everything, or one's own courses -----------------------------------------------------------
def sees_everything(user) -> bool:
    """Whether a user's view permissions reach beyond the courses that they teach.

    This takes a permission: if teaching no course were enough, an instructor who leaves their last
    course would see all of them.
    """
    return user.has_perm("progress.view_all_progress")


def taught_by(user) -> QuerySet:
    """The ids of the courses that `user` teaches, for use in a filter."""
    return Course.objects.filter(instructors=user).order_by().values("pk")


# --- Accounts ------------------------------------------------------------------------------------
def visible_people(by) -> QuerySet[User]:
    """Oneself and the learners of own courses; everybody for who may view or change people."""
    if sees_all_people(by):
        return User.objects.all()
    learners = Enrollment.objects.filter(course__in=by.courses_taught.values("pk"))
    return User.objects.filter(Q(pk=by.pk) | Q(pk__in=learners.values("user_id")))


def sees_all_people(by) -> bool:
    return by is None or by.sees_all("progress.view_user") or by.has_perm("progress.change_user")


def exceeds(account: User, by) -> bool:
    """Whether `account` has more rights than `by`: only a superuser changes it then."""
    return account.pk in accounts_exceeding([account], by)


def accounts_exceeding(accounts: Iterable[User], by) -> set[int]:
    """The ids of those accounts that have more rights than `by` has.

    More rights: a superuser, or anybody on the staff; a permission or a group that `by` doesn't
    have; a course to teach that `by` has no such rights over. Nobody exceeds themselves.
    """
    if by is None or by.is_superuser:
        return set()
    ids = [account.pk for account in accounts if account.pk != by.pk]
    found: set[int] = set()
    for at in range(0, len(ids), CHUNK):
        rows = User.objects.filter(_more_rights_than(by), pk__in=ids[at : at + CHUNK])
        found.update(rows.order_by().values_list("pk", flat=True))
    return found


def _more_rights_than(by) -> Q:
    own = Permission.objects.filter(Q(user=by.pk) | Q(group__user=by.pk)).order_by().values("pk")
    more = Q(is_superuser=True) | Q(is_staff=True)
    more |= Q(
        Exists(
            User.user_permissions.through.objects.filter(user_id=OuterRef("pk")).exclude(
                permission_id__in=own
            )
        )
    )
    more |= Q(
        Exists(
            User.groups.through.objects.filter(user_id=OuterRef("pk")).exclude(
                group_id__in=User.groups.through.objects.filter(user_id=by.pk).values("group_id")
            )
        )
    )
    if _has_rights_over_all_courses(by):
        return more
    taught = Course.instructors.through.objects
    return more | Q(
        Exists(
            taught.filter(user_id=OuterRef("pk")).exclude(
                course_id__in=taught.filter(user_id=by.pk).values("course_id")
            )
        )
    )


def manageable_accounts(by) -> QuerySet[User]:
    """Those that `by` may change, as far as rights go: seen, and without more of them."""
    if by is None or by.is_superuser:
        return User.objects.all()
    return visible_people(by).filter(Q(pk=by.pk) | ~_more_rights_than(by))


def known_courses(by) -> QuerySet[Course]:
    """Those that somebody learns in, learned in, or teaches."""
    return Course.objects.filter(
        Q(pk__in=by.courses_taught.values("pk")) | Q(pk__in=by.enrollments.values("course_id"))
    )


# --- Who teaches ---------------------------------------------------------------------------------
def may_write_course(by, course: Course) -> bool:
    """Who may change a course, and see its answers and drafts."""
    if by is None or by.sees_all("progress.change_course"):
        return True
    return course.instructors.filter(pk=by.pk).exists()


def may_choose_instructors(by, course: Course | None) -> bool:
    """Whether `by` has all that teaching the course gives, and so may give and take it.

    Of a new course (None) nobody has learned anything yet: whoever adds it chooses.
    """
    if by is None or course is None or _has_rights_over_all_courses(by):
        return True
    return course.instructors.filter(pk=by.pk).exists()


def _has_rights_over_all_courses(by) -> bool:
    if by.is_superuser:
        return True
    return all(map(by.sees_all, ("progress.change_course", *SEEN_BY_TEACHING)))


def possible_instructors(by) -> QuerySet[User]:
    """Whom `by` may name: people they see, and who teaches a course that they may change."""
    if sees_all_people(by):
        return User.objects.all()
    known = Course.instructors.through.objects.all()
    if not by.sees_all("progress.change_course"):
        known = known.filter(course__in=by.courses_taught.values("pk"))
    return User.objects.filter(
        Q(pk__in=visible_people(by).order_by().values("pk")) | Q(pk__in=known.values("user_id"))
    )


# --- Enrolments ----------------------------------------------------------------------------------
def enrollable_people(by) -> QuerySet[User]:
    """Whom `by` may enrol: whom they see, and everybody for who sees all enrolments."""
    if by is not None and by.sees_all("progress.view_enrollment"):
        return User.objects.all()
    return visible_people(by)


def enrollable_courses(by) -> QuerySet[Course]:
    """Into which courses `by` may enrol: own ones, or all for who sees all of them."""
    courses = Course.objects.active()
    if by is None or any(map(by.sees_all, ("progress.view_enrollment", "progress.view_course"))):
        return courses
    return courses.filter(instructors=by.pk)


def changeable_enrollments(by) -> QuerySet[Enrollment]:
    """Whose due date, cycle and end `by` may change; one's own as a learner are not among them."""
    if by is None or by.sees_all("progress.view_enrollment"):
        return Enrollment.objects.all()
    return Enrollment.objects.filter(course__in=by.courses_taught.values("pk"))


def permission_to_enroll(
    known: Enrollment | None, due_at: datetime | None, *, new_cycle: bool = False
) -> str | None:
    """What it takes to enrol somebody whose current enrolment is `known`: nothing to find it as
    it is, `change_enrollment` to take it up again, date it anew or begin another cycle."""
    if known is None:
        return "progress.add_enrollment"
    is_same = known.unenrolled_at is None and due_at in (None, known.due_at)
    return None if is_same and not new_cycle else "progress.change_enrollment"
