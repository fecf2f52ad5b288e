"""What an expression of a mapping may say: the allow-list. Whatever is not named here is refused.

Nothing here reads a clock, a file, a setting or the network, and nothing makes much out of little
(`repeat`, `range`, `lpad`, `printf` are absent: one cell must not become a gigabyte).
"""

from __future__ import annotations

from sqlglot import exp

# Functions that sqlglot knows by class: the words to write → the class they parse to.
KNOWN: dict[str, type[exp.Expression]] = {
    "abs": exp.Abs,
    "cast": exp.Cast,
    "ceil": exp.Ceil,
    "coalesce": exp.Coalesce,
    "concat": exp.Concat,
    "concat_ws": exp.ConcatWs,
    "contains": exp.Contains,
    "date_diff": exp.DateDiff,
    "date_trunc": exp.TimestampTrunc,
    "day": exp.Day,
    "dayname": exp.Dayname,
    "ends_with": exp.EndsWith,
    "epoch": exp.TimeToUnix,
    "extract": exp.Extract,
    "floor": exp.Floor,
    "greatest": exp.Greatest,
    "if": exp.If,
    "left": exp.Left,
    "length": exp.Length,
    "least": exp.Least,
    "lower": exp.Lower,
    "md5": exp.MD5,
    "month": exp.Month,
    "nullif": exp.Nullif,
    "regexp_extract": exp.RegexpExtract,
    "regexp_matches": exp.RegexpLike,
    "regexp_replace": exp.RegexpReplace,
    "replace": exp.Replace,
    "right": exp.Right,
    "round": exp.Round,
    "sha256": exp.SHA2,
    "split_part": exp.SplitPart,
    "starts_with": exp.StartsWith,
    "strftime": exp.TimeToStr,
    "substring": exp.Substring,
    "trim": exp.Trim,
    "try_cast": exp.TryCast,
    "upper": exp.Upper,
    "year": exp.Year,
    # `case` without its operators is still a node of its own.
    "case": exp.Case,
}

# Functions that reach DuckDB by name.
BY_NAME: frozenset[str] = frozenset(
    {"dayofweek", "hour", "isodow", "json_array_length", "json_extract_string", "json_type", "ltrim", "minute", "rtrim"}
    | {"strip_accents", "sha256", "json_valid", "json_extract"}
)

# Words of a mapping that are not SQL: `moment` reads a time by the mapping's dates and time zone; `place` counts the items
# of an exploded list; the others look at the rows before and after, which need `per` and `order` on the file, or at the
# items before and after in the list.
MOMENT = "moment"
PLACE = "place"
ROWS: dict[str, str] = {"previous": "lag", "next": "lead", "first": "first_value", "last": "last_value"}

# What `totals` may add up.
TOTALS: dict[str, type[exp.Expression]] = {
    "count": exp.Count,
    "sum": exp.Sum,
    "min": exp.Min,
    "max": exp.Max,
    "avg": exp.Avg,
}

OPERATORS: tuple[type[exp.Expression], ...] = (
    exp.Add,
    exp.And,
    exp.Between,
    exp.DPipe,
    exp.Div,
    exp.EQ,
    exp.Escape,
    exp.GT,
    exp.GTE,
    exp.ILike,
    exp.In,
    exp.Is,
    exp.JSONExtract,
    exp.JSONExtractScalar,
    exp.LT,
    exp.LTE,
    exp.Like,
    exp.Mod,
    exp.Mul,
    exp.NEQ,
    exp.Neg,
    exp.Not,
    exp.NullSafeEQ,
    exp.NullSafeNEQ,
    exp.Or,
    exp.Paren,
    exp.Sub,
)

# What gives a value, or nothing, for whatever stands in a cell (casts are written as casts that give nothing).
NEVER_FAIL: tuple[type[exp.Expression], ...] = (
    *(exp.And, exp.Or, exp.Case, exp.If, exp.Cast, exp.TryCast, exp.Coalesce, exp.Nullif, exp.Greatest, exp.Least),
    *(exp.Concat, exp.ConcatWs, exp.Lower, exp.Upper, exp.Trim, exp.Length, exp.Replace, exp.Contains, exp.StartsWith),
    *(exp.EndsWith, exp.MD5, exp.SHA2, exp.JSONExtract, exp.JSONExtractScalar, *TOTALS.values()),
)

ATOMS: tuple[type[exp.Expression], ...] = (
    exp.Boolean,
    exp.Column,
    exp.DataType,
    exp.DataTypeParam,
    exp.Dot,
    exp.Identifier,
    exp.Interval,
    exp.Literal,
    exp.Null,
    exp.Var,
)

TYPES: frozenset[str] = frozenset(
    {"TEXT", "VARCHAR", "INT", "BIGINT", "SMALLINT", "DOUBLE", "FLOAT", "DECIMAL", "BOOLEAN", "DATE", "TIME"}
    | {"TIMESTAMP", "TIMESTAMPTZ", "TIMESTAMPNTZ", "JSON", "INTERVAL"}
)

NAMES: tuple[str, ...] = tuple(sorted({*KNOWN, *BY_NAME, *ROWS, MOMENT, PLACE}))
