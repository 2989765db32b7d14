"""The admin names things as people do: no names of columns, one spelling."""

import re

import pytest
from django.contrib import admin
from django.contrib.admin.utils import label_for_field

from progress.admin.scope import ReadOnlyAdmin

OURS = ("progress", "analytics", "authoring", "certificates", "connections")
SITES = [each for each in admin.site._registry.items() if each[0]._meta.app_label in OURS]
# The spelling of a variable, a unit of storage, an abbreviation, the first word of a column's name.
NAMES_OF_COLUMNS = re.compile(
    r"enrollment|_|  |\b(?:bp|ppm|milli|avg|max|min)\b|^(?:is|has) ", re.IGNORECASE
)


def texts(model, site, request):
    yield from (model._meta.verbose_name, model._meta.verbose_name_plural)
    yield from (label_for_field(name, model, site) for name in site.list_display)
    yield from (each.title for each in site.list_filter if hasattr(each, "parameter_name"))
    yield from (heading for heading, _options in site.fieldsets or () if heading)
    if isinstance(site, ReadOnlyAdmin):
        yield from (label_for_field(name, model, site) for name in site.get_fields(request))
    else:
        yield from (field.label for field in site.get_form(request).base_fields.values())


@pytest.mark.parametrize(("model", "site"), SITES, ids=str)
def test_no_label_is_the_name_of_a_column(model, site, rf, administrator):
    request = rf.get("/")
    request.user = administrator
    found = [str(text) for text in texts(model, site, request)]
    assert not [text for text in found if NAMES_OF_COLUMNS.search(text)]
