"""Input of the pages of problems: its shape, and nothing of what it means."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from aboveboard.desk.people.forms import Spoken
from aboveboard.desk.problems import rules

_LINES = {"rows": 3}
ORDER_WORDS = {
    "since": _("the oldest"),
    "newest": _("the newest"),
    "who": _("customer"),
    "matters": _("most matters"),
    "team": _("team"),
    "voice": _("what they said"),
}


def _choices(words: dict[str, str] | Any) -> list[tuple[str, str]]:
    return [(name, gettext(said)) for name, said in words.items()]


class Filter(Spoken):
    """Which problems the board shows."""

    q = forms.CharField(label=_("Words"), required=False, max_length=200, widget=forms.TextInput({"type": "search"}))
    team = forms.ChoiceField(label=_("Team"), required=False)
    mine = forms.BooleanField(label=_("only mine"), required=False)

    def __init__(self, *args: Any, teams: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].choices = [("", _("any")), *((one, one) for one in teams)]  # type: ignore[attr-defined]


class New(Spoken):
    """A problem that is made: by hand, or of a finding."""

    title = forms.CharField(label=_("The problem in a few words"), max_length=200)
    breaks = forms.CharField(label=_("What breaks?"), max_length=4_000, widget=forms.Textarea(_LINES))
    whom = forms.CharField(label=_("For whom?"), required=False, max_length=2_000, widget=forms.Textarea({"rows": 2}))
    team = forms.ChoiceField(label=_("Team"), required=False)
    target = forms.ChoiceField(
        label=_("What is counted"),
        required=False,
        help_text=_("Cases of the problem itself are those that are added to it, and those that an analysis finds."),
    )
    owner = forms.TypedChoiceField(label=_("Responsible"), required=False, coerce=int, empty_value=None)
    finding = forms.CharField(required=False, max_length=12, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        teams: Iterable[str | None],
        targets: Iterable[tuple[str, str]],
        owners: Iterable[tuple[int, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        named = [(one or "", one or _("the whole organisation")) for one in teams]
        self.fields["team"].choices = named  # type: ignore[attr-defined]
        self.fields["target"].choices = [("", _("cases of the problem itself")), *targets]  # type: ignore[attr-defined]
        self.fields["owner"].choices = [("", _("nobody yet")), *owners]  # type: ignore[attr-defined]


class Describe(Spoken):
    """What breaks, for whom, and what helps until it is mended."""

    title = forms.CharField(label=_("The problem in a few words"), max_length=200)
    breaks = forms.CharField(label=_("What breaks?"), max_length=4_000, widget=forms.Textarea(_LINES))
    whom = forms.CharField(label=_("For whom?"), required=False, max_length=2_000, widget=forms.Textarea({"rows": 2}))
    workaround = forms.CharField(
        label=_("What helps until it is mended?"), required=False, max_length=4_000, widget=forms.Textarea({"rows": 2})
    )


class Owner(Spoken):
    """Who is responsible."""

    owner = forms.IntegerField(required=False)


class Answer(Spoken):
    """What was found out about one of the questions."""

    factor = forms.ChoiceField(choices=[(one, one) for one in rules.FACTORS], widget=forms.HiddenInput)
    answer = forms.ChoiceField(label=_("Answer"))
    evidence = forms.CharField(label=_("What it rests on"), max_length=4_000, widget=forms.Textarea({"rows": 2}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["answer"].choices = _choices(rules.ANSWERS)  # type: ignore[attr-defined]


class Criterion(Spoken):
    """By what a change will be judged. A share is written in percent."""

    target = forms.ChoiceField(label=_("Measure"))
    kind = forms.ChoiceField(label=_("Criterion"))
    value = forms.FloatField(
        label=_("How much"),
        localize=True,
        help_text=_("In percent where it is a share (50: half as many as would be expected), else a number per week."),
    )
    window_weeks = forms.IntegerField(
        label=_("Window in weeks"), min_value=1, max_value=104, help_text=_("After so many weeks the verdict stands.")
    )
    why = forms.CharField(label=_("Why"), required=False, max_length=2_000, widget=forms.Textarea({"rows": 2}))

    def __init__(self, *args: Any, targets: Iterable[tuple[str, str]], after_change: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["target"].choices = list(targets)  # type: ignore[attr-defined]
        self.fields["kind"].choices = _choices(rules.KINDS)  # type: ignore[attr-defined]
        if after_change:
            self.fields["why"].label = _("Why another criterion is to hold from now on")


class Change(Spoken):
    """A change: planned, or made. `do` says which."""

    do = forms.ChoiceField(choices=[("plan", "plan"), ("make", "make")])
    what = forms.CharField(label=_("What is changed?"), max_length=4_000, widget=forms.Textarea(_LINES))
    at = forms.DateTimeField(
        label=_("From when"),
        required=False,
        help_text=_("UTC. Empty: from now."),
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    part = forms.ChoiceField(label=_("Where it is in force"), required=False)
    version = forms.TypedChoiceField(label=_("Version of the playbook"), required=False, coerce=int, empty_value=None)

    def __init__(self, *args: Any, teams: Iterable[str], versions: Iterable[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["part"].choices = [("", _("everywhere")), *((one, one) for one in teams)]  # type: ignore[attr-defined]
        self.fields["version"].choices = [("", _("none")), *versions]  # type: ignore[attr-defined]


class Reason(Spoken):
    """A reason, where one is needed."""

    reason = forms.CharField(label=_("Why"), required=False, max_length=4_000)


class Matter(Spoken):
    """A subject of the ledger that belongs to the problem."""

    subject = forms.CharField(
        label=_("What it is about"), max_length=200, help_text=_("Such as order:123 or case:desk-7.")
    )


class Silent(Spoken):
    """What is done for those who kept silent: cases are opened, or they were told, in these words."""

    do = forms.ChoiceField(choices=[("cases", "cases"), ("told", "told")])
    words = forms.CharField(required=False, max_length=4_000)
    channel = forms.CharField(required=False, max_length=40)


class StruckFilter(Spoken):
    """Which of those whom it struck are listed."""

    q = forms.CharField(label=_("Words"), required=False, max_length=200, widget=forms.TextInput({"type": "search"}))
    voice = forms.ChoiceField(label=_("What they said"), required=False)
    order = forms.ChoiceField(label=_("First"), required=False, choices=list(ORDER_WORDS.items()))
    left = forms.BooleanField(label=_("only those to whom nobody turned yet"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["voice"].choices = [("", gettext("any")), *_choices(rules.VOICES)]  # type: ignore[attr-defined]
