from django.core.management.base import BaseCommand
from django.utils import timezone

from analytics.facts.risk import active_model
from analytics.facts.risk.training import NotEnoughData


class Command(BaseCommand):
    help = (
        "Train the risk model on this organisation's own finished enrolments, and use it if it "
        "predicts the newest of them better than the shipped one does. With too few, the "
        "shipped model stays."
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
