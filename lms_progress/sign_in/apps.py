"""allauth's two apps, for their tables only, and ours, which has the pages."""

from allauth.account.apps import AccountConfig
from allauth.socialaccount.apps import SocialAccountConfig
from django.apps import AppConfig


class Accounts(AccountConfig):
    """Without its middleware, which every heartbeat would go through: our views do what it does."""

    verbose_name = "Accounts"

    def ready(self) -> None:
        pass


class Links(SocialAccountConfig):
    """Without a look at every app for a provider: ours are found by the settings."""

    verbose_name = "Sign-in"

    def ready(self) -> None:
        pass


class SignIn(AppConfig):
    name = "lms_progress.sign_in"

    def ready(self) -> None:
        from progress import slots

        from . import doors, own_data  # noqa: F401

        slots.sign_in.fill(doors.choices)
        slots.provider_sign_out.fill(doors.provider_sign_out)
