"""Slots for what other apps contribute to answers and pages, so that progress needn't import them.

Progress names the slot and what it returns; the other app fills it when the system starts.
"""

from collections.abc import Callable


class Slot:
    """Called like the function that fills it; returns None while it is empty."""

    def __init__(self) -> None:
        self._function: Callable | None = None

    def fill(self, function: Callable | None) -> None:
        self._function = function

    def __call__(self, *args):
        return None if self._function is None else self._function(*args)


# (enrollment_id) -> `CertificateAnswer`, or None: no certificate for this course.
certificate = Slot()
# (enrollment_ids) -> {enrollment_id: as above} of those that have one; one statement for all.
certificates = Slot()
# (enrollment_id) -> {status, number, page_url, verify_url, pdf_url, badge_url, badge_picture_url,
# linkedin_url, score_percent} of its certificate, or None.
share_links = Slot()
# (user) -> [{course_title, last_day, is_over, url}]: certificates that may be renewed now.
renewals = Slot()
# (first, after) -> whether evidence of sessions that began in this time is still needed.
needs_evidence = Slot()
# (first, after) -> whether evidence of such sessions is left out of the rollups, after trying.
unfolded_evidence = Slot()
# (reading) -> {enrollment_id, is_followed, steps, more, first, waivers}, or None without a path.
path = Slot()
# () -> an expression for enrolments: `{first_at, last_at}` (ISO 8601) between which the learner is
# expected to complete the course, or null.
expected_days = Slot()
# (user_id) -> [{id, skill, due_at}]: when each skill of their courses should be reviewed.
reviews = Slot()
# (reading) -> [{skill, percent, text}]: what the learner knows of the course's skills.
skills = Slot()
# (states) -> [{enrollment_id, content_id, content_type, title, course_title, url, reasons}]: what
# helps most, the most useful first.
recommendations = Slot()
# (url) -> {kind, duration_ms, page_count, words, problem: why it can't be shown, or ""} of an
# uploaded file; None for any other URL.
uploaded = Slot()
# (url) -> the sanitised markup of an uploaded text; None for any other URL.
uploaded_markup = Slot()
# (url) -> {tracks: [{language, label, url}], captions: WebVTT in the reader's language or "",
# chapters: WebVTT or "", poster: URL or ""} of an uploaded video or recording; None for any other
# URL.
media_files = Slot()
# (request) -> {providers: [{label, url}], has_passwords}: by what other than a password people sign
# in, and whether a password is accepted too; None where there is no provider.
sign_in = Slot()
# (request) -> where the provider of this sign-in ends its own session; None if it doesn't.
provider_sign_out = Slot()
# (url) -> {stamp, read: () -> {language: WebVTT}} of an uploaded video or recording, or None. The
# stamp changes with its captions; reading raises OSError for a file that is gone.
uploaded_captions = Slot()
# (url) -> {stamp, read: () -> [text of each page]} of an uploaded PDF, or None; as above.
uploaded_pages = Slot()
# (urls) -> {url: {is_text, files: [{address, key, bytes, source}]}} of the uploaded files among
# them, each with its captions and poster; the key changes with a file's bytes.
kept_files = Slot()
