"""Pictures of questions and choices: of this site, and described for those who don't see them."""

from pathlib import PurePosixPath

from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from progress import slots
from progress.validation.content_urls import check_content_url

from .reading_time import static_file

SHOWN = {".jpg", ".jpeg", ".png", ".webp"}
MAX_ALT_CHARACTERS = 500


def image_field() -> serializers.CharField:
    return serializers.CharField(
        max_length=1000,
        allow_blank=True,
        default="",
        validators=[check_content_url],
        help_text="The address of an uploaded picture, or of one among the site's own files.",
    )


def alt_field() -> serializers.CharField:
    return serializers.CharField(
        max_length=MAX_ALT_CHARACTERS,
        allow_blank=True,
        default="",
        help_text="What the image shows; required with one, for those who don't see it.",
    )


def check_picture(item: dict) -> None:
    """Raises ValidationError, at the field, for an image that can't be shown to everybody."""
    if not item["image"]:
        if item["image_alt"]:
            raise ValidationError({"image_alt": "Only with an image."})
        return
    if not is_picture(item["image"]):
        detail = "No uploaded picture, and none of the site's own (.jpg, .png, .webp)."
        raise ValidationError({"image": detail})
    if not item["image_alt"].strip():
        raise ValidationError({"image_alt": "Say what the image shows."})


def is_picture(url: str) -> bool:
    """Whether our pages may show it: their policy lets no picture come from elsewhere."""
    if uploaded := slots.uploaded(url):
        return uploaded["kind"] == "image"
    path = static_file(url)
    return path is not None and PurePosixPath(path.name).suffix.lower() in SHOWN
