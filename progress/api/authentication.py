"""The three credentials: a browser's cookie, a service account's key, a session's token."""

from dataclasses import dataclass

from django.utils import timezone, translation
from knox.auth import TokenAuthentication as KnoxTokenAuthentication
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied

from progress.models.marks import Reach
from progress.models.people import languages
from progress.security import keys, scopes, tokens

NOTHING_FOR_TESTS = "A test key reaches test learners and test courses, which nothing here counts."


class TokenAuthentication(KnoxTokenAuthentication):
    """`Authorization: Token <key>`: an integrator's server, with its account's permissions."""

    def authenticate_credentials(self, token: bytes):
        if not token.isascii():  # a key is hexadecimal
            raise AuthenticationFailed("Invalid token.")
        return super().authenticate_credentials(token)

    def _cleanup_token(self, auth_token) -> bool:
        """Whether a key has expired. Deleting it is left to the nightly job: that saves each
        request a statement, and a GET writes nothing."""
        return auth_token.expiry is not None and auth_token.expiry < timezone.now()

    def authenticate(self, request):
        """Raises PermissionDenied where the key doesn't open the address.

        The account of the request works with test rows, or real ones, as the key is.
        """
        found = super().authenticate(request)
        if found is not None:
            details = keys.details_of(found[1])
            is_test = details.is_test or found[0].is_test
            found[0].works_with = Reach.TEST if is_test else Reach.REAL
            if is_test and not scopes.opens_to_test_keys(request.path_info):
                raise PermissionDenied(NOTHING_FOR_TESTS, "test_key")
            if not scopes.may_open(details.scopes, request.method, request.path_info):
                raise PermissionDenied(_needed_text(request), "scope_missing")
            # What was granted by scopes isn't widened by someone becoming a manager afterwards.
            found[0].sees_team = not details.scopes
            keys.note_use(details, timezone.now())
        return found


def _needed_text(request) -> str:
    choices = scopes.needed(request.method, request.path_info)
    if not choices:
        return "No scope opens this address: it takes a key without scopes."
    texts = [" and ".join(f"`{scope}`" for scope in sorted(choice)) for choice in choices]
    return f"This key needs the scope {' or '.join(texts)}."


class BearerAuthentication(TokenAuthentication):
    """`Authorization: Bearer <key>`: the same key, as clients of standard protocols send it."""

    def authenticate_header(self, request):
        return "Bearer"


class CookieAuthentication(SessionAuthentication):
    """Django's own login and CSRF check. Messages are in the language that the person chose."""

    def authenticate(self, request):
        found = super().authenticate(request)
        if found is not None and found[0].language in dict(languages()):
            translation.activate(found[0].language)
        return found


@dataclass(frozen=True, slots=True)
class SessionBearer:
    """The holder of a session token: acts for one learner, and has no other permission."""

    claims: tokens.SessionClaims

    is_authenticated = True
    is_active = True
    is_staff = False
    is_superuser = False

    @property
    def pk(self) -> int:
        return self.claims.user_id

    id = pk

    def has_perm(self, perm, obj=None) -> bool:
        return False

    def has_perms(self, perms, obj=None) -> bool:
        return not perms

    def get_username(self) -> str:
        return f"session {self.claims.session_id}"


class SessionTokenAuthentication(BaseAuthentication):
    """`Authorization: Session <session_token>`, or `session_token` in the body (beacons).

    Reads no database: whether the learner is still enrolled and active is checked on the rows
    that ingest locks anyway.
    """

    keyword = "session"

    def authenticate(self, request):
        token = self._from_header(request) or self._from_body(request)
        if token is None:
            return None
        try:
            claims = tokens.read_session_token(token)
        except tokens.InvalidToken:
            raise AuthenticationFailed("The session token is invalid or has expired.") from None
        return SessionBearer(claims), claims

    def authenticate_header(self, request):
        return "Session"

    def _from_header(self, request) -> str | None:
        scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        return token.strip() if scheme.lower() == self.keyword else None

    def _from_body(self, request) -> str | None:
        if request.method != "POST" or request.META.get("HTTP_AUTHORIZATION"):
            return None
        body = request.data
        token = body.get("session_token") if hasattr(body, "get") else None
        return token if isinstance(token, str) else None
