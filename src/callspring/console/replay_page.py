"""The replay of a pool's last 30 days, as its page shows it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

from callspring.console.pool_charts import Drawn, curves
from callspring.maintenance.models import Replay
from callspring.maintenance.queries import last_replay
from callspring.scenarios.models import Scenario

State = Replay.State


def replay_page(scenario: Scenario) -> dict[str, Any]:
    """The last replay with its charts, for `console/parts/replay.html`."""
    found = last_replay(scenario)
    context: dict[str, Any] = {"replay": found, "under_way": False}
    if found is None:
        return context
    context["under_way"] = found.state in (State.WAITING, State.RUNNING)
    if found.state == State.DONE:
        result = found.result
        context |= {
            "result": result,
            "first": datetime.fromtimestamp(result["first"], UTC),
            "last": datetime.fromtimestamp(result["last"], UTC),
            "exclusive": _chart(result, "exclusive_share"),
            "right_source": _chart(result, "right_source") if result["calls"] else None,
        }
    return context


def _chart(result: dict[str, Any], figure: str) -> Drawn:
    names = {
        "callspring": _("Ours"),
        "least-recently-used": _("Least recently used"),
        "next-in-line": _("Next in line"),
    }
    return curves(
        [
            (names[policy], [(point["numbers"], point[figure]) for point in points])
            for policy, points in result["policies"].items()
            if policy in names
        ]
    )
