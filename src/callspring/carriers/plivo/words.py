"""Plivo's words for how a leg is and ended, in ours.

Sources: plivo.com/docs/voice/troubleshooting/hangup-causes (codes), /docs/voice/xml/routing (Dial: `DialStatus`),
/docs/account/api/application and /docs/voice/use-cases/dial-status-reporting (`CallStatus`). The causes in capitals
("the standard telephony hangup cause") are those of FreeSWITCH, after ITU-T Q.850.
"""

from __future__ import annotations

import re

from callspring.carriers.contract import Status, TextState

TERMINAL = frozenset({Status.COMPLETED, Status.BUSY, Status.NO_ANSWER, Status.CANCELED, Status.FAILED})
_ENDED = {
    "completed": Status.COMPLETED,
    "busy": Status.BUSY,
    "failed": Status.FAILED,
    "timeout": Status.NO_ANSWER,
    "no-answer": Status.NO_ANSWER,
    "cancel": Status.CANCELED,
}
CALL_STATUSES = {"ringing": Status.RINGING, "in-progress": Status.ANSWERED, **_ENDED}
DIAL_STATUSES = _ENDED
# `undelivered` and `rejected` are final; `read` is WhatsApp's.
TEXT_STATES = {
    "queued": TextState.QUEUED,
    "sent": TextState.SENT,
    "delivered": TextState.DELIVERED,
    "read": TextState.DELIVERED,
    "failed": TextState.FAILED,
    "undelivered": TextState.FAILED,
    "rejected": TextState.FAILED,
}
_BY_CODE = {
    1000: Status.CANCELED,
    3000: Status.NO_ANSWER,
    3010: Status.BUSY,
    3020: Status.BUSY,  # declined
    3100: Status.BUSY,
    3110: Status.BUSY,
    6010: Status.NO_ANSWER,  # it rang until the time was up
    9000: Status.CANCELED,  # another one was faster
    9100: Status.NO_ANSWER,
    9110: Status.NO_ANSWER,  # picked up, and did not press the key
    **dict.fromkeys((4000, 4010, 4020, 4030, 6000, 6020), Status.COMPLETED),
}
_BY_CAUSE = {
    "NORMAL_CLEARING": Status.COMPLETED,
    "MEDIA_TIMEOUT": Status.COMPLETED,
    "USER_BUSY": Status.BUSY,
    "CALL_REJECTED": Status.BUSY,
    "REJECTED": Status.BUSY,
    "NO_ANSWER": Status.NO_ANSWER,
    "NO_USER_RESPONSE": Status.NO_ANSWER,
    "PROGRESS_TIMEOUT": Status.NO_ANSWER,
    "ALLOTTED_TIMEOUT": Status.NO_ANSWER,
    "ORIGINATOR_CANCEL": Status.CANCELED,
    "LOSE_RACE": Status.CANCELED,
}
# These say more than the code beside them: the code of a call that its caller gave up is that of any normal end.
_BEFORE_ALL = frozenset({"ORIGINATOR_CANCEL", "LOSE_RACE"})
_QUIET = frozenset({0, 1000, 4000, 4010, 4020, 4030, 6000, 9000})
_CAUSE = re.compile(r"[A-Z][A-Z0-9_]{1,39}")


def ended(code: int | None, cause: str) -> Status | None:
    """How a leg ended, by the code and the cause that Plivo gives; None where it gives neither."""
    if cause in _BEFORE_ALL:
        return Status.CANCELED
    if code in _BY_CODE:
        return _BY_CODE[code]
    if cause in _BY_CAUSE:
        return _BY_CAUSE[cause]
    return Status.FAILED if code or cause else None


def reason(code: int | None, cause: str) -> str:
    """Why a leg ended, where that is worth a word: `plivo 3010`, or `plivo USER_BUSY` where there is no code."""
    if code is not None:
        return "" if code in _QUIET else f"plivo {code}"
    usual = _BY_CAUSE.get(cause) in (Status.COMPLETED, Status.CANCELED)
    return f"plivo {cause}" if _CAUSE.fullmatch(cause) and not usual else ""
