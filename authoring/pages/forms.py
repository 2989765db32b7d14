"""Forms for the parts of a course: each type of content shows only the fields that it has."""

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from authoring.models import Kind, Role, State, StoredFile
from authoring.obstacles import player_advice
from progress.models import Course
from progress.validation.content_urls import check_content_url

TYPES = {
    "video": _("Video"),
    "audio": _("Audio"),
    "document": _("Document"),
    "text": _("Text"),
    "embed": _("Embedded page"),
    "quiz": _("Quiz"),
}
# The kinds of uploaded files that a content of each type can show.
KINDS = {
    "video": [Kind.VIDEO],
    "audio": [Kind.AUDIO, Kind.VIDEO],
    "document": [Kind.PDF, Kind.TEXT],
    "text": [Kind.TEXT],
}
MAX_SECONDS = 604_800


class CourseForm(forms.Form):
    title = forms.CharField(label=_("Title"), max_length=300)
    description = forms.CharField(
        label=_("Description"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class TitleForm(forms.Form):
    title = forms.CharField(label=_("Title"), max_length=300)


class NewContentForm(TitleForm):
    content_type = forms.ChoiceField(label=_("Type"), choices=list(TYPES.items()))


class ContentForm(forms.Form):
    """The fields that every content has; the classes below add those of its type."""

    # What the content is comes first, then how it counts.
    field_order = (
        "title",
        "text",
        "file",
        "url",
        "duration_seconds",
        "page_count",
        "reading_seconds",
        "rule",
        "view_seconds",
        "pass_percentage",
        "max_attempts",
        "time_limit_minutes",
        "grace_minutes",
        "shuffle_questions",
        "shuffle_choices",
        "required",
        "hidden",
        "weight",
    )
    title = forms.CharField(label=_("Title"), max_length=300)
    required = forms.BooleanField(
        label=_("Required: the course isn't complete without it"), required=False
    )
    hidden = forms.BooleanField(label=_("Hidden from learners"), required=False)
    weight = forms.IntegerField(
        label=_("Weight"),
        min_value=1,
        max_value=1000,
        help_text=_("How much it counts in the percentage of the course, compared with others."),
    )

    def __init__(self, *args, content_type: str, course: Course, **kwargs):
        super().__init__(*args, **kwargs)
        self.content_type = content_type
        if "file" in self.fields:
            self.fields["file"].choices = _file_choices(course, content_type)

    def document_values(self) -> dict:
        """The form's values as fields of a course document."""
        values = {name: _none_if_empty(value) for name, value in self.cleaned_data.items()}
        if "file" in values:
            values["url"] = values.pop("file") or values["url"]
        if "url" in values:
            values["url"] = values["url"] or ""
        values.pop("rule", None)
        return values


def _address_field(label, help_text="") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=1000,
        validators=[check_content_url],
        widget=forms.TextInput(attrs={"dir": "ltr"}),
        help_text=help_text,
    )


class _FileFields(forms.Form):
    file = forms.ChoiceField(label=_("Uploaded file"), required=False)
    url = _address_field(_("Or another address"))


class MediaForm(ContentForm, _FileFields):
    url = _address_field(
        _("Or another address"),
        _("Of a file, a stream (.m3u8, .mpd), or a video at YouTube or Vimeo."),
    )
    duration_seconds = forms.FloatField(
        label=_("Length in seconds"),
        required=False,
        min_value=0.001,
        max_value=MAX_SECONDS,
        help_text=_("Leave it empty for an uploaded file: its length is measured."),
    )

    def clean_url(self):
        url = self.cleaned_data["url"]
        if advice := player_advice(url, self.content_type):
            raise forms.ValidationError(advice, "player_refused")
        return url


class DocumentForm(ContentForm, _FileFields):
    url = _address_field(
        _("Or another address"), _("A PDF of another site is copied to this one when you save.")
    )
    page_count = forms.IntegerField(
        label=_("Pages"),
        required=False,
        min_value=1,
        max_value=100_000,
        help_text=_("Leave it empty for an uploaded PDF: its pages are counted."),
    )


class TextForm(ContentForm, _FileFields):
    text = forms.CharField(
        label=_("Text, in Markdown"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 16, "dir": "auto"}),
        help_text=_(
            "# Heading, **bold**, *italic*, - list, [link](https://…). Or choose a file below."
        ),
    )
    reading_seconds = forms.IntegerField(
        label=_("Time to read in seconds"),
        required=False,
        min_value=1,
        max_value=MAX_SECONDS,
        help_text=_("Leave it empty for an uploaded text: its words are counted."),
    )


class EmbedForm(ContentForm):
    url = _address_field(_("Address"))
    rule = forms.ChoiceField(
        label=_("What completes it"),
        required=False,
        choices=[
            ("", _("Decide later")),
            ("view", _("The time that it was in view")),
            ("confirmation", _("The learner's own confirmation")),
            ("score", _("The score that the page itself reports")),
        ],
    )
    view_seconds = forms.IntegerField(
        label=_("Seconds in view"), required=False, min_value=1, max_value=MAX_SECONDS
    )

    def clean(self):
        values = super().clean()
        if values.get("rule") == "view" and not values.get("view_seconds"):
            self.add_error("view_seconds", _("Say after how many seconds it is complete."))
        return values

    def document_values(self) -> dict:
        rule = self.cleaned_data["rule"] or None
        values = super().document_values() | {"completes_on": rule}
        return values if rule == "view" else values | {"view_seconds": None}


class QuizForm(ContentForm):
    pass_percentage = forms.FloatField(
        label=_("Percentage needed to pass"), required=False, min_value=0, max_value=100
    )
    max_attempts = forms.IntegerField(
        label=_("Attempts allowed"), required=False, min_value=1, max_value=1_000_000
    )
    time_limit_minutes = forms.IntegerField(
        label=_("Time limit in minutes"),
        required=False,
        min_value=1,
        max_value=1440,
        help_text=_("An attempt is submitted by itself when its time is over."),
    )
    grace_minutes = forms.IntegerField(
        label=_("Minutes that answers may arrive later"),
        required=False,
        min_value=0,
        max_value=10_080,
        help_text=_(
            "For learners who lose their connection: answers given in time count if they arrive "
            "within this time. Empty: 10 minutes."
        ),
    )
    shuffle_questions = forms.BooleanField(
        label=_("Each attempt asks the questions in another order"), required=False
    )
    shuffle_choices = forms.BooleanField(
        label=_("Each attempt shows the choices in another order"), required=False
    )

    def clean(self):
        values = super().clean()
        if values.get("grace_minutes") is not None and not values.get("time_limit_minutes"):
            self.add_error("grace_minutes", _("This needs a time limit."))
        return values


FORMS: dict[str, type[ContentForm]] = {
    "video": MediaForm,
    "audio": MediaForm,
    "document": DocumentForm,
    "text": TextForm,
    "embed": EmbedForm,
    "quiz": QuizForm,
}


def content_form(content: dict, course: Course, data=None, *, text: str = "") -> ContentForm:
    """The form for a content of a course document; `text` is what was written for it here."""
    form_class = FORMS[content["content_type"]]
    initial = {"required": True, "weight": 1} | content
    initial |= {"rule": content.get("completes_on"), "text": text}
    options = {"content_type": content["content_type"], "course": course, "initial": initial}
    form = form_class(data, **options)
    if "file" in form.fields:
        addresses = {address for address, _label in form.fields["file"].choices}
        if content.get("url") in addresses:
            initial |= {"file": content["url"], "url": ""}
    return form


def _file_choices(course: Course, content_type: str) -> list[tuple]:
    stored = StoredFile.objects.current().filter(
        course=course, role=Role.CONTENT, kind__in=KINDS[content_type]
    )
    stored = stored.exclude(state=State.FAILED)
    return [("", _("None")), *((each.address, _file_label(each)) for each in stored)]


def _file_label(stored: StoredFile) -> str:
    if stored.is_expected:
        return gettext("%(name)s (being measured)") % {"name": stored.name}
    return stored.name


def _none_if_empty(value):
    return None if value == "" else value
