"""The background jobs of analytics; each may run twice, even at the same time."""

from analytics.alerts import digesting, posting, raising
from analytics.compliance import escalating
from analytics.facts.mastery import tracing
from analytics.facts.risk import active_model, scoring
from analytics.facts.rollups import folding
from analytics.paths import quiz_records
from analytics.recommending import peers
from analytics.reporting import saving
from progress.jobs import Run, job


@job
def fold_rollups(run: Run) -> None:
    """Fold the evidence that has come since the last run into the rollups."""
    folding.fold_new(run)


@job
def follow_zones(run: Run) -> None:
    """Count the days of learners who moved in their new time zone."""
    run.rows = folding.mark_moved()


@job
def score_risk(run: Run) -> None:
    """Score every open enrolment."""
    scoring.score_all(run.now, run=run)


@job
def score_changed_risk(run: Run) -> None:
    """Score the learners who have been active since they were last scored."""
    scoring.score_changed(run.now, run=run)


@job
def backtest_risk(run: Run) -> None:
    """Measure the model in use on the organisation's own past."""
    run.rows = active_model.backtest_active(run.now)["passages"]


@job
def trace_skills(run: Run) -> None:
    """Update learners' skills from their new answers."""
    tracing.trace_due(run)


@job
def follow_skills(run: Run) -> None:
    """Trace learners again whose quizzes now practise other skills."""
    run.rows = tracing.follow_skills()


@job
def send_reports(run: Run) -> None:
    """Mail the reports that are due to their owners."""
    saving.send_due(run)


@job
def watch_alerts(run: Run) -> None:
    """Open and close alerts about learners, as their causes come and go."""
    raising.watch(run)


@job
def write_digests(run: Run) -> None:
    """Write digests of new alerts to instructors."""
    digesting.write(run)


@job
def send_alert_mail(run: Run) -> None:
    """Send letters to learners and digests to instructors that are waiting."""
    posting.send(run)


@job
def escalate_requirements(run: Run) -> None:
    """Enrol people in what they are required to complete, and send the mails of each step."""
    escalating.run(run)


@job
def find_peers(run: Run) -> None:
    """Find what learners who failed a quiz and passed it later went back to."""
    peers.find(run)


@job
def count_passes(run: Run) -> None:
    """Count how many pass each quiz, for what paths expect."""
    run.rows = quiz_records.count()
