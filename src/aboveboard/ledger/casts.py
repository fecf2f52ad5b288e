"""What DuckDB makes of a column of any type: text, a number, a moment in UTC. SQL text, evaluated in bulk.

Every function takes an SQL expression and the DuckDB type it has, and returns an SQL expression that is NULL where the
value says nothing readable; the checks in `validation` tell absent from unreadable by looking at the column as it came.
The connection must have its time zone set to UTC (`intake` does), so that DuckDB's own zone never plays a part.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

from aboveboard.ledger import local_time

_TEXT = ("VARCHAR", "JSON", "ENUM")
_WHOLE = (
    "TINYINT",
    "SMALLINT",
    "INTEGER",
    "BIGINT",
    "HUGEINT",
    "UTINYINT",
    "USMALLINT",
    "UINTEGER",
    "UBIGINT",
    "UHUGEINT",
)
_FRACTION = ("FLOAT", "DOUBLE", "DECIMAL")
_NESTED = ("STRUCT", "MAP")

EPOCH = r"-?\d{9,19}([.]\d+)?"
"""A number that can be a time, written out: nine digits or more, so that neither a year nor 20180801 passes for one."""

# By their size, numbers are seconds, milliseconds, microseconds or nanoseconds since 1970: below the bound, times / by
# gives microseconds. The bounds leave seconds the years to 5138 and milliseconds everything after March 1973.
_EPOCHS = (
    (10**11, 1_000_000, 1, "seconds"),
    (10**14, 1_000, 1, "milliseconds"),
    (10**17, 1, 1, "microseconds"),
    (10**20, 1, 1_000, "nanoseconds"),
)
_DAY = 86_400_000_000
_OFFSET = r":\d\d([.]\d+)?\s*[A-Za-z+-]"


def kind(type_: str) -> str:
    """One word for a DuckDB type: text, number, date, moment, local, nested, bytes or other."""
    name = type_.split("(")[0].strip().upper()
    if name.startswith("TIMESTAMP"):
        return "moment" if name.endswith("WITH TIME ZONE") or name == "TIMESTAMPTZ" else "local"
    kinds = {"text": _TEXT, "number": _WHOLE + _FRACTION, "nested": _NESTED, "date": ("DATE",), "bytes": ("BLOB",)}
    if type_.endswith("]"):
        return "other"
    return next((word for word, names in kinds.items() if name in names), "other")


def present(column: str, type_: str) -> str:
    """The value as it came, NULL where it is absent: an empty text, or the NaN by which data frames say so."""
    if type_ in ("FLOAT", "DOUBLE"):
        return f"CASE WHEN NOT isnan({column}) THEN {column} END"
    return f"nullif({column}, '')" if type_ == "VARCHAR" else column


def unit(number: str) -> str:
    """The unit in which a bare number tells the time."""
    size = abs(float(number))
    return next(name for below, _, _, name in _EPOCHS if size < below)


def text(column: str, type_: str) -> str:
    """The value as text; an empty text is absent, and so are bytes that are not UTF-8."""
    if kind(type_) == "bytes":
        return f"nullif(TRY(decode({column})), '')"
    if kind(type_) == "nested":
        return f"CAST(to_json({column}) AS VARCHAR)"
    return f"nullif({column if type_ == 'VARCHAR' else f'CAST({column} AS VARCHAR)'}, '')"


def number(column: str, type_: str) -> str:
    """The value as a double; what is not finite is no number."""
    value = f"TRY_CAST({column if kind(type_) == 'number' else text(column, type_)} AS DOUBLE)"
    return f"CASE WHEN isfinite({value}) THEN {value} END"


def moment(column: str, type_: str, zone: ZoneInfo, *, ends_day: bool = False) -> str:
    """The value as TIMESTAMP WITH TIME ZONE, read on the wall clock of `zone` where it carries no offset.

    A date alone is the first moment of that day in `zone`, or with `ends_day` its last microsecond. Digits alone, and
    whole or decimal numbers, are seconds, milliseconds, microseconds or nanoseconds since 1970, by their size.
    """
    return f"TRY({_moment(column, type_, zone, ends_day=ends_day)})"  # years beyond 290,000 overflow: no time


def _moment(column: str, type_: str, zone: ZoneInfo, *, ends_day: bool) -> str:
    match kind(type_):
        case "moment":
            return f"CAST({column} AS TIMESTAMPTZ)"
        case "local":
            return _at(_utc(f"epoch_us(CAST({column} AS TIMESTAMP))", zone))
        case "date":
            return _at(_of_date(f"epoch_us(CAST({column} AS TIMESTAMP))", zone, ends_day=ends_day))
        case "number":
            return _at(_epoch(f"TRY_CAST({column} AS DECIMAL(38, 6))"))
        case _:
            return _written(text(column, type_), zone, ends_day=ends_day)


def _written(value: str, zone: ZoneInfo, *, ends_day: bool) -> str:
    """Text: ISO 8601, or an epoch. DuckDB's words `epoch` and `infinity` are no times here, so a digit must lead."""
    trimmed = f"trim({value})"
    read = f"TRY_CAST({trimmed} AS TIMESTAMPTZ)"
    wall = f"epoch_us({read})"
    if zone.key == "UTC":
        timed = read
    else:
        timed = f"CASE WHEN regexp_matches({value}, '{_OFFSET}') THEN {read} ELSE {_at(_utc(wall, zone))} END"
    alone = _at(_of_date(wall, zone, ends_day=ends_day))
    epoch = _at(_epoch(f"TRY_CAST({trimmed} AS DECIMAL(38, 6))"))
    return (
        f"CASE WHEN {read} IS NULL THEN CASE WHEN regexp_full_match({trimmed}, '{EPOCH}') THEN {epoch} END "
        f"WHEN NOT ascii({trimmed}) BETWEEN 48 AND 57 THEN NULL "
        f"WHEN contains({value}, ':') THEN {timed} ELSE {alone} END"
    )


def _at(micros: str) -> str:
    return f"make_timestamptz({micros})"


def _epoch(number: str) -> str:
    """Microseconds since 1970 from a number of any of the four units; NULL beyond them."""
    cases = " ".join(
        f"WHEN abs({number}) < {below} THEN CAST(floor({number} * {times} / {by}) AS BIGINT)"
        for below, times, by, _ in _EPOCHS
    )
    return f"CASE {cases} END"


def _of_date(micros: str, zone: ZoneInfo, *, ends_day: bool) -> str:
    return f"({_utc(f'({micros} + {_DAY})', zone)} - 1)" if ends_day else _utc(micros, zone)


def _utc(wall: str, zone: ZoneInfo) -> str:
    """Microseconds in UTC from what the zone's clock shows; in the hour that comes twice, the first of the two.

    A time in the hour that spring leaves out is counted on from before the gap. Both are what `zoneinfo` does with
    fold=0, whose table of offsets (1970 to 2099) is used here, as a search tree of CASEs.
    """
    changes, seconds = local_time.offsets(zone)
    turns = [1_000_000 * (change + max(seconds[i], seconds[i + 1])) for i, change in enumerate(changes)]
    found = _search("wall", turns, [1_000_000 * s for s in seconds])
    # A list of one, so that `wall` is worked out once and has a name: the tree names it hundreds of times.
    return f"list_transform([{wall}], lambda wall: wall - {found})[1]" if turns else f"({wall} - {found})"


def _search(wall: str, turns: list[int], micros: list[int]) -> str:
    if not turns:
        return str(micros[0])
    middle = len(turns) // 2
    before = _search(wall, turns[:middle], micros[: middle + 1])
    after = _search(wall, turns[middle + 1 :], micros[middle + 1 :])
    return f"CASE WHEN {wall} < {turns[middle]} THEN {before} ELSE {after} END"
