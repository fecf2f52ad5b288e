"""What the analyses of enablement give, column by column."""

from __future__ import annotations

from aboveboard.analyses.shared.tables import Field, TableSpec

QUESTIONS = ("training", "tools", "system", "help")
ALL = "all"
SMALL = "(small teams together)"
OTHERS = "(other teams together)"

_TEAM = Field("team", "string", "`all`; `(small teams together)`: teams with fewer than five answers a round, as one.")
_QUESTION = Field("question", "string", "training, tools, system or help.")

PULSE = TableSpec(
    "pulse",
    "What is missing, and where?",
    ("team", "question", "week_start_at"),
    (
        _TEAM,
        _QUESTION,
        Field("week_start_at", "timestamp", "The week in which it was asked; absent for all weeks together."),
        Field("weeks_count", "int64", "Weeks with published answers."),
        Field(
            "answers_count",
            "int64",
            "Answers that count here: always a multiple of five, the others are left out by lot.",
        ),
        Field("score", "float64", "Their mean, 1 (no) to 5 (yes)."),
        Field("score_low", "float64", "95 % interval, with the spread that answers to the question have everywhere."),
        Field("score_high", "float64", ""),
        Field(
            "change",
            "float64",
            "Since the team's last published week; absent for the first and for all weeks together.",
        ),
        Field("change_low", "float64", "95 % interval."),
        Field("change_high", "float64", ""),
        Field("rest_score", "float64", "The other teams' mean; absent where there is none, and for single weeks."),
        Field("differs", "boolean", "From the other teams, at a false-discovery rate of 5 % over teams and questions."),
        Field(
            "cases_count",
            "int64",
            "Promises of the team that have ended, in those weeks and the four before; absent for weeks.",
        ),
        Field("breakdowns_count", "int64", "Of them, late or broken."),
        Field("breakdown_share", "float64", "breakdowns ÷ cases."),
        Field("breakdown_share_low", "float64", "95 % Wilson interval."),
        Field("breakdown_share_high", "float64", ""),
    ),
)

REPLIES = TableSpec(
    "pulse_replies",
    "Is every answer answered?",
    ("team",),
    (
        _TEAM,
        Field("answers_count", "int64", "Answers that count, over all questions."),
        Field("replied_count", "int64", "Of them, a `pulse.replied` to the team and the question came afterwards."),
        Field(
            "unanswered_count",
            "int64",
            "The others. Both are nothing, or five or more, else the team is told with others.",
        ),
        Field("replied_share", "float64", ""),
        Field("replied_share_low", "float64", "95 % Wilson interval."),
        Field("replied_share_high", "float64", ""),
        Field("reply_days_median", "float64", "From answer to reply; absent where none is replied."),
        Field("unanswered_days_median", "float64", "Age of those without a reply; absent where there is none."),
    ),
)

LINKS = TableSpec(
    "pulse_links",
    "Do teams that miss something break more promises?",
    ("question",),
    (
        _QUESTION,
        Field("teams_count", "int64", "Teams with a score of their own and 20 or more promises that ended."),
        Field(
            "correlation",
            "float64",
            "Spearman's, of score and share broken: below zero, teams that miss more break more.",
        ),
        Field(
            "correlation_low",
            "float64",
            "95 % interval (Bonett and Wright 2000); absent below eight teams, with the estimate.",
        ),
        Field("correlation_high", "float64", ""),
        Field("p", "float64", "By permutation of the teams."),
        Field("q", "float64", "With a false-discovery limit over the questions."),
        Field("says", "string", "The row in one sentence."),
    ),
)

TABLES = (PULSE, REPLIES, LINKS)
