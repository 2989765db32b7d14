"""Where people are signed in. Written by `progress.security.sign_ins` only."""

from django.db import models


class SignIn(models.Model):
    """A browser in which a person is signed in, for as long as its session lasts.

    Neither its address nor its place is kept: the person knows the device by its name and by when
    it was last used.
    """

    user = models.ForeignKey("progress.User", models.CASCADE, related_name="+")
    session_key = models.CharField(max_length=40, unique=True)
    browser = models.CharField(max_length=40, blank=True)
    system = models.CharField(max_length=40, blank=True)
    signed_in_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        ordering = ["-seen_at", "-pk"]

    def __str__(self):
        return f"sign-in {self.pk} of user {self.user_id}"
