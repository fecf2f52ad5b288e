"""Input of the pages of followups."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from aboveboard.desk.followups import rules
from aboveboard.desk.people.forms import Spoken

STATE_WORDS = {
    rules.NEW: _("new"),
    rules.CAME_BACK: _("came back"),
    rules.ACCEPTED: _("accepted"),
    rules.IN_WORK: _("in work"),
    rules.VERIFIED: _("verified"),
    rules.REFUSED: _("refused"),
}
ORDER_WORDS = {
    "weight": _("what lets most down"),
    "state": _("what waits for a word"),
    "newest": _("the newest"),
    "kind": _("kind"),
}
SHOWN_WORDS = {"found": _("found by the last analysis"), "gone": _("no longer found"), "all": _("all")}


class Filters(Spoken):
    """Which findings a list shows."""

    q = forms.CharField(label=_("Words"), required=False, max_length=200, widget=forms.TextInput({"type": "search"}))
    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("any")), *STATE_WORDS.items()])
    family = forms.ChoiceField(label=_("About"), required=False)
    show = forms.ChoiceField(label=_("Show"), required=False, choices=list(SHOWN_WORDS.items()))
    order = forms.ChoiceField(label=_("First"), required=False, choices=list(ORDER_WORDS.items()))
    mine = forms.BooleanField(label=_("only mine"), required=False)

    def __init__(self, *args: object, families: list[str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        named = [(one, one.replace("-", " ")) for one in families]
        self.fields["family"].choices = [("", _("anything")), *named]  # type: ignore[attr-defined]


class Move(Spoken):
    """What becomes of a finding, and why."""

    to = forms.ChoiceField(choices=[(one, one) for one in rules.STATES])
    why = forms.CharField(label=_("Why, or what was changed"), required=False, max_length=4_000)


class Owner(Spoken):
    """Who a finding belongs to."""

    owner = forms.IntegerField(required=False)


class Comment(Spoken):
    """A word about a finding."""

    text = forms.CharField(label=_("Your words"), max_length=4_000, widget=forms.Textarea({"rows": 3}))
