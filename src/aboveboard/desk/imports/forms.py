"""Input of the pages of imports."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from aboveboard.desk.people.forms import Spoken


class Bring(Spoken):
    """A file, and whose clock its times are on."""

    file = forms.FileField(label=_("File"), help_text=_("CSV, Parquet, JSON lines, XES or OCEL 2.0; .gz and .zip too."))
    timezone = forms.CharField(
        label=_("Time zone of its times"),
        initial="UTC",
        max_length=60,
        help_text=_("Such as Europe/Berlin. It is asked of times that do not say it."),
    )


class Mapping(Spoken):
    """A mapping as text."""

    mapping = forms.CharField(
        label=_("Mapping"),
        max_length=200_000,
        widget=forms.Textarea({"rows": 18, "class": "code", "spellcheck": "false"}),
    )


class Begin(Spoken):
    """Whose playbook it is."""

    organisation = forms.CharField(label=_("Your organisation's name"), max_length=120)
