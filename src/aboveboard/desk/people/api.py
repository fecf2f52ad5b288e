"""The API's door: whose key it is, and what it allows; and the routes of people."""

from __future__ import annotations

import math
import threading
import time
from collections import defaultdict, deque

from django.http import HttpRequest
from ninja import Router, Schema
from ninja.errors import Throttled
from ninja.security import HttpBearer

from aboveboard.desk.people import actions, pages, queries, rules

router = Router(tags=["people"])
_MINUTE = 60.0


class ByKey(HttpBearer):
    """`Authorization: Bearer ab_…`: a key of the API, as a person made it; `most` requests a minute, counted in each process.

    Raises Throttled, which is answered with 429, for one request more.
    """

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most
        self._asked: defaultdict[str, deque[float]] = defaultdict(deque)
        self._one_at_a_time = threading.Lock()

    def authenticate(self, request: HttpRequest, token: str) -> rules.Person | None:
        at = pages.now()
        found = queries.person_by_key(token=token, now=at)
        if found is None:
            return None
        self._count(queries.hashed(token))
        actions.used_key(key=found.key, last=found.used_at, now=at)
        return found.person

    def _count(self, key: str) -> None:
        now = time.monotonic()
        with self._one_at_a_time:
            asked = self._asked[key]
            while asked and asked[0] <= now - _MINUTE:
                asked.popleft()
            if len(asked) >= self.most:
                raise Throttled(wait=math.ceil(asked[0] + _MINUTE - now))
            asked.append(now)


def asking(request: HttpRequest, act: str) -> rules.Person:
    """Whoever asks, allowed to `act`. Raises ForbiddenError otherwise, which the API answers with 403."""
    person: rules.Person = request.auth  # type: ignore[attr-defined]
    rules.need(person, act)
    return person


class HeldOut(Schema):
    """A role, and the team it is held for; null for the whole organisation."""

    role: str
    team: str | None


class MeOut(Schema):
    """Whoever the key acts as, and what it may do."""

    employee: str
    roles: list[HeldOut]
    acts: list[str]


@router.get("/me", response=MeOut, summary="Who this key acts as, and what it may do")
def me(request: HttpRequest) -> MeOut:
    """The key's person, roles and acts."""
    person: rules.Person = request.auth  # type: ignore[attr-defined]
    held = [HeldOut(role=one.role, team=one.team) for one in person.held]
    return MeOut(employee=person.employee, roles=held, acts=[act for act in rules.ACTS if rules.may(person, act)])
