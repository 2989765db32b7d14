"""The admin's site: unfold's, with a content security policy of its own."""

from collections.abc import Callable
from functools import partial

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.decorators import csp_update
from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import InvalidPage
from django.http import Http404
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language, gettext_lazy
from unfold.sites import UnfoldAdminSite

from lms_progress.sign_in.doors import next_page
from progress.models import has_team

from . import script_texts, theme

# Unfold's pages evaluate their attributes, and position their menus with inline styles.
# Inline scripts stay forbidden, here as everywhere.
_relaxed = csp_update({"script-src": [SELF, UNSAFE_EVAL], "style-src": [SELF, UNSAFE_INLINE]})


# What unfold's context has of one request.
OF_REQUEST = {
    "available_apps",
    "has_permission",
    "is_nav_sidebar_enabled",
    "is_popup",
    "log_entries",
    "sidebar_navigation",
}


class Site(UnfoldAdminSite):
    index_title = gettext_lazy("Overview")
    _appearance: dict | None = None

    def has_permission(self, request):
        """Staff, and managers: what either finds here, each page decides."""
        return super().has_permission(request) or has_team(request.user)

    def extra_urls(self):
        from analytics.site import urls
        from connections.admin import inspector
        from progress.admin import importing

        return [
            *urls.patterns(self.admin_view),
            path("inspector/", self.admin_view(inspector.page), name="inspector"),
            path("inspector/tail/", self.admin_view(inspector.tail), name="inspector-tail"),
            path("import/", self.admin_view(importing.index), name="imports"),
            path("import/<slug:slug>/", self.admin_view(importing.page), name="import"),
        ]

    def index(self, request, extra_context=None):
        from analytics.query.page_request import refusing

        return refusing(super().index)(request, extra_context)

    def get_app_list(self, request, app_label=None):
        """As of unfold's site, when it is looked at: most pages have the sidebar only."""
        if app_label is not None:
            return super().get_app_list(request, app_label)
        return SimpleLazyObject(partial(super().get_app_list, request))

    def each_context(self, request):
        """As of unfold's site. What all requests have in common is worked out once: it took longer
        than all of a page's own permissions."""
        if self._appearance is None:
            whole = super().each_context(request)
            common = {name: whole[name] for name in whole.keys() - OF_REQUEST}
            self._appearance = common | theme.rendered(common)
        from . import navigation  # knows models, which aren't there yet when a site is made

        links = navigation.sidebar(request) if self.has_permission(request) else []
        return {
            **AdminSite.each_context(self, request),
            **self._appearance,
            "administration_words": script_texts.element(get_language()),
            "sidebar_navigation": links,
            "sidebar_links": navigation.html(links),
        }

    def search(self, request, extra_context=None):
        try:
            return super().search(request, extra_context)
        except (ValueError, InvalidPage):
            raise Http404("No such page of results") from None

    def admin_view(self, view: Callable, cacheable: bool = False) -> Callable:
        return _relaxed(super().admin_view(view, cacheable))

    def login(self, request, extra_context=None):
        if request.user.is_authenticated and not self.has_permission(request):
            return render(request, "admin_only.html", status=403)
        if settings.SIGN_IN_PROVIDERS and not request.user.is_authenticated:
            # One page to sign in, with every way that there is.
            return redirect_to_login(next_page(request) or reverse("admin:index"))
        return _relaxed(super().login)(request, extra_context)

    def logout(self, request, extra_context=None):
        if settings.SIGN_IN_PROVIDERS:
            from progress.pages.account import SignOut

            return SignOut.as_view()(request)
        return super().logout(request, extra_context)
