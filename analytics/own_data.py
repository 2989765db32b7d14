"""The tables of analytics in a person's copy."""

from progress.own_data.parts import include, leave_out

STAFF = "Which member of the staff it was is their data."
OF_OTHERS = "The row is about another person; you only acted."
BOOKKEEPING = "Says how far a job has come, and nothing more about you."

include(
    "analytics.Alert",
    "alerts",
    "Reasons to look after you that were found.",
    without={"assigned_to": STAFF},
)
leave_out(OF_OTHERS, "analytics.Alert.assigned_to")
include(
    "analytics.AlertStep",
    "alert-steps",
    "What was done about these.",
    "alert__enrollment__user",
    without={"by": STAFF, "to": STAFF},
)
leave_out(OF_OTHERS, "analytics.AlertStep.by", "analytics.AlertStep.to")
include(
    "analytics.Outreach",
    "letters",
    "Letters to you about these.",
    "alert__enrollment__user",
    without={"written_by": STAFF},
)
leave_out(OF_OTHERS, "analytics.Outreach.written_by")
include(
    "analytics.Exemption",
    "exemptions",
    "Required courses that you are exempt from, and why.",
    "user",
    without={"granted_by": STAFF},
)
leave_out(OF_OTHERS, "analytics.Exemption.granted_by")
include("analytics.Escalation", "due-day-mails", "Mails about your due days.", "user")
include("analytics.LearnerSkill", "skills", "What you know by your answers to quizzes.", "user")
include("analytics.PathChoice", "path-choices", "Courses whose own order you chose.")
include(
    "analytics.Dismissal", "dismissals", "Contents that you don't want recommended, or not yet."
)
include("analytics.RiskScore", "risk", "How likely it seemed that you don't finish in time.")
include("analytics.RiskPrediction", "risk-predictions", "The same, as it was first predicted.")
include("analytics.CompletionForecast", "forecasts", "When you will probably complete each course.")
include(
    "analytics.ForecastRecord",
    "forecast-records",
    "The same, as it was first forecast.",
    "user",
    columns=["enrollment"],
)
include("analytics.LearnerDay", "days", "What you did on each day.")
include("analytics.LearnerHabit", "habits", "At which times of day and week you began to learn.")
include("analytics.LearnerContent", "media-seen", "Which parts of each medium you have seen.")
include("analytics.LearnerQuiz", "quiz-figures", "What your attempts add to figures of a quiz.")
include("analytics.DigestChoice", "digest-choice", "How often you want to hear of alerts.", "user")
include("analytics.Digest", "digests", "Such mails to you: amounts, never names.", "user")
include("analytics.SavedReport", "saved-reports", "Reports that you have saved.", "owner")
leave_out(BOOKKEEPING, "analytics.FoldedEnrollment", "analytics.TraceDue")
leave_out(
    "An address that staff named for everybody of a requirement.",
    "analytics.EscalationStep.address",
)
