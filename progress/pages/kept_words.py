"""The texts of the scripts for courses that are kept on a device, which fill in `{name}`."""

from django.conf import settings
from django.utils.translation import gettext as _


def for_kept() -> dict[str, str]:
    return {
        "keep": _("Keep on this device ({size})"),
        "kept": _("Kept on this device: {size}. It can be opened without a network."),
        "begins": _("Loading…"),
        "loading": _("Loading: {done} of {size}"),
        "interrupted": _("Interrupted at {done} of {size}. It goes on when there is a network."),
        "go_on": _("Go on"),
        "renewing": _("The copy on this device is being renewed."),
        "removed": _("Removed from this device."),
        "room": _("{used} used here, {left} left on this device."),
        "no_room": _(
            "There isn’t enough room on this device: {size} are needed. Nothing of this course was "
            "kept."
        ),
        "cannot": _(
            "This browser can’t keep courses: it stores nothing here, as in a private window."
        ),
        "failed": _("It couldn’t be loaded. Please try again later."),
        "withdrawn": _("“{title}” isn’t open to you any more, so it was removed from this device."),
        "left_out_locked": _("Not open yet"),
        "left_out_time_limit": _("Has a time limit, which only runs with a network"),
        "left_out_elsewhere": _("Comes from another site, or can only be shown with a network"),
        "remove": _("Remove"),
        "waiting": _("Waiting to be sent: {minutes} min, answers: {answers}."),
        "send_until": _("To be counted, it has to be sent before {date}."),
        "cannot_count": _(
            "This device had no contact for too long: what you do here now can’t be counted. "
            "Please connect once."
        ),
        "network_is_back": _("The network is back."),
        "submitted_here": _("Submitted on this device. The result is shown once it has been sent."),
        "all_sent": _("Everything you did on this device has been sent."),
        "not_sent": _(
            "This couldn’t be sent now. It stays on this device for you alone, and is sent when "
            "you sign in here again. To be counted, it has to be sent before {date}."
        ),
        "late_days": str(settings.LATE_EVENT_DAYS),
    }
