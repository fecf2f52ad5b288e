"""The columns of the ledger: one table of events, the same in memory, on disk and in every engine."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

MOMENT = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True)
class Column:
    """One column of the ledger: its name, its Arrow type, and what a value in it says."""

    name: str
    type: pa.DataType
    meaning: str
    required: bool = False


COLUMNS: tuple[Column, ...] = (
    Column("id", pa.string(), "Unique; the same id again is the same event.", required=True),
    Column("type", pa.string(), "What happened, dotted, past tense: `order.paid`, `message.sent`.", required=True),
    Column("time", MOMENT, "When it happened.", required=True),
    Column("recorded_at", MOMENT, "When the ledger learned of it.", required=True),
    Column("source", pa.string(), "The system that told: `zendesk`, `olist`, `app`."),
    Column("customer", pa.string(), "Pseudonymous key of the customer."),
    Column("subject", pa.string(), "What it is about, typed: `order:123`, `ticket:9`."),
    Column("channel", pa.string(), "web, phone, chat, email, store, field, social, app."),
    Column("touchpoint", pa.string(), "The encounter in the journey: `pick-up`, `returns desk`."),
    Column("team", pa.string(), "Store, queue, department or vendor that acts."),
    Column("employee", pa.string(), "Pseudonymous key of who acts."),
    Column("rule", pa.string(), "The playbook entry in play: `promise:…`, `policy:…`, `step:<procedure>/<step>`."),
    Column("outcome", pa.string(), "granted, denied, done, declined, adapted, resolved, …"),
    Column("value", pa.float64(), "Score, money or minutes, as the type says."),
    Column("due", MOMENT, "The time promised, where the event carries one."),
    Column("audience", pa.string(), "`customer` or `internal`: on which side of the curtain words were said."),
    Column("text", pa.string(), "The words."),
    Column("attributes", pa.string(), "JSON object: whatever else the source knows."),
)

NAMES: tuple[str, ...] = tuple(column.name for column in COLUMNS)
REQUIRED: tuple[str, ...] = tuple(column.name for column in COLUMNS if column.required)
SCHEMA: pa.Schema = pa.schema([pa.field(c.name, c.type, nullable=not c.required) for c in COLUMNS])
