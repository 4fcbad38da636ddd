"""Where the steps of a flow stand: which is first, which comes after which. Worked out once per published flow."""

from __future__ import annotations

from functools import lru_cache

from callspring.flows.steps import Flow, Step, Steps, branches


class Tree:
    """A flow's steps by id, and for each the one that the call goes on to when it settles nothing."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.steps: dict[int, Step] = {}
        self._after: dict[int, int] = {}
        self._place(flow.steps, 0)

    def first(self, steps: Steps, otherwise: int) -> int:
        """The id of a list's first step, or of what comes after a list that is empty; 0 is the end."""
        return steps[0].id if steps else otherwise

    def start(self) -> int:
        """The id of the flow's first step, 0 when it has none."""
        return self.first(self.flow.steps, 0)

    def after(self, step: int) -> int:
        """The id of the step that comes when this one settled nothing; 0 is the end."""
        return self._after.get(step, 0)

    def _place(self, steps: Steps, end: int) -> None:
        for place, step in enumerate(steps, 1):
            self.steps[step.id] = step
            self._after[step.id] = self.first(steps[place:], end)
            for branch in branches(step):
                self._place(branch, self._after[step.id])


@lru_cache(maxsize=2_000)
def tree(flow: Flow) -> Tree:
    """The flow's tree; flows are frozen, so it is made once."""
    return Tree(flow)
