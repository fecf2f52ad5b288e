"""Reads of imports: uploads, what their mapping makes of them, and what is still unsure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.db.models import QuerySet

from aboveboard.desk.imports import models, rules
from aboveboard.sources import dry_run, guess, mapping
from aboveboard.sources.guessing import profiles

_DOUBT = re.compile(r"^\s*-?\s*(?P<what>[^#]*?)\s*#.*?doubt:\s*(?P<why>.*)$|^\s*#\s*doubt:\s*(?P<alone>.*)$")


@dataclass(frozen=True)
class Doubt:
    """A line of a mapping that could as well be otherwise: its number, what it says, and why it is doubtful."""

    line: int
    what: str
    why: str


def uploads() -> QuerySet[models.Upload]:
    """Every upload, the newest first."""
    return models.Upload.objects.select_related("by").order_by("-pk")


def upload(*, number: int) -> models.Upload | None:
    """The upload of this number; None where there is none."""
    return uploads().filter(pk=number).first()


def file_of(*, upload: models.Upload, folder: Path) -> Path:
    """Where its file lies."""
    return folder / "uploads" / upload.place / upload.name


def guessed(*, file: Path) -> str:
    """A first mapping for the file; empty where it is a file of events already.

    Raises FilesError where it cannot be read, MappingError where no event can be found in it.
    """
    if file.name.lower().endswith(rules.OWN_FORMATS):
        return ""
    looked = profiles.look([file])
    try:
        names = [{name.lower() for name in one.columns} for one in looked.files]
    finally:
        looked.connection.close()
    if names and all({"type", "time"} <= columns for columns in names):
        return ""
    return guess.guess([file])


def tried(*, text: str, file: Path) -> dry_run.DryRun:
    """What the mapping would make of the file; nothing is taken in. Raises MappingError with everything wrong."""
    return dry_run.run(mapping.parse(text, file="the mapping"), [file])


def doubts(*, text: str) -> Sequence[Doubt]:
    """The lines of a mapping that want a look."""
    found = ((number, _DOUBT.match(line)) for number, line in enumerate(text.splitlines(), start=1))
    return [
        Doubt(number, (match["what"] or "").strip(), (match["why"] or match["alone"] or "").strip())
        for number, match in found
        if match
    ]
