"""A local OIDC provider: a kept one from the package index, whose answers a test may change."""

import json
import os
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import flask
import werkzeug.serving
from joserfc import jwk, jwt

from lms_progress.sign_in.providers import Provider, from_environment

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import oidc_provider_mock
    from oidc_provider_mock._storage import storage

CLIENT_ID = "learning"
SUBJECT = "7f0c-lena"
LENA = {"email": "lena@example.org", "email_verified": True, "name": "Lena Fischer"}


class LocalProvider:
    """`token` changes the claims of each ID token, `sign` how it is signed, `config` and
    `userinfo` what else is published."""

    def __init__(self) -> None:
        # The library speaks plain HTTP on loopback only when it is asked to.
        os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
        self.token: Callable[[dict], dict] = lambda claims: claims
        self.sign: Callable[[dict, jwk.RSAKey, dict], str] = signed
        self.config: dict[str, Any] = {}
        self.userinfo: dict[str, Any] = {}
        self.asked: list[str] = []
        self.app = oidc_provider_mock.app(require_nonce=True)
        self.app.after_request(self._changed)

    def person(self, subject: str = SUBJECT, **claims: Any) -> None:
        """What the provider knows about a person."""
        with self.app.test_client() as client:
            client.put(f"/users/{subject}", json=LENA | claims)

    def _changed(self, answer: flask.Response) -> flask.Response:
        path = flask.request.path
        self.asked.append(path)
        if answer.status_code != 200:
            return answer
        if path == "/.well-known/openid-configuration":
            answer.set_data(json.dumps({**answer.get_json(), **self.config}))
        elif path == "/userinfo":
            answer.set_data(json.dumps({**answer.get_json(), **self.userinfo}))
        elif path == "/oauth2/token":
            key = jwk.RSAKey.import_key(storage.jwk.as_dict(is_private=True))
            body = answer.get_json()
            token = jwt.decode(body["id_token"], key)
            body["id_token"] = self.sign(self.token(token.claims), key, token.header)
            answer.set_data(json.dumps(body))
        return answer


def signed(claims: dict, key: jwk.RSAKey, header: dict) -> str:
    return jwt.encode({"alg": "RS256", "kid": key.as_dict()["kid"]}, claims, key)


def settings_of(url: str, **more: str) -> dict[str, str]:
    """The environment that configures the local provider under the id `school`."""
    values = {
        "KIND": "oidc",
        "LABEL": "Hill School",
        "ISSUER": url,
        "CLIENT_ID": CLIENT_ID,
        "CLIENT_SECRET": "a secret of the client",
    }
    chosen = {name: value for name, value in (values | more).items() if value is not None}
    return {"SIGN_IN_PROVIDERS": "school"} | {
        f"SIGN_IN_SCHOOL_{name}": value for name, value in chosen.items()
    }


def configured(url: str, **more: str) -> dict[str, Provider]:
    return from_environment(settings_of(url, **more))


@contextmanager
def running() -> Iterator[tuple[LocalProvider, str]]:
    """The provider and its address."""
    provider = LocalProvider()
    server = werkzeug.serving.make_server("localhost", 0, provider.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider, f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
