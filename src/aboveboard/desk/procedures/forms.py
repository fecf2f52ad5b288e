"""Input of the pages of procedures."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from aboveboard.desk.people.forms import Spoken
from aboveboard.desk.procedures import rules


class Begin(Spoken):
    """A visit to begin: by which procedure, for whom, and for which of one's teams."""

    procedure = forms.ChoiceField(label=_("Procedure"))
    customer = forms.CharField(label=_("Customer"), required=False, max_length=200)
    team = forms.ChoiceField(label=_("Team"), required=False)

    def __init__(self, *args: Any, procedures: Iterable[str], teams: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["procedure"].choices = [(one, rules.title(one)) for one in procedures]  # type: ignore[attr-defined] # a choice field
        named = [(one, one) for one in teams]
        self.fields["team"].choices = named or [("", _("no team"))]  # type: ignore[attr-defined] # a choice field
