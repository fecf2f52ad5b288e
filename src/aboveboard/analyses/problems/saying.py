"""Problems in words: what went wrong, where, and what else went wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aboveboard.analyses.problems import kinds

if TYPE_CHECKING:
    from aboveboard.analyses.problems.clusters import Cluster
    from aboveboard.playbook.model import Playbook

_PLAIN = {
    kinds.HANDOFF: "Work handed over does not arrive",
    kinds.CONTRADICTION: "Customers are told two things about one matter",
    kinds.ESCALATION: "Asking higher up changes nothing for the customer",
    kinds.COMPLAINT: "Customers complain",
    kinds.REOPENED: "Cases called closed come back",
}


def what(kind: str, rule: str | None, playbook: Playbook) -> str:
    """What goes wrong, as the beginning of a sentence."""
    sort, _, name = (rule or "").partition(":")
    plain = name.replace("-", " ").replace("_", " ")
    if kind == kinds.PROMISE:
        promise = playbook.promises.get(name)
        return f"“{promise.says.strip().removesuffix('.')}” is missed" if promise else f"The promise {plain} is missed"
    if kind == kinds.REFUSAL:
        policy = playbook.policies.get(name)
        said = f"“{policy.says.strip().removesuffix('.')}”" if policy else f"the policy {plain}"
        return f"Requests are refused without evidence under {said}"
    if kind == kinds.CLAIM:
        return f"“{plain}” is said and the record does not bear it out"
    if kind == kinds.INSISTENCE:
        return f"Customers who declined “{plain.rpartition('/')[2]}” are asked again"
    if kind == kinds.STEP:
        return f"“{plain.rpartition('/')[2]}”, a must, is not done"
    if kind == kinds.RATING:
        return f"Customers answer badly ({plain})"
    if kind == kinds.ESCALATION and sort:
        return f"{_PLAIN[kind]} ({plain})"
    return _PLAIN[kind]


def cause(each: Cluster, playbook: Playbook) -> str:
    """What goes wrong, and where and when."""
    lead = each.lead
    assert lead is not None
    return f"{what(lead.region.kind, lead.region.rule, playbook)}: {lead.region.words}."


def also(each: Cluster, playbook: Playbook) -> str | None:
    """The other regions of the same cause, in words; None where there are none."""
    lead = each.lead
    others = [one.region for one in each.members if lead and one.region.key != lead.region.key]
    said = [f"{what(one.kind, one.rule, playbook)}: {one.words}" for one in others]
    return "; ".join(said) or None
