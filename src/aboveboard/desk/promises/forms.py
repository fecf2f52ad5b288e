"""Input of the pages of promises: what to show of a list, and the chance below which a promise is at risk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from aboveboard.desk.people.forms import Spoken

SHOWN = (
    ("at risk", _("at risk")), ("running", _("running")), ("broken", _("broken or late in the last day")),
    ("missed", _("broken or late in 30 days")), ("all", _("all")),
)  # fmt: skip


class Filter(Spoken):
    """Which running promises to show."""

    show = forms.ChoiceField(label=_("Show"), choices=SHOWN, required=False)
    promise = forms.ChoiceField(label=_("Promise"), required=False)
    team = forms.ChoiceField(label=_("Team"), required=False)
    q = forms.CharField(
        label=_("Order or customer"), required=False, max_length=200, widget=forms.TextInput({"type": "search"})
    )

    def __init__(self, data: Any, *, promises: Sequence[str], teams: Sequence[str]) -> None:
        super().__init__(data)
        for name, named in (("promise", promises), ("team", teams)):
            self.fields[name].choices = [("", _("all")), *((each, each) for each in named)]  # type: ignore[attr-defined]


class Risk(Spoken):
    """The chance below which a promise is at risk."""

    by = forms.ChoiceField(
        label=_("At risk when the chance of being kept is below"),
        choices=[
            ("half", _("50 %: it is then more likely to break")), ("objective", _("the promise’s objective")),
            ("own", _("a chance of our own")),
        ],
        widget=forms.RadioSelect,
    )  # fmt: skip
    percent = forms.FloatField(
        label=_("Our own, in %"), required=False, min_value=1, max_value=99, widget=forms.NumberInput({"step": "1"})
    )
