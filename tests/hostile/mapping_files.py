"""Hostile mappings, and hostile exports under honest ones."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path

from cases import Given, case

HEAD = """
source: desk
timezone: UTC
files: {f: {name: "*.csv", key: id}}
events:
  note.written:
    time: at
"""
ROWS = "id,at,words\n1,2026-01-01 10:00:00,hello\n2,2026-01-02 10:00:00,there\n"


def given(folder: Path, mapping: str, **files: str | bytes) -> Given:
    """The mapping, and the files it is laid over (`f` without more: two honest rows)."""
    (folder / "mapping.yaml").write_text(mapping)
    made = []
    for name, content in (files or {"f": ROWS}).items():
        path = folder / (name.replace("_dot_", ".") if "_dot_" in name else f"{name}.csv")
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        made.append(path)
    return Given(tuple(made), folder / "mapping.yaml")


def expression(text: str) -> str:
    """The honest mapping with this expression as its text."""
    return f"{HEAD}    text: {json.dumps(text)}\n"


for what, sql, error in (
    *[
        ("reads /etc/passwd", "read_text('/etc/passwd')", "read_text"),
        ("reads a file as CSV", "read_csv('/etc/passwd')", "read_csv"),
        ("reads a file in a query", "(select content from read_text('/etc/passwd'))", "query inside an expression"),
        ("reads a file by its name", "(from '/etc/passwd')", "query inside an expression"),
        ("lists a folder", "glob('/*')", "glob"),
        ("asks for the environment", "getenv('HOME')", "getenv"),
        ("asks for a setting", "current_setting('memory_limit')", "current_setting"),
        ("reaches the network", "read_json('https://example.org/x.json')", "read_json"),
        ("writes a file", "copy f to 'stolen.csv'", "may not stand in a mapping"),
        ("attaches a database", "attach 'other.db'", "may not stand in a mapping"),
        ("loads an extension", "install httpfs", "may not stand in a mapping"),
        ("says a second statement", "words; drop table f", "another statement"),
        ("hides in a comment", "words -- ; drop table f\n|| read_text('x')", "read_text"),
        ("fills the memory", "repeat(words, 1000000000)", "repeat"),
        ("makes a million rows", "unnest(range(1000000))", "may not be used"),
        ("is nested without end", "(" * 3_000 + "words" + ")" * 3_000, "nested too deeply"),
        ("is a megabyte long", "words || '" + "x" * 900_000 + "'", "characters"),
        ("counts on a column that is not there", "wrods", "Did you mean `words`"),
        ("names a table of the system", "duckdb_settings.value", "no column"),
    ],
):

    def _make(folder: Path, sql: str = sql) -> Given:
        return given(folder, expression(sql))

    case(f"a mapping {what}", error=error)(_make)


@case("a mapping whose joins go round in a circle", error="a → b → c → a")
def _(folder: Path) -> Given:
    mapping = """
source: desk
files: {a: a.csv, b: b.csv, c: c.csv}
joins: [a.x = b.x, b.x = c.x, c.x = a.x]
events: {note.written: {from: a, time: at}}
"""
    rows = "x,at\n1,2026-01-01\n"
    return given(folder, mapping, a=rows, b=rows, c=rows)


@case("a mapping whose join finds two rows", error="a join looks up one")
def _(folder: Path) -> Given:
    mapping = """
source: desk
files: {a: a.csv, b: b.csv}
joins: [a.x = b.x]
events: {note.written: {from: a, time: at, text: b.words}}
"""
    return given(folder, mapping, a="x,at\n1,2026-01-01\n", b="x,words\n1,one\n1,two\n")


@case("a mapping that is a bomb of aliases", error="Anchors and aliases")
def _(folder: Path) -> Given:
    levels = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9))
    return given(folder, f"a0: &a0 [lol]\n{levels}\n")


@case("a mapping with a tag that makes objects", error="tag")
def _(folder: Path) -> Given:
    return given(folder, "source: !!python/object/apply:os.system ['true']\n")


@case("a mapping with a key that nobody knows", error="Did you mean `timezone`")
def _(folder: Path) -> Given:
    return given(folder, HEAD.replace("timezone", "timezoen"))


@case("a mapping that is not YAML", error="not YAML")
def _(folder: Path) -> Given:
    return given(folder, "source: [\n")


@case("a mapping of ten thousand brackets", error="not YAML")
def _(folder: Path) -> Given:
    return given(folder, "source: " + "[" * 10_000)


@case("an empty mapping", error="empty")
def _(folder: Path) -> Given:
    return given(folder, "")


@case("a mapping that is a binary file", error="cannot be read|not YAML")
def _(folder: Path) -> Given:
    (folder / "f.csv").write_text(ROWS)
    (folder / "mapping.yaml").write_bytes(bytes(range(256)))
    return Given((folder / "f.csv",), folder / "mapping.yaml")


@case("a file name that tries to be SQL", recorded=2)
def _(folder: Path) -> Given:
    (folder / "mapping.yaml").write_text(HEAD)
    path = folder / "x'); copy (select 1) to 'stolen.csv'; --.csv"
    path.write_text(ROWS)
    return Given((path,), folder / "mapping.yaml")


@case("column names that try to be SQL", recorded=2)
def _(folder: Path) -> Given:
    rows = ROWS.replace("words", '"words\'); drop table f; --"""')
    return given(folder, HEAD, f=rows)


@case("values that try to be SQL, HTML and formulas", recorded=3)
def _(folder: Path) -> Given:
    hostile = ["'; drop table f; --", "<script>alert(1)</script>", '=HYPERLINK(""http://x"")']
    rows = "id,at,words\n" + "".join(f'{n},2026-01-01,"{text}"\n' for n, text in enumerate(hostile))
    return given(folder, expression("words"), f=rows)


@case("an export whose times are partly nonsense", recorded=1, rejected=3, lines=(3, 4, 5))
def _(folder: Path) -> Given:
    return given(folder, HEAD, f="id,at\n1,2026-01-01\n2,yesterday\n3,\n4,99999-01-01\n")


@case("a ragged export under a mapping", recorded=2, rejected=2, lines=(3, 5))
def _(folder: Path) -> Given:
    return given(folder, HEAD, f="id,at,words\n1,2026-01-01,a\n2\n3,2026-01-01,b\n4,2026-01-01,c,d,e\n")


@case("a Windows-1252 export under a mapping", recorded=1)
def _(folder: Path) -> Given:
    return given(folder, expression("words"), f="id,at,words\n1,2026-01-01,größer\n".encode("cp1252"))


@case("an empty export under a mapping", error="empty")
def _(folder: Path) -> Given:
    return given(folder, HEAD, f="")


@case("JSON lines with broken ones among them", recorded=2, rejected=3, lines=(2, 3, 5))
def _(folder: Path) -> Given:
    mapping = HEAD.replace("*.csv", "*.jsonl")
    lines = ['{"id":1,"at":"2026-01-01"}', "{broken", "[1,2]", '{"id":2,"at":"2026-01-02"}', '"text"']
    return given(folder, mapping, f_dot_jsonl="\n".join(lines))


@case("JSON lines with one of forty megabytes", recorded=2, rejected=1, lines=(2,), says="longer than the limit")
def _(folder: Path) -> Given:
    mapping = HEAD.replace("*.csv", "*.jsonl")
    lines = ['{"id":1,"at":"2026-01-01"}', '{"id":2,"at":"' + "x" * (40 << 20) + '"}', '{"id":3,"at":"2026-01-02"}']
    return given(folder, mapping, f_dot_jsonl="\n".join(lines))


@case("JSON lines with bytes that are no UTF-8", recorded=2, rejected=1, lines=(3,))
def _(folder: Path) -> Given:
    mapping = HEAD.replace("*.csv", "*.jsonl")
    good = '{"id":1,"at":"2026-01-01","words":"größer"}\n{"id":2,"at":"2026-01-01","words":"größe"}\n'
    return given(folder, mapping, f_dot_jsonl=good.encode() + b'{"id":3,"at":"2026-01-02","words":"\xff\xfe"}\n')


@case("a JSON list that breaks off", error="cannot be read as json")
def _(folder: Path) -> Given:
    mapping = HEAD.replace("*.csv", "*.json")
    return given(folder, mapping, f_dot_json='[{"id":1,"at":"2026-01-01"},\n{"id":2,"at":')


@case("a JSON document of brackets alone", error="cannot be read as json")
def _(folder: Path) -> Given:
    return given(folder, HEAD.replace("*.csv", "*.json"), f_dot_json="[" * 100_000)


@case("a Parquet file under a mapping that ends too soon", error="cannot be read as parquet|damaged|Parquet")
def _(folder: Path) -> Given:
    return given(folder, HEAD.replace("*.csv", "*.parquet"), f_dot_parquet=b"PAR1" + b"\0" * 100)


@case(
    "a condition that one cell breaks", recorded=1, rejected=1, lines=(2,), says="note.written.where cannot be computed"
)
def _(folder: Path) -> Given:
    mapping = HEAD + "    where: regexp_matches('a', words)\n"
    return given(folder, mapping, f="id,at,words\n1,2026-01-01,(\n2,2026-01-01,a\n3,2026-01-01,b\n")


@case("an order of rows that one cell breaks", recorded=3)
def _(folder: Path) -> Given:
    mapping = (
        HEAD.replace("key: id", "key: id, per: at, order: \"regexp_matches('a', words)\"")
        + "    text: previous(words)\n"
    )
    return given(folder, mapping, f="id,at,words\n1,2026-01-01,(\n2,2026-01-01,a\n3,2026-01-01,b\n")


@case("a condition that is no condition", rejected=2, lines=(2, 3), says="cannot be computed")
def _(folder: Path) -> Given:
    return given(folder, HEAD + "    where: substring(words, 1, 9)\n")


@case("a value that one cell breaks", recorded=2, rejected=1, lines=(2,), says="note.written.text cannot be computed")
def _(folder: Path) -> Given:
    return given(
        folder,
        expression("regexp_extract('a', words)"),
        f="id,at,words\n1,2026-01-01,(\n2,2026-01-01,a\n3,2026-01-01,b\n",
    )


@case("a zip bomb under a mapping", error="no honest file does")
def _(folder: Path) -> Given:
    (folder / "mapping.yaml").write_text(HEAD)
    with zipfile.ZipFile(folder / "f.zip", "w", zipfile.ZIP_DEFLATED) as archive, archive.open("f.csv", "w") as out:
        for _ in range(160):
            out.write(b"0" * (1 << 20))
    return Given((folder / "f.zip",), folder / "mapping.yaml")


@case("a zip whose member climbs out of its folder", recorded=2)
def _(folder: Path) -> Given:
    (folder / "mapping.yaml").write_text(HEAD)
    with zipfile.ZipFile(folder / "f.zip", "w") as archive:
        archive.writestr("../../climbed.csv", ROWS)
    return Given((folder / "f.zip",), folder / "mapping.yaml")


@case("a gzip under a mapping that ends too soon", error="damaged")
def _(folder: Path) -> Given:
    (folder / "mapping.yaml").write_text(HEAD)
    (folder / "f.csv.gz").write_bytes(gzip.compress(ROWS.encode() * 500)[:-20])
    return Given((folder / "f.csv.gz",), folder / "mapping.yaml")


@case("a spreadsheet under a mapping", error="Save the sheet as CSV")
def _(folder: Path) -> Given:
    (folder / "mapping.yaml").write_text(HEAD)
    (folder / "f.xlsx").write_bytes(b"PK\x03\x04 not really")
    return Given((folder / "f.xlsx",), folder / "mapping.yaml")


@case("a mapping over a file that is not there", error="no such file")
def _(folder: Path) -> Given:
    (folder / "mapping.yaml").write_text(HEAD)
    return Given((folder / "nowhere.csv",), folder / "mapping.yaml")


@case("a regular expression that would run for ever elsewhere", recorded=1)
def _(folder: Path) -> Given:
    rows = f"id,at,words\n1,2026-01-01,{'a' * 50_000}!\n"
    return given(folder, expression("regexp_extract(words, '(a+)+$')"), f=rows)
