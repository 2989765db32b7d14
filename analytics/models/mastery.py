"""What each learner knows, by skill. Written by `analytics.facts.mastery` only, from submitted
attempts.

Every row can be computed again from attempts, which are never deleted.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q

from progress.models import Content, team_of
from progress.models.learner_keys import LearnerRow, LearnerRows


class LearnerSkillQuerySet(LearnerRows):
    def visible_to(self, user):
        """The user's own skills and their team's; for learners in courses they teach, the skills
        taught there; or all."""
        if user.sees_all("progress.view_contentprogress"):
            return self.all()
        taught = Content.objects.active().filter(
            module__course__in=user.courses_taught.values("pk"),
            module__course__enrollments__user=OuterRef("user"),
            module__course__enrollments__is_current=True,
            module__course__enrollments__unenrolled_at=None,
            skills__contains=[OuterRef("skill")],
        )
        return self.filter(Q(user=user) | Q(user__in=team_of(user)) | Exists(taught))


class LearnerSkill(LearnerRow):
    """A learner's skill after all answers so far, and when it should be reviewed.

    `mastery` is the expected share of right answers if such questions were asked again at once;
    `stability_days` is FSRS's: after so many days nine out of ten would still be remembered.
    """

    user = models.ForeignKey("progress.User", models.CASCADE, related_name="skills", db_index=False)
    skill = models.CharField(max_length=100)
    answers = models.PositiveIntegerField()
    right = models.PositiveIntegerField()
    mastery = models.FloatField()
    reviewed_at = models.DateTimeField()
    stability_days = models.FloatField()
    due_at = models.DateTimeField()

    objects = LearnerSkillQuerySet.as_manager()

    class Meta:
        ordering = ["user", "skill"]
        constraints = [
            models.UniqueConstraint(fields=["user", "skill"], name="learner_skill_once"),
            models.CheckConstraint(
                condition=Q(mastery__gte=0, mastery__lte=1), name="learner_skill_mastery_is_a_share"
            ),
            models.CheckConstraint(
                condition=Q(right__lte=models.F("answers"), answers__gte=1),
                name="learner_skill_right_of_answers",
            ),
        ]

    def __str__(self):
        return f"{self.skill} of user {self.user_id}"


class MasteryModel(models.Model):
    """How the next answer is predicted, fitted to own answers; only where that is proven better.

    One row at most. `document` is the whole model as JSON; `metrics` is how it did on answers that
    it wasn't fitted on; `attempts` is how many submitted attempts there were.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    document = models.JSONField()
    metrics = models.JSONField(default=dict)
    attempts = models.PositiveIntegerField()
    trained_at = models.DateTimeField()

    class Meta:
        constraints = [
            # With two, mastery would depend on which was found first.
            models.CheckConstraint(condition=Q(pk=1), name="mastery_model_one"),
        ]

    def __str__(self):
        return f"model of {self.attempts} attempts"


class TracedContent(models.Model):
    """Which skills a quiz had when its learners were traced: an author may change them."""

    content = models.OneToOneField(
        "progress.Content", models.CASCADE, primary_key=True, related_name="traced"
    )
    skills = ArrayField(models.CharField(max_length=100), default=list, blank=True)

    def __str__(self):
        return f"content {self.content_id}"


class TraceDue(models.Model):
    """A learner with new answers: to be traced, and then removed from here."""

    user = models.OneToOneField("progress.User", models.CASCADE, primary_key=True, related_name="+")

    def __str__(self):
        return f"user {self.user_id}"
