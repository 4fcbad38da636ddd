"""A visit and the number it was shown, as far as its chance of a call goes. Pure."""

from __future__ import annotations

from dataclasses import dataclass

MOST_EARLIER = 3


def device_class(device: str) -> str:
    """`mobile` or `desktop`; tablets place calls like desktops."""
    return "mobile" if device == "mobile" else "desktop"


@dataclass(slots=True, eq=False)
class Holder:
    """A visit and the number it was shown. Times are Unix seconds.

    `left` is None while a page is open. `called` is the probability that this visitor has already called, the last
    time at `called_at`. `tapped` is the last press on the `tel:` link. `earlier`: (left, seconds) of the visitor's
    visits before, the latest first, `MOST_EARLIER` at most.
    """

    visitor: str
    source: str
    device: str
    start: float
    left: float | None = None
    tapped: float | None = None
    called: float = 0.0
    called_at: float = 0.0
    earlier: tuple[tuple[float, float], ...] = ()

    def follow(self, before: Holder) -> None:
        """This visit follows another one of the same visitor."""
        self.called, self.called_at = before.called, before.called_at
        if before.left is not None:
            self.earlier = ((before.left, before.left - before.start), *before.earlier)[:MOST_EARLIER]
