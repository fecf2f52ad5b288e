"""What the analyses of attribution give: the contract for findings, report and tests."""

from __future__ import annotations

from aboveboard.analyses.attribution.people_tables import OWN_CHARTS, PEOPLE
from aboveboard.analyses.attribution.ratings_table import RATINGS
from aboveboard.analyses.attribution.substitution_tables import SUBSTITUTION
from aboveboard.analyses.shared.tables import Field, TableSpec

_OUTCOME = Field(
    "outcome",
    "string",
    "resolved (a contact), promise kept, exception granted, minutes (of a contact, natural logarithm), or "
    "survey <measure> of the playbook.",
)

VARIANCE = TableSpec(
    "variance",
    "System or person: what goes with the differences between cases?",
    ("outcome", "component"),
    (
        _OUTCOME,
        Field("kind", "string", "yes or no (standard deviations are of log odds), or number."),
        Field(
            "component",
            "string",
            "employee, team, policy, promise, channel, product, touchpoint, situation, hour (two at a time, local), vendor; "
            "several joined by + where they cannot be told from one another; system (all but employee together, absent where "
            "employees cannot be told from the rest); chance (what is left from case to case).",
        ),
        Field("side", "string", "employee, system, both (employee and something else, inseparable), or chance."),
        Field("sd", "float64", "Standard deviation of its effects; absent where not identified."),
        Field("sd_low", "float64", "Lower end of the 95 % interval; absent for system and chance."),
        Field("sd_high", "float64", "Upper end."),
        Field(
            "share",
            "float64",
            "Its variance ÷ all variance, chance included (π²/3 on the scale of log odds); absent where not identified.",
        ),
        Field("low", "float64", "Lower end of the share's 95 % interval."),
        Field("high", "float64", "Upper end."),
        Field(
            "known_share",
            "float64",
            "Its variance ÷ that of all components, chance left out; absent for chance, where all components are 0, and for "
            "system where no employee is known.",
        ),
        Field("known_low", "float64", "Lower end of its 95 % interval."),
        Field("known_high", "float64", "Upper end."),
        Field("levels_count", "int64", "Levels: employees, teams, …; absent for system and chance."),
        Field("n", "int64", "Cases of the outcome."),
        Field("identified", "boolean", "False: no data of this shape can say what this component does."),
        Field(
            "told_from",
            "string",
            "What it cannot be told from; absent where identified, or where there is another reason.",
        ),
        Field("reason", "string", "Why it is not identified, in words; absent where it is."),
    ),
)

EFFECTS = TableSpec(
    "effects",
    "What goes with each employee, team, rule or hour, when the others are allowed for?",
    ("outcome", "component", "level", "employee"),
    (
        _OUTCOME,
        Field("component", "string", "As in `variance`, identified ones only."),
        Field("level", "string", "Which one; absent for an employee."),
        Field("employee", "string", "Pseudonymous key; absent for all else. In order of keys: nobody is ranked."),
        Field("n", "int64", "Its cases."),
        Field(
            "raw",
            "float64",
            "The plain share or mean of its cases (minutes: geometric mean).",
        ),
        Field("effect", "float64", "Shrunken effect, on the scale of `sd`: 0 is the middle of all levels."),
        Field("effect_low", "float64", "Lower end of the 95 % interval, given the standard deviations."),
        Field("effect_high", "float64", "Upper end."),
        Field(
            "shrunken",
            "float64",
            "The share or mean (minutes: geometric mean) with this effect and the middle of all else.",
        ),
        Field("shrunken_low", "float64", "Lower end of its 95 % interval."),
        Field("shrunken_high", "float64", "Upper end."),
    ),
)

__all__ = ["EFFECTS", "OWN_CHARTS", "PEOPLE", "RATINGS", "SUBSTITUTION", "TABLES", "VARIANCE", "digits"]

TABLES = (VARIANCE, EFFECTS, PEOPLE, OWN_CHARTS, SUBSTITUTION, RATINGS)


def digits(value: float) -> float:
    """Seven digits: what lies beyond hangs on the order in which a computer adds."""
    return float(f"{value:.7g}")
