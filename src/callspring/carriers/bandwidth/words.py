"""Bandwidth's words for how a leg ended, in ours.

Sources: dev.bandwidth.com/docs/voice/programmable-voice/webhooks/{disconnect,transferComplete,transferDisconnect}
(`cause`), /docs/messaging/webhooks (`type`).
"""

from __future__ import annotations

from callspring.carriers.contract import Status, TextState

# `hangup` is the end of a talk, unless nobody had picked up.
CAUSES = {
    "hangup": Status.COMPLETED,
    "busy": Status.BUSY,
    "rejected": Status.BUSY,
    "timeout": Status.NO_ANSWER,
    "cancel": Status.CANCELED,
    **dict.fromkeys(
        (
            "callback-error",
            "invalid-bxml",
            "application-error",
            "account-limit",
            "node-capacity-exceeded",
            "error",
            "unknown",
        ),
        Status.FAILED,
    ),
}
TERMINAL = frozenset(CAUSES.values())
TEXT_STATES = {
    "message-sending": TextState.QUEUED,
    "message-sent": TextState.SENT,
    "message-delivered": TextState.DELIVERED,
    "message-read": TextState.DELIVERED,
    "message-failed": TextState.FAILED,
}


def reason(cause: str) -> str:
    """Why a leg ended, where that is worth a word: `bandwidth callback-error`."""
    return f"bandwidth {cause}" if CAUSES.get(cause) is Status.FAILED or cause == "rejected" else ""
