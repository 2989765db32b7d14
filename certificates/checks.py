"""System checks: keys that contradict each other or can't be used."""

from django.conf import settings
from django.core.checks import Error, register

from certificates.badges import issuer
from certificates.signing import identity, keys


@register()
def signing_key_is_usable(app_configs, **_):
    """Reports a key without its chain (or the reverse), and a pair that doesn't match."""
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
    """Reports a key file that can't sign badges."""
    if not settings.BADGE_KEY:
        return []
    try:
        issuer.all_keys()
    except keys.UnusableKey as error:
        return [Error(str(error), id="certificates.E003")]
    return []
