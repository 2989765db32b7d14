"""Copies PDFs of other sites into a course: learners' browsers may not read them from there.

The copy is what is shown from then on, whatever becomes of the address; an author can look whether
there is another by now, which is then another file.
"""

import hashlib
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from authoring import storing
from authoring.formats.inspecting import inspect
from authoring.formats.problems import FileProblem
from authoring.models import Kind, Role, StoredFile, Upload
from authoring.storing import MEGABYTE, UploadRefused, clean_name, temporary_file
from progress.models import Course, User
from progress.operations.advisory_lock import advisory_lock
from progress.operations.fetching import NotFetched, Reason, fetch
from progress.validation.content_urls import check_content_url

MAX_URL = 1000


def copy_pdf(course: Course, by: User, url: str) -> StoredFile:
    """The PDF at an address of another site, as a file of the course; the one that is there, if it
    was copied before and hasn't changed. Raises UploadRefused, for the field `url`."""
    _check(url)
    # Each takes a thread of the server for as long as the other site likes, up to the limit.
    with advisory_lock("copy_pdf", by.pk) as is_only:
        if not is_only:
            raise UploadRefused("url", _("Another PDF is being copied for you. Try again then."))
        try:
            with storing.space_on_disk(), temporary_file() as file:
                return _copied(course, by, url, file)
        except UploadRefused as full:
            raise UploadRefused("url", full.message, status=full.status) from None


def _check(url: str) -> None:
    try:
        check_content_url(url)
    except ValidationError as error:
        raise UploadRefused("url", " ".join(error.messages)) from None
    if len(url) > MAX_URL or not url.lower().startswith(("http://", "https://")):
        raise UploadRefused("url", _("Give an address that begins with https://."))


def _copied(course: Course, by: User, url: str, file) -> StoredFile:
    most = min(settings.REMOTE_PDF_MAX_MB, settings.UPLOAD_MAX_MB)
    try:
        fetch(
            url,
            file,
            max_bytes=most * MEGABYTE,
            seconds=settings.REMOTE_PDF_SECONDS,
            allow_private=settings.REMOTE_PDF_ALLOW_PRIVATE,
        )
    except NotFetched as failure:
        raise UploadRefused("url", _advice(failure, most)) from None
    file.flush()
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256").hexdigest()
    same = StoredFile.objects.usable().filter(course=course, copied_from=url, digest=digest)
    if (known := same.first()) is not None:
        return known
    try:
        found = inspect(Path(file.name), Role.CONTENT)
    except FileProblem as problem:
        raise UploadRefused("url", _not_a_pdf(str(problem))) from None
    if found.kind != Kind.PDF:
        raise UploadRefused("url", _not_a_pdf(""))
    upload = Upload(course=course, owner=by, role=Role.CONTENT, name=_name(url), size=file.tell())
    stored = storing.row_of(upload)
    stored.copied_from, stored.digest = url, digest
    storing.keep(stored, found, file)
    storing.insert(stored)
    return stored


def _name(url: str) -> str:
    """`rules.pdf` of `https://example.org/a/rules.pdf?token=…`."""
    name = clean_name(unquote(PurePosixPath(urlsplit(url).path).name))
    return name if name.lower().endswith(".pdf") else clean_name(f"{name[:190]}.pdf")


def _not_a_pdf(why: str) -> str:
    begins = _("What is at this address can't be shown as a PDF.")
    return f"{begins} {why}".strip()


def _advice(failure: NotFetched, most: int) -> str:
    match failure.reason:
        case Reason.ADDRESS:
            return _("This address leads nowhere that can be read: check it, or upload the PDF.")
        case Reason.PRIVATE:
            return _("This address is in a private network. Upload the PDF instead.")
        case Reason.SIGN_IN:
            return _("That site wants a sign-in. Download the PDF there and upload it here.")
        case Reason.GONE:
            return _("There is nothing at this address any more. Check it, or upload the PDF.")
        case Reason.STATUS:
            text = _("That site answered %(status)d. Try again later, or upload the PDF.")
            return text % {"status": failure.status}
        case Reason.TOO_LARGE:
            text = _("That PDF is too large to be copied: %(most)d MB is the limit. Upload it.")
            return text % {"most": most}
        case Reason.TOO_SLOW:
            return _("That site took too long. Try again later, or upload the PDF.")
        case Reason.INCOMPLETE:
            return _("The end of that PDF didn't arrive. Try again later, or upload it.")
    return _("That site can't be reached. Check the address, or upload the PDF.")
