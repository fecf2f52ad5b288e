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
_YEAR_1, _YEAR_9999 = -62_135_596_800_000_000, 253_370_764_800_000_000  # their first microseconds
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


def shown(column: str, type_: str, *, ends_day: bool = False) -> str:
    """The first step to a moment: microseconds since 1970 on whatever clock the value was written by.

    A step of its own, so that `moment` can name its result hundreds of times and it is worked out once. With
    `ends_day`, a date alone is the end of that day. NULL where the text is no date and no time.
    """
    match kind(type_):
        case "moment":
            return f"epoch_us(TRY_CAST({column} AS TIMESTAMPTZ))"
        case "local":
            return f"epoch_us(TRY_CAST({column} AS TIMESTAMP))"
        case "date":
            return _day(f"epoch_us(TRY_CAST({column} AS TIMESTAMP))", ends_day=ends_day)
        case "number":
            return _epoch(f"TRY_CAST({column} AS DECIMAL(38, 6))")
        case _:
            read = f"epoch_us(TRY_CAST(trim({text(column, type_)}) AS TIMESTAMPTZ))"
            day = _day(read, ends_day=ends_day)
            return f"CASE WHEN contains({text(column, type_)}, ':') THEN {read} ELSE {day} END" if ends_day else read


def moment(shown: str, column: str, type_: str, zone: ZoneInfo, *, ends_day: bool = False) -> str:
    """The value as TIMESTAMP WITH TIME ZONE, read on the wall clock of `zone` where it carries no offset.

    `shown` names a column of what the function `shown` gave. A date alone is the first moment of that day in `zone`,
    or with `ends_day` its last microsecond. Digits alone, and numbers, are seconds, milliseconds, microseconds or
    nanoseconds since 1970, by their size. NULL where that is no time of the years 1 to 9999.
    """
    last = 1 if ends_day else 0
    match kind(type_):
        case "moment" | "number":
            read = _at(shown)
        case "local":
            read = _at(_utc(shown, zone))
        case "date":
            read = _at(f"{_utc(shown, zone)} - {last}")
        case _:
            return _written(shown, text(column, type_), zone, last)
    return f"CASE WHEN {_sensible(shown)} THEN {read} END"


def _written(shown: str, value: str, zone: ZoneInfo, last: int) -> str:
    """Text: ISO 8601, or an epoch. DuckDB's words `epoch` and `infinity` are no times here, so a digit must lead."""
    trimmed = f"trim({value})"
    epoch = _epoch(f"TRY_CAST({trimmed} AS DECIMAL(38, 6))")
    settled = "true" if zone.key == "UTC" else f"regexp_matches({value}, '{_OFFSET}')"
    alone = f"NOT contains({value}, ':')"
    return (
        f"CASE WHEN {shown} IS NULL THEN CASE WHEN regexp_full_match({trimmed}, '{EPOCH}') THEN {_at(epoch)} END "
        f"WHEN NOT ({_sensible(shown)}) OR NOT ascii({trimmed}) BETWEEN 48 AND 57 THEN NULL "
        f"WHEN {alone} THEN {_at(f'{_utc(shown, zone)} - {last}')} "
        f"WHEN {settled} THEN {_at(shown)} ELSE {_at(_utc(shown, zone))} END"
    )


def _sensible(micros: str) -> str:
    return f"{micros} BETWEEN {_YEAR_1} AND {_YEAR_9999}"


def _day(micros: str, *, ends_day: bool) -> str:
    return f"(least({micros}, {_YEAR_9999}) + {_DAY})" if ends_day else micros


def _at(micros: str) -> str:
    return f"make_timestamptz({micros})"


def _epoch(number: str) -> str:
    """Microseconds since 1970 from a number of any of the four units; NULL beyond them."""
    cases = " ".join(
        f"WHEN abs({number}) < {below} THEN CAST(floor({number} * {times} / {by}) AS BIGINT)"
        for below, times, by, _ in _EPOCHS
    )
    return f"CASE {cases} END"


def _utc(wall: str, zone: ZoneInfo) -> str:
    """Microseconds in UTC from what the zone's clock shows; in the hour that comes twice, the first of the two.

    A time in the hour that spring leaves out is counted on from before the gap. Both are what `zoneinfo` does with
    fold=0, whose table of offsets (1970 to 2099) is used here, as a search tree of CASEs.
    """
    changes, seconds = local_time.offsets(zone)
    turns = [1_000_000 * (change + max(seconds[i], seconds[i + 1])) for i, change in enumerate(changes)]
    return f"({wall} - {_search(wall, turns, [1_000_000 * s for s in seconds])})"


def _search(wall: str, turns: list[int], micros: list[int]) -> str:
    if not turns:
        return str(micros[0])
    middle = len(turns) // 2
    before = _search(wall, turns[:middle], micros[: middle + 1])
    after = _search(wall, turns[middle + 1 :], micros[middle + 1 :])
    return f"CASE WHEN {wall} < {turns[middle]} THEN {before} ELSE {after} END"
