"""Timed work of policies: what an analysis found about rules is put to their owners, and whose abuse is on record is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction

from aboveboard.desk.policies import actions, rules
from aboveboard.findings.model import Finding

_LONGEST = 200
"""The longest name of a customer that the desk keeps."""


def take(*, findings: Sequence[Finding], abuse: Iterable[Mapping[str, Any]], now: datetime) -> int:
    """Take over what a run found; how many findings are proposals to change a rule now, or were before.

    Of `findings` those count that say that a rule should change (`rules.PROPOSING`), where the playbook in force has the rule.
    `abuse` are the rows of the table of that name: the findings in force, which take the place of all of before.
    """
    proposed = 0
    with transaction.atomic():
        for one in findings:
            proposed += one.kind in rules.PROPOSING and _propose(one, now)
        actions.know_abuse(findings=[_abuse(row) for row in abuse if len(row["customer"]) <= _LONGEST])
    return proposed


def _propose(one: Finding, now: datetime) -> bool:
    try:
        actions.propose(
            by=None, kind=one.kind, about=one.about, sentence=one.sentence, evidence=asdict(one.evidence), action=one.action,
            now=now,
        )  # fmt: skip
    except rules.PoliciesError:
        # It is about a rule that the record names, and the playbook has not, or not any more.
        return False
    return True


def _abuse(row: Mapping[str, Any]) -> actions.AbuseFound:
    finding = Finding("abuse.found", {"customer": row["customer"]}, "", rules.NO_EVIDENCE, "").id
    return actions.AbuseFound(row["customer"], finding, row["appeal"], row["found_at"], row["expires_at"])
