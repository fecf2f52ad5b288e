"""Episodes and hand-offs: who is one person, which events are one need, and what each took."""

from __future__ import annotations

from aboveboard.analyses import episodes
from aboveboard.reports.plan.job import Job, Step


def steps(job: Job) -> list[Step]:
    """The tables of the family, in order."""
    kept, moment = job.kept, job.as_of
    return [
        Step("links", "which customers are one person", lambda: episodes.links(job.events, as_of=moment)),
        Step(
            "episode_events",
            "which events belong together",
            lambda: episodes.members(job.events, links=kept["links"], as_of=moment),
        ),
        Step(
            "handoffs",
            "where work changes hands",
            lambda: episodes.handoffs(job.events, members=kept["episode_events"], as_of=moment),
        ),
        Step("handoff_flows", "between whom", lambda: episodes.flows(kept["handoffs"])),
        Step("contradictions", "who was told two things", lambda: episodes.contradictions(job.events, as_of=moment)),
        Step(
            "episodes",
            "what each need took",
            lambda: episodes.episodes(
                job.events,
                members=kept["episode_events"],
                handoffs=kept["handoffs"],
                contradictions=kept["contradictions"],
                links=kept["links"],
                as_of=moment,
            ),
        ),
        Step(
            "repeats",
            "who had to come back",
            lambda: episodes.repeats(job.events, members=kept["episode_events"], as_of=moment),
        ),
    ]
