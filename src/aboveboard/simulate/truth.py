"""What was planted: each cause, how strong it is, and which finding should tell of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace


@dataclass(frozen=True)
class Rates:
    """Every rate of the company that a planted cause raises; the defaults are the company with all its troubles.

    `Rates.without()` is the same company with none of them: each place behaves as all the others do.
    """

    late_after_cut_off: float = 0.62
    lost_to_installer: float = 0.20
    ping_pong: float = 0.45
    late_repair_monday: float = 0.75
    wrong_stock: float = 0.30
    repeat_after_script: float = 0.42
    unwanted_cover: float = 0.50
    slow_answer_before_fix: float = 0.36
    second_key: float = 0.03
    late_returns: float = 0.12
    fee_requests: float = 0.08
    early_refunds: float = 0.10
    indebting_words: float = 0.45
    empty_claims: float = 0.35
    theatre: float = 0.65
    old_machine_worth: float = 0.6

    # What happens anywhere, without any cause.
    late_delivery: float = 0.015
    lost_anywhere: float = 0.008
    ping_pong_anywhere: float = 0.02
    late_repair: float = 0.04
    wrong_stock_anywhere: float = 0.0
    repeat_anywhere: float = 0.08
    cover_anywhere: float = 0.06
    asked_anywhere: float = 0.002
    theatre_anywhere: float = 0.06
    slow_answer: float = 0.03

    @classmethod
    def without(cls) -> Rates:
        """Return the rates of a company in which nothing was planted."""
        calm = cls()
        return replace(
            calm,
            late_after_cut_off=calm.late_delivery,
            lost_to_installer=calm.lost_anywhere,
            ping_pong=calm.ping_pong_anywhere,
            late_repair_monday=calm.late_repair,
            wrong_stock=calm.wrong_stock_anywhere,
            repeat_after_script=calm.repeat_anywhere,
            unwanted_cover=calm.cover_anywhere,
            slow_answer_before_fix=calm.slow_answer,
            second_key=0.0,
            late_returns=calm.asked_anywhere,
            fee_requests=calm.asked_anywhere,
            early_refunds=calm.asked_anywhere,
            indebting_words=0.0,
            empty_claims=0.0,
            theatre=calm.theatre_anywhere,
            old_machine_worth=0.0,
        )


# Findings that compare one place with the rest, or with an objective: these can be false discoveries. The others (a
# hand-off that was lost, two channels that disagreed) are facts of the record.
COMPARES = frozenset(
    {
        "promise.not-deliverable",
        "promise.breaks-where",
        "promise.burning",
        "promise.getting-worse",
        "promise.getting-better",
        "handoff.ping-pong",
        "handoff.slow",
        "episode.repeat",
        "touchpoint.loses-points",
        "policy.change-the-rule",
        "policy.push-authority-down",
        "escalation.theatre",
        "claim.contradicted",
        "wording.bred-by-policy",
        "step.make-conditional",
        "step.drop",
    }
)
OVERALL = frozenset({"all", "(others)"})


def compares(kind: str, about: Mapping[str, str]) -> bool:
    """Whether a finding sets one place against others; a count over the whole company does not."""
    return kind in COMPARES and not OVERALL & set(about.values())


@dataclass(frozen=True)
class Cause:
    """One planted cause.

    `finds` is the finding that must tell of it (kind, and the part of `about` that matters); `explains` are further
    findings that are true because of it, and so are not false discoveries. `needs` names the analysis that can see
    it where that is still to come (a topic of `findings.expectations`).
    """

    name: str
    says: str
    size: float
    finds: tuple[str, Mapping[str, str]] | None = None
    explains: tuple[tuple[str, Mapping[str, str]], ...] = ()
    needs: str | None = None


@dataclass(frozen=True)
class Truth:
    """Everything that is true of a simulated company: its causes, and who is innocent.

    `innocent` are teams and promises that look guilty at first sight, because much happens there, and must not be
    named by any finding that compares. `same_person` are the pairs of customer keys that are one person.
    """

    causes: tuple[Cause, ...] = ()
    innocent: tuple[str, ...] = ()
    same_person: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    def cause_of(self, kind: str, about: Mapping[str, str]) -> Cause | None:
        """Return the cause that a finding tells of, or None where nothing planted explains it."""
        for cause in self.causes:
            for known, part in (*([cause.finds] if cause.finds else []), *cause.explains):
                if kind == known and all(about.get(key) == value for key, value in part.items()):
                    return cause
        return None


def kept_shares(rates: Rates) -> dict[tuple[str, str, str], float]:
    """Return the true share kept, by promise, slice and value as in the table `promise_slices`.

    Only where it is one number: hours of one kind, a depot, a weekday. A 95 % interval must hold it 95 times of 100.
    """
    shares = {
        ("ready-in-two-hours", "all", "all"): 0.98,
        ("call-back", "all", "all"): 0.96,
        ("installed-in-five-days", "team", "Eastmoor"): 1 - rates.lost_to_installer,
        ("repaired-in-two-days", "weekday", "1"): 1 - rates.late_repair_monday,
    }
    for depot in ("Northgate", "Southbank", "Westhay"):
        shares["installed-in-five-days", "team", depot] = 1 - rates.lost_anywhere
    for weekday in "2345":
        shares["repaired-in-two-days", "weekday", weekday] = 1 - rates.late_repair
    for hour in range(9, 20):
        late = rates.late_after_cut_off if hour >= 14 else rates.late_delivery
        shares["delivered-tomorrow", "hour", str(hour)] = 1 - late
    return shares


def causes(rates: Rates) -> tuple[Cause, ...]:
    """Return the causes that `rates` plant; a rate as it is anywhere plants nothing."""
    calm = Rates.without()
    planted = {item.name for item in fields(Rates) if getattr(rates, item.name) != getattr(calm, item.name)}
    found = tuple(cause for rate, cause in _catalogue(rates).items() if rate in planted)
    idle = ("leave-the-leaflet",) if rates.old_machine_worth else ("leave-the-leaflet", "take-the-old-one")
    return (*found, *(_idle(step) for step in idle))


def _idle(step: str) -> Cause:
    """A step that does nothing for anybody, which is how half of all checklists are filled."""
    says = "It is done because it was always done."
    return Cause(f"an idle step: {step}", says, 0.0, explains=(("step.drop", {"step": step}),))


def _catalogue(rates: Rates) -> dict[str, Cause]:
    """Return, per rate, the cause it plants."""
    window, repair, installed = (
        {"promise": "delivered-tomorrow"},
        {"promise": "repaired-in-two-days"},
        {"promise": "installed-in-five-days"},
    )
    answer = {"promise": "answer-within-a-day"}
    return {
        "late_after_cut_off": Cause(
            "cut-off hour",
            "Orders after two in the afternoon miss the last lorry; the promise makes no difference between hours.",
            rates.late_after_cut_off,
            finds=("promise.not-deliverable", window),
            explains=(
                ("promise.breaks-where", {**window, "slice": "hour"}),
                ("promise.breaks-where", {**window, "slice": "hour_weekday"}),
                ("promise.burning", window),
                ("touchpoint.loses-points", {"touchpoint": "delivery"}),
            ),
        ),
        "lost_to_installer": Cause(
            "lost hand-offs",
            "Eastmoor tells the fitters by a list that is read on some days and not on others.",
            rates.lost_to_installer,
            finds=("handoff.lost", {"sender": "Eastmoor", "receiver": "Fitwell"}),
            explains=(
                ("promise.not-deliverable", installed),
                ("promise.breaks-where", {**installed, "slice": "team", "value": "Eastmoor"}),
                ("promise.burning", installed),
            ),
        ),
        "ping_pong": Cause(
            "ping-pong",
            "Billing and the orders desk send each other the cases that neither may decide.",
            rates.ping_pong,
            finds=("handoff.ping-pong", {"teams": "billing ↔ orders desk"}),
            explains=(
                ("handoff.slow", {"sender": "billing"}),
                ("handoff.slow", {"sender": "orders desk"}),
            ),
        ),
        "late_repair_monday": Cause(
            "Mondays at the repair desk",
            "The week-end's machines all come in on Monday, and there is the same bench as on other days.",
            rates.late_repair_monday,
            finds=("promise.breaks-where", {**repair, "slice": "weekday", "value": "1"}),
            explains=(
                ("promise.breaks-where", {**repair, "slice": "hour_weekday"}),
                ("promise.not-deliverable", repair),
                ("promise.burning", repair),
            ),
        ),
        "wrong_stock": Cause(
            "stock that is not there",
            "The web shop counts the show-room pieces at Market Square as stock.",
            rates.wrong_stock,
            finds=("contradiction.channels", {"fact": "stock"}),
        ),
        "repeat_after_script": Cause(
            "the scripted answer",
            "Warranty questions are answered from a card that does not answer them; they are ticked as resolved.",
            rates.repeat_after_script,
            finds=("episode.repeat", {"slice": "touchpoint", "value": "warranty question"}),
        ),
        "unwanted_cover": Cause(
            "commission on cover",
            "Sellers are paid for extended cover; what is sold so is cancelled within the month.",
            rates.unwanted_cover,
            needs="problems",
        ),
        "slow_answer_before_fix": Cause(
            "the new inbox",
            "Cases waited in two inboxes until one replaced them.",
            rates.slow_answer_before_fix,
            finds=("promise.getting-better", answer),
            explains=(
                ("promise.not-deliverable", answer),
                ("promise.getting-worse", answer),
                ("promise.burning", answer),
            ),
        ),
        "late_returns": Cause(
            "a rule that everybody bends",
            "Thirty days to bring a machine back end before the fitter has been; whoever stands at the counter knows.",
            rates.late_returns,
            finds=("policy.change-the-rule", {"policy": "returns-within-30-days"}),
        ),
        "fee_requests": Cause(
            "the lead who always says yes",
            "The delivery fee may be given back by the lead alone, who is never in the room.",
            rates.fee_requests,
            finds=("policy.push-authority-down", {"policy": "delivery-fee-stays"}),
        ),
        "early_refunds": Cause(
            "a rule with a reason",
            "Money before goods costs dear: one machine of eight never comes back.",
            rates.early_refunds,
        ),
        "indebting_words": Cause(
            "a favour instead of a right",
            "Who bends a rule says so, and the customer leaves in debt.",
            rates.indebting_words,
            finds=("wording.bred-by-policy", {"policy": "returns-within-30-days"}),
        ),
        "empty_claims": Cause(
            "nobody was asked",
            "Customers hear that a superior was asked; in one case of three nobody was.",
            rates.empty_claims,
            finds=("claim.contradicted", {"claim": "asked-superior"}),
        ),
        "theatre": Cause(
            "escalations that come back as they went",
            "The complaints desk sends complaints upstairs, where they are talked over and left.",
            rates.theatre,
            finds=("escalation.theatre", {"slice": "team", "value": "complaints desk"}),
        ),
        "old_machine_worth": Cause(
            "an offer that helps some",
            "To take the old machine away is a kindness where there is one.",
            rates.old_machine_worth,
            finds=("step.make-conditional", {"step": "take-the-old-one"}),
        ),
        "second_key": Cause(
            "two keys, one person",
            "Some customers are known to the web shop by another number than to the stores.",
            rates.second_key,
        ),
    }
