"""When a visitor's page load belongs to the visit under way, and when it begins another (C9)."""

from __future__ import annotations

from callspring.visits.touch import Opening, Touch

IDLE_SECONDS = 30 * 60


def starts_new_visit(
    last_activity: float | None, now: float, previous: Opening | None, touch: Touch, *, reload: bool = False
) -> bool:
    """Whether `touch` begins a visit.

    `last_activity`: Unix seconds of the visitor's last page load or beacon, None when there was none.
    `previous`: `Touch.opening` of the touch which the visit under way began with, None when unknown.
    A visit ends after 30 idle minutes, or when somebody arrives with a click id, a set of utm parameters or
    an external referrer other than the one it began with. What is missing now ends nothing: the same
    visitor goes on within the site. `reload`: the browser says that the page was only loaded again, which
    is no arrival.
    """
    if last_activity is None or previous is None or now - last_activity >= IDLE_SECONDS:
        return True
    if reload or not (touch.utm or touch.click_ids or touch.referrer_host):
        return False
    opening = touch.opening
    return (
        opening.utm not in (0, previous.utm)
        or opening.referrer not in (0, previous.referrer)
        or not set(opening.click_ids).issubset(previous.click_ids)
    )
