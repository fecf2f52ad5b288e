"""What the analyses of policies give, column by column. (Denials and abuse: `denial_tables`.)"""

from __future__ import annotations

from aboveboard.analyses.shared.tables import Field, TableSpec

_POLICY = Field("policy", "string", "Name in the playbook, or what stands behind `policy:` in the events' rule.")
_CLAUSE = Field("clause", "string", "`attributes.clause` of the deciding event, else of the request.")

REQUESTS = TableSpec(
    "exception_requests",
    "Who asked for what a policy forbids, and what came of it?",
    ("event",),
    (
        Field("event", "string", "Id of `exception.requested`; of the decision where nobody wrote the asking down."),
        _POLICY,
        Field("clause", "string", "As in `policy_clauses`; absent where neither event names one."),
        Field("subject", "string", ""),
        Field("customer", "string", ""),
        Field("asked_at", "timestamp", "First asking; absent where only the decision was written down."),
        Field("asked_level", "string", "`attributes.level` of the request; absent: the lowest level was asked."),
        Field(
            "decision",
            "string",
            "Id of the deciding event: the last one before the customer asks anew; absent while undecided.",
        ),
        Field("outcome", "string", "granted, denied, undecided."),
        Field("decided_at", "timestamp", "Absent while undecided."),
        Field("level", "string", "`attributes.level` of the decision: the authority used."),
        Field(
            "climbed",
            "boolean",
            "Decided above the level asked; absent where the playbook's `authority` does not name the level.",
        ),
        Field("cost", "float64", "`value` of the decision, in money; absent where it says none."),
        Field("waiting_minutes", "float64", "asked_at to decided_at; absent where either is."),
        Field(
            "harmed_at",
            "timestamp",
            "First `harm.found` of the same subject and rule after it was granted, before the next "
            "grant, and within `harm_within`; absent if none.",
        ),
        Field("harm_minutes", "float64", "decided_at to harmed_at."),
        Field(
            "followed_minutes",
            "float64",
            "From the grant to harm, or else to as_of or the end of `harm_within`; absent where not granted.",
        ),
        Field(
            "followed", "boolean", "Granted so long ago that all of `harm_within` has passed; absent where not granted."
        ),
    ),
)


ORDINARY = TableSpec(
    "policy_ordinary",
    "What becomes of cases in which nobody asks for an exception?",
    ("policy", "step", "harmed"),
    (
        _POLICY,
        Field(
            "step",
            "int64",
            "How far they were followed, or harm was found: in hundredths of the policy's `harm_within`.",
        ),
        Field("harmed", "boolean", "Harm was found within `harm_within` of the case's first event."),
        Field("cases_count", "int64", ""),
    ),
)


def _estimate(name: str, meaning: str, interval: str = "95 % Wilson interval.") -> tuple[Field, ...]:
    return (
        Field(name, "float64", meaning),
        Field(f"{name}_low", "float64", interval),
        Field(f"{name}_high", "float64", ""),
    )


_KAPLAN_MEIER = "95 % Wilson interval on the effective number of cases."
_JUDGED: tuple[Field, ...] = (
    Field("says", "string", "The rule in the playbook's words; absent where the playbook does not know it."),
    Field("owner", "string", "Who answers for it; absent where none is named."),
    Field("verdict", "string", "change the rule, push authority down, keep and explain, not enough data."),
    Field("why", "string", "The reason for the verdict, in one sentence."),
    Field("requests_count", "int64", "Requests for an exception, those that only a decision tells of included."),
    Field("granted_count", "int64", ""),
    Field("denied_count", "int64", ""),
    Field("undecided_count", "int64", "Asked and not yet answered at as_of."),
    *_estimate(
        "exception_share",
        "Cases under the policy in which an exception was granted; absent where the ledger shows no"
        " case without a request.",
    ),
    *_estimate("approval_share", "Granted ÷ decided; absent where nothing was decided."),
    Field("cost_sum", "float64", "Money given by exceptions granted; absent where no event says a cost."),
    Field("cost_median", "float64", "Nearest rank."),
    Field(
        "waiting_minutes_median",
        "float64",
        "From asking to the answer, nearest rank; absent where no asking was written down.",
    ),
    Field("waiting_minutes_p90", "float64", ""),
    *_estimate(
        "climbed_share",
        "Decided above the level that was asked, among those whose level the playbook's `authority` names.",
    ),
    Field("climbed_count", "int64", ""),
    *_estimate("climbed_approval_share", "Granted, among those decided above the level that was asked."),
    Field("harm_count", "int64", "Exceptions granted after which harm was found within `harm_within`."),
    Field(
        "censored_count",
        "int64",
        "Exceptions granted, without harm so far, whose `harm_within` has not run out: they count "
        "as far as they were followed.",
    ),
    Field("harm_minutes_median", "float64", "From the grant to the harm, nearest rank; absent where there was none."),
    *_estimate(
        "harm_share", "Exceptions granted that come to harm within `harm_within` (Kaplan–Meier).", _KAPLAN_MEIER
    ),
    Field(
        "compared_with",
        "string",
        "ordinary cases: cases under the policy without a request; none: fewer than twenty of them "
        "are known, and harm itself is held against the margin.",
    ),
    Field("ordinary_count", "int64", "Cases under the policy without a request."),
    *_estimate(
        "ordinary_harm_share",
        "Ordinary cases that come to harm within `harm_within` of their first event (Kaplan–Meier).",
        _KAPLAN_MEIER,
    ),
    *_estimate(
        "harm_difference",
        "harm_share − ordinary_harm_share, or harm_share where compared_with is none.",
        "95 % interval: the differences that the score test of Farrington and Manning does not reject.",
    ),
    Field(
        "harm_margin", "float64", "The extra harm that the owner would accept; absent where the playbook states none."
    ),
    Field(
        "within_margin_p",
        "float64",
        "p of the score test that the difference is at least the margin: small, and harm is within it.",
    ),
    Field(
        "beyond_margin_p",
        "float64",
        "p of the score test that the difference is at most the margin: small, and harm is beyond it.",
    ),
    Field(
        "approval_p",
        "float64",
        "p that those above the level asked grant at most nine in ten; absent where most is decided where it is asked.",
    ),
    Field(
        "tolerated_harm_share",
        "float64",
        "Harm among those refused up to which the rule's harm would still be within the margin; "
        "absent where nobody was refused.",
    ),
    *_estimate(
        "auc",
        "Chance that the approver's doubt stands higher in a harmful grant than in a harmless one; "
        "0.5 tells nothing. Absent below ten of either.",
        "95 % interval of DeLong et al. (1988), which allows for having had two kinds of doubt to choose from.",
    ),
    Field(
        "doubt",
        "string",
        "In which way doubt tells most: likeness to the refused (where ten or more were), or time taken.",
    ),
    Field(
        "proposed_level",
        "string",
        "Where authority should move: the lowest level of the playbook; absent for other verdicts.",
    ),
    Field(
        "proposed_limit",
        "float64",
        "The amount of money that covers 95 % of what was granted; absent without proposed_level or cost.",
    ),
    Field("region", "string", "What the changed rule would allow, in words; absent for other verdicts."),
    Field("condition", "string", "The same as a condition over the request event, in the playbook's SQL."),
    Field("suggestions_count", "int64", "`suggestion.made` about the policy."),
    Field("suggestions_unanswered_count", "int64", "Those without a `suggestion.answered` so far."),
    Field(
        "suggestions_unanswered_days", "float64", "How long the oldest of them has been waiting; absent where none is."
    ),
)

POLICIES = TableSpec("policies", "Which rules work only when someone bends them?", ("policy",), (_POLICY, *_JUDGED))

_OF_THE_POLICY = (
    "says",
    "owner",
    "exception_share",
    "exception_share_low",
    "exception_share_high",
    "region",
    "condition",
    "suggestions_count",
    "suggestions_unanswered_count",
    "suggestions_unanswered_days",
)
CLAUSES = TableSpec(
    "policy_clauses",
    "Which clause of the rule is it?",
    ("policy", "clause"),
    (_POLICY, _CLAUSE, *(field for field in _JUDGED if field.name not in _OF_THE_POLICY)),
)

RELAXATIONS = TableSpec(
    "policy_relaxations",
    "Which part of what a rule forbids does no harm?",
    ("policy", "number"),
    (
        _POLICY,
        Field("number", "int64", "Place in the rule list: what an earlier region holds is no longer looked at."),
        Field("region", "string", "In words: “value at most 50 and channel is web”."),
        Field("condition", "string", "As a condition over the request event, in the playbook's SQL."),
        Field("conditions_count", "int64", "One to three."),
        Field("requests_count", "int64", "Requests in the region, on both halves."),
        *_estimate("approval_share", "Granted ÷ decided in the region, on both halves."),
        Field(
            "discovery_count",
            "int64",
            "Exceptions granted in the region, and followed to the end, on the half that the region was found on.",
        ),
        Field("discovery_harm_count", "int64", "Of them, those that came to harm."),
        *_estimate("discovery_harm_share", "Flattered by the search: the confirmation's is the honest one."),
        Field("confirmation_count", "int64", "The same on the other half, which the search did not see."),
        Field("confirmation_harm_count", "int64", ""),
        *_estimate("confirmation_harm_share", ""),
        Field("confirmation_p", "float64", "p of the score test on the other half that harm is beyond the margin."),
        Field(
            "confirmed",
            "boolean",
            "Harm is within the margin on the other half, all regions of the playbook counted "
            "(false-discovery rate 5 %), also if those refused came to harm twice as often.",
        ),
    ),
)

REPLAY = TableSpec(
    "policy_replay",
    "What would have happened under the proposed rule?",
    ("policy",),
    (
        _POLICY,
        Field("verdict", "string", "The proposal that is replayed: change the rule, or push authority down."),
        Field("region", "string", "What the rule would allow at once, in words."),
        Field("condition", "string", "The same as a condition over the request event, in the playbook's SQL."),
        Field("requests_count", "int64", "Requests so far that the new rule would have said yes to at once."),
        Field("granted_count", "int64", "Of them, granted then too: they are spared the waiting."),
        Field("flipped_count", "int64", "Of them, denied then: they would have had it."),
        Field("answered_count", "int64", "Of them, still without an answer: they would have one."),
        Field(
            "outside_support_count",
            "int64",
            "Of those flipped or answered, how many are of a kind of which fewer than five were ever "
            "granted: nothing is known of their harm, and a staged trial comes first.",
        ),
        Field("minutes_saved", "float64", "Minutes that customers waited for an answer, in all."),
        *_estimate(
            "cost",
            "Money for those flipped or answered, each at its own value, or else at the mean cost of "
            "those granted; absent where no cost is known.",
            "95 % interval: bootstrap over the costs of those granted.",
        ),
        *_estimate(
            "harm_expected",
            "Harm to expect among those flipped or answered within the support, at the rate of those granted.",
            "95 % Wilson interval of that rate.",
        ),
    ),
)

TABLES = (REQUESTS, ORDINARY, POLICIES, CLAUSES, RELAXATIONS, REPLAY)
