"""What runs in pm4py's own environment, as a process of its own: `write FOLDER` and `summary FILE…`.

pm4py is free software under the AGPL; Aboveboard never imports it. This script speaks to the tests in JSON.
"""

import json
import sys
from pathlib import Path

import pandas as pd
import pm4py

WRITE = {"jsonocel": "write_ocel2_json", "sqlite": "write_ocel2_sqlite", "xmlocel": "write_ocel2_xml"}
READ = {".jsonocel": "read_ocel2_json", ".sqlite": "read_ocel2_sqlite", ".xmlocel": "read_ocel2_xml"}


def write(folder: Path) -> None:
    """One event log as XES and one object-centric log in the three formats, with what is easily lost."""
    log = pd.DataFrame(
        {
            "case:concept:name": ["1", "1", "2"],
            "case:amount": [5, 5, 7],
            "concept:name": ["open", "close", "open"],
            "time:timestamp": pd.to_datetime(
                ["2024-01-01T10:00:00.123+00:00", "2024-01-02T10:00:00+00:00", "2024-01-03T10:00:00+00:00"],
                utc=True,
                format="ISO8601",
            ),
            "org:resource": ["Ann", "Bob", "Ann"],
            "n": [1, 2, 3],
            "f": [0.5, 1.5, 2.5],
            "b": [True, False, True],
            "d": pd.to_datetime(["2024-05-01", "2024-05-02", "2024-05-03"], utc=True),
            "t": ["a & b", "<c>", "é"],
        }
    )
    pm4py.write_xes(log, str(folder / "theirs.xes"))
    for name, function in WRITE.items():
        getattr(pm4py, function)(object_centric(), str(folder / f"theirs.{name}"))


def object_centric() -> pm4py.OCEL:
    when = pd.to_datetime(["2024-01-01T10:00:00+00:00", "2024-01-02T10:00:00+00:00"], utc=True)
    events = pd.DataFrame(
        {
            "ocel:eid": ["e1", "e2"],
            "ocel:activity": ["place order", "pick item"],
            "ocel:timestamp": when,
            "n": [1.5, 2.5],
        }
    )
    objects = pd.DataFrame(
        {"ocel:oid": ["o1", "i1", "i2"], "ocel:type": ["order", "item", "item"], "price": [None, 2.5, 3.5]}
    )
    relations = pd.DataFrame(
        {
            "ocel:eid": ["e1", "e1", "e1", "e2"],
            "ocel:activity": ["place order"] * 3 + ["pick item"],
            "ocel:timestamp": [when[0]] * 3 + [when[1]],
            "ocel:oid": ["o1", "i1", "i2", "i2"],
            "ocel:type": ["order", "item", "item", "item"],
            "ocel:qualifier": ["it", "of", "of", "one"],
        }
    )
    o2o = pd.DataFrame({"ocel:oid": ["o1", "o1"], "ocel:oid_2": ["i1", "i2"], "ocel:qualifier": ["has", "has"]})
    changes = pd.DataFrame(
        {
            "ocel:oid": ["i1"], "ocel:type": ["item"], "ocel:timestamp": [when[1]], "ocel:field": ["price"],
            "price": [2.0],
        }
    )  # fmt: skip
    return pm4py.OCEL(events, objects, relations, o2o=o2o, object_changes=changes)


def summary(path: Path) -> dict:
    if path.name.endswith((".xes", ".xes.gz")):
        log = pm4py.read_xes(str(path))
        log = log if isinstance(log, pd.DataFrame) else pm4py.convert_to_dataframe(log)
        cases = log.groupby("case:concept:name").size()
        return {
            "events": len(log),
            "cases": {str(case): int(count) for case, count in cases.items()},
            "rows": sorted(
                [str(row["case:concept:name"]), str(row["concept:name"]), row["time:timestamp"].isoformat()]
                for _, row in log.iterrows()
            ),
        }
    found = getattr(pm4py, READ[path.suffix])(str(path))
    moments = found.events.assign(when=[when.isoformat() for when in found.events["ocel:timestamp"]])
    return {
        "events": tuples(moments, "ocel:eid", "ocel:activity", "when"),
        "objects": tuples(found.objects, "ocel:oid", "ocel:type"),
        "relations": tuples(found.relations, "ocel:eid", "ocel:oid", "ocel:qualifier"),
        "o2o": tuples(found.o2o, "ocel:oid", "ocel:oid_2", "ocel:qualifier"),
        "changes": len(found.object_changes),
        "columns": sorted(found.events.columns),
    }


def tuples(frame: pd.DataFrame, *columns: str) -> list:
    return sorted(frame[list(columns)].values.tolist())


if __name__ == "__main__":
    if sys.argv[1] == "write":
        write(Path(sys.argv[2]))
    else:
        print("SUMMARY" + json.dumps([summary(Path(name)) for name in sys.argv[2:]]))
