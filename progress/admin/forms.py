"""Forms of the catalogue: percentages and seconds as people write them, choices line by line."""

from decimal import Decimal
from typing import ClassVar

from django import forms
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminTextareaWidget

from progress.catalogue import CourseProblem
from progress.catalogue.document import MAX_SECONDS
from progress.models import Choice, Content, Question


class ScaledDecimalField(forms.DecimalField):
    """A decimal that is stored as an integer, `scale` times larger: 62.5 (%) as 6250."""

    def __init__(self, *, scale: int, **kwargs):
        self.scale = scale
        super().__init__(required=False, widget=UnfoldAdminDecimalFieldWidget, **kwargs)

    def clean(self, value):
        number = super().clean(value)
        return None if number is None else round(number * self.scale)

    def prepare_value(self, value):
        return Decimal(value) / self.scale if isinstance(value, int) else value

    def has_changed(self, initial, data):
        return super().has_changed(self.prepare_value(initial), data)


class CatalogueForm(forms.ModelForm):
    """`problems` are why the course would no longer be valid, found when the form was saved."""

    problems: tuple[CourseProblem, ...] | list[CourseProblem] = ()
    # The form's field for each field of the course document.
    form_fields: ClassVar[dict[str, str]] = {}

    def clean(self):
        cleaned = super().clean()
        for problem in self.problems:
            self._add(problem)
        return cleaned

    def _add(self, problem: CourseProblem) -> None:
        """Put the error at its field if the form has it, else above the form."""
        field = self.form_fields.get(problem.field, problem.field)
        new = self.instance.pk is None and problem.field in self.form_fields
        if field in self.fields and (new or problem.content_id == self.instance.pk):
            self.add_error(field, problem.detail)
        else:
            self.add_error(None, problem.sentence)


class ContentForm(CatalogueForm):
    form_fields: ClassVar[dict[str, str]] = {
        "url": "url",
        "duration_seconds": "duration_ms",
        "page_count": "page_count",
        "complete_at": "complete_at_bp",
        "pass_percentage": "pass_bp",
        "completion_source": "is_reported",
        "completes_on": "completes_on_confirmation",
        "view_seconds": "view_seconds",
    }

    duration_ms = ScaledDecimalField(
        scale=1000,
        label="Duration, seconds",
        min_value=Decimal("0.001"),
        max_value=MAX_SECONDS,
        decimal_places=3,
    )
    complete_at_bp = ScaledDecimalField(
        scale=100,
        label="Complete at, %",
        min_value=Decimal("0.01"),
        max_value=100,
        decimal_places=2,
        help_text="Leave empty for the site's COMPLETE_AT.",
    )
    pass_bp = ScaledDecimalField(
        scale=100, label="Pass mark, %", min_value=0, max_value=100, decimal_places=2
    )

    class Meta:
        model = Content
        fields: list[str] = []


class NewQuestionForm(forms.ModelForm):
    """A new question with its choices, so that no question is ever stored without choices."""

    choices = forms.CharField(
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        help_text="One per line; a correct one begins with an asterisk, as in “* Call 112”.",
    )

    class Meta:
        model = Question
        fields = ["code", "text"]

    def clean_choices(self):
        lines = [line.strip() for line in self.cleaned_data["choices"].splitlines()]
        choices = [(line.lstrip("* "), line.startswith("*")) for line in lines if line]
        texts = [text for text, _ in choices]
        if len(set(texts)) < len(texts):
            raise forms.ValidationError("Two choices have the same text.")
        if any(not text or len(text) > 1000 for text in texts):
            raise forms.ValidationError("A choice has between 1 and 1000 characters.")
        return choices

    def save(self, commit=True):
        """Always writes: the choices need their question's id."""
        question = self.instance
        question.position = Question.objects.filter(content=question.content).count()
        question.save()
        Choice.objects.bulk_create(
            Choice(question=question, text=text, is_correct=is_correct, position=position)
            for position, (text, is_correct) in enumerate(self.cleaned_data["choices"])
        )
        return question


class NewQuestionFormSet(forms.BaseInlineFormSet):
    def clean(self):
        super().clean()
        if self.instance.content_type != Content.Type.QUIZ and any(
            form.has_changed() for form in self.forms
        ):
            raise forms.ValidationError("Only a quiz has questions.")
