"""Writes of imports: a file is kept and looked at, its mapping put right, and its events taken in through the journal."""

from __future__ import annotations

import json
import secrets
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import pyarrow.parquet as pq

from aboveboard.desk.chores import actions as chores
from aboveboard.desk.chores import models as chores_models
from aboveboard.desk.imports import models, queries, rules
from aboveboard.desk.journal import actions as journal
from aboveboard.desk.people import rules as people
from aboveboard.desk.playbook import actions as playbook
from aboveboard.desk.playbook import models as playbook_models
from aboveboard.ledger import intake
from aboveboard.ledger.receipts import Receipt
from aboveboard.sources import mapping as mappings

_REJECTS_TOLD = 100


@dataclass(frozen=True)
class Taken:
    """What came of events from outside: read = recorded + known + rejected. `rejects` tells the first of those as CSV."""

    read: int
    recorded: int
    known: int
    rejected: int
    by_reason: Mapping[str, int]
    rejects: str
    notes: tuple[str, ...]
    types: Mapping[str, int]
    dated: Mapping[str, int]


def keep(
    *, by: people.Person, name: str, chunks: Iterable[bytes], timezone: str, folder: Path, now: datetime
) -> models.Upload:
    """Keep a file, and guess its mapping.

    Raises FilesError or MappingError where nothing can be made of it: then it is not kept.
    """
    people.need(by, "events.write")
    if timezone not in available_timezones():
        raise rules.NotTakenError(f"There is no time zone {timezone!r}; names look like Europe/Berlin.")
    place, plain = secrets.token_hex(12), rules.safe_name(name)
    file = folder / "uploads" / place / plain
    file.parent.mkdir(parents=True)
    try:
        with file.open("wb") as kept:
            for chunk in chunks:
                kept.write(chunk)
        text = queries.guessed(file=file)
    except BaseException:
        shutil.rmtree(file.parent, ignore_errors=True)
        raise
    text = text.replace("timezone: UTC    # doubt:", f"timezone: {timezone}    #", 1)
    return models.Upload.objects.create(name=plain, place=place, mapping=text, timezone=timezone, by_id=by.id, at=now)


def put_right(*, by: people.Person, upload: models.Upload, mapping: str) -> None:
    """Change the mapping of an upload. Raises MappingError with everything that is wrong with it."""
    people.need(by, "events.write")
    if upload.receipt:
        raise rules.NotTakenError("This file was taken in already. Bring it again to take it in another way.")
    mappings.parse(mapping, file="the mapping")
    models.Upload.objects.filter(pk=upload.pk).update(mapping=mapping)


def ask(*, by: people.Person, upload: models.Upload, now: datetime) -> chores_models.Chore:
    """Have the events of an upload taken in by a worker."""
    return chores.ask(by=by, name="import", act="events.write", about={"upload": upload.pk}, now=now)


def take(*, file: Path, mapping: str, timezone: str, now: datetime, says: Callable[[str], None]) -> Taken:
    """Take the events of a file into the journal, in bulk, all or none of the good ones; rows that cannot be used are told."""
    with tempfile.TemporaryDirectory(prefix="aboveboard-import-") as temporary:
        into = Path(temporary, "ledger")
        says("checking every row")
        if mapping:
            with mappings.parse(mapping, file="the mapping").open([file]) as opened:
                receipt = intake.take(opened.rows(), into=into, recorded_at=now, timezone=timezone, name=file.stem)
        else:
            receipt = intake.take_file(file, into=into, recorded_at=now, timezone=timezone)
        says("recording the events")
        return _journalled(receipt)


def _journalled(receipt: Receipt) -> Taken:
    recorded, known = 0, receipt.known
    types: Counter[str] = Counter()
    dated: Counter[str] = Counter()
    if receipt.part is not None:
        done = journal.take(part=receipt.part)
        recorded, known = done.recorded, known + done.known
        held = pq.read_table(receipt.part, columns=["type", "due"])
        for counted in held.group_by("type").aggregate([("type", "count"), ("due", "count")]).to_pylist():
            types[counted["type"]], dated[counted["type"]] = counted["type_count"], counted["due_count"]
    return Taken(
        receipt.read, recorded, known, receipt.rejected, dict(receipt.by_reason), _told(receipt), receipt.notes,
        dict(types), dict(dated),
    )  # fmt: skip


def _told(receipt: Receipt) -> str:
    """The first rows that could not be used, as CSV."""
    if receipt.rejects is None:
        return ""
    with receipt.rejects.open(encoding="utf-8") as lines:
        return "".join(islice(lines, _REJECTS_TOLD + 1))


def settle(*, upload: models.Upload, taken: Taken) -> None:
    """Note what came of an upload."""
    receipt: dict[str, Any] = {
        "read": taken.read,
        "recorded": taken.recorded,
        "known": taken.known,
        "rejected": taken.rejected,
        "by_reason": taken.by_reason,
        "rejects": taken.rejects,
        "notes": list(taken.notes),
    }
    models.Upload.objects.filter(pk=upload.pk).update(receipt=receipt, types=taken.types, dated=taken.dated)


def begin_playbook(
    *, by: people.Person, upload: models.Upload, organisation: str, now: datetime
) -> playbook_models.Version:
    """Make the first version of the playbook, guessed from the events of an upload."""
    text = rules.starter(
        organisation=organisation.strip() or "Us", timezone=upload.timezone, types=upload.types, dated=upload.dated
    )
    return playbook.publish(
        by=by, text=text, why="A first playbook, guessed from the first events.", effective_from=now, now=now
    )


def take_rows(*, by: people.Person, rows: Iterable[Mapping[str, Any]], now: datetime) -> Taken:
    """Take rows of the ledger's columns in, as JSON would say them."""
    people.need(by, "events.write")
    with tempfile.TemporaryDirectory(prefix="aboveboard-events-") as temporary:
        file = Path(temporary, "events.jsonl")
        with file.open("w", encoding="utf-8") as lines:
            lines.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        return take(file=file, mapping="", timezone="UTC", now=now, says=lambda _: None)


def take_lines(*, by: people.Person, chunks: Iterable[bytes], now: datetime) -> Taken:
    """Take JSON lines of the ledger's columns in, as they come."""
    people.need(by, "events.write")
    with tempfile.TemporaryDirectory(prefix="aboveboard-events-") as temporary:
        file = Path(temporary, "events.jsonl")
        with file.open("wb") as lines:
            for chunk in chunks:
                lines.write(chunk)
        return take(file=file, mapping="", timezone="UTC", now=now, says=lambda _: None)
