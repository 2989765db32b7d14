"""Failed sign-ins are counted by account, in whatever form its name was typed."""

from progress.models import User
from progress.validation.usernames import normalized


def account_name(request, credentials: dict | None = None) -> str | None:
    """The normalised name of the account that a sign-in is for; without one, of what was typed.

    The setting AXES_USERNAME_CALLABLE.
    """
    fields = credentials if credentials is not None else getattr(request, "data", request.POST)
    typed = fields.get("username")
    if not isinstance(typed, str):
        return None
    try:
        return normalized(User.objects.get_by_natural_key(typed).username)
    except User.DoesNotExist:
        return normalized(typed)
