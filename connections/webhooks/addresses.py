"""Which addresses webhooks may go to: never into the operator's own network, unless allowed."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from connections.models.endpoints import MAX_URL
from progress.operations.public_addresses import PORTS, is_private_by_itself
from progress.validation.content_urls import check_content_url


def check_url(url: str) -> None:
    """Raises ValidationError unless events may be sent to `url`, as far as it says by itself."""
    if len(url) > MAX_URL or not url.isascii() or " " in url:
        raise ValidationError(
            _("At most 2000 ASCII characters without spaces; international names in Punycode."),
            "invalid",
        )
    check_content_url(url)
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname:
        raise ValidationError(_("An address that begins with https://."), "invalid")
    if parts.fragment:
        raise ValidationError(_("An address without a # part."), "invalid")
    if settings.WEBHOOK_ALLOW_PRIVATE:
        return
    if parts.scheme != "https":
        raise ValidationError(_("Only https is allowed: events name people."), "insecure")
    if is_private_by_itself(parts.hostname):
        raise ValidationError(_("This address isn't a public one."), "private_address")
