"""Hostile XES and OCEL: bombs, files cut short, files that are something else."""

from __future__ import annotations

import gzip
import json
import sqlite3
from contextlib import closing
from pathlib import Path

from cases import case

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


def event(name: str = "order.placed", time: str = "2026-03-01T10:00:00Z", more: str = "") -> str:
    return (
        f'<event><string key="concept:name" value="{name}"/><date key="time:timestamp" value="{time}"/>{more}</event>\n'
    )


def trace(*events: str, name: str = "1") -> str:
    return f'<trace><string key="concept:name" value="{name}"/>\n{"".join(events)}</trace>\n'


def log(*traces: str) -> str:
    return f'{HEAD}<log xes.version="1.0">\n{"".join(traces)}</log>\n'


def written(folder: Path, content: str | bytes, name: str) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@case("XML bomb of entities", error="document type or entities")
def _(folder: Path) -> Path:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'{HEAD}<!DOCTYPE log [<!ENTITY l0 "ha">{laughs}]>\n<log><string key="a" value="&l9;"/></log>'
    return written(folder, bomb, "bomb.xes")


@case("XML entity that reads a file", error="document type or entities")
def _(folder: Path) -> Path:
    stolen = trace(event("&stolen;"))
    doctype = '<!DOCTYPE log [<!ENTITY stolen SYSTEM "file:///etc/passwd">]>'
    return written(folder, f"{HEAD}{doctype}<log>{stolen}</log>", "stolen.xes")


@case("XML with an external DTD", error="document type or entities")
def _(folder: Path) -> Path:
    doctype = '<!DOCTYPE log SYSTEM "http://example.invalid/log.dtd">'
    return written(folder, f"{HEAD}{doctype}<log>{trace(event())}</log>", "dtd.xes")


@case("XES cut short", error="line 4: the file ends before")
def _(folder: Path) -> Path:
    return written(folder, log(trace(event()))[:-30], "cut.xes")


@case("XES packed and cut short", error="cut short|damaged|truncated")
def _(folder: Path) -> Path:
    whole = gzip.compress(log(*(trace(event(f"step {n}"), name=str(n)) for n in range(2_000))).encode())
    return written(folder, whole[: len(whole) // 2], "cut.xes.gz")


@case("XES in another encoding than it says", error="encoding")
def _(folder: Path) -> Path:
    return written(folder, log(trace(event("gr\u00fcn"))).encode("latin-1"), "latin.xes")


@case("XES in the encoding that it says", recorded=1)
def _(folder: Path) -> Path:
    said = log(trace(event("gr\u00fcn"))).replace("UTF-8", "ISO-8859-1")
    return written(folder, said.encode("latin-1"), "said.xes")


@case("XES in an encoding that nobody knows", error="encoding")
def _(folder: Path) -> Path:
    return written(folder, log(trace(event())).replace("UTF-8", "x-klingon"), "klingon.xes")


@case("XES nested without a bottom", error="nested deeper")
def _(folder: Path) -> Path:
    deep = '<string key="a" value="b">' * 100_000
    return written(folder, log(trace(event(more=deep))), "deep.xes")


@case("XES with an endless attribute", error="longer than", seconds=60, slow=True)
def _(folder: Path) -> Path:
    return written(folder, log(trace(event("x" * (80 << 20)))), "endless.xes")


@case("XES with a large text", recorded=1)
def _(folder: Path) -> Path:
    large = '<string key="text" value="' + "long " * 1_000_000 + '"/>'
    return written(folder, log(trace(event(more=large))), "large.xes")


@case("XML that is no event log", error="not an XES log")
def _(folder: Path) -> Path:
    return written(folder, f"{HEAD}<feed><entry/></feed>", "feed.xes")


@case("XES with tags that do not match", error="not well-formed")
def _(folder: Path) -> Path:
    return written(folder, f"{HEAD}<log><trace></event></log>", "crossed.xes")


@case("XES with times that are none", recorded=1, rejected=2)
def _(folder: Path) -> Path:
    odd = [event(), event(time="yesterday"), '<event><string key="concept:name" value="no time"/></event>']
    return written(folder, log(trace(*odd)), "odd.xes")


@case("XES with one id twice", recorded=2)
def _(folder: Path) -> Path:
    same = '<string key="identity:id" value="one"/>'
    return written(folder, log(trace(event("a", more=same), event("b", more=same))), "twice.xes")


@case("XES without events")
def _(folder: Path) -> Path:
    return written(folder, log(), "none.xes")


def ocel(*events: dict[str, object]) -> str:
    return json.dumps({"objectTypes": [], "eventTypes": [], "objects": [], "events": list(events)})


def placed(number: int, time: str = "2026-03-01T10:00:00Z") -> dict[str, object]:
    return {"id": str(number), "type": "order.placed", "time": time, "attributes": [], "relationships": []}


@case("OCEL JSON cut short", error="cut short")
def _(folder: Path) -> Path:
    return written(folder, ocel(placed(1), placed(2))[:-20], "cut.jsonocel")


@case("OCEL JSON nested without a bottom", error="nested too deeply")
def _(folder: Path) -> Path:
    return written(folder, '{"events": ' + "[" * 200_000, "deep.jsonocel")


@case("OCEL JSON not in UTF-8", error="not UTF-8")
def _(folder: Path) -> Path:
    text = ocel(placed(1)).replace("order.placed", "gr\u00fcn")
    return written(folder, text.encode("latin-1"), "latin.jsonocel")


@case("OCEL JSON with relations given twice and times that are none", recorded=1, rejected=1)
def _(folder: Path) -> Path:
    twice = placed(1) | {"relationships": [{"objectId": "o", "qualifier": "it"}] * 2}
    return written(folder, ocel(twice, placed(2, "soon")), "odd.jsonocel")


@case("OCEL JSON without ids", error="'id' is missing")
def _(folder: Path) -> Path:
    return written(folder, '{"eventTypes": [], "events": [{"type": "x"}]}', "idless.jsonocel")


@case("OCEL XML bomb", error="document type or entities")
def _(folder: Path) -> Path:
    doctype = '<!DOCTYPE log [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
    return written(folder, f"{HEAD}{doctype}<log><events>&b;</events></log>", "bomb.xmlocel")


@case("OCEL XML event without an id", error="line 2: <event> lacks")
def _(folder: Path) -> Path:
    return written(folder, f'{HEAD}<log><object-types/><events><event type="x"/></events></log>', "idless.xmlocel")


@case("SQLite that is no event log", error="no table")
def _(folder: Path) -> Path:
    path = folder / "other.sqlite"
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("CREATE TABLE customers (name TEXT)")
    return path


@case("SQLite cut short", error="cannot be read")
def _(folder: Path) -> Path:
    path = folder / "cut.sqlite"
    with closing(sqlite3.connect(path)) as db, db:
        for name in ("event", "object", "event_object", "event_map_type", "object_map_type"):
            db.execute(f"CREATE TABLE {name} (ocel_id TEXT, ocel_type TEXT, ocel_type_map TEXT)")
        db.executemany("INSERT INTO event VALUES (?, 'x', 'x')", ((str(n) * 50,) for n in range(5_000)))
    path.write_bytes(path.read_bytes()[: 3 * 4096 + 77])
    return path
