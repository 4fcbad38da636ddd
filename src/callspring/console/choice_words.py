"""Why a visitor got just this number of the pool, in the words that follow "because"."""

from __future__ import annotations

from django.utils.translation import gettext as _


def choice_words(reason: str) -> str:
    """What a lease store's reason means (`callspring.stores.leases.port.Choice`); "" for what is none."""
    said = {
        "held": _("they still held it"),
        "own_last": _("it is the one they saw last time"),
        "unmarked": _("nobody who saw it before is likely still to call"),
        "same_source": _("those who saw it before and may still call came from the same source"),
        "least_loss": _("of the free numbers it is the one that others are least likely still to call"),
        "next_in_line": _("it was the next number in line"),
        "shared_source": _("all numbers of the pool were held, so it is shared with a visitor from the same source"),
        "shared": _("all numbers of the pool were held, so it is shared with a visitor from another source"),
        "overflow_number": _("all numbers of the pool were held, so they saw the overflow number"),
        "left": _("all numbers of the pool were held, so the page kept its own"),
        "store_down": _("the doors could not ask which numbers are free, so others may see it too"),
    }
    return said.get(reason, "")
