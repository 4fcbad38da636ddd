"""The live preview of a draft: somebody arrives, and sees …"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from callspring.calls.words import phone
from callspring.console import explaining_words, words
from callspring.console.models import Draft
from callspring.console.wizard.overlap import beside, warnings
from callspring.console.wizard.planning import Unfinished, settings_of
from callspring.console.wizard.tracking_forms import PLAIN
from callspring.scenarios.conditions import NOWHERE, Place
from callspring.scenarios.explaining import Explained
from callspring.scenarios.previewing import Candidate, candidate, facts_of
from callspring.sites.models import Site

# How somebody may arrive: what the address then has, and what the browser says it came from.
ARRIVALS: Mapping[str, tuple[Any, str, str]] = {
    "google": (_("by a search on Google"), "", "https://www.google.com/"),
    "google_ad": (_("by an advertisement on Google"), "gclid=preview", "https://www.google.com/"),
    "facebook": (_("from Facebook"), "", "https://www.facebook.com/"),
    "newsletter": (_("by a link in a newsletter"), "utm_source=newsletter&utm_medium=email", ""),
    "website": (_("from another website"), "", "https://partner.example/"),
    "assistant": (_("from ChatGPT"), "", "https://chatgpt.com/"),
    "direct": (_("directly"), "", ""),
    "other": (_("otherwise: from …"), "", ""),
}


class PreviewForm(forms.Form):
    """Who arrives. `page` is a path, or an address with its parameters."""

    arrives = forms.ChoiceField(label=_("A visitor arrives"), choices=[(key, one[0]) for key, one in ARRIVALS.items()])
    referrer = forms.CharField(
        label=_("From the page"),
        required=False,
        max_length=2000,
        widget=forms.TextInput(attrs={"placeholder": "https://partner.example/", **PLAIN}),
    )
    page = forms.CharField(
        label=_("On your page"),
        required=False,
        max_length=2000,
        widget=forms.TextInput(attrs={"placeholder": "/boilers?utm_source=flyer", **PLAIN}),
    )
    place = forms.CharField(
        label=_("In"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"placeholder": "US/Massachusetts/Boston", **PLAIN}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "auto_id": "preview_%s"})
        self.fields["arrives"].widget.attrs["data-shows"] = ""

    @staticmethod
    def usual() -> dict[str, str]:
        """A search on Google, to the home page."""
        return {"arrives": "google", "page": "/"}

    def clean_page(self) -> str:
        """An address of any host; a path is of the site's own."""
        text: str = self.cleaned_data["page"].strip() or "/"
        if not text.startswith(("/", "http://", "https://")):
            text = f"/{text}"
        try:
            urlsplit(text)
        except ValueError:
            raise ValidationError(_now("Give a page's path, such as /boilers.")) from None
        return text


@dataclass(frozen=True, slots=True)
class Line:
    """What somebody sees in place of one scenario's targets: a sentence, and why."""

    text: str
    mine: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """The answer: what is seen, who lost and why, and what ought to be known of the draft."""

    who: str
    shows: Sequence[Line]
    lost: Sequence[str]
    warnings: Sequence[str]
    problem: str = ""
    also: str = ""


def see(draft: Draft, asked: Mapping[str, str]) -> Seen:
    """What the visitor would see if the draft were on."""
    try:
        found = candidate(draft.company, settings := settings_of(draft), draft.scenario)
    except Unfinished:
        return Seen("", (), (), (), _now("First fill in the steps that are marked as missing something."))
    if found is None or settings.site is None:
        return Seen(
            "", (), (), (), _now("A scenario without a website shows nothing on pages: its number is in print.")
        )
    place = _place(asked.get("place", ""))
    url, referrer = _arrival(settings.site, asked)
    facts, _touch = facts_of(settings.site, url, referrer, place)
    explained = found.explain(facts)
    who = {
        "source": words.source(facts.source) or _now("nowhere in particular"),
        "page": facts.path or "/",
        "place": ", ".join(part for part in reversed(place) if part),
    }
    text = (
        _now("A visitor from %(source)s on page %(page)s in %(place)s")
        if who["place"]
        else _now("A visitor from %(source)s on page %(page)s")
    )
    shows = [_shown(found, one) for one in explained if one.won]
    lost = [said for one in explained if (said := explaining_words.lost(one, found.names))]
    return Seen(text % who, shows, lost, [*_stopped(draft), *warnings(found)], also=beside(found))


def _stopped(draft: Draft) -> list[str]:
    """Where money is owed, no page shows what the preview says."""
    if draft.company.account.swapping_stopped_at is None:
        return []
    return [_now("Until what is owed on the account is paid, your pages keep their own numbers.")]


def _shown(found: Candidate, one: Explained) -> Line:
    said = {
        "name": found.names.get(one.scenario, ""),
        "why": explaining_words.why(one.rule, one.reason),
        "targets": ", ".join(phone(each) if each.startswith("+") else each for each in one.won),
        "number": _number(found, one),
    }
    text = _now("sees %(number)s in place of %(targets)s, of “%(name)s”, because %(why)s.")
    return Line(text % said, one.scenario == found.id)


def _number(found: Candidate, one: Explained) -> str:
    if one.number:
        return phone(found.numbers.get(one.number, ""))
    numbers = one.rule.numbers if one.rule else ()
    like = phone(found.numbers.get(numbers[0], "")) if numbers else ""
    return _now("a number of the pool, such as %(number)s,") % {"number": like}


def _arrival(site: Site, asked: Mapping[str, str]) -> tuple[str, str]:
    """The address and the referrer."""
    _title, query, referrer = ARRIVALS[asked["arrives"]]
    page = asked["page"]
    if page.startswith("/"):
        page = f"https://{next(iter(site.hosts), 'site.invalid')}{page}"
    if query:
        page += ("&" if "?" in page else "?") + query
    return page, asked.get("referrer", "") if asked["arrives"] == "other" else referrer


def _place(text: str) -> Place:
    """Country, region and city, as terms of activation have them; a city alone is one of any country."""
    parts = [part.strip() for part in text.split("/")]
    if len(parts) == 1 and len(parts[0]) != 2:
        return ("", "", parts[0]) if parts[0] else NOWHERE
    country, region, city = (*parts, "", "")[:3]
    return country.upper(), region, city
