"""Input of the pages of escalations: its shape, and nothing of what it means."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from aboveboard.desk.escalations import rules
from aboveboard.desk.people.forms import Spoken
from aboveboard.desk.policies.forms import EVIDENCE
from aboveboard.desk.policies.rules import MOST, OWNER

_LINES = {"rows": 3}
OUTCOMES = [
    (rules.GRANTED, _("Grant it")),
    (rules.PARTLY, _("Grant a part of it")),
    (rules.DENIED, _("Refuse it")),
]
TOP = _("whoever may change every rule")


class Open(Spoken):
    """What is asked, what was tried, and the authority that it needs: a rule to bend by an amount, or a level."""

    asks = forms.CharField(label=_("What is to be decided"), max_length=2000, widget=forms.Textarea(_LINES))
    tried = forms.CharField(label=_("What was tried already"), max_length=2000, widget=forms.Textarea(_LINES))
    authority = forms.ChoiceField(label=_("Authority it needs"))
    amount = forms.DecimalField(
        label=_("What it costs"),
        required=False,
        min_value=Decimal(0),
        max_value=MOST,
        max_digits=11,
        decimal_places=2,
        localize=True,
        help_text=_("Only where a rule is to bend."),
    )
    key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any = None,
        *,
        policies: Iterable[tuple[str, str]],
        levels: Iterable[str],
        currency: str,
    ) -> None:
        """`policies` by name with what they say, `levels` from the lowest."""
        super().__init__(data, auto_id="escalate_%s")
        bend = [(f"policy:{name}", says) for name, says in policies]
        decide = [(f"level:{one}", TOP if one == OWNER else one) for one in levels]
        groups = [("", _("choose")), *([(_("To bend a rule"), bend)] if bend else []), (_("For anything else"), decide)]
        self.fields["authority"].choices = groups  # type: ignore[attr-defined]
        self.fields["key"].initial = uuid4
        if currency:
            self.fields["amount"].label = _("What it costs (%(currency)s)") % {"currency": currency}

    def sought(self) -> dict[str, Any]:
        """The policy with its amount, or the level."""
        kind, _colon, name = self.cleaned_data["authority"].partition(":")
        return {"policy": name, "amount": self.cleaned_data["amount"]} if kind == "policy" else {"level": name}


class Decide(Spoken):
    """A decision: what it is, what changes for the customer, and why."""

    outcome = forms.ChoiceField(label=_("Your decision"), choices=OUTCOMES, widget=forms.RadioSelect, initial="granted")
    changes = forms.CharField(
        label=_("What changes for the customer"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(_LINES),
        help_text=_("What they get, and by when. Without it nothing is decided."),
    )
    nothing = forms.BooleanField(label=_("Nothing changes for the customer (only for a refusal)"), required=False)
    granted = forms.DecimalField(
        label=_("How much, where it is a part"),
        required=False,
        min_value=Decimal(0),
        max_value=MOST,
        max_digits=11,
        decimal_places=2,
        localize=True,
    )
    evidence = forms.ChoiceField(
        label=_("What a refusal rests on"),
        required=False,
        choices=[("", _("nothing: then it cannot be refused")), *EVIDENCE],
        help_text=_("Only for a refusal. That the rule says so is no evidence: the rule is what is in question."),
    )
    reason = forms.CharField(
        label=_("Why"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(_LINES),
        help_text=_("In words that the customer can be told."),
    )

    def __init__(self, *args: Any, of_policy: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not of_policy:
            del self.fields["granted"], self.fields["evidence"]


class Pass(Spoken):
    """Why it goes higher."""

    reason = forms.CharField(
        label=_("Why it goes higher"), required=False, max_length=2000, widget=forms.Textarea({"rows": 2})
    )


class Period(Spoken):
    """How far back the register counts, in days."""

    days = forms.TypedChoiceField(
        label=_("How far back"),
        coerce=int,
        choices=[(30, _("30 days")), (90, _("90 days")), (365, _("365 days"))],
    )
