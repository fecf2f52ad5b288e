"""Input of the pages of policies: its shape, and nothing of what it means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from aboveboard.desk.people import rules as people
from aboveboard.desk.people.forms import Spoken
from aboveboard.desk.policies import rules

_LINES = {"rows": 3}
EVIDENCE = [
    ("law", _("A law forbids it")),
    ("safety", _("Somebody could come to harm")),
    ("impossible", _("It cannot be done")),
    ("abuse", _("A finding of abuse on this customer is in force")),
]


class Ask(Spoken):
    """To bend a policy. `choices` are the policies, each with what the asker may do. Without a matter, it asks what about."""

    subject = forms.CharField(label=_("What it is about"), max_length=200, help_text=_("Such as order:123."))
    team = forms.ChoiceField(label=_("Team"), required=False)
    policy = forms.ChoiceField(label=_("Policy"))
    amount = forms.DecimalField(
        label=_("What it costs"),
        min_value=Decimal(0),
        max_value=rules.MOST,
        max_digits=11,
        decimal_places=2,
        localize=True,
    )
    reason = forms.CharField(label=_("Why"), max_length=2000, widget=forms.Textarea(_LINES))
    key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        choices: Iterable[tuple[str, str]],
        currency: str,
        teams: Sequence[str | None] | None,
        **kwargs: Any,
    ) -> None:
        """`teams` to choose from (None among them: what belongs to no team); None where the matter says it all."""
        super().__init__(*args, **kwargs)
        self.fields["policy"].choices = [("", _("choose")), *choices]  # type: ignore[attr-defined]
        self.fields["key"].initial = uuid4
        if currency:
            self.fields["amount"].label = _("What it costs (%(currency)s)") % {"currency": currency}
        if teams is None:
            del self.fields["subject"], self.fields["team"]
        else:
            named = [(one or "", one or _("no team")) for one in teams]
            self.fields["team"].choices = named  # type: ignore[attr-defined]


class Decide(Spoken):
    """An answer to a request. Granting is where it starts."""

    do = forms.ChoiceField(
        label=_("Your decision"),
        choices=[("grant", _("Grant it")), ("deny", _("Refuse it"))],
        initial="grant",
        widget=forms.RadioSelect,
    )
    evidence = forms.ChoiceField(
        label=_("What a refusal rests on"),
        required=False,
        choices=[("", _("nothing: then it cannot be refused")), *EVIDENCE],
        help_text=_("Only for a refusal. That the rule says so is no evidence: the rule is what is in question."),
    )
    answer = forms.CharField(
        label=_("Why"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(_LINES),
        help_text=_("In words that the customer can be told. A refusal needs them."),
    )


class Suggest(Spoken):
    """A rule that is in the way, and in one's own words why, where one likes to say it."""

    rule = forms.ChoiceField(label=_("Which rule?"))
    text = forms.CharField(
        label=_("What happens because of it"), required=False, max_length=2000, widget=forms.Textarea(_LINES)
    )
    key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, choices: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rule"].choices = [("", _("choose")), *choices]  # type: ignore[attr-defined]
        self.fields["key"].initial = uuid4


class Answer(Spoken):
    """An answer to whoever flagged a rule."""

    text = forms.CharField(label=_("Your answer"), max_length=4000, widget=forms.Textarea(_LINES))


class Propose(Spoken):
    """A change of a rule that somebody proposes by hand."""

    rule = forms.ChoiceField(label=_("Which rule?"))
    sentence = forms.CharField(label=_("What should change, and why?"), max_length=2000, widget=forms.Textarea(_LINES))

    def __init__(self, *args: Any, choices: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rule"].choices = [("", _("choose")), *choices]  # type: ignore[attr-defined]


KEYS = {
    "says": _("What the rule says"),
    "authority": _("Who may bend it how far"),
    "harm_margin": _("Extra harm that you would accept"),
    "evidence": _("What a refusal rests on"),
    "within": _("Within"),
    "objective": _("How often it is meant to hold"),
    "calendar": _("Calendar in whose hours the clock runs"),
    "kind": _("must, default or offer"),
    "why": _("Why the step is there"),
    "when": _("When it is due"),
}
_HELP = {
    "authority": _("Levels from the lowest to the highest, with the amount each may grant: rep: 0, lead: 100"),
    "harm_margin": _("A share, such as 0.02."),
    "objective": _("A share, such as 0.98."),
    "evidence": _("abuse, law, safety or impossible; empty: nothing is stated."),
    "when": _("A condition over the event that starts the procedure; empty: always."),
}


class Change(Spoken):
    """The keys of a rule that a proposal can change, why, from when, and the state on which it was looked at."""

    reason = forms.CharField(
        label=_("Why"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(_LINES),
        help_text=_("Everybody who works by this rule reads it."),
    )
    from_date = forms.DateField(
        label=_("Holds from"), required=False, help_text=_("Empty: at once."), widget=forms.DateInput({"type": "date"})
    )
    answers = forms.BooleanField(
        label=_("Answer those who flagged the rule with this reason"), required=False, initial=True
    )
    on = forms.IntegerField(widget=forms.HiddenInput)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, keys: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key in keys:
            wide = forms.Textarea(_LINES) if key in ("says", "why") else forms.TextInput()
            self.fields[f"key-{key}"] = forms.CharField(
                label=KEYS[key], required=False, max_length=2000, widget=wide, help_text=_HELP.get(key, "")
            )
        self.order_fields([f"key-{key}" for key in keys])

    def values(self) -> dict[str, str]:
        """Per key what it is to hold, as it was written."""
        return {
            name.removeprefix("key-"): value.strip().replace("\r\n", "\n")
            for name, value in self.cleaned_data.items()
            if name.startswith("key-")
        }

    def effective_from(self) -> datetime | None:
        """The start of the day named, in UTC; None: at once."""
        day = self.cleaned_data["from_date"]
        return datetime.combine(day, time(), UTC) if day else None


class Level(Spoken):
    """A level of authority that a role has: `do` is `give` or `take`."""

    role = forms.ChoiceField(label=_("Role"))
    name = forms.CharField(max_length=200)
    do = forms.ChoiceField(choices=[("give", "give"), ("take", "take")])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        deciding = [one for one in people.ROLES.values() if {rules.ASK, rules.DECIDE} & one.acts]
        self.fields["role"].choices = [(one.name, one.title) for one in deciding]  # type: ignore[attr-defined]
