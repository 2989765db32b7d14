from django.core.management.base import BaseCommand
from django.utils import timezone

from analytics.facts.risk import active_model, adapting
from analytics.facts.risk.training import NotEnoughData


class Command(BaseCommand):
    help = (
        "Train the risk model on this organisation's own finished enrolments, and use it if it "
        "predicts the newest of them better than the shipped one does. With too few, the "
        "model in use stays, adapted to them as it is every night."
    )

    def handle(self, **options):
        now = timezone.now()
        try:
            trained = active_model.train_own(now)
        except NotEnoughData as error:
            model = active_model.active(now)
            active_model.backtest_active(now)
            self.stdout.write(f"Too little to learn from: {error}.")
            self.stdout.write(f"Model in use: {model.predictor.version}")
            self.stdout.write(_adapted(adapting.adapt(model, now)))
            return
        self.stdout.write(
            f"{trained.finished:,} finished enrolments, {trained.not_completed:,} not in time"
        )
        self.stdout.write(f"AUC on the newest: own {trained.own['auc']:.4f}")
        self.stdout.write(f"               shipped {trained.shipped['auc']:.4f}")
        if trained.model is None:
            active_model.backtest_active(now)
            self.stdout.write("The own model isn't better: the model in use stays.")
        else:
            self.stdout.write(f"Model in use: {trained.model.version}")


def _adapted(count: int) -> str:
    if not count:
        return (
            "It isn't adapted to this organisation yet: "
            f"{adapting.MIN_FINISHED} finished enrolments are needed, "
            f"{adapting.MIN_PER_OUTCOME} in time and {adapting.MIN_PER_OUTCOME} not."
        )
    return (
        f"It was adapted to this organisation, and to {count - 1} of its courses; scores are shown "
        "once such predictions have turned out to be right."
    )
