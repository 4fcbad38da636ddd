"""`callspring import scenarios`: settings of another product become scenarios; the preview first, as on the page."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from callspring.accounts.models import Company
    from callspring.console.import_page import Group
    from callspring.scenarios.importing.carrying_out import Look
    from callspring.scenarios.importing.standing import Choices
    from callspring.sites.models import Site

LONGEST_LINE = 200


def add_parser(commands: Any) -> None:
    """The command and its options. The parsed arguments get `run(args) -> int`."""
    root = commands.add_parser("import", help="bring settings from another product")
    what = root.add_subparsers(required=True, metavar="WHAT")
    scenarios = what.add_parser(
        "scenarios",
        help="numbers that are set up alike become scenarios",
        description="Reads the list of numbers that CallRail, CallTrackingMetrics or Roistat give out, or your own, "
        "and says what it comes to. With --yes the scenarios are made, switched off; nothing is bought. Exit code 0: "
        "all of it; 1: rows or scenarios stay behind; 2: nothing can be read or made.",
    )
    scenarios.add_argument("file", metavar="FILE", type=Path, help="CSV, or the JSON of a product's API")
    scenarios.add_argument("--company", required=True, help="the company's key, ck_…")
    scenarios.add_argument("--from", dest="product", metavar="PRODUCT", help="whose export it is; the columns tell")
    scenarios.add_argument("--site", help="the website's name or host; needed where the company has several")
    scenarios.add_argument("--target", default="", help="the number on your pages, where the file names none")
    scenarios.add_argument("--destination", default="", help="the number that rings, where the file names none")
    scenarios.add_argument("--yes", action="store_true", help="make them")
    scenarios.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Say what the file comes to, and with `--yes` do it. Raises `ValueError`, a sentence."""
    import django

    django.setup()
    from callspring.scenarios.importing.carrying_out import drafted, look

    company = _company(options.company)
    draft = drafted(company, None, options.file.name, _read(options.file))
    choices = _choices(company, options, draft.product)
    seen = look(draft, choices)
    _print(seen)
    complete = not seen.plan.problems and len(seen.possible) == len(seen.plan.scenarios)
    if options.yes:
        draft.save()
        _carry_out(draft, choices)
    elif seen.possible:
        _say("", "Nothing is made yet; --yes makes it.")
    return 0 if complete and seen.possible else 1


def _company(key: str) -> Company:
    from callspring.accounts.models import Company

    found = Company.objects.filter(key=key).first()
    if found is None:
        raise ValueError(f"no company has the key {key!r}; it stands in the console, Settings → Integrations")
    return found


def _read(file: Path) -> bytes:
    from callspring.scenarios.importing.tables import MOST_BYTES

    try:
        with file.open("rb") as opened:
            return opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise ValueError(f"{file} cannot be read: {error.strerror}") from None


def _choices(company: Company, options: argparse.Namespace, detected: str) -> Choices:
    from django.core.exceptions import ValidationError

    from callspring.numbers.e164 import parse_number
    from callspring.scenarios import checks
    from callspring.scenarios.importing.products import LABELS
    from callspring.scenarios.importing.reading import Defaults
    from callspring.scenarios.importing.standing import Choices

    product = options.product or detected
    if product not in LABELS:
        raise ValueError(f"there is no product {product!r}; there are {', '.join(LABELS)}")
    target = parse_number(options.target, company.country) if options.target else ""
    try:
        destination = checks.destination(options.destination, company) if options.destination else ""
    except ValidationError as problem:
        raise ValueError(" ".join(problem.messages)) from None
    return Choices(Defaults(company.country, target, destination), product, _site(company, options.site))


def _site(company: Company, named: str | None) -> Site | None:
    """The one that is named, or the only one."""
    from callspring.sites.models import Site

    sites = list(Site.objects.filter(company=company).order_by("pk"))
    if named is None:
        return sites[0] if len(sites) == 1 else None
    found = [site for site in sites if named in (site.name, *site.hosts)]
    if len(found) != 1:
        raise ValueError(f"{named!r} is not one of this company's websites: {', '.join(site.name for site in sites)}")
    return found[0]


def _print(seen: Look) -> None:
    from callspring.console.import_page import SHOWN_SCENARIOS, groups, headline, tally

    _say(headline(seen))
    if standing := tally(seen):
        _say(", ".join(standing))
    for group in groups(seen):
        _print_group(group)
    if (more := len(seen.plan.scenarios) - SHOWN_SCENARIOS) > 0:
        _say("", f"… and {more} scenarios more.")
    if seen.plan.problems:
        _say("", "These rows stay behind:")
    for one in seen.plan.problems:
        _say(f"  line {one.line}: {one.text}: {one.said}" if one.text else f"  line {one.line}: {one.said}")
    if seen.plan.ignored:
        _say("", f"Nothing was taken from these columns: {', '.join(seen.plan.ignored)}")


def _print_group(group: Group) -> None:
    from callspring.console.words import phone

    way, numbers = group.planned.way, group.planned.numbers
    _say("", f"{group.planned.name}: {len(numbers)} × {group.type}, {group.condition}")
    _say(f"  replaces {', '.join(target.value for target in way.targets) or '–'}, rings {way.destination or '–'}")
    for one, standing in group.numbers:
        _say(f"  line {one.line}: {phone(one.e164)}  {standing.said}")
    if group.more:
        _say(f"  … and {group.more} more")
    _say(*(f"  {note}" for note in group.planned.notes), *(f"  Not made: {wrong}" for wrong in group.obstacles))


def _carry_out(draft: Any, choices: Choices) -> None:
    from django.core.exceptions import ValidationError
    from django.utils.translation import ngettext

    from callspring.scenarios.importing.carrying_out import carry_out

    try:
        made = carry_out(draft, choices)
    except ValidationError as problem:
        draft.delete()
        raise ValueError(" ".join(problem.messages)) from None
    said = ngettext("%(n)d scenario is made. It is off.", "%(n)d scenarios are made. They are off.", len(made))
    _say("", said % {"n": len(made)}, "In the console, Import settings can undo it.")


def _say(*lines: str) -> None:
    """Without whatever would steer a terminal: names are a stranger's text."""
    for line in lines:
        print("".join(character if character.isprintable() else " " for character in line)[:LONGEST_LINE])
