"""The form of a step: several small forms that are one for people.

It says what is wrong at each field, and makes the step. What hangs below a step stays when the step is changed.
"""

from __future__ import annotations

from typing import Any, ClassVar, cast

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from callspring.accounts.models import Company, User
from callspring.console.flows.fields import PromptForm, RowForm, Rows
from callspring.flows.checks import problems
from callspring.flows.editing import with_branches
from callspring.flows.steps import Flow, Prompt, Step, Steps, branches


class StepForm:
    """The form of one kind of step. `prompts` are by name: the label, and whether something has to be heard.

    `before` is the step that is changed; None makes a new one.
    """

    prompts: ClassVar[dict[str, tuple[str | Promise, bool]]] = {}
    main_class: ClassVar[type[forms.Form]] = forms.Form
    row_class: ClassVar[type[RowForm] | None] = None
    most_rows: ClassVar[int] = 20

    def __init__(
        self,
        company: Company,
        author: User,
        before: Step | None = None,
        data: MultiValueDict[str, str] | None = None,
        files: MultiValueDict[str, Any] | None = None,
    ) -> None:
        self.company, self.before, self.wrong = company, before, list[str]()
        filled = self.filled(cast(Any, before)) if before is not None else self.usual()
        self.main = self.main_class(data, initial=filled.get("main"), prefix="main")
        self.heard = {
            name: PromptForm(
                company, author, data, files, label=label, required=required,
                initial=filled.get(name), prefix=name,
            )
            for name, (label, required) in self.prompts.items()
        }  # fmt: skip
        self.rows = (
            Rows(self.row_class, company, self.most_rows, data, filled.get("rows", [])) if self.row_class else None
        )

    def is_valid(self) -> bool:
        """Whether it is a step that could be published; else what is wrong stands at the fields, or in `wrong`."""
        fine = [part.is_valid() for part in (self.main, *self.heard.values())]  # all of them: each says what is wrong
        if not all(fine) or (self.rows is not None and not self.rows.is_valid()):
            return False
        if self.rows is not None and not self.given():
            self.wrong.append(self.no_rows())
        if not self.wrong:
            alone = _without_branches(self.make(1))
            self.wrong += [one.text for one in problems(Flow((alone,))) if one.step == 1]
        return not self.wrong

    def given(self) -> list[dict[str, Any]]:
        """The rows that say something."""
        return self.rows.given() if self.rows is not None else []

    def no_rows(self) -> str:
        """What is said when no row is left."""
        return _("Add at least one.")

    def below(self, row: dict[str, Any]) -> Steps:
        """What hangs below a row, that was there before."""
        lists = branches(self.before) if self.before is not None else ()
        was = row.get("was")
        return lists[was] if was is not None and 0 <= was < len(lists) else ()

    def prompt(self, name: str = "prompt") -> Prompt:
        """What is heard."""
        return self.heard[name].prompt() or Prompt("")

    def usual(self) -> dict[str, Any]:
        """What a new one begins with."""
        return {}

    def filled(self, step: Any) -> dict[str, Any]:
        """What the forms show for a step, by form."""
        raise NotImplementedError

    def make(self, step: int) -> Step:
        """The step with that id, as it was put together."""
        raise NotImplementedError


def _without_branches(step: Step) -> Step:
    return with_branches(step, tuple(() for _ in branches(step)))
