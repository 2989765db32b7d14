"""The background jobs of analytics; each may run twice, even at the same time."""

from pathlib import Path

from django.conf import settings

from analytics.alerts import alert_mail, digests, opening
from analytics.compliance import escalations
from analytics.facts.forecast import forecasting
from analytics.facts.forecast import validating as forecast_validating
from analytics.facts.mastery import learning, tracing
from analytics.facts.risk import active_model, scoring, validating
from analytics.facts.rollups import folding
from analytics.paths import quiz_records
from analytics.recommending import peers
from analytics.reporting import saving
from analytics.warehouse import exporting
from progress.jobs import Run, crontab, every, job


@job(schedule=every("Fold new evidence into rollups", minutes=2))
def fold_rollups(run: Run) -> None:
    """Fold the evidence that has come since the last run into the rollups."""
    folding.fold_new(run)


@job(schedule=crontab("Follow learners who moved to another time zone", minute="40", hour="1"))
def follow_zones(run: Run) -> None:
    """Count the days of learners who moved in their new time zone."""
    run.rows = folding.mark_moved()


@job(schedule=crontab("Learn who completes from finished enrolments", minute="5", hour="3"))
def learn_risk(run: Run) -> None:
    """Compare predictions with outcomes: adapt the model, and decide where scores are shown."""
    run.rows = validating.learn(run.now)


@job(schedule=crontab("Score risk of everyone", minute="40", hour="3"))
def score_risk(run: Run) -> None:
    """Score every open enrolment."""
    scoring.score_all(run.now, run=run)


@job(schedule=crontab("Score risk of changed learners", minute="7"))
def score_changed_risk(run: Run) -> None:
    """Score the learners who have been active since they were last scored."""
    scoring.score_changed(run.now, run=run)


@job(schedule=crontab("Compare forecasts of completion with what happened", minute="15", hour="3"))
def learn_forecasts(run: Run) -> None:
    """Compare stored forecasts with outcomes, and decide where forecasts are shown."""
    run.rows = forecast_validating.learn(run.now)


@job(schedule=crontab("Forecast when everyone completes", minute="55", hour="3"))
def forecast_completions(run: Run) -> None:
    """Forecast when every open enrolment will be completed."""
    forecasting.forecast_all(run.now, run=run)


@job(schedule=crontab("Measure the risk model", minute="20", hour="4", day_of_week="0"))
def backtest_risk(run: Run) -> None:
    """Measure the model in use on the organisation's own past."""
    run.rows = active_model.backtest_active(run.now)["passages"]


@job(schedule=every("Trace learners' skills from new answers", minutes=2))
def trace_skills(run: Run) -> None:
    """Update learners' skills from their new answers."""
    tracing.trace_due(run)


@job(schedule=crontab("Follow quizzes whose skills have changed", minute="50", hour="1"))
def follow_skills(run: Run) -> None:
    """Trace learners again whose quizzes now practise other skills."""
    run.rows = tracing.follow_skills()


@job(schedule=crontab("Learn how answers are predicted", minute="30", hour="4", day_of_week="6"))
def learn_mastery(run: Run) -> None:
    """Fit the model of answers to own ones, and use it where it predicts better."""
    proof = learning.learn(run.now)
    run.rows = proof.answers if proof else 0


@job(schedule=crontab("Mail saved reports", minute="35"))
def send_reports(run: Run) -> None:
    """Mail the reports that are due to their owners."""
    saving.send_due(run)


@job(schedule=crontab("Open and close alerts", minute="22"))
def watch_alerts(run: Run) -> None:
    """Open and close alerts about learners, as their causes come and go."""
    opening.watch(run)


@job(schedule=crontab("Write digests of alerts", minute="0", hour="6"))
def write_digests(run: Run) -> None:
    """Write digests of new alerts to instructors."""
    digests.write(run)


@job(schedule=crontab("Send letters and digests of alerts", minute="*/5"))
def send_alert_mail(run: Run) -> None:
    """Send letters to learners and digests to instructors that are waiting."""
    alert_mail.send(run)


@job(schedule=crontab("Enrol and remind people of requirements", minute="50"))
def escalate_requirements(run: Run) -> None:
    """Enrol people in what they are required to complete, and send the mails of each step."""
    escalations.run(run)


@job(schedule=crontab("Find what helped similar learners", minute="25", hour="2"))
def find_peers(run: Run) -> None:
    """Find what learners who failed a quiz and passed it later went back to."""
    peers.find(run)


@job(schedule=crontab("Count how many pass each quiz", minute="35"))
def count_passes(run: Run) -> None:
    """Count how many pass each quiz, for what paths expect."""
    run.rows = quiz_records.count()


@job(schedule=crontab("Export the warehouse's views as files", minute="10", hour="5"))
def export_warehouse(run: Run) -> None:
    """Write every view of the warehouse as a Parquet file into WAREHOUSE_DIR, if it is set."""
    if settings.WAREHOUSE_DIR:
        run.rows = exporting.export(Path(settings.WAREHOUSE_DIR), run.now)
