"""What is said of single employees: for them first, then for whoever must judge one fairly. In order of keys, never of rates."""

from __future__ import annotations

from aboveboard.analyses.shared.tables import Field, TableSpec

_EMPLOYEE = Field("employee", "string", "Pseudonymous key. In order of keys: nobody is ranked.")

PEOPLE = TableSpec(
    "people",
    "A bad day, a change, or neither?",
    ("employee",),
    (
        _EMPLOYEE,
        Field("n", "int64", "Contacts that ended resolved, unresolved or abandoned."),
        Field("raw_share", "float64", "Share of them resolved."),
        Field(
            "expected_share",
            "float64",
            "Share that would be resolved in the same contacts (rule, channel, product, touchpoint, situation, hour, team, and "
            "what went wrong for everybody that day) whoever served.",
        ),
        Field(
            "adjusted_share",
            "float64",
            "Share resolved if the contacts had been like everybody's (log odds moved by what is over or under the expected).",
        ),
        Field("shrunken_share", "float64", "The same, drawn to the middle of all employees by how little is known."),
        Field("shrunken_share_low", "float64", "Lower end of its 95 % interval."),
        Field("shrunken_share_high", "float64", "Upper end."),
        Field(
            "funnel_z",
            "float64",
            "Distance from the middle of all employees in standard errors, overdispersion included; absent below 20 contacts.",
        ),
        Field("apart", "boolean", "Beyond what chance and the usual spread explain (false-discovery rate 5 %)."),
        Field("verdict", "string", "isolated, shift, steady, not enough data."),
        Field(
            "since", "timestamp", "isolated: the day; shift: the start of the week from which it shows; else absent."
        ),
        Field("reason", "string", "Why the verdict is what it is, in words."),
        Field(
            "q",
            "float64",
            "Least false-discovery rate over employees at which the verdict (for steady: that of a shift) would be said; absent "
            "where nothing was tested.",
        ),
        Field("day_count", "int64", "isolated: contacts of the day."),
        Field("day_missed_count", "int64", "isolated: of them not resolved."),
        Field(
            "day_missed_expected", "float64", "isolated: how many of them would not have been resolved on another day."
        ),
        Field("days_isolated_count", "int64", "isolated: how many such days there are within a year."),
        Field(
            "conduct_event",
            "string",
            "isolated: a customer's conduct towards the employee reported on that day; absent if none.",
        ),
        Field("before_share", "float64", "shift: adjusted share resolved before."),
        Field("since_count", "int64", "shift: contacts since then."),
        Field("since_share", "float64", "shift: adjusted share resolved since then."),
        Field("since_share_low", "float64", "shift: lower end of its 95 % interval, overdispersion included."),
        Field("since_share_high", "float64", "shift: upper end."),
        Field(
            "visible_fall_share",
            "float64",
            "Fall of the share that the chart would show within half a year, more likely than not; absent where none would.",
        ),
    ),
)

OWN_CHARTS = TableSpec(
    "own_charts",
    "An employee's own record, week by week, with its limits.",
    ("employee", "start_at"),
    (
        _EMPLOYEE,
        Field("start_at", "timestamp", "Start of the first day of the week, on the organisation's calendar."),
        Field("weeks_count", "int64", "Weeks taken together, so that there are ten contacts."),
        Field("n", "int64", "Contacts that ended."),
        Field("resolved_share", "float64", "Share of them resolved."),
        Field("expected_share", "float64", "Share expected of these contacts at the employee's own level."),
        Field(
            "limit_low_share",
            "float64",
            "Lower limit of Laney's p′ chart: three standard deviations, overdispersion included.",
        ),
        Field("limit_high_share", "float64", "Upper limit."),
        Field("outside", "boolean", "So few resolved come up once in a thousand such weeks (beta-binomial tail)."),
        Field(
            "climb",
            "float64",
            "Clipped cumulative sum of what is missing, in standard deviations, against all weeks before.",
        ),
        Field("climb_limit", "float64", "Where it says something; set by simulation."),
        Field("alarm", "boolean", "The first week above the limit; the sum then starts anew for the next one."),
    ),
)

PEOPLE_TABLES = (PEOPLE, OWN_CHARTS)
