"""What a run leaves on the disk: its tables, its findings, the report as one file, and each section as a piece for a page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from aboveboard.findings import collect
from aboveboard.playbook.model import Playbook
from aboveboard.reports import page
from aboveboard.reports.run import Results

FINDINGS, REPORT, CONTENTS, SECTIONS = "findings.json", "report.html", "contents.json", "sections"
_AT_LEAST = ">= "


def write(results: Results, playbook: Playbook, out: Path, *, pieces: bool = False) -> None:
    """Findings, tables and report into `out`, which is made if it does not exist; with `pieces`, its sections one by one too."""
    out.mkdir(parents=True, exist_ok=True)
    for name, table in results.tables.items():
        pq.write_table(table, out / f"{name}.parquet", compression="zstd")
    collect.write(results.findings, out / FINDINGS)
    drawn = page.draw(results, playbook)
    page.write(results, playbook, out / REPORT, drawn=drawn)
    if pieces:
        _write_pieces(drawn, playbook, out)


def _write_pieces(drawn: page.Drawn, playbook: Playbook, out: Path) -> None:
    """Each section of the report as HTML of its own, and what there is, in the order of the report."""
    folder = out / SECTIONS
    folder.mkdir(parents=True, exist_ok=True)
    listed: list[Mapping[str, str]] = []
    for piece in page.pieces(drawn, playbook):
        (folder / f"{len(listed) + 1}.html").write_text(piece.html, encoding="utf-8")
        listed.append({"anchor": piece.anchor, "head": piece.head, "title": piece.title, "answer": piece.answer})
    (out / CONTENTS).write_text(json.dumps(listed, ensure_ascii=False), encoding="utf-8")


def contents(out: Path) -> list[Mapping[str, str]]:
    """The sections there are: anchor, head, title and answer; none where the run left none."""
    try:
        found: list[Mapping[str, str]] = json.loads((out / CONTENTS).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    return found


def section(out: Path, anchor: str) -> tuple[Mapping[str, str], str] | None:
    """A section by its anchor: what the contents say of it, and its HTML; None where there is none."""
    for number, listed in enumerate(contents(out), start=1):
        if listed["anchor"] == anchor:
            return listed, (out / SECTIONS / f"{number}.html").read_text(encoding="utf-8")
    return None


def tables(out: Path) -> list[str]:
    """The names of the tables that the run left."""
    return sorted(path.stem for path in out.glob("*.parquet"))


def table(out: Path, name: str) -> pa.Table | None:
    """A table that the run left; None where it left none of that name."""
    return pq.read_table(out / f"{name}.parquet") if name in tables(out) else None


def rows_where(held: pa.Table, where: Mapping[str, Any]) -> pa.Table:
    """The rows whose columns say what a finding's `where` says: a value, or `>= 12`. Columns that there are not ask for nothing."""
    for name, value in where.items():
        if name in held.column_names:
            held = held.filter(_says(held[name], value))
    return held


def _says(column: pa.ChunkedArray, value: Any) -> Any:
    if isinstance(value, bool) and pa.types.is_boolean(column.type):
        return pc.equal(column, value)
    number = pa.types.is_integer(column.type) or pa.types.is_floating(column.type)
    if number and isinstance(value, str) and value.startswith(_AT_LEAST):
        return pc.greater_equal(column, float(value.removeprefix(_AT_LEAST)))
    if number and isinstance(value, int | float):
        return pc.equal(pc.cast(column, pa.float64()), float(value))
    return pc.equal(pc.cast(column, pa.string()), str(value))
