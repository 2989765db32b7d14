"""The language of pages: the person's own choice, else the cookie's or the browser's."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.views import i18n

from progress.models import User
from progress.models.people import languages

# These say nothing in any language, or know the person by other means than a browser's session.
_WITHOUT = ("/api/", "/scim/", "/files/", "/static/", "/service-worker.js", "/calendar/")


class ChosenLanguage:
    """Middleware: the pages of a signed-in person are in the language that they chose."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if knows_person(request) and request.user.is_authenticated:
            use(request, request.user)
        return self._get_response(request)


def knows_person(request: HttpRequest) -> bool:
    """Whether it is a page for a person who may be signed in."""
    is_known = settings.SESSION_COOKIE_NAME in request.COOKIES
    return is_known and not request.path.startswith(_WITHOUT)


def use(request: HttpRequest, user: User) -> None:
    """From now on, the request is answered in the language that the person chose, if any."""
    if user.language in dict(languages()):
        translation.activate(user.language)
        request.LANGUAGE_CODE = user.language


def set_language(request: HttpRequest) -> HttpResponse:
    """Django's view, by the foot of each page. What a signed-in person chooses is kept."""
    answer = i18n.set_language(request)
    code = request.POST.get("language", "")
    if request.method == "POST" and request.user.is_authenticated and code in dict(languages()):
        User.objects.filter(pk=request.user.pk).update(language=code)
    return answer


def remember(answer: HttpResponse, language: str) -> None:
    """Has the browser ask for this language also when nobody is signed in; "" forgets it."""
    if not language:
        answer.delete_cookie(settings.LANGUAGE_COOKIE_NAME, path=settings.LANGUAGE_COOKIE_PATH)
        return
    answer.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        path=settings.LANGUAGE_COOKIE_PATH,
        domain=settings.LANGUAGE_COOKIE_DOMAIN,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite=settings.LANGUAGE_COOKIE_SAMESITE,
    )
