"""Two published monitors on the same trace, in a Python of their own.

rtamt (Ničković and Yamaguchi 2020), offline in discrete time: robustness of signal temporal logic, true where it is above zero.
reelay (Ulus 2019), discrete time, C++: past formulas, fed one event at a time. Both take time as the number of the sample, so
the trace has one event a second, and an interval of an hour has 3,600 samples.
"""

from __future__ import annotations

from typing import Any

import pyarrow.parquet as pq


def _types(file: str) -> list[str]:
    types: list[str] = pq.read_table(file, columns=["type"])["type"].to_pylist()
    return types


def signals(file: str) -> Any:
    """The trace as rtamt takes it: a list per signal."""
    types = _types(file)
    names = ("checked", "done")
    return {"time": list(range(len(types)))} | {name: [float(each == name) for each in types] for name in names}


def rtamt_values(data: Any) -> dict[str, int]:
    """The formula of past and future, by rtamt."""
    import rtamt

    spec = rtamt.StlDiscreteTimeOfflineSpecification()
    for name in ("checked", "done", "out"):
        spec.declare_var(name, "float")
    spec.unit = "s"
    spec.spec = "out = (eventually[0,1800] (done >= 0.5)) and (once[0,7200] (checked >= 0.5))"
    spec.parse()
    true = [number for number, (_, robustness) in enumerate(spec.evaluate(data)) if robustness > 0]
    return _answer(true)


def samples(file: str) -> Any:
    """The trace as reelay takes it: a dictionary per event."""
    return [{"kept": each != "closed", "asked": each == "asked"} for each in _types(file)]


def reelay_values(data: Any) -> dict[str, int]:
    """The past formula, by reelay, which tells only the changes of its value."""
    import reelay

    found = reelay.discrete_timed_monitor(pattern="({kept}) since[0:7200] ({asked})")
    true, now = [], False
    for number, sample in enumerate(data):
        said = found.update(sample)
        now = said.get("value", now)
        if now:
            true.append(number)
    return _answer(true)


def _answer(true: list[int]) -> dict[str, int]:
    return {"events at which it is true": len(true), "sum of their numbers": sum(true)}
