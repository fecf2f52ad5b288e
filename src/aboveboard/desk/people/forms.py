"""Input of the pages of people: its shape, and nothing of what it means."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from aboveboard.desk.people import queries, rules


class Spoken(forms.Form):
    """A form that can say in one line what is wrong with it."""

    def says(self) -> str:
        """Each field's name and fault."""
        return " ".join(
            (f"{self.fields[name].label or name}: " if name in self.fields else "") + " ".join(map(str, faults))
            for name, faults in self.errors.items()
        )


class _OfTeam(Spoken):
    """A role, and the team it is for; an empty team is the whole organisation."""

    role = forms.ChoiceField(
        label=_("Role"), choices=lambda: [(one.name, gettext(one.title)) for one in rules.ROLES.values()]
    )
    team = forms.ChoiceField(label=_("Team"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(one.name, one.name) for one in queries.teams()]
        self.fields["team"].choices = [("", _("the whole organisation")), *named]  # type: ignore[attr-defined]

    def clean_team(self) -> str | None:
        return self.cleaned_data["team"] or None


class Invite(_OfTeam):
    """An invitation."""

    email = forms.EmailField(label=_("Email"), max_length=254)
    field_order = ("email", "role", "team")


class Role(_OfTeam):
    """A role to give or to take."""

    do = forms.ChoiceField(choices=[("give", "give"), ("take", "take")])


class Join(Spoken):
    """Name and password of somebody who was invited."""

    name = forms.CharField(label=_("Your name"), max_length=200, widget=forms.TextInput({"autocomplete": "name"}))
    password = forms.CharField(
        label=_("Password"),
        max_length=200,
        help_text=_("At least ten characters."),
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )


class Password(Spoken):
    """A new password of somebody who was let back in."""

    password = forms.CharField(
        label=_("New password"),
        max_length=200,
        help_text=_("At least ten characters."),
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )


class Language(Spoken):
    """The language of the pages."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)


class Key(Spoken):
    """A new key of the API."""

    name = forms.CharField(label=_("What it is for"), max_length=100)
    scopes = forms.MultipleChoiceField(
        label=_("May"),
        choices=[("read", _("read")), ("write", _("do what its maker may do")), ("events", _("add events"))],
        widget=forms.CheckboxSelectMultiple,
    )
    days = forms.ChoiceField(
        label=_("Lasts"),
        required=False,
        initial="90",
        choices=[("90", _("90 days")), ("365", _("a year")), ("", _("until it is stopped"))],
    )

    def expires_at(self, now: datetime) -> datetime | None:
        """When the key ends; None where it is stopped by hand alone."""
        days = self.cleaned_data["days"]
        return now + timedelta(days=int(days)) if days else None


class Readings(Spoken):
    """Whose readings are asked for."""

    which = forms.CharField(label=_("About"), required=False, max_length=200)
