"""Columns that several reports have, so that they have one key and one title everywhere."""

from django.utils.translation import gettext_lazy as _

from .report import Column, Kind

COURSE_ID = Column("course_id", _("Number"), Kind.NUMBER, off_page=True)
COURSE = Column("course", _("Course"))
MODULE = Column("module", _("Module"))
QUIZ = Column("quiz", _("Quiz"))
# --- People --------------------------------------------------------------------------------------
LEARNER = Column("learner", _("Learner"))
PERSON = Column("person", _("Person"))
USERNAME = Column("username", _("User name"), off_page=True)
EMAIL = Column("email", _("Email"), off_page=True)
DEPARTMENT = Column("department", _("Department"))
LEARNER_IN_COURSE = (LEARNER, USERNAME, DEPARTMENT, COURSE)
# --- Enrolments ----------------------------------------------------------------------------------
ENROLMENT = Column("enrollment_id", _("Enrolment"), Kind.NUMBER, off_page=True)
ENROLLED = Column("enrolled_at", _("Enrolled"), Kind.MOMENT)
DUE = Column("due_at", _("Due"), Kind.MOMENT)
COMPLETED = Column("completed_at", _("Completed"), Kind.MOMENT)
# --- What was done -------------------------------------------------------------------------------
ACTIVE_TIME = Column("active_seconds", _("Active time"), Kind.SECONDS)
SESSIONS = Column("sessions", _("Sessions"), Kind.NUMBER)
DISTRACTIONS = Column("distractions", _("Distractions"), Kind.NUMBER)
CONTENTS_FINISHED = Column("contents_completed", _("Contents finished"), Kind.NUMBER)
