"""Claims: what customers are told against the record, what is promised by word, and which faces a status has."""

from __future__ import annotations

from aboveboard.analyses import claims
from aboveboard.reports.plan.job import Job, Step


def steps(job: Job) -> list[Step]:
    """The tables of the family, in order. The promises read `commitments`."""
    kept, moment = job.kept, job.as_of
    return [
        Step(
            "claims",
            "holding words against the record",
            lambda: claims.claims(job.events, job.playbook, as_of=moment, members=kept.get("episode_events")),
        ),
        Step(
            "commitments",
            "what was promised by word",
            lambda: claims.commitments(job.events, kept["claims"], job.playbook, as_of=moment),
        ),
        Step("claim_summary", "how often words are borne out", lambda: claims.summary(kept["claims"])),
        Step("dissonance", "what customers see meanwhile", lambda: claims.dissonance(job.events, as_of=moment)),
    ]
