"""The API's own description, and Swagger UI under the site's strict policy."""

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from django.utils.decorators import method_decorator
from drf_spectacular.extensions import (
    OpenApiAuthenticationExtension,
    OpenApiSerializerExtension,
)
from drf_spectacular.views import SpectacularSwaggerSplitView


# Swagger UI sets style attributes; scripts still come from this site only.
@method_decorator(
    csp_update({"style-src": [SELF, UNSAFE_INLINE], "img-src": [SELF, "data:"]}), name="dispatch"
)
class Docs(SpectacularSwaggerSplitView):
    """Swagger UI; its script is a resource of its own, so nothing runs inline."""


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "progress.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema):
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token <key>`: a service account's key (`manage.py create_api_token`).",
        }


class CookieScheme(OpenApiAuthenticationExtension):
    target_class = "progress.api.authentication.CookieAuthentication"
    name = "cookie"

    def get_security_definition(self, auto_schema):
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": "sessionid",
            "description": "A browser's login; unsafe methods want the CSRF token too.",
        }


class SessionScheme(OpenApiAuthenticationExtension):
    target_class = "progress.api.authentication.SessionTokenAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema):
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Session <session_token>`, as `start_session` returned it.",
        }


class StrictBody(OpenApiSerializerExtension):
    """A body that refuses unknown fields says so, and a generated client won't send any."""

    target_class = "progress.unknown_fields.RefusesUnknownFields"
    match_subclasses = True

    def map_serializer(self, auto_schema, direction):
        schema = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        if direction == "request":
            schema["additionalProperties"] = False
            for name in sorted(self.target.tolerated - schema["properties"].keys()):
                schema["properties"][name] = {"description": "Not looked at."}
        return schema
