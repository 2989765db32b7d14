"""API keys: made, checked for what they may do, and their last use noted."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from knox.models import AuthToken

from progress.models import KeyDetails, User

NOTED_EVERY = timedelta(minutes=1)
TEST_PREFIX = "lp_test_"
# Another request of the key may be noting it at this moment: then this one needn't.
_NOTE_USE = """
INSERT INTO progress_keydetails (token_id, name, scopes, last_used_at)
    VALUES (%(token)s, '', '{}', %(now)s)
ON CONFLICT (token_id) DO NOTHING
"""
_NOTE_NEXT_USE = """
UPDATE progress_keydetails SET last_used_at = %(now)s WHERE token_id = (
    SELECT token_id FROM progress_keydetails WHERE token_id = %(token)s
    FOR UPDATE SKIP LOCKED)
"""


def make_key(
    user: User,
    *,
    name: str = "",
    scopes: Sequence[str] = (),
    lifetime: timedelta | None,
    is_test: bool = False,
) -> tuple[AuthToken, str]:
    """Returns the stored key and its text, which is stored nowhere. Its prefix says where it is
    of: `lp_live_…` (API_KEY_ENVIRONMENT), or `lp_test_…` of a test key.

    Keys of a test learner's account are test keys.
    """
    is_test = is_test or user.is_test
    with transaction.atomic():
        token, key = AuthToken.objects.create(
            user, expiry=lifetime, prefix=TEST_PREFIX if is_test else None
        )
        KeyDetails.objects.create(
            token=token, name=name, scopes=sorted(set(scopes)), is_test=is_test
        )
    return token, key


def details_of(token: AuthToken) -> KeyDetails:
    """Of a key that was made without details: none of them, and all that its account may do."""
    found = KeyDetails.objects.filter(pk=token.pk).first()
    return found or KeyDetails(token=token)


def name_of(auth: object) -> str:
    """The name and beginning of the key that a request was made with; empty without one."""
    if not isinstance(auth, AuthToken):
        return ""
    return f"{details_of(auth).name} ({auth.token_key})".strip()


def note_use(details: KeyDetails, now: datetime) -> None:
    """Notes that the key is used now, at most once a minute."""
    last = details.last_used_at
    if last is not None and now - last < NOTED_EVERY:
        return
    sql = _NOTE_USE if details._state.adding else _NOTE_NEXT_USE
    with connection.cursor() as cursor:
        cursor.execute(sql, {"token": details.token_id, "now": now})
