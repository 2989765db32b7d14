from django.core.management.base import BaseCommand
from django.utils import timezone

from analytics.facts.mastery import learning
from analytics.facts.mastery.tracing import model_in_use


class Command(BaseCommand):
    help = (
        "Fit the model of answers to this organisation's own ones, as happens every week once "
        "there are a fifth more, and use it if it predicts answers that it wasn't fitted on "
        "better than the rating in a skill does."
    )

    def handle(self, **options):
        proof = learning.learn(timezone.now(), anew=True)
        if proof is None:
            self.stdout.write(
                f"Too little to learn from: {learning.MIN_ANSWERS:,} answers of "
                f"{learning.MIN_LEARNERS} learners are needed."
            )
            return
        self.stdout.write(f"{proof.answers:,} answers of {proof.learners:,} learners predicted")
        self.stdout.write(
            f"log-loss: fitted {proof.log_loss:.4f}, rating {proof.rating_log_loss:.4f}"
        )
        self.stdout.write(f"gain: at least {proof.gain_low:+.4f} (95 %)")
        self.stdout.write(f"calibration error: {proof.calibration_error:.4f}")
        in_use = "fitted model" if model_in_use() else "rating"
        self.stdout.write(f"In use: the {in_use}.")
