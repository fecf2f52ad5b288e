"""A first mapping for files that nobody has mapped yet: it runs as it is, and says what it is not sure of.

Deterministic: names and contents decide, nothing is learned. Every line that rests on a name alone, or that could as well
be otherwise, ends in `# doubt:`. The dry run shows what comes out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

from aboveboard.playbook.problems import Problem
from aboveboard.sources import mapping
from aboveboard.sources.guessing import draft, profiles
from aboveboard.sources.guessing.profiles import Profiles
from aboveboard.sources.problems import MappingError

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*\Z")


def guess(paths: Sequence[Path | str]) -> str:
    """Return the YAML of a mapping that passes the check and runs over these files.

    Raises FilesError where a file cannot be read, MappingError where no event can be found in them at all.
    """
    looked = profiles.look(paths)
    try:
        sketched = draft.sketch(looked)
        while sketched.drafts:
            text = _yaml(looked, sketched)
            wrong = _wrong_blocks(text, paths)
            if not wrong:
                return text
            sketched.drafts = [d for d in sketched.drafts if d.name not in wrong]
    finally:
        looked.connection.close()
    message = "No column of these files could be read as the time of an event."
    raise MappingError([Problem(", ".join(map(str, paths)), 0, message, hint="Write the mapping by hand.")])


def _wrong_blocks(text: str, paths: Sequence[Path | str]) -> set[str]:
    """The blocks that do not fit the files after all. Anything else that is wrong with the text is our own mistake."""
    parsed = mapping.parse(text, file="the guess")
    try:
        parsed.open(paths).close()
    except MappingError as error:
        blocks = {block.name for block in parsed.blocks if any(f" {block.name}" in str(p) for p in error.problems)}
        if not blocks:
            raise
        return blocks
    return set()


def _yaml(looked: Profiles, sketched: draft.Sketch) -> str:
    patterns, remarks = _dates(looked)
    lines = [
        "# A first mapping, guessed from the files. Lines that say `doubt` want a look; then: aboveboard sources try",
        f"source: {_scalar(_source(looked))}    # doubt: the name of the system that these files come from",
        "timezone: UTC    # doubt: files do not say in whose time zone their times are; for example America/New_York",
        f"dates: [{', '.join(_scalar(pattern) for pattern in patterns)}]",
        *(f"# {remark}" for remark in remarks),
    ]
    if looked.markers:
        listed = ", ".join(_scalar(marker) for marker in looked.markers)
        lines.append(f"missing: [{listed}]    # doubt: these words are taken for empty")
    lines += ["", "files:", *(_export(export) for export in sketched.exports)]
    if looked.joins:
        lines += ["", "joins:    # found by equal values; each looks up one row", *map(_join, looked.joins)]
    lines += ["", "events:"]
    for block in sketched.drafts:
        lines += [*_block(block), ""]
    return "\n".join(lines).rstrip() + "\n"


def _source(looked: Profiles) -> str:
    """The word that every file name begins with, as `olist` in olist_orders.csv; else the first file's alias."""
    counted = [re.split(r"[^a-z0-9]+", file.file.name.lower())[0] for file in looked.files]
    most = max(sorted(set(counted)), key=counted.count)
    return most if len(looked.files) > 1 and counted.count(most) > len(counted) / 2 else looked.files[0].alias


def _dates(looked: Profiles) -> tuple[list[str], list[str]]:
    """The formats of all date columns, and where day and month could be exchanged."""
    every = [(file, column, column.date) for file in looked.files for column in file.dated if column.date]
    decided = {date.pattern: (file, column, date) for file, column, date in every if not date.rival}
    patterns: dict[str, None] = {}
    remarks: list[str] = []
    for file, column, date in every:
        chosen = date.rival if date.rival and date.rival in decided and date.pattern not in decided else date.pattern
        if chosen not in patterns and (proof := decided.get(chosen)) and proof[2].proof:
            remarks.append(f"{chosen}: decided by {proof[0].alias}.{proof[1].name}, where {proof[2].proof!r} stands")
        if date.rival and chosen not in decided:
            remarks.append(
                f"doubt: {file.alias}.{column.name} could be {date.pattern} as well as {date.rival}: "
                "no value has a number above 12 that would decide it"
            )
        patterns.setdefault(chosen, None)
    return list(patterns) or ["iso"], list(dict.fromkeys(remarks))


def _export(export: draft.Export) -> str:
    note = f"    # {export.note}" if export.note else ""
    if not export.options:
        return f"  {export.alias}: {_scalar(export.pattern)}{note}"
    options = {**({"name": export.pattern} if export.pattern else {}), **export.options}
    listed = ", ".join(f"{key}: {_scalar(value)}" for key, value in options.items())
    return f"  {export.alias}: {{{listed}}}{note}"


def _join(join: tuple[str, str, str, str]) -> str:
    left, column, right, key = join
    return f"  - {_scalar(f'{left}.{draft.name_of(column)} = {right}.{draft.name_of(key)}')}"


def _block(block: draft.Draft) -> list[str]:
    lines = [f"  # {note}" for note in block.notes]
    lines.append(f"  {_scalar(block.name)}:")
    for line in block.lines:
        value = line.value if line.key in ("changed",) and line.value.startswith("[") else _scalar(line.value)
        lines.append(f"    {line.key}: {value}{_remark(line)}")
    if block.attributes:
        lines.append("    attributes:")
        lines += [f"      {_scalar(line.key)}: {_scalar(line.value)}" for line in block.attributes]
    return lines


def _remark(line: draft.Line) -> str:
    if not line.note:
        return "    # doubt: look at this" if line.doubt else ""
    return f"    # doubt: {line.note}" if line.doubt else f"    # {line.note}"


def _scalar(text: str) -> str:
    """Text as YAML: as it is where that is safe, else in double quotes."""
    if _PLAIN.match(text) and text.lower() not in ("null", "true", "false", "yes", "no", "on", "off", "y", "n"):
        return text
    return json.dumps(text, ensure_ascii=False)
