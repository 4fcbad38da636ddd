"""The forms of an import: the file, and what counts where it says nothing."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from callspring.accounts.models import Company
from callspring.console.tracking_forms import FlowForm, said
from callspring.numbers.e164 import parse_number
from callspring.scenarios import checks
from callspring.scenarios.importing.products import LABELS
from callspring.scenarios.importing.reading import Defaults
from callspring.scenarios.importing.standing import Choices
from callspring.scenarios.importing.tables import MOST_BYTES
from callspring.sites.models import Site


class UploadForm(forms.Form):
    """The file, or its text."""

    file = forms.FileField(
        label=_("File"),
        error_messages={"required": _("Choose the file.")},
        help_text=_("CSV as CallRail, CallTrackingMetrics or Roistat export it, or your own; JSON of their APIs too."),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.json,text/csv,application/json"}),
    )

    def clean_file(self) -> UploadedFile[Any]:
        """Not larger than is read."""
        found: UploadedFile[Any] = self.cleaned_data["file"]
        if (found.size or 0) > MOST_BYTES:
            raise ValidationError(_("The file is larger than %(most)d MB. Split it.") % {"most": MOST_BYTES // 10**6})
        return found


class ChoicesForm(forms.Form):
    """What a person decides for the whole file."""

    product = forms.ChoiceField(label=_("Exported from"), choices=list(LABELS.items()))
    site = forms.ChoiceField(label=_("Website"), required=False)
    target = forms.CharField(
        label=_("Number on your pages"),
        required=False,
        max_length=40,
        help_text=_("For rows that do not say which number is replaced."),
    )
    destination = forms.CharField(
        label=_("Ring this number"),
        required=False,
        max_length=200,
        help_text=_("For rows that do not say where calls go."),
    )

    def __init__(self, company: Company, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.company = company
        self.sites = {str(site.pk): site for site in Site.objects.filter(company=company).order_by("name", "pk")}
        found = [(key, site.name) for key, site in self.sites.items()]
        self.fields["site"].choices = [*([] if len(found) == 1 else [("", _("Choose one"))]), *found]  # type: ignore[attr-defined]

    @classmethod
    def usual(cls, company: Company, product: str) -> dict[str, Any]:
        """What it begins with: the only website, and where the newest scenario rings."""
        sites = list(Site.objects.filter(company=company).values_list("pk", flat=True)[:2])
        rings = FlowForm.usual(company).get("destination", "")
        return {"product": product, "site": str(sites[0]) if len(sites) == 1 else "", "destination": rings}

    def clean_target(self) -> str:
        """E.164, "" for none."""
        typed = self.cleaned_data["target"]
        return said(lambda: parse_number(typed, self.company.country)) if typed.strip() else ""

    def clean_destination(self) -> str:
        """E.164 or SIP, "" for none."""
        typed = self.cleaned_data["destination"]
        return said(lambda: checks.destination(typed, self.company)) if typed.strip() else ""

    def decided(self) -> Choices:
        """What was chosen; a field that is wrong counts as left empty."""
        data: dict[str, Any] = getattr(self, "cleaned_data", {})
        defaults = Defaults(self.company.country, data.get("target", ""), data.get("destination", ""))
        return Choices(defaults, data.get("product") or "csv", self.sites.get(data.get("site", "")))
