"""Whose accounts and enrolments a user may see and change: the one rule for the whole site.

The API, the admin and the importer all use it. `by` is the user who acts; None stands for commands
on the server, which may change everything, as a superuser may. The model permissions (`add_user`,
`change_enrollment`, …) say *what* a user may do at all, and are checked by the API and the admin
themselves; this module says *to which rows*. Reasons: docs/decisions/0020-rights-over-accounts.md.
"""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import Permission
from django.db.models import Exists, OuterRef, Q, QuerySet
from knox.models import AuthToken

from progress.models import Course, Enrollment, OutsideCompletion, User, team_of
from progress.models.marks import reaches, readable_courses, within_reach

CHUNK = 1000
# The permissions that teaching a course stands for, beside changing the course.
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
    """The user, the learners of their courses, and their team; all people with the permission to
    see them. For reading: being someone's manager gives no right to change anything.

    Of these, the ones that `by` works with (`progress.models.marks`).
    """
    people = within_reach(User.objects.all(), by)
    if sees_all_people(by):
        return people
    return people.filter(_is_taught_by(by) | Q(pk__in=team_of(by)))


def people_in_reach(by) -> QuerySet[User]:
    """The user and the learners of their courses, or all people: those `by` may write about, as far
    as their permissions go, and that `by` works with."""
    people = within_reach(User.objects.all(), by)
    return people if sees_all_people(by) else people.filter(_is_taught_by(by))


def _is_taught_by(by) -> Q:
    learners = Enrollment.objects.filter(course__in=by.courses_taught.values("pk"))
    return Q(pk=by.pk) | Q(pk__in=learners.values("user_id"))


def sees_all_people(by) -> bool:
    return by is None or by.sees_all("progress.view_user") or by.has_perm("progress.change_user")


def exceeds(account: User, by) -> bool:
    """Whether `account` has more rights than `by`; then only a superuser may change it."""
    return account.pk in accounts_exceeding([account], by)


def accounts_exceeding(accounts: Iterable[User], by) -> set[int]:
    """The ids of those accounts that have more rights than `by` has.

    More rights: being a superuser or on the staff; having a permission or a group that `by` doesn't
    have; teaching a course that `by` doesn't have such rights over. No account exceeds itself.
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


def has_rights(account: User) -> bool:
    """Whether an account may do more than learn: the rights that `accounts_exceeding` compares, or
    an API key."""
    if account.is_superuser or account.is_staff:
        return True
    return (
        account.user_permissions.exists()
        or account.groups.exists()
        or account.courses_taught.exists()
        or AuthToken.objects.filter(user=account.pk).exists()
    )


def manageable_accounts(by) -> QuerySet[User]:
    """The accounts that `by` may change: those in reach that don't have more rights."""
    if by is None or by.is_superuser:
        return within_reach(User.objects.all(), by)
    return people_in_reach(by).filter(Q(pk=by.pk) | ~_more_rights_than(by))


def known_courses(by) -> QuerySet[Course]:
    """The courses that a user teaches, or that they or someone in their team are or were enrolled
    in."""
    team = Enrollment.objects.filter(user__in=team_of(by)).order_by()
    return Course.objects.filter(
        Q(pk__in=by.courses_taught.values("pk"))
        | Q(pk__in=by.enrollments.values("course_id"))
        | Q(pk__in=team.values("course_id"))
    )


def may_edit_permissions(by) -> bool:
    """Whether `by` may edit groups, and an account's permissions: superusers only."""
    return by is None or by.is_superuser


# --- Who teaches ---------------------------------------------------------------------------------
def writable_courses(by) -> QuerySet[Course]:
    """The courses that `by` may change: those they teach, or all with the permission."""
    courses = within_reach(Course.objects.all(), by)
    if by is None or by.sees_all("progress.change_course"):
        return courses
    return courses.filter(instructors=by.pk)


def may_write_course(by, course: Course) -> bool:
    """Whether `by` may change a course, and see its answers and drafts."""
    if not reaches(by, course.is_test):
        return False
    if by is None or by.sees_all("progress.change_course"):
        return True
    return course.instructors.filter(pk=by.pk).exists()


def may_choose_instructors(by, course: Course | None) -> bool:
    """Whether `by` has all the rights that teaching the course gives, and so may pass them on.

    A new course (None) has no learners yet: the user who adds it chooses.
    """
    if by is None or course is None or _has_rights_over_all_courses(by):
        return True
    return course.instructors.filter(pk=by.pk).exists()


def _has_rights_over_all_courses(by) -> bool:
    if by.is_superuser:
        return True
    return all(map(by.sees_all, ("progress.change_course", *SEEN_BY_TEACHING)))


def possible_instructors(by) -> QuerySet[User]:
    """The users that `by` may make instructors: those in reach, and instructors of courses they
    may change."""
    if sees_all_people(by):
        return User.objects.all()
    teaching = Course.instructors.through.objects.all()
    if not by.sees_all("progress.change_course"):
        teaching = teaching.filter(course__in=by.courses_taught.values("pk"))
    return User.objects.filter(
        Q(pk__in=people_in_reach(by).order_by().values("pk")) | Q(pk__in=teaching.values("user_id"))
    )


# --- Enrolments ----------------------------------------------------------------------------------
def enrollable_people(by) -> QuerySet[User]:
    """The users that `by` may enrol: those in reach, or all if they see all enrolments."""
    if by is not None and by.sees_all("progress.view_enrollment"):
        return within_reach(User.objects.all(), by)
    return people_in_reach(by)


def may_enroll_everybody(by) -> bool:
    """Whether `by` may enrol whoever there is, as rules that enrol people do."""
    if by is None:
        return True
    return by.has_perm("progress.add_enrollment") and (
        by.sees_all("progress.view_enrollment") or sees_all_people(by)
    )


def enrollable_courses(by) -> QuerySet[Course]:
    """The courses `by` may enrol users in: those they teach, or all if they see all courses."""
    courses = readable_courses(Course.objects.active(), by)
    if by is None or any(map(by.sees_all, ("progress.view_enrollment", "progress.view_course"))):
        return courses
    return courses.filter(instructors=by.pk)


def changeable_enrollments(by) -> QuerySet[Enrollment]:
    """The enrolments `by` may date, end or begin anew; never their own as a learner."""
    enrollments = within_reach(Enrollment.objects.all(), by)
    if by is None or by.sees_all("progress.view_enrollment"):
        return enrollments
    return enrollments.filter(course__in=by.courses_taught.values("pk"))


def permission_to_enroll(
    current: Enrollment | None, due_at: datetime | None, *, new_cycle: bool = False
) -> str | None:
    """The permission needed to enrol a user whose current enrolment is `current`: none where it
    stays as it is, `change_enrollment` to take it up again, change its due date or begin another
    cycle."""
    if current is None:
        return "progress.add_enrollment"
    is_same = current.unenrolled_at is None and due_at in (None, current.due_at)
    return None if is_same and not new_cycle else "progress.change_enrollment"


# --- Completions elsewhere -----------------------------------------------------------------------
VIEW_OUTSIDE = "progress.view_outsidecompletion"


def withdrawable_outside_completions(by) -> QuerySet[OutsideCompletion]:
    """The outside completions that `by` may withdraw: those of the courses that they teach, or all
    if they see all; never their own."""
    rows = within_reach(OutsideCompletion.objects.all(), by)
    if by is None:
        return rows
    if not by.sees_all(VIEW_OUTSIDE):
        rows = rows.filter(course__in=by.courses_taught.values("pk"))
    return rows.exclude(user=by.pk)
