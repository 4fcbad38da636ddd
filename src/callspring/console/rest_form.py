"""The form about how long numbers rest."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from callspring.numbers.models import Number, RestPolicy
from callspring.numbers.resting import DAYS


class RestForm(forms.Form):
    """How long, and what then."""

    days = forms.IntegerField(label=_("Days of rest"), min_value=DAYS[0], max_value=DAYS[-1])
    after_rest = forms.ChoiceField(label=_("Then"), choices=Number.AfterRest.choices)

    def __init__(self, policy: RestPolicy, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"days": policy.days, "after_rest": policy.after_rest}
        super().__init__(*args, **kwargs)
        self.auto_id = "rest_%s"
