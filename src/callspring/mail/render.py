"""From a pair of templates to the words of one mail."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template import Context, Engine

MOST_SUBJECT = 150  # characters; mail programs show fewer
MOST_TEXT = 100_000
MOST_HTML = 500_000
SUBJECT = "Subject:"
# Control characters, line and paragraph separators, and what turns the direction of writing: they hide or move words.
# Tab and newline stay where there are lines.
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")  # no encoding has them


class BadTemplate(ValueError):
    """The text template does not begin with a subject."""


@dataclass(frozen=True, slots=True)
class Written:
    """A mail's words. `subject` is one line; `html` is "" where it would be too large to send."""

    subject: str
    text: str
    html: str

    def as_payload(self) -> dict[str, str]:
        """For the job."""
        return {"subject": self.subject, "text": self.text, "html": self.html}


def render(template: str, context: dict[str, Any]) -> Written:
    """Render `TEMPLATE.txt` and `TEMPLATE.html`, the first without and the second with escaping.

    Raises `BadTemplate`, and `TemplateDoesNotExist`.
    """
    engine = Engine.get_default()
    known = {"console_url": settings.CONFIG.console_url, **context}
    plain = engine.get_template(f"{template}.txt").render(Context(known, autoescape=False))
    html = _UNSEEN.sub("", _SURROGATES.sub("�", engine.get_template(f"{template}.html").render(Context(known))))
    subject, text = _apart(template, _SURROGATES.sub("�", plain))
    return Written(subject, text[:MOST_TEXT], html if len(html) <= MOST_HTML else "")


def _apart(template: str, plain: str) -> tuple[str, str]:
    """Subject and text. Whatever stands before the first empty line is the subject, however many lines a hostile name
    makes of it: nothing of it can become a header."""
    head, _, text = plain.replace("\r\n", "\n").replace("\r", "\n").strip().partition("\n\n")
    if not head.startswith(SUBJECT):
        raise BadTemplate(f"{template}.txt must begin with a line “{SUBJECT} …” and an empty line")
    return one_line(head.removeprefix(SUBJECT)), _UNSEEN.sub("", text).strip() + "\n"


def one_line(text: str) -> str:
    """One line of at most 150 characters, without what cannot be seen."""
    line = _UNSEEN.sub("", " ".join(text.split()))
    return line if len(line) <= MOST_SUBJECT else line[: MOST_SUBJECT - 1].rstrip() + "…"
