"""The field below a thread: a text to the caller or a note for colleagues, and what stands in the way."""

from __future__ import annotations

from dataclasses import dataclass

from callspring.inbox.actions import LONGEST_NOTE, LONGEST_TEXT
from callspring.inbox.models import Thread
from callspring.inbox.replying import CannotReply, sender, texts_reach

REPLY, NOTE = "reply", "note"


@dataclass(frozen=True, slots=True)
class Composer:
    """What the field shows. `refusal` says why no text can be sent, "" when one can.

    `through` is the number it goes out through, `instead_of` the one that the caller used, where that cannot send
    texts. `text` and `problem` are what `mode` was sent with, when it was not taken. `sent` is the mode that was just
    sent: its draft is no longer needed.
    """

    mode: str
    refusal: str
    through: str
    instead_of: str
    text: str = ""
    problem: str = ""
    sent: str = ""
    longest_text: int = LONGEST_TEXT
    longest_note: int = LONGEST_NOTE


def composer(thread: Thread, mode: str = "", *, text: str = "", problem: str = "", sent: str = "") -> Composer:
    """The composer of a thread: for a text where one can be sent, unless a mode is asked for."""
    refusal, through, instead_of = _way(thread)
    return Composer(mode or (NOTE if refusal else REPLY), refusal, through, instead_of, text, problem, sent)


def _way(thread: Thread) -> tuple[str, str, str]:
    """Why no text can be sent, or the number that it goes out through and the one it stands in for."""
    try:
        texts_reach(thread.contact)
        number, instead_of = sender(thread)
    except CannotReply as refusal:
        return str(refusal), "", ""
    return "", number.e164, instead_of
