"""The names by which pages call a scenario (W7), as people type them: checked, given and taken away."""

from __future__ import annotations

from django.utils.translation import gettext as _

from callspring.accounts.models import Company
from callspring.carriers.outside import clean
from callspring.scenarios.actions import ALIAS_LENGTH, call_also
from callspring.scenarios.models import Scenario, ScenarioAlias

MOST_ALIASES = 20
_ROOM = 4 * ALIAS_LENGTH  # enough of what is too long to tell that it is


def read_aliases(text: str) -> tuple[str, ...]:
    """One a line, each once. Raises `ValueError`, which says what to do."""
    found = dict.fromkeys(alias for line in text.splitlines() if (alias := clean(line.strip(), _ROOM).strip()))
    for alias in found:
        if len(alias) > ALIAS_LENGTH:
            raise ValueError(
                _("“%(start)s…” is too long. An alias has at most %(most)d characters.")
                % {"start": alias[:20], "most": ALIAS_LENGTH}
            )
    if len(found) > MOST_ALIASES:
        raise ValueError(_("A scenario has at most %(most)d aliases. Leave some out.") % {"most": MOST_ALIASES})
    return tuple(found)


def aliases_of(scenario: Scenario | None) -> list[str]:
    """Those it has, the oldest first."""
    return [] if scenario is None else list(scenario.aliases.values_list("alias", flat=True))


def demand_free(company: Company, scenario: Scenario | None, aliases: tuple[str, ...]) -> None:
    """Raise `ValueError` for a name that pages already call another scenario of the company by, an id among them.

    Those that the scenario has stay, whatever else is called so: it was imported with them.
    """
    new = set(aliases) - set(aliases_of(scenario))
    others = Scenario.objects.filter(company=company, deleted_at=None).exclude(pk=scenario.pk if scenario else 0)
    found = dict(others.filter(aliases__alias__in=new).values_list("aliases__alias", "name"))
    ids = {int(alias) for alias in new if alias.isascii() and alias.isdigit() and len(alias) < 19}
    found = {str(pk): name for pk, name in others.filter(pk__in=ids).values_list("pk", "name")} | found
    for alias in aliases:
        if alias in found:
            said = _("“%(alias)s” means the scenario “%(other)s” already. Choose another alias.")
            raise ValueError(said % {"alias": alias, "other": found[alias]})


def set_aliases(scenario: Scenario, aliases: tuple[str, ...]) -> None:
    """Let it be called by these names, and by no others. The caller publishes its site."""
    ScenarioAlias.objects.filter(scenario=scenario).exclude(alias__in=aliases).delete()
    has = set(aliases_of(scenario))
    for alias in aliases:
        if alias not in has:
            call_also(scenario, alias)
