"""Keys that contradict each other, or can't be used."""

from django.conf import settings
from django.core.checks import Error, register

from certificates.badges import issuer
from certificates.signing import identity, keys


@register()
def signing_key_is_usable(app_configs, **_):
    """An error when key and chain aren't given together, or don't belong together."""
    given = [bool(settings.CERTIFICATE_KEY), bool(settings.CERTIFICATE_CHAIN)]
    if given == [False, False]:
        return []
    if given != [True, True]:
        present, missing = ["CERTIFICATE_KEY", "CERTIFICATE_CHAIN"][:: 1 if given[0] else -1]
        return [Error(f"{present} is set without {missing}.", id="certificates.E001")]
    try:
        identity.signing_identity()
    except keys.UnusableKey as error:
        return [Error(str(error), id="certificates.E002")]
    return []


@register()
def badge_key_is_usable(app_configs, **_):
    """An error when the named key isn't one that can sign badges."""
    if not settings.BADGE_KEY:
        return []
    try:
        issuer.all_keys()
    except keys.UnusableKey as error:
        return [Error(str(error), id="certificates.E003")]
    return []
