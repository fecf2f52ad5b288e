"""Input of the pages of the playbook: an entry key by key as the key table names them, its whole text, and a version's reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from aboveboard.desk.people.forms import Spoken
from aboveboard.desk.playbook import rules
from aboveboard.playbook import keys, yaml_nodes
from aboveboard.playbook.problems import Problem

LABELS: Mapping[str, Any] = {
    "says": _("What we say"), "owner": _("Who answers for it"), "starts": _("Begins with"), "kept_by": _("Kept by"),
    "cancelled_by": _("Cancelled by"), "same": _("Tied by"), "within": _("Within"), "by": _("By the time in"),
    "calendar": _("Runs in the hours of"), "objective": _("Meant to hold"), "requires": _("Requires"),
    "authority": _("Who may bend it how far"), "harm_margin": _("Harm the owner would accept"),
    "harm_within": _("Harm may show within"), "evidence": _("A refusal rests on"), "steps": _("Steps"), "open": _("Open"),
    "timezone": _("Time zone"), "holidays": _("Public holidays of"), "closed": _("Closed on"), "open_on": _("Single days"),
    "words": _("Words that claim it"), "recorded_by": _("Recorded by"), "commitment": _("Says what will be done"),
    "paid_to": _("Paid to"), "for": _("Paid for"), "pays": _("Pays"), "scale": _("Scale"), "good_from": _("Good from"),
    "high_is": _("A high answer is"), "type": _("Kind of value"), "min": _("Lowest"), "max": _("Highest"),
    "options": _("Values"), "decision": _("Ours to choose"), "from": _("Counted from"), "decided": _("Must be settled"),
    "refuses": _("Refuses with"), "off": _("Switched off because"), "why": _("Why"), "better": _("Better"),
    "patterns": _("Patterns"), "exceptions": _("Exceptions"), "audience": _("Said to"), "severity": _("Weighs"),
    "organisation": _("Organisation"), "currency": _("Currency"), "touchpoints": _("Touchpoints"), "journeys": _("Journeys"),
}  # fmt: skip
"""What a key is called on a page."""
TITLES: Mapping[str, Any] = {
    "about": _("The organisation"), "promises": _("Promises"), "policies": _("Policies"), "procedures": _("Procedures"),
    "calendars": _("Opening hours"), "incentives": _("Incentives"), "measures": _("Measures"), "claims": _("Claims"),
    "situation": _("Facts of the situation"), "wording": _("Wording rules"),
}  # fmt: skip
"""What a section is called on a page, in the order in which people look for them."""
_ONE_LINE = (
    "timezone", "currency", "holidays", "duration", "moment_column", "text_column", "share", "number",
)  # fmt: skip
_WORDS_BY_LINE = ("texts", "dates", "touchpoints")
_SPOKEN = ("text", "condition", "expression", "formula", "amount", *_ONE_LINE)
_BY_READING = ("share", "number")


class Entry(Spoken):
    """One entry, one field for each of its keys; a new one has its name too. `values` gives plain values, None for absent."""

    def __init__(
        self, section: keys.Section, data: Any = None, *, held: rules.Entry | None = None, calendars: Sequence[str] = ()
    ) -> None:
        shown = {each.key.name: each.text for each in held.said} if held else {}
        super().__init__(data, initial=shown)
        self.section, self._held = section, shown
        if held is None:
            self.fields["name"] = forms.CharField(
                label=_("Name"), max_length=100, help_text=_("Short, as the record will call it; it stays as it is.")
            )
        for key in section.keys:
            # In a section's own table `journeys` is a mapping of lists.
            self.fields[f"key-{key.name}"] = _field(key, calendars)
            self.initial[f"key-{key.name}"] = shown.get(key.name, "")

    def clean(self) -> dict[str, Any]:
        """Read what was typed: plain values by key."""
        given = super().clean() or {}
        self.values: dict[str, Any] = {}
        for key in self.section.keys:
            typed = str(given.get(f"key-{key.name}") or "").replace("\r\n", "\n").strip()
            if typed != self._held.get(key.name, "").strip():
                try:
                    self.values[key.name] = _value(key, typed)
                except ValueError as error:
                    self.add_error(f"key-{key.name}", str(error))
        return given

    def add_problems(self, problems: Sequence[Problem]) -> None:
        """Show each problem at the key it speaks of, or above them all."""
        for problem in problems:
            said = problem.message + (f" ({_now('did you mean')} {problem.suggestion}?)" if problem.suggestion else "")
            place, _sign, rest = said.partition(":")
            at = self._of(place)
            self.add_error(at, rest.strip() if at and rest.strip() else said)

    def _of(self, place: str) -> str | None:
        parts = place.split(" ")[0].replace("[", ".").split(".")
        named = [f"key-{part}" for part in parts[0 if self.section is rules.ABOUT else 1 :]]
        return next((each for each in named if each in self.fields), None)


class Text(Spoken):
    """The whole draft as YAML."""

    text = forms.CharField(
        label=_("The playbook as YAML"),
        required=False,
        strip=False,
        max_length=yaml_nodes.LARGEST_BYTES,
        widget=forms.Textarea({"class": "code", "rows": 30, "spellcheck": "false", "wrap": "off"}),
    )


class Upload(Spoken):
    """A playbook file."""

    file = forms.FileField(label=_("A playbook file (YAML)"), widget=forms.FileInput({"accept": ".yaml,.yml"}))

    def text(self) -> str:
        """What the file says. Raises PlaybookVersionError where it is no UTF-8 text, or too large."""
        file = self.cleaned_data["file"]
        if file.size > yaml_nodes.LARGEST_BYTES:
            raise rules.PlaybookVersionError("This file is too large for a playbook. Is it the right one?")
        try:
            return str(file.read().decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise rules.PlaybookVersionError("This file is not UTF-8 text. Save it as UTF-8.") from error


class Publish(Spoken):
    """The reason of a version, and from when it holds. `seen` marks the text that was looked at."""

    why = forms.CharField(
        label=_("Why"), max_length=2000, widget=forms.Textarea({"rows": 3}),
        help_text=_("Whoever reads this version later will ask."),
    )  # fmt: skip
    effective_from = forms.DateTimeField(
        label=_("Holds from"), required=False, help_text=_("On the organisation’s clocks. Empty: at once."),
        widget=forms.DateTimeInput({"type": "datetime-local"}),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
    )  # fmt: skip
    seen = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def from_when(self, zone: ZoneInfo, now: datetime) -> datetime:
        """When it is to hold from; what was typed is a time on the organisation's clocks."""
        typed: datetime | None = self.cleaned_data["effective_from"]
        return typed.replace(tzinfo=zone) if typed else now


def _field(key: keys.Key, calendars: Sequence[str]) -> forms.Field:
    label, hint = LABELS.get(key.name, key.name), _hint(key)
    if key.kind in ("choice", "boolean", "calendar"):
        named = calendars if key.kind == "calendar" else key.choices or ("true", "false")
        words = {"true": _("yes"), "false": _("no")}
        options = [("", "–"), *((each, words.get(each, each)) for each in named)]
        return forms.ChoiceField(label=label, help_text=hint, choices=options, required=False)
    rows = 2 if key.kind in ("text", "condition", "expression", "formula", "amount") else 5
    code = {"class": "code", "spellcheck": "false"} if key.kind != "text" else {}
    widget = forms.TextInput(code) if key.kind in _ONE_LINE else forms.Textarea({"rows": rows, **code})
    return forms.CharField(label=label, help_text=hint, required=False, max_length=20_000, widget=widget)


def _hint(key: keys.Key) -> str:
    said = _now(key.meaning).replace("`", "")
    if key.kind in _WORDS_BY_LINE and key.name != "journeys":
        return f"{said} {_now('One on each line.')}"
    if key.kind in ("text", "choice", "boolean", "calendar"):
        return said
    return f"{said} {_now('Written as')}: {keys.KINDS[key.kind].replace('`', '')}."


def _value(key: keys.Key, typed: str) -> Any:
    """What was typed as a plain value; None where nothing was. Raises ValueError where it does not read."""
    if not typed:
        return None
    if key.kind in _SPOKEN and key.kind not in _BY_READING:
        return typed
    if key.kind == "choice":
        return typed
    if key.kind == "scale" and not typed.startswith("["):
        return [_read(line) for line in _lines(typed)]
    if key.kind in _WORDS_BY_LINE and key.name != "journeys":
        return list(_lines(typed))
    return _read(typed)


def _lines(typed: str) -> Iterator[str]:
    return (line.strip() for line in typed.split("\n") if line.strip())


def _read(typed: str) -> Any:
    node = yaml_nodes.compose(yaml_nodes.Source("<text>", typed))
    if isinstance(node, Problem):
        raise ValueError(node.message)
    return yaml_nodes.plain(node)
