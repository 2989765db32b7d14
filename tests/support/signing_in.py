"""Signs a test client in with the statements that leave something, not with all of a sign-in.

Django makes two sessions and deletes one, and the lockout looks three times for wrong passwords:
twenty statements for nearly every test of a page. Here are the four that leave a row, the same as
after a sign-in (`tests/pages/test_signed_in_client.py` compares).
"""

from axes.handlers.proxy import AxesProxyHandler
from axes.helpers import get_client_session_hash
from axes.models import AccessLog
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import update_last_login
from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import VALID_KEY_CHARS
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.test.client import ClientMixin
from django.utils.crypto import get_random_string

from progress.security import sign_ins

django_login = ClientMixin._login


def install():
    """Sign in by `_login` whenever a test signs a client in without a password."""
    ClientMixin._login = _login


def _login(client, user, backend=None):
    if backend is None or client.cookies.get(settings.SESSION_COOKIE_NAME):
        # By a password, or in a browser that is used already: Django keeps or ends its session.
        django_login(client, user, backend)
        return
    request = HttpRequest()
    request.session = _a_session(user, backend)
    update_last_login(None, user)
    AxesProxyHandler.update_request(request)
    AccessLog.objects.create(
        username=user.get_username(),
        ip_address=request.axes_ip_address,
        user_agent=request.axes_user_agent,
        http_accept=request.axes_http_accept,
        path_info=request.axes_path_info,
        attempt_time=request.axes_attempt_time,
        session_hash=get_client_session_hash(request),
    )
    sign_ins.note_new(request, user)
    client._set_login_cookies(request)


def _a_session(user, backend) -> db.SessionStore:
    session = db.SessionStore(get_random_string(32, VALID_KEY_CHARS))
    session._session_cache = {}  # there is none to be read
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = backend
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    # Without a savepoint, since no other session has this key.
    Session.objects.bulk_create([session.create_model_instance(session._session_cache)])
    return session
