"""One pass of the linter over every text that differs: what it remarks on, and how much it could read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aboveboard.analyses.shared.arrays import rows_to_table
from aboveboard.analyses.words.tables import READ
from aboveboard.analyses.words.texts import texts
from aboveboard.engines import ledgers
from aboveboard.playbook.model import Playbook
from aboveboard.wording import Linter, rulebook

_BATCH = 10_000


@dataclass(frozen=True)
class Read:
    """What was said (`said`, an Ibis table), the remarks by text and audience, and how many texts were read (READ)."""

    said: Any
    remarks: list[dict[str, Any]]
    counts: Any


def read(events: Any, playbook: Playbook | None = None, *, as_of: datetime | None = None) -> Read:
    """Lint what the organisation said up to `as_of`, by the rules that ship and those of the playbook.

    Executes: texts leave the engine once each, however often they were sent. Raises WordingError where a rule of the
    playbook is none.
    """
    said = texts(events, as_of=as_of)
    linter = Linter(*rulebook.of(playbook))
    each = said.group_by("text", "audience", "policy").aggregate(messages_count=said.event.count())
    remarks: list[dict[str, Any]] = []
    counts: Counter[tuple[str, str | None, str | None]] = Counter()
    last: tuple[str, str] | None = None
    language: str | None = None
    # In the order of the texts, so that one that stands under several policies is linted once and none need be kept.
    for batch in ledgers.arrow(each.order_by("text", "audience", "policy")).to_batches(max_chunksize=_BATCH):
        for row in batch.to_pylist():
            if (row["text"], row["audience"]) != last:
                last = row["text"], row["audience"]
                found = linter.read(row["text"], audience=row["audience"])
                language = found.language
                remarks += [_remark(row, remark) for remark in found.remarks]
            counts[row["audience"], row["policy"], language] += row["messages_count"]
    return Read(said, remarks, rows_to_table(READ, _counted(counts)))


def _remark(row: dict[str, Any], remark: Any) -> dict[str, Any]:
    kept = ("rule", "words", "start", "end", "better", "why", "language")
    return {"of_text": row["text"], "of_audience": row["audience"]} | {name: getattr(remark, name) for name in kept}


def _counted(counts: Counter[tuple[str, str | None, str | None]]) -> list[dict[str, Any]]:
    return [
        {"audience": audience, "policy": policy, "language": language, "messages_count": count}
        for (audience, policy, language), count in sorted(counts.items(), key=lambda item: tuple(map(str, item[0])))
    ]
