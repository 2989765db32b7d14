"""The page on which learners search everything that is theirs."""

from django import forms
from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from .searching import finding
from .zone import in_own_zone


class SearchForm(forms.Form):
    q = forms.CharField(
        label=_("Search your courses and notes"),
        min_length=finding.MIN_LENGTH,
        max_length=finding.MAX_LENGTH,
        error_messages={
            "min_length": _("Please type at least two letters."),
            "max_length": _("Please type at most 200 letters."),
        },
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "dir": "auto"}),
    )


@never_cache
@login_required
@in_own_zone
@require_GET
def search(request):
    """The form and, once something was asked, what was found; 400 for what can't be searched."""
    is_asked = bool(request.GET.get("q", "").strip())
    form = SearchForm(request.GET if is_asked else None)
    found = None
    if is_asked and form.is_valid():
        wanted = finding.search_words(form.cleaned_data["q"])
        found = finding.find(request.user, wanted, timezone.now()) if wanted else finding.NOTHING
    status = 400 if is_asked and found is None else 200
    return render(request, "pages/search.html", {"form": form, "found": found}, status=status)
