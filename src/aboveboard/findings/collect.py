"""All findings of a run, in order; and the file they are kept in."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from aboveboard.findings import alike
from aboveboard.findings.families import FAMILIES
from aboveboard.findings.model import Evidence, Finding
from aboveboard.ledger import places
from aboveboard.ledger.errors import AboveboardError
from aboveboard.playbook.model import Playbook

FORMAT = "aboveboard-findings/1"


class FindingsError(AboveboardError):
    """A file is not one of findings, or one of another version."""


def collect(tables: Mapping[str, pa.Table], playbook: Playbook, *, as_of: datetime) -> list[Finding]:
    """Every finding of the tables, those that let most customers down first.

    `tables` are analysis tables by name (`promise_summary`, `handoffs`, …); one that is missing says nothing.
    Equal weights are ordered by kind and identity, so that two runs over the same data are the same.
    """
    found = alike.once([finding for family in FAMILIES for finding in family.findings(tables, playbook, as_of=as_of)])
    return sorted(found, key=lambda finding: (-finding.weight, finding.kind, finding.id))


def write(findings: Iterable[Finding], path: Path) -> None:
    """Write findings as JSON, in the format of docs/reference/findings.md; the file is there whole or not at all."""
    document = {"format": FORMAT, "findings": [finding.as_dict() for finding in findings]}
    text = json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    with places.replacing(path) as fresh:
        fresh.write_text(text, encoding="utf-8")


def read(path: Path) -> list[Finding]:
    """Read what `write` wrote. Raises FindingsError where the file is something else."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise FindingsError(f"{path}: not JSON ({error}); write it anew with `aboveboard analyse`") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise FindingsError(
            f"{path}: not a file of findings in the format {FORMAT}; write it with `aboveboard analyse`"
        )
    return [_finding(one) for one in document["findings"]]


def _finding(one: Mapping[str, Any]) -> Finding:
    fields = {name: value for name, value in one.items() if name != "id"}
    fields |= {"evidence": Evidence(**one["evidence"]), "events": tuple(one["events"])}
    return Finding(**fields)
