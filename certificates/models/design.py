"""How certificates look, and whose name is on them."""

import re

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

COLOUR = re.compile(r"^#[0-9a-fA-F]{6}\Z")


class Design(models.Model):
    """Template, colour, logo and signatory. A course without one gets the default design.

    Names are copied to a certificate at its issue; the rest is read when its file is made.
    """

    class Template(models.TextChoices):
        CALM = "calm", "Calm: a coloured edge, plain type"
        CLASSIC = "classic", "Classic: a frame, centred, serif type"
        BOLD = "bold", "Bold: a coloured field, large type"

    class Language(models.TextChoices):
        ENGLISH = "en", "English"
        ARABIC = "ar", "العربية"
        GERMAN = "de", "Deutsch"
        SPANISH = "es", "Español"
        FRENCH = "fr", "Français"

    name = models.CharField(max_length=100, unique=True)
    template = models.CharField(max_length=10, choices=Template.choices, default=Template.CALM)
    language = models.CharField(max_length=5, choices=Language.choices, default=Language.ENGLISH)
    accent = models.CharField(
        max_length=7,
        default="#0c6f66",
        validators=[RegexValidator(COLOUR, "Write a colour like #0c6f66.")],
        help_text="The colour of edges and links, such as #0c6f66.",
    )
    issuer = models.CharField(
        max_length=200,
        blank=True,
        help_text="The name of the issuer; empty: the CERTIFICATE_ISSUER.",
    )
    signatory = models.CharField(
        max_length=200, blank=True, help_text="The name of the person who signs."
    )
    signatory_title = models.CharField(max_length=200, blank=True)
    logo = models.BinaryField(null=True, blank=True)
    signature = models.BinaryField(null=True, blank=True)
    is_default = models.BooleanField(
        "default", default=False, help_text="For every course that has no design of its own."
    )

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"],
                condition=Q(is_default=True),
                name="design_one_default",
                violation_error_message="Another design is the default already.",
            ),
        ]

    def __str__(self):
        return self.name


class CourseDesign(models.Model):
    """The design that a course's certificates have."""

    course = models.OneToOneField(
        "progress.Course", models.CASCADE, primary_key=True, related_name="certificate_design"
    )
    design = models.ForeignKey(Design, models.CASCADE, related_name="courses")

    class Meta:
        verbose_name = "course with this design"
        verbose_name_plural = "courses with this design"

    def __str__(self):
        return str(self.course)
