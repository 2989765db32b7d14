"""Keys that contradict each other, or that a real site should have."""

from django.conf import settings
from django.core.checks import Error, Tags, Warning, register

from certificates import issuer, keys, signing


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
        signing.identity()
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


@register(Tags.security, deploy=True)
def a_real_site_has_a_key_of_its_own(app_configs, **_):
    """A warning when certificates are signed by a demo authority, which nobody trusts."""
    if settings.CERTIFICATE_KEY:
        return []
    return [
        Warning(
            "CERTIFICATE_KEY isn't set: certificates are signed with a key made in STATE_DIR, "
            "which no reader trusts.",
            id="certificates.W001",
        )
    ]
