"""Which form each kind of step has."""

from __future__ import annotations

from callspring.console.flows.deciding_forms import AreaForm, HoursForm, MatchForm, SplitForm
from callspring.console.flows.step_form import StepForm
from callspring.console.flows.talking_forms import (
    DialForm,
    HangUpForm,
    MenuForm,
    SayForm,
    TextBackForm,
    VoicemailForm,
)

FORMS: dict[str, type[StepForm]] = {
    "say": SayForm,
    "dial": DialForm,
    "menu": MenuForm,
    "hours": HoursForm,
    "split": SplitForm,
    "area": AreaForm,
    "match": MatchForm,
    "voicemail": VoicemailForm,
    "text_back": TextBackForm,
    "hang_up": HangUpForm,
}
