"""Whether a text message can reach a caller, and from which number of ours."""

from __future__ import annotations

import phonenumbers
from django.utils.translation import gettext as _
from phonenumbers import PhoneNumberType

from callspring.calls import words
from callspring.carriers.api import LONGEST_TEXT as CARRIERS_LONGEST
from callspring.carriers.registry import description, has_api
from callspring.inbox.models import Message, Thread
from callspring.numbers.models import Number

LONGEST_TEXT = CARRIERS_LONGEST
CALLERS = (Message.Kind.CALL, Message.Kind.VOICEMAIL, Message.Kind.TEXT_IN)


class CannotReply(Exception):
    """This reply cannot be sent. The message is a sentence for people that says why, and what to do."""


def texts_reach(contact: str) -> None:
    """Raises `CannotReply` unless a text message can reach this caller.

    In North America a number does not tell whether it is a mobile phone's; there the carrier says it.
    """
    if not contact:
        raise CannotReply(_("This caller withheld the number, so there is nobody to write to."))
    try:
        kind = phonenumbers.number_type(phonenumbers.parse(contact))
    except phonenumbers.NumberParseException:
        raise CannotReply(_("%(contact)s is not a phone number that can get texts.") % {"contact": contact}) from None
    if kind == PhoneNumberType.FIXED_LINE:
        said = _("%(contact)s is a landline, which cannot get texts. Call back instead.")
        raise CannotReply(said % {"contact": words.phone(contact)})


def sender(thread: Thread, last: Number | None = None) -> tuple[Number, str]:
    """The number a text to this caller goes out through, and the one it stands in for (E.164, "" for none).

    `last` is the number to use if it can text, by default the one that the caller last called or texted. Raises
    `CannotReply`.
    """
    last = last or _last_used(thread)
    if last is not None and can_text(last):
        return last, ""
    ours = Number.objects.filter(company=thread.company_id, state=Number.State.ACTIVE, can_text=True)
    ours = ours.select_related("connection").order_by("id")
    other = next((number for number in ours.iterator(chunk_size=100) if can_text(number)), None)
    if other is None:
        raise CannotReply(_("None of your numbers can send texts. Buy or connect one that can, under Numbers."))
    return other, last.e164 if last else ""


def can_text(number: Number) -> bool:
    """Whether texts can be sent from this number of ours."""
    gone = number.state == Number.State.RELEASED or number.connection.disconnected_at is not None
    carrier = number.connection.carrier
    return number.can_text and not gone and has_api(carrier) and description(carrier).texts


def _last_used(thread: Thread) -> Number | None:
    used = Message.objects.filter(thread=thread, kind__in=CALLERS, number__isnull=False)
    latest = used.order_by("-at", "-id").select_related("number__connection").first()
    return latest.number if latest else None
