"""Questions about learning sessions."""

from django.db.models import Q

from .learner_keys import LearnerRows
from .marks import within_reach
from .teams import looks_after


class LearningSessionQuerySet(LearnerRows):
    def open(self):
        return self.filter(end_time=None)

    def silent_since(self, moment):
        """Open sessions whose last activity is older than `moment`."""
        return self.open().filter(start_time__lt=moment, last_activity_at__lt=moment)

    def visible_to(self, user):
        """Own sessions, those in own courses and of the own team, or all by permission: of
        learners within reach."""
        rows = within_reach(self, user)
        if user.sees_all("progress.view_learningsession"):
            return rows.all()
        return rows.filter(Q(user_id=user.pk) | looks_after(user))
