# ruff: noqa: S608 (SQL is built here; values from outside go in through `sql.literal` and `sql.quoted` only)
"""The check of every row on its way into the ledger, as one DuckDB query: in bulk, never row by row in Python.

A row is *rejected* only when it cannot be used at all: no type, no time, a time, due or value that cannot be read,
attributes that are no JSON object, text that other databases cannot hold. A row whose type is of the vocabulary but
lacks columns that the type needs is recorded, and counted by `lacking`: it happened, whatever else is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from aboveboard.ledger import casts, columns, vocabulary
from aboveboard.ledger.formats import CONTROLS
from aboveboard.ledger.sql import literal, quoted

FIRST, LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
LONGEST_TYPE = 200
MOMENTS = ("time", "due", "recorded_at")
TEXTS = tuple(c.name for c in columns.COLUMNS if c.name not in (*MOMENTS, "value"))


@dataclass(frozen=True)
class Check:
    """Something that makes a row unusable: in which column, why (fixed words, so that they can be counted), and how
    SQL sees it. `came_x` is column x as it came, `x` what was read from it."""

    column: str
    reason: str
    fails: str


@dataclass(frozen=True)
class Query:
    """The rows of a source as SQL. `good` has the ledger's columns and leaves bad rows out; `verdicts` has only `_check`,
    the number of the first check failed, or NULL; `checked` has the ledger's columns, `_check`, the controls and `_found`.
    `stamped` says that no row has an id, so that each got one made up.

    DuckDB must not push filters below the casts of `good`: it would read every value twice (`copied_as_written`).
    """

    good: str
    verdicts: str
    checked: str
    stamped: bool


def checks() -> tuple[Check, ...]:
    """Every check, in the order in which they are tried; a row is rejected for the first that fails."""
    return tuple(_checks())


def _checks() -> Iterator[Check]:
    yield Check("", "", "_fault IS NOT NULL")
    yield Check("type", "the event has no type", "type IS NULL OR trim(type) = ''")
    absurd = f"strlen(type) > {LONGEST_TYPE} OR regexp_matches(type, '[\\x00-\\x1f\\x7f]')"
    yield Check("type", f"the type is no word: over {LONGEST_TYPE} bytes, or with control characters", absurd)
    yield Check("time", "the event has no time", "came_time IS NULL")
    for name in MOMENTS:
        yield Check(name, f"{name} is not ISO 8601 (2026-11-21T16:15:00+01:00), nor seconds since 1970", _unread(name))
        outside = f"{name} < {_literal(FIRST)} OR {name} >= {_literal(LAST)}"
        yield Check(name, f"{name} lies before 1900 or after 2199", outside)
    yield Check("value", "value is not a number", _unread("value"))
    yield Check(
        "attributes", "attributes is not a JSON object", f"attributes IS NOT NULL AND NOT {_is_object('attributes')}"
    )
    for name in TEXTS:
        yield Check(name, f"{name} holds bytes that are not UTF-8", _unread(name))
        yield Check(name, f"{name} holds a NUL character", f"contains({name}, chr(0))")


def _unread(name: str) -> str:
    return f"came_{name} IS NOT NULL AND {name} IS NULL"


def _is_object(json: str) -> str:
    return f"CASE WHEN json_valid({json}) THEN json_type({json}) = 'OBJECT' ELSE false END"


def query(rows: str, types: Mapping[str, str], *, zone: ZoneInfo, recorded_at: datetime, source: str | None) -> Query:
    """Build the query over `rows` (anything that may stand after FROM), whose columns have the DuckDB `types`.

    `recorded_at` and `source` fill what a row does not say itself. Columns that the ledger does not have become
    attributes under their own name; where `attributes` names the same key, that one stays. (RFC 7396 merges them:
    a key whose value is null goes.)
    """
    shown = "".join(f", {_shown(name, types[name])}" for name in MOMENTS if name in types)
    read = f"SELECT {', '.join(_read(types, zone))} FROM (SELECT *{shown} FROM {rows})"
    filled = _filled(recorded_at, source)
    failing = " ".join(f"WHEN {check.fails} THEN {number}" for number, check in enumerate(checks()))
    any_failing = " OR ".join(f"({check.fails})" for check in checks())
    found = " ".join(
        f"WHEN {number} THEN left(CAST(came_{check.column} AS VARCHAR), 200)"
        for number, check in enumerate(checks())
        if check.column
    )
    came = ", ".join(f'"{name}" := came_{name}' for name in columns.NAMES)
    raw = f"coalesce(_raw, CAST(json_merge_patch('{{}}', to_json(struct_pack({came}))) AS VARCHAR))"
    judged = f"FROM (SELECT *, CASE {failing} END AS _check FROM ({read}))"
    checked = (
        f"SELECT {filled}, _check, _fault, _line, _file, "
        f"CASE WHEN _check IS NOT NULL THEN {raw} END AS _raw, "
        f"CASE _check WHEN 0 THEN _found {found} END AS _found {judged}"
    )
    good = f"SELECT {filled} FROM (SELECT *, {any_failing} AS _bad FROM ({read})) WHERE _bad IS NOT true"
    stamped = "id" not in types
    if stamped:
        good, checked = _stamped(good, types), _stamped(checked, types)
    return Query(good, f"SELECT _check {judged}", checked, stamped)


def _stamped(sql: str, types: Mapping[str, str]) -> str:
    """The rows with ids as if no two were the same; `recording` counts those that are."""
    filled = tuple(name for name in columns.NAMES if name in types or name in ("source", "attributes"))
    return f"SELECT * REPLACE ({content(filled)} || '-1' AS id) FROM ({sql})"


def _read(types: Mapping[str, str], zone: ZoneInfo) -> Iterator[str]:
    for name in columns.NAMES:
        if name == "attributes":
            yield f"{_attributes(types)} AS attributes"
        elif name not in types:
            yield f"CAST(NULL AS {_sql_type(name)}) AS {name}"
        else:
            yield f"{_value(name, types[name], zone)} AS {name}"
        yield f"{casts.present(quoted(name), types[name]) if name in types else 'NULL'} AS came_{name}"
    for name in CONTROLS:
        yield f"{name}" if name in types else f"CAST(NULL AS {'BIGINT' if name == '_line' else 'VARCHAR'}) AS {name}"


def _value(name: str, type_: str, zone: ZoneInfo) -> str:
    if name in MOMENTS:
        return casts.moment(f"_shown_{name}", quoted(name), type_, zone, ends_day=name == "due")
    return casts.number(quoted(name), type_) if name == "value" else casts.text(quoted(name), type_)


def _shown(name: str, type_: str) -> str:
    return f"{casts.shown(quoted(name), type_, ends_day=name == 'due')} AS _shown_{name}"


def _attributes(types: Mapping[str, str]) -> str:
    """The attributes column, with the columns that the ledger does not have merged in."""
    own = casts.text("attributes", types["attributes"]) if "attributes" in types else "CAST(NULL AS VARCHAR)"
    extras = [name for name in types if name not in columns.NAMES and name not in CONTROLS]
    if not extras:
        return own
    pairs = ", ".join(f"{literal(name)}, {_extra(name, types[name])}" for name in extras)
    more = f"json_merge_patch('{{}}', json_object({pairs}))"
    merged = f"CAST(json_merge_patch({more}, {own}) AS VARCHAR)"
    return (
        f"CASE WHEN {own} IS NULL THEN nullif(CAST({more} AS VARCHAR), '{{}}') "
        f"WHEN {_is_object(own)} THEN {merged} ELSE {own} END"
    )


def _extra(name: str, type_: str) -> str:
    return (
        casts.text(quoted(name), type_)
        if casts.kind(type_) in ("text", "bytes")
        else casts.present(quoted(name), type_)
    )


def _filled(recorded_at: datetime, source: str | None) -> str:
    """The ledger's columns in order, with what the rows do not say themselves."""
    fills = {"recorded_at": _literal(recorded_at), "source": "NULL" if source is None else literal(source)}
    return ", ".join(f"coalesce({n}, {fills[n]}) AS {n}" if n in fills else n for n in columns.NAMES)


def _sql_type(name: str) -> str:
    return "TIMESTAMPTZ" if name in MOMENTS else "DOUBLE" if name == "value" else "VARCHAR"


def _literal(moment: datetime) -> str:
    return f"TIMESTAMPTZ '{moment.astimezone(UTC).isoformat(sep=' ')}'"


def content(names: tuple[str, ...] = columns.NAMES) -> str:
    """SQL for the fingerprint of an event without an id: the MD5 of what it says, 32 hexadecimal digits.

    Every filled column but `id` and `recorded_at` counts, as `name=length:value;`: lengths keep one event's words from
    passing for another's columns, and a column added to the ledger some day changes no fingerprint.
    """
    parts = [_part(name) for name in names if name not in ("id", "recorded_at")]
    return f"md5(concat({', '.join(parts)}))"


def _part(name: str) -> str:
    # Two pieces, each NULL where the column is, which `concat` leaves out: a third quicker than one.
    said = f"CAST(epoch_us({name}) AS VARCHAR)" if name in MOMENTS else f"CAST({name} AS VARCHAR)"
    return f"'{name}=' || strlen({said}) || ':', {said} || ';'"


def lacking(present: frozenset[str]) -> dict[str, str]:
    """SQL conditions by what they count: events of the vocabulary types `present` that lack what their type needs."""
    return {
        f"{word.name} without {need}": f"type = '{word.name}' AND {_lacks(need)}"
        for word in vocabulary.VOCABULARY.values()
        if word.name in present
        for need in word.needs
    }


def _lacks(need: str) -> str:
    return " AND ".join(f"{_said(name)} IS NULL" for name in need.split(" or "))


def _said(name: str) -> str:
    outer, _, key = name.partition(".")
    return f"json_extract_string(attributes, '$.{key}')" if key else outer
