"""Input of the pages of messages: its shape, and nothing of what it means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

from aboveboard.desk.messages import rules
from aboveboard.desk.people.forms import Spoken

CHANNELS: Mapping[str, str | Lazy] = {
    "email": _("Email"),
    "phone": _("Phone"),
    "chat": _("Chat"),
    "store": _("In the store"),
    "field": _("On site"),
    "social": _("Social media"),
    "app": _("App"),
    "web": _("Web"),
}
KINDS = (("customer", _("To the customer")), ("internal", _("Internal note")))
_LOCAL = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True)
class Offered:
    """A commitment as the composer offers it: whether it is to get a clock, and by when, in local time as a form has it."""

    noticed: rules.Noticed
    chosen: bool
    due: str


def offered(noticed: Iterable[rules.Noticed], given: Mapping[str, Any], zone: ZoneInfo) -> list[Offered]:
    """The commitments of a draft, with what whoever writes has chosen so far; one with a time is chosen at first."""
    seen, chosen = set(_listed(given, "noticed")), set(_listed(given, "promise"))
    return [
        Offered(
            one,
            one.key in chosen or (one.key not in seen and one.due is not None),
            given.get(f"due-{one.key}") or _local(one.due, zone),
        )
        for one in noticed
    ]


def promises(offers: Sequence[Offered], zone: ZoneInfo, now: datetime) -> list[rules.Promise]:
    """Those that are to get a clock. Raises MessagesError where one has no time, or none that can be meant."""
    return [
        rules.promise(kind=one.noticed.kind, text=one.noticed.text, due=_due(one, zone), now=now)
        for one in offers
        if one.chosen
    ]


def seen(given: Mapping[str, Any]) -> set[str]:
    """The keys of the commitments that whoever writes was shown."""
    return set(_listed(given, "noticed"))


def _due(one: Offered, zone: ZoneInfo) -> datetime | None:
    if one.due == _local(one.noticed.due, zone):
        return one.noticed.due  # a day ends at its last microsecond, which the form cannot say
    try:
        return datetime.strptime(one.due, _LOCAL).replace(tzinfo=zone)
    except ValueError:
        return None


def _local(moment: datetime | None, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).strftime(_LOCAL) if moment else ""


def _listed(given: Mapping[str, Any], name: str) -> list[str]:
    many = getattr(given, "getlist", None)
    return list(many(name)) if many else []


class Words(forms.CharField):
    """Words with line ends of one kind, as they were written."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strip=False, max_length=rules.LONGEST, **kwargs)

    def to_python(self, value: Any) -> Any:
        """Browsers end lines as they like; places in the text are counted with one kind."""
        return (super().to_python(value) or "").replace("\r\n", "\n").replace("\r", "\n")


class Compose(Spoken):
    """A message or an internal note."""

    kind = forms.ChoiceField(choices=KINDS, required=False)
    text = Words(required=False)
    channel = forms.ChoiceField(choices=list(CHANNELS.items()), required=False)
    reason = forms.CharField(max_length=500, required=False)
    token = forms.CharField(max_length=100, required=False)
    template = forms.IntegerField(required=False)

    def clean_kind(self) -> str:
        return self.cleaned_data["kind"] or "customer"

    def clean_channel(self) -> str:
        return self.cleaned_data["channel"] or "email"


class Received(Spoken):
    """What a customer said."""

    text = Words(label=_("What they said"), widget=forms.Textarea({"rows": 4}))
    channel = forms.ChoiceField(label=_("How it came"), choices=list(CHANNELS.items()), initial="phone")
    token = forms.CharField(max_length=100, widget=forms.HiddenInput)


class Template(Spoken):
    """A reply template."""

    name = forms.CharField(label=_("Name"), max_length=100)
    language = forms.ChoiceField(
        label=_("Language"),
        required=False,
        choices=[("", _("any")), ("en", _("English")), ("de", _("German"))],
    )
    text = Words(label=_("Text"), widget=forms.Textarea({"rows": 10}))


class Promised(Spoken):
    """Which promises are shown, in which order."""

    WHOSE = (("mine", _("mine")), ("reach", _("all I can see")))
    WHICH = (("open", _("open")), ("over", _("over time")), ("settled", _("settled")), ("all", _("all")))
    SORTS = (("due", _("due time")), ("-made_at", _("when promised")), ("subject", _("what it is about")))

    whose = forms.ChoiceField(label=_("Whose"), required=False, choices=WHOSE)
    which = forms.ChoiceField(label=_("Which"), required=False, choices=WHICH)
    sort = forms.ChoiceField(label=_("Sorted by"), required=False, choices=SORTS)

    def chosen(self) -> dict[str, str]:
        """Each choice, the first where none was made or it is none."""
        self.is_valid()
        made = self.cleaned_data if self.is_bound else {}
        first = {"whose": self.WHOSE, "which": self.WHICH, "sort": self.SORTS}
        return {name: made.get(name) or str(choices[0][0]) for name, choices in first.items()}
