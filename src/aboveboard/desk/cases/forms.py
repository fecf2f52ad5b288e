"""Input of the pages of cases. Fields are named as the arguments of the action that takes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from aboveboard.desk.cases import queries, rules
from aboveboard.desk.people.forms import Spoken


def _chosen(words: Mapping[Any, str], first: str | None = None) -> list[tuple[Any, Any]]:
    named = [(name, _(says)) for name, says in words.items()]
    return [("", first), *named] if first is not None else named


def _plain(names: Iterable[str], first: Any) -> list[tuple[str, Any]]:
    return [("", first), *((name, name) for name in names)]


def _words(label: Any, *, required: bool = True, rows: int = 3, hint: Any = "") -> forms.CharField:
    widget = forms.Textarea({"rows": rows})
    return forms.CharField(label=label, required=required, max_length=20_000, help_text=hint, widget=widget)


class Filter(Spoken):
    """What the inbox shows."""

    words = forms.CharField(label=_("Search"), required=False, widget=forms.TextInput({"type": "search"}))
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("open", _("all open")), *_chosen(rules.STATES), ("all", _("open and closed"))],
    )
    team = forms.ChoiceField(label=_("Team"), required=False)
    who = forms.ChoiceField(
        label=_("With"), required=False, choices=[("", _("anybody")), ("me", _("me")), ("nobody", _("nobody"))]
    )
    channel = forms.ChoiceField(label=_("Channel"), required=False, choices=_plain(rules.CHANNELS, _("any")))
    risk = forms.BooleanField(label=_("At risk or broken"), required=False)
    order = forms.ChoiceField(
        label=_("Order"),
        required=False,
        choices=[
            ("due", _("due first")),
            ("newest", _("newest first")),
            ("oldest", _("oldest first")),
            ("changed", _("changed last")),
        ],
    )
    after = forms.CharField(required=False, max_length=100, widget=forms.HiddenInput)

    def __init__(self, *args: Any, teams: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].choices = _plain(teams, _("all"))  # type: ignore[attr-defined]

    def asked(self) -> queries.Asked:
        """What is asked for; what is left empty is as usual. Raises CaseError where a filter has no such value."""
        if not self.is_valid():
            raise rules.CaseError(self.says())
        given = {name: value for name, value in self.cleaned_data.items() if value}
        return queries.Asked(**given)


class _OfCase(Spoken):
    """Something done with a case of which one saw this version."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)


class New(Spoken):
    """A new case."""

    title = forms.CharField(label=_("What is it about?"), max_length=200, help_text=_("In a few words."))
    words = _words(_("In the customer's words"), required=False)
    kind = forms.ChoiceField(label=_("It is"), choices=_chosen(rules.KINDS))
    customer = forms.CharField(
        label=_("Customer"), required=False, max_length=200, help_text=_("Their key, not their name.")
    )
    about = forms.CharField(
        label=_("Concerns"), required=False, max_length=200, help_text=_("As the record has it, such as order:17.")
    )
    team = forms.ChoiceField(label=_("Team"), required=False)
    channel = forms.ChoiceField(label=_("It came by"), required=False, choices=_plain(rules.CHANNELS, _("not known")))
    topic = forms.CharField(label=_("Topic"), required=False, max_length=100)

    def __init__(self, *args: Any, teams: Iterable[str], everything: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = _plain(teams, _("none yet"))
        self.fields["team"].choices = named if everything else named[1:]  # type: ignore[attr-defined]

    def clean_team(self) -> str | None:
        return self.cleaned_data["team"] or None


class Acknowledge(_OfCase):
    """That it was received."""

    text = _words(_("Note"), required=False, rows=2)


class Assess(_OfCase):
    """How much hangs on it."""

    severity = forms.TypedChoiceField(label=_("For the customer it is"), coerce=int, choices=_chosen(rules.SEVERITIES))
    text = _words(_("What you found"), required=False)


class Work(_OfCase):
    """Work begins."""

    text = _words(_("Note"), required=False, rows=2)


class Decide(_OfCase):
    """A decision and its reason."""

    decision = _words(_("Decision"), rows=2)
    reason = _words(_("Its reason"), hint=_("The customer will read both."))
    recourse = _words(_("Where the customer can turn if they do not accept it"), required=False, rows=2)


class Tell(_OfCase):
    """That the customer was told: the words are written in the composer."""


class Close(_OfCase):
    """What caused it."""

    cause = forms.ChoiceField(
        label=_("What caused it? The first that holds."), choices=_chosen(rules.CAUSES), widget=forms.RadioSelect
    )
    note = _words(_("In your words"), required=False, rows=2)


class Appeal(_OfCase):
    """The customer does not accept it."""

    words = _words(_("What the customer says against it"))


class Reopen(_OfCase):
    """It was not finished."""

    reason = _words(_("Why it was not finished after all"))


class Assign(_OfCase):
    """To whom."""

    to = forms.TypedChoiceField(label=_("Give it to"), required=False, coerce=int, empty_value=None)

    def __init__(self, *args: Any, colleagues: Iterable[Any] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(user.pk, str(user)) for user in colleagues]
        self.fields["to"].choices = [("", _("nobody")), *named]  # type: ignore[attr-defined]


class HandOver(_OfCase):
    """To which team, with what they need to know."""

    team = forms.ChoiceField(label=_("To the team"))
    why = _words(_("What they need to know"))

    def __init__(self, *args: Any, teams: Iterable[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].choices = _plain(teams, "")  # type: ignore[attr-defined]


class Remedy(Spoken):
    """Something to put it right."""

    kind = forms.ChoiceField(label=_("What"), choices=_chosen(rules.REMEDIES))
    cost = forms.FloatField(label=_("What it costs us"), min_value=0, initial=0)
    policy = forms.ChoiceField(label=_("Under the policy"), required=False)
    note = forms.CharField(label=_("Note"), required=False, max_length=1_000)

    def __init__(self, *args: Any, limits: Iterable[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        says = _("%(policy)s: you may give up to %(limit)s")
        named = [(name, says % {"policy": name, "limit": most}) for name, most in limits]
        self.fields["policy"].choices = [("", _("none")), *named]  # type: ignore[attr-defined]

    def clean_policy(self) -> str | None:
        return self.cleaned_data["policy"] or None


class Answer(Spoken):
    """An answer to a question about the system."""

    question = forms.ChoiceField(choices=_chosen(rules.QUESTIONS), widget=forms.HiddenInput)
    answer = forms.ChoiceField(label=_("Answer"), choices=_chosen(rules.ANSWERS, ""))
    evidence = forms.CharField(label=_("What it rests on"), max_length=2_000)


class Shown(Spoken):
    """For whom the substitution test is made."""

    employee = forms.CharField(max_length=64)


class OnPerson(Spoken):
    """What is to be done with somebody."""

    employee = forms.CharField(max_length=64, widget=forms.HiddenInput)
    kind = forms.ChoiceField(label=_("What is to be done"), choices=_chosen(rules.ON_PERSONS))
    account = _words(_("What they say themselves"), hint=_("Ask them first."))
    why = _words(_("Why"))
    override = _words(
        _("Why all the same"),
        required=False,
        rows=2,
        hint=_("Where the way is shut. It stays on record with your key."),
    )


class Together(Spoken):
    """What is done with several cases at once."""

    cases = forms.TypedMultipleChoiceField(coerce=int)
    do = forms.ChoiceField(choices=[(one, one) for one in ("take", "assign", "hand", "acknowledge", "work", "close")])
    to = forms.IntegerField(required=False)
    team = forms.CharField(required=False, max_length=200)
    text = forms.CharField(required=False, max_length=2_000)
    cause = forms.CharField(required=False, max_length=40)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        chosen = [one for one in data.getlist("cases") if one.isdecimal() and len(one) < 19][: queries.PAGE]
        self.fields["cases"].choices = [(one, one) for one in chosen]  # type: ignore[attr-defined]
