"""System or person: how little of what differs between cases goes with who served them. Never about an employee."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from aboveboard.findings import sentences
from aboveboard.findings.model import Evidence, Finding, Kind
from aboveboard.findings.said import Row, Tables, rows
from aboveboard.playbook.model import Playbook

MATERIAL = 0.02
"""Where all that is known moves less than this share of the differences, there is nothing to say of whose it is."""
KINDS: tuple[Kind, ...] = (
    Kind(
        "variance.system-share",
        "Of what makes cases end differently, and is known, the greater part goes with the system and not with who served.",
        "100 or more cases with an employee who can be told from team, rule and hour; the interval of the system's share begins "
        "above one half; all components together have at least 2 % of the variance.",
        ("outcome",),
        "variance",
    ),
)
_METHOD = (
    "crossed random effects (REML; for yes or no Laplace on log odds), intervals from exact pivots",
    "Patterson and Thompson (1971), Biometrika 58, 545–554; Harville and Fenech (1985), Biometrics 41, 137–152",
)
_SAID = {
    "resolved": "whether a contact is resolved",
    "promise kept": "whether a promise is kept",
    "exception granted": "whether an exception is granted",
    "minutes": "how long a contact takes",
}


def differs(outcome: str) -> str:
    """What differs, in words: "whether a promise is kept", "the answers on csat"."""
    return _SAID.get(outcome) or f"the answers on {outcome.removeprefix('survey ')}"


def findings(tables: Tables, playbook: Playbook, *, as_of: datetime) -> Iterator[Finding]:
    """Every finding of `variance` (a missing table says nothing)."""
    found = [row for row in rows(tables, "variance") if row["identified"]]
    for outcome in dict.fromkeys(row["outcome"] for row in found):
        by_component = {row["component"]: row for row in found if row["outcome"] == outcome}
        system, employee = by_component.get("system"), by_component.get("employee")
        if system and employee and _is_the_systems(system, employee):
            yield _system_share(system, employee, _greatest(by_component))


def _is_the_systems(system: Row, employee: Row) -> bool:
    return bool(system["known_share"] and system["known_low"] > 0.5 and system["share"] + employee["share"] >= MATERIAL)


def _greatest(by_component: dict[str, Row]) -> list[str]:
    """The components of the system that carry anything, the greatest first."""
    parts = [row for row in by_component.values() if row["side"] == "system" and row["component"] != "system"]
    ordered = sorted(parts, key=lambda row: (-row["share"], row["component"]))
    return [row["component"].replace(" + ", " or ") for row in ordered if row["share"] >= 0.005]


def _system_share(system: Row, employee: Row, parts: list[str]) -> Finding:
    outcome = system["outcome"]
    persons = f"{sentences.percent(employee['share'])} ({sentences.percent_range(employee['low'], employee['high'])})"
    rest = max(1 - system["share"] - employee["share"], 0.0)
    return Finding(
        "variance.system-share",
        {"outcome": outcome},
        f"Of the differences in {differs(outcome)}, {sentences.percent(system['share'])} "
        f"({sentences.percent_range(system['low'], system['high'])}) goes with {sentences.listed(parts)}, and {persons} with who "
        f"served; {sentences.percent(rest)} with none of these. Of the part that is known, the system's share is "
        f"{sentences.percent(system['known_share'])}.",
        Evidence(system["n"], system["known_share"], "share", system["known_low"], system["known_high"], *_METHOD),
        f"Change what goes with {sentences.listed(parts[:2])} before anybody is trained or talked to: "
        "the same person, there, would fare as the others did.",
        weight=system["n"] * system["share"] / 100,
        table="variance",
        where={"outcome": outcome},
    )
