"""What the weights of ratings give: the contract for findings, report and tests."""

from __future__ import annotations

from aboveboard.analyses.shared.tables import Field, TableSpec

RATINGS = TableSpec(
    "ratings",
    "What was each rating caused by?",
    ("rating", "cause", "name", "employee"),
    (
        Field("rating", "string", "Id of the `survey.answered` or `review.posted`."),
        Field("measure", "string", "Outcome of the answer (`csat`, …); `review` for a review."),
        Field("score", "float64", "Its value."),
        Field("given_at", "timestamp", "When it was given: nothing later moves a weight."),
        Field("subject", "string", "From the rating; absent where it names none."),
        Field("customer", "string", "From the rating."),
        Field(
            "cause",
            "string",
            "employee; promise (missed by then); policy (in whose name something was denied); process (a step insisted on, "
            "a lost hand-off, words against the record, or a touch that no employee had part in); product (sent back); "
            "unknown (the record shows nothing before the rating).",
        ),
        Field(
            "name",
            "string",
            "Which promise, policy, process or product: `offer: <procedure>/<step>`, `hand-off: <sender> → <receiver>`, "
            "`words: <what was claimed>`, `touch: <touchpoint, team or channel>`; absent for an employee and for unknown.",
        ),
        Field("employee", "string", "Pseudonymous key, of cause employee only. In order of keys: nobody is ranked."),
        Field("side", "string", "employee, system or unknown."),
        Field("weight", "float64", "Its part in the rating; those of one rating add up to 1."),
        Field("moments_count", "int64", "Moments in which it had part."),
        Field(
            "of_count",
            "int64",
            "Moments before the rating: touches, and breakdowns that befell the customer in between.",
        ),
        Field("first_at", "timestamp", "When it first had part; absent for unknown."),
    ),
)
