"""Remarks as a person, a program or a code host reads them: text, JSON, SARIF 2.1.0; and proposals as a unified diff."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from pathlib import PurePath
from typing import Any

from aboveboard.wording import switches
from aboveboard.wording.files import Linted, Located
from aboveboard.wording.model import Edit, Rule

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_SWITCH_NAMES = {
    switches.UNKNOWN: "A switch names no rule",
    switches.UNREASONED: "A switch gives no reason",
    switches.UNUSED: "A switch silences nothing",
}


def lines(linted: Linted) -> Iterable[str]:
    """Two lines per remark: the place, the words and the rule; what would be better."""
    for one in linted.located:
        remark = one.remark
        yield f"{one.place}: {remark.severity}: {' '.join(remark.words.split())} [{remark.rule}]"
        yield f"    {remark.better}"


def as_dict(one: Located) -> dict[str, Any]:
    """One remark for JSON: the place's and the remark's own fields, absent ones left out."""
    place, remark = one.place, one.remark
    held = {
        "file": place.file,
        "event": place.event,
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line,
        "end_column": place.end_column,
        "rule": remark.rule,
        "severity": remark.severity,
        "words": remark.words,
        "why": remark.why,
        "better": remark.better,
        "language": remark.language or None,
    }
    return {key: value for key, value in held.items() if value is not None}


def sarif(linted: Sequence[Linted], rules: Sequence[Rule], version: str) -> dict[str, Any]:
    """One run in SARIF 2.1.0 (OASIS, 2023): the rules, a result per remark, a fix where there is an edit."""
    described = [_described(rule) for rule in rules]
    described += [
        {"id": name, "name": says, "shortDescription": {"text": says}, "fullDescription": {"text": switches.WHYS[name]}}
        for name, says in _SWITCH_NAMES.items()
    ]
    numbers = {rule["id"]: number for number, rule in enumerate(described)}
    driver = {"name": "aboveboard", "version": version, "rules": described}
    results = [_result(one, file, numbers) for file in linted for one in file.located]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _described(rule: Rule) -> dict[str, Any]:
    better = " ".join(wordings.better for _, wordings in sorted(rule.wordings.items(), reverse=True))
    return {
        "id": rule.id,
        "name": rule.name,
        "shortDescription": {"text": rule.name},
        "fullDescription": {"text": rule.why},
        "help": {"text": better},
        "defaultConfiguration": {"level": rule.severity},
        "properties": {"audience": rule.audience},
    }


def _result(one: Located, file: Linted, numbers: dict[str, int]) -> dict[str, Any]:
    remark, place = one.remark, one.place
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(place.file)}}
    if place.line is not None:
        physical["region"] = {
            "startLine": place.line,
            "startColumn": place.column,
            "endLine": place.end_line,
            "endColumn": place.end_column,
        }
    location: dict[str, Any] = {"physicalLocation": physical}
    if place.event:
        location["logicalLocations"] = [{"name": place.event, "kind": "event"}]
    result = {
        "ruleId": remark.rule,
        "ruleIndex": numbers[remark.rule],
        "level": remark.severity,
        "message": {"text": f"“{' '.join(remark.words.split())}”. {remark.why} {remark.better}"},
        "locations": [location],
    }
    if remark.edit is not None and file.text is not None:
        result["fixes"] = [_fix(remark.edit, place.file, remark.better)]
    return result


def _fix(edit: Edit, file: str, says: str) -> dict[str, Any]:
    region = {"charOffset": edit.start, "charLength": edit.end - edit.start}
    change = {
        "artifactLocation": {"uri": _uri(file)},
        "replacements": [{"deletedRegion": region, "insertedContent": {"text": edit.to}}],
    }
    return {"description": {"text": says}, "artifactChanges": [change]}


def _uri(file: str) -> str:
    path = PurePath(file)
    return path.as_uri() if path.is_absolute() else path.as_posix()


def mended(linted: Linted) -> str | None:
    """The file's text with every edit made; None where there is none to make. Edits that overlap: the first is made."""
    edits = sorted(
        (one.remark.edit for one in linted.located if one.remark.edit), key=lambda edit: (edit.start, edit.end)
    )
    if linted.text is None or not edits:
        return None
    parts, at = [], 0
    for edit in edits:
        if edit.start >= at:
            parts += [linted.text[at : edit.start], edit.to]
            at = edit.end
    return "".join([*parts, linted.text[at:]])


def diff(linted: Linted) -> str:
    """The proposal as a unified diff that `patch` and `git apply` take; empty where nothing is proposed."""
    text = mended(linted)
    if text is None or linted.text is None:
        return ""
    name = PurePath(linted.file).as_posix().lstrip("/")
    before, after = (_lines_of(one) for one in (linted.text, text))
    found = difflib.unified_diff(before, after, f"a/{name}", f"b/{name}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in found)


def _lines_of(text: str) -> list[str]:
    """Lines with their ends. Only a line feed ends one, as for `patch`."""
    return [line + "\n" for line in text.split("\n")[:-1]] + ([last] if (last := text.split("\n")[-1]) else [])
