"""Is anybody blamed where there is nothing to find? The public call-centre file, made up without any difference of agents.

Run: `python -m benchmarks people_callcenter`; the file is sought under ABOVEBOARD_DATA. One line per agent, in order of keys.
"""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import pyarrow as pa

from aboveboard.analyses import attribution
from aboveboard.engines import Ledger
from aboveboard.ledger.columns import SCHEMA
from aboveboard.playbook.model import Playbook

ROOT = Path(__file__).resolve().parents[1]
PLACE = (
    Path(os.environ.get("ABOVEBOARD_DATA", ROOT.parent / "shared" / "data")) / "callcenter" / "Call-Center-Dataset.xlsx"
)
SHEET = "xl/worksheets/sheet3.xml"
PLAYBOOK = Playbook("A call centre")
_CELL = re.compile(r'<c r="([A-Z]+)\d+"([^>]*?)(?:/>|>(?:<f>.*?</f>)?<v>(.*?)</v></c>)')


def calls(place: Path = PLACE) -> Iterator[dict[str, str]]:
    """The rows of the sheet, by heading."""
    with zipfile.ZipFile(place) as book:
        held = re.findall(r"<si>(.*?)</si>", book.read("xl/sharedStrings.xml").decode(), re.S)
        words = [unescape("".join(re.findall(r"<t[^>]*>(.*?)</t>", each))) for each in held]
        sheet = book.read(SHEET).decode()
    heads: dict[str, str] = {}
    for row in re.findall(r"<row .*?</row>", sheet, re.S):
        cells = {column: words[int(value)] if 't="s"' in kind else value for column, kind, value in _CELL.findall(row)}
        if heads:
            yield {heads[column]: value for column, value in cells.items() if column in heads}
        else:
            heads = cells


def events(place: Path = PLACE) -> pa.Table:
    """Every call as a contact: resolved, unresolved (answered and not resolved) or abandoned (not answered)."""
    rows = []
    for call in calls(place):
        at = _moment(call["Date"], call["Time"])
        ended = (
            "resolved" if call["Resolved"] == "Y" else "unresolved" if call["Answered (Y/N)"] == "Y" else "abandoned"
        )
        row = {"id": call["Call Id"], "type": "contact.ended", "time": at, "recorded_at": at, "channel": "phone"}
        rows.append(row | {"touchpoint": call["Topic"], "employee": call["Agent"], "outcome": ended})
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def _moment(date: str, time: str) -> datetime:
    """Days are written out; times are a fraction of the day, as a spreadsheet keeps them."""
    return datetime.fromisoformat(date).replace(tzinfo=UTC) + timedelta(seconds=round(float(time) * 86_400))


def main() -> None:
    """Print what is said of each agent."""
    with Ledger.of(events()) as led:
        known = attribution.judged(led.events, attribution.resolved(led.events, PLAYBOOK), PLAYBOOK)
        people = led.arrow(attribution.people(known)).to_pylist()
        weeks = led.arrow(attribution.own_charts(known)).to_pylist()
        cases = led.arrow(attribution.substitution(led.events, PLAYBOOK)).to_pylist()
    print("| agent | calls | resolved, shrunken | apart | verdict |\n|---|---|---|---|---|")
    for row in people:
        between = f"{row['shrunken_share']:.1%} ({row['shrunken_share_low']:.1%}–{row['shrunken_share_high']:.1%})"
        print(
            f"| {row['employee']} | {row['n']:,} | {between} | {'yes' if row['apart'] else 'no'} | {row['verdict']} |"
        )
    marked = sum(week["alarm"] or week["outside"] for week in weeks)
    print(
        f"\n{marked} of {len(weeks)} agent-weeks stand out. Substitution: {sorted({row['verdict'] for row in cases})}."
    )


if __name__ == "__main__":
    main()
