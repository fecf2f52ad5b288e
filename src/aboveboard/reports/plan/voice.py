"""Voice: what customers said, how they mean it, what it is about, what is new and what they ask for."""

from __future__ import annotations

from functools import cache

from aboveboard.analyses import voice
from aboveboard.analyses.voice import vectors
from aboveboard.reports.plan.job import Job, Step


def steps(job: Job) -> list[Step]:
    """The tables of the family, in order; the texts are read once for all of them.

    Sentence vectors are made only where the environment asks for them (see `analyses.voice.vectors`).
    """

    @cache
    def read() -> voice.Read:
        return voice.read(job.events, job.playbook, as_of=job.as_of, vectors=vectors.configured())

    return [
        Step("voice", "reading what customers said", lambda: voice.voice(read())),
        Step("voice_models", "how often it was read rightly", lambda: read().models),
        Step("themes", "what customers speak about", lambda: read().themes),
        Step("voice_by", "where customers are discontent", lambda: voice.by(job.kept["voice"])),
        Step("voice_emerging", "what customers say now and did not before", lambda: voice.emerging(read())),
        Step("voice_requests", "what customers ask for", lambda: read().requests),
    ]
