"""Failed sign-ins are counted by account, however its name was written."""

from progress.models import User
from progress.validation.usernames import normalized


def account_name(request, credentials: dict | None = None) -> str | None:
    """The normalised name of the account that somebody tries to sign in to, or of what they typed.

    The setting AXES_USERNAME_CALLABLE.
    """
    told = credentials if credentials is not None else getattr(request, "data", request.POST)
    typed = told.get("username")
    if not isinstance(typed, str):
        return None
    try:
        return normalized(User.objects.get_by_natural_key(typed).username)
    except User.DoesNotExist:
        return normalized(typed)
