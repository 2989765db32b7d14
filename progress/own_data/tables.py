"""The tables of this app, and of Django's own apps, in a person's copy."""

from django.db.models import Q

from progress.models import User

from .parts import include, leave_out

SECRET = "Whoever has it could act as you."
OF_OTHERS = "The row is about another person; you only acted."
BOOKKEEPING = "Says how far a job has come, and nothing more about you."


def _mails(user: User) -> Q:
    sent = Q(payload__user_id=user.pk)
    return sent | Q(address__iexact=user.email) if user.email else sent


def _by_name(user: User) -> Q:
    names = Q(username__iexact=user.username)
    return names | Q(username__iexact=user.email) if user.email else names


def _changes_of_account(user: User) -> Q:
    return Q(content_type__app_label="progress", content_type__model="user", object_id=str(user.pk))


# --- The account ---------------------------------------------------------------------------------
include(
    "progress.User",
    "account",
    "Your account, and what you chose on its page.",
    "pk",
    without={
        "password": SECRET,
        "calendar_number": SECRET,
        "session_generation": "A counter that signs browsers out.",
        "username_key": "Your user name once more, as it is compared.",
    },
)
leave_out(
    "Who reports to you is their data; your own manager is in account.", "progress.User.manager"
)
include("progress.User_groups", "account-groups", "Groups whose rights you have.", "user")
include("progress.User_user_permissions", "account-permissions", "Rights that you have.", "user")
include(
    "progress.SignIn",
    "sign-ins",
    "Browsers in which you are signed in.",
    "user",
    without={"session_key": SECRET},
)
leave_out(f"{SECRET} Sign-ins are in sign-ins.", "sessions.Session")
include(
    "axes.AccessLog",
    "sign-in-log",
    "When you signed in and out, and from which address.",
    _by_name,
    columns=["username"],
    without={"session_hash": SECRET},
)
include(
    "axes.AccessAttempt",
    "sign-in-failures",
    "Failed sign-ins under your name that count towards a lock.",
    _by_name,
    columns=["username"],
    without=dict.fromkeys(["get_data", "post_data"], "What was typed may be a password."),
)
include(
    "axes.AccessFailureLog",
    "sign-in-failure-log",
    "Failed sign-ins under your name.",
    _by_name,
    columns=["username"],
)
leave_out("Until when a lock lasts; the failed sign-ins are there.", "axes.AccessAttemptExpiration")
include(
    "knox.AuthToken",
    "api-keys",
    "Keys for the API that act for your account.",
    "user",
    without={"digest": SECRET},
)
include(
    "progress.KeyDetails",
    "api-key-details",
    "What each of these keys may do.",
    "token__user",
    without={"token": SECRET},
)
include(
    "admin.LogEntry",
    "changes-of-your-account",
    "Changes of your account by staff.",
    _changes_of_account,
    columns=["object_id"],
    without={"user": "Which member of the staff it was is their data."},
)
leave_out(OF_OTHERS, "admin.LogEntry.user")

# --- Learning ------------------------------------------------------------------------------------
include("progress.Enrollment", "enrolments", "Courses that you are or were enrolled in.", "user")
include("progress.CourseProgress", "course-progress", "How far you are in each course.")
include("progress.PastSpans", "past-spans", "Older times at which you learned.")
include("progress.ContentProgress", "content-progress", "How far you are in each content.")
include("progress.LearningSession", "sessions", "Each time that you learned in a course.")
include(
    "progress.ContentInteraction",
    "events",
    "Every event that was reported for you, and what it earned: the evidence of your progress.",
)
include("progress.QuizAttempt", "quiz-attempts", "Your attempts at quizzes, with their scores.")
include(
    "progress.QuizAnswer",
    "quiz-answers",
    "Each answer that you gave, changed ones too.",
    "attempt__enrollment__user",
    columns=["user"],
)
include(
    "progress.Regrade",
    "regrades",
    "Scores of yours that were corrected.",
    "attempt__enrollment__user",
    columns=["user"],
    without={"regraded_by": "Which member of the staff it was is their data."},
)
leave_out(OF_OTHERS, "progress.Regrade.regraded_by")
include("progress.Waiver", "waivers", "Contents that you need not do, and why.")
include(
    "progress.OutsideCompletion",
    "outside-completions",
    "Courses that you completed elsewhere, and who says so.",
    "user",
)
leave_out(
    OF_OTHERS, "progress.OutsideCompletion.recorded_by", "progress.OutsideCompletion.withdrawn_by"
)
include("progress.Accommodation", "accommodations", "Extra time that you have for quizzes.", "user")
include("progress.Note", "notes", "Your notes and bookmarks.", "user")
include("progress.StudyReminder", "reminders", "When you want to be reminded to learn.", "user")
include(
    "progress.Drift",
    "corrections",
    "Stored progress of yours that disagreed with the rows it is made of.",
)
include("progress.Course_instructors", "courses-taught", "Courses that you teach.", "user")

# --- Mail and copies -----------------------------------------------------------------------------
include(
    "progress.OutgoingMail",
    "mails",
    "Mails to you. Their text isn't kept: it is composed when one is sent.",
    _mails,
    columns=["address", "payload"],
)
include(
    "progress.OwnDataCopy",
    "copies-of-own-data",
    "Copies like this one that you asked for.",
    "user",
    without={"stored_as": SECRET},
)

# --- Left out ------------------------------------------------------------------------------------
leave_out("Says that a row has changed, and when, not what was in it.", "progress.RowChange")
leave_out("Answers to requests of programs, kept for a day.", "progress.KeptAnswer")
leave_out(
    "A message between parts of this site, made from rows that are here.", "progress.OutboxMessage"
)
leave_out(BOOKKEEPING, "progress.SetAside")
leave_out("That test data was erased; it names nobody but who asked for it.", "progress.Erasure")
