"""A PDF that was copied from another site: whether there is another by now."""

from functools import partial
from urllib.parse import urlencode

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from authoring import copying, drafting, outline
from authoring.outline import NotPossible
from authoring.storing import UploadRefused

from .builder import draft_action, key_of
from .contents import copy_of, with_another_file


@draft_action
def copy_again(request, course, number):
    """Copy the PDF anew; another one than before takes its place in the draft."""
    key = key_of(request)
    item = outline.find_content(drafting.shown(course).document, key)
    stored = copy_of(item)
    if stored is None or stored.course_id != course.pk:
        raise NotPossible(key[1])
    try:
        found = copying.copy_pdf(course, request.user, stored.copied_from)
    except UploadRefused as refused:
        messages.error(request, refused.message)
    else:
        if found == stored:
            messages.success(request, _("It is the same PDF as before."))
        else:
            values = with_another_file({"url": found.address, "page_count": None}, item)
            edit = partial(outline.change_content, key=key, values=values)
            drafting.change(course, request.user, number, edit)
            messages.success(request, _("There was another PDF. Learners see it once you publish."))
    address = reverse("build-content", args=[course.pk])
    return redirect(f"{address}?{urlencode({'module': key[0], 'content': key[1]})}")
