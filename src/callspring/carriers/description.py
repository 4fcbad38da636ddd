"""What people are told of a carrier before it is connected: its name, what to copy from its console, what works.

A carrier's folder has it in `description.py`, as `description`. Everything outside of the folder that is about any
carrier (the console's pages, `callspring connect`) asks for it by `callspring.carriers.registry.description`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter

from callspring.carriers.api import Credentials

_LONGEST = 4000  # characters of one field; a private key has 1,700


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that is copied from the carrier's console.

    `name` is a word in lower case. `label` is the carrier's own word for it, `help` says where it stands. `pattern`
    (a regular expression) is what it looks like, `wrong` the sentence for what does not. What is `hidden` is a secret:
    never shown again. One of several `lines` is pasted with its line breaks. One that is `optional` may be empty.
    """

    name: str
    label: str
    help: str = ""
    pattern: str = r"[!-~]{1,200}"
    wrong: str = ""
    hidden: bool = False
    placeholder: str = ""
    lines: int = 1
    optional: bool = False

    def fits(self, text: str) -> bool:
        """Whether `text`, without blanks around it, can be one."""
        if not text:
            return self.optional
        return len(text) <= _LONGEST and re.fullmatch(self.pattern, text) is not None


@dataclass(frozen=True, slots=True)
class Description:
    """A carrier as people see it.

    `title` is its name. `fields` are asked for when it is connected; without any it cannot be connected by people.
    A connection has one account, which is shown, and one secret, which is not: `account` and `secret` say how both are
    made of the fields, by their names in braces. Together they must hold every field, what stands between two of them
    must not occur in either, and no hidden field belongs in `account`. `docs` is the address of the carrier's page
    about its credentials, `note` one or two sentences worth knowing before.

    What works: `sells` numbers can be searched for and bought, `texts` can be sent and come in, `records` recordings
    and voicemails can be fetched and deleted, `tells_past_calls` the list of calls can be read (`ListsCalls`).
    """

    title: str
    fields: tuple[Field, ...] = ()
    account: str = "{account}"
    secret: str = "{secret}"  # noqa: S105 - how it is put together
    docs: str = ""
    note: str = ""
    sells: bool = True
    texts: bool = True
    records: bool = True
    tells_past_calls: bool = True

    def credentials(self, given: Mapping[str, str]) -> Credentials:
        """The account and the secret that the fields make. Raises `KeyError` where one is missing."""
        return Credentials(self.account.format_map(given), self.secret.format_map(given))

    def shown(self, account: str) -> dict[str, str]:
        """The fields that stand in an account, by their names. Raises `ValueError` for what is no account of these."""
        found = re.fullmatch(_pattern(self.account), account)
        if found is None:
            raise ValueError("no account of this carrier")
        return found.groupdict()

    @property
    def asked_again(self) -> tuple[Field, ...]:
        """The fields that a new secret for the same account takes."""
        known = set(_names(self.account))
        return tuple(field for field in self.fields if field.name not in known)

    def what_is_wrong(self) -> str:
        """Why this describes nothing, for whoever writes an adapter; "" when all is well."""
        names = [field.name for field in self.fields]
        if len(set(names)) != len(names) or not all(re.fullmatch(r"[a-z][a-z_]{0,19}", name) for name in names):
            return "fields need different names in lower case"
        if "label" in names or "carrier" in names:
            return "a form has `label` and `carrier` already"
        if not self.fields:
            return ""
        used = {*_names(self.account), *_names(self.secret)}
        if used != set(names):
            return f"account and secret are made of {sorted(used)}, the fields are {sorted(names)}"
        hidden = {field.name for field in self.fields if field.hidden} & set(_names(self.account))
        return f"{sorted(hidden)} is a secret and part of the account" if hidden else ""


def _names(template: str) -> list[str]:
    return [name for _, name, _, _ in Formatter().parse(template) if name]


def _pattern(template: str) -> str:
    """What a template makes, with each field as a group of its name."""
    pieces = []
    for literal, name, _, _ in Formatter().parse(template):
        pieces.append(re.escape(literal))
        if name:
            pieces.append(f"(?P<{name}>.*)")
    return "".join(pieces)
