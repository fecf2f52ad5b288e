"""Input of the pages of recognition."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from aboveboard.desk.people import rules as people
from aboveboard.desk.people.forms import Spoken
from aboveboard.desk.recognition import queries, rules


class Thank(Spoken):
    """Thanks to a colleague."""

    to = forms.TypedChoiceField(label=_("Whom"), coerce=int)
    text = forms.CharField(label=_("What for"), max_length=2000, widget=forms.Textarea({"rows": 2}))

    def __init__(self, *args: Any, person: people.Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(one.pk, one.name) for one in queries.colleagues(person=person)]
        self.fields["to"].choices = [("", "—"), *named]  # type: ignore[attr-defined] # a choice field


class Report(Spoken):
    """A report of conduct."""

    kind = forms.ChoiceField(label=_("What it is about"), choices=list(rules.KINDS.items()))
    concerns = forms.TypedChoiceField(label=_("Who bore it"), coerce=int)
    text = forms.CharField(label=_("What happened"), max_length=10_000, widget=forms.Textarea)

    def __init__(self, *args: Any, person: people.Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(one.pk, one.name) for one in queries.colleagues(person=person)]
        self.fields["concerns"].choices = [(person.id, _("I did")), *named]  # type: ignore[attr-defined] # a choice field
