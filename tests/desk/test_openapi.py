"""The API does what its OpenAPI says: no undocumented answer, and nothing breaks on what a program may send."""

from __future__ import annotations

import os
from typing import Any

import pytest
from django.core.wsgi import get_wsgi_application
from django.test import Client
from hypothesis import HealthCheck, settings
from tests.desk.conftest import NOW, Joining

from aboveboard.desk.people import actions, rules

_FEW = settings(
    max_examples=6, derandomize=bool(os.environ.get("CI")), suppress_health_check=list(HealthCheck), database=None,
)  # fmt: skip


def key(joined: Joining, *scopes: str) -> str:
    """A key of somebody who may do everything that a key can."""
    held = tuple(rules.Held(role, None) for role in rules.ROLES)
    cora = joined("cora", "cx-lead")
    ada = joined("ada", "admin")
    for role in ("admin",):
        actions.give_role(by=ada, user=cora.id, role=role, team=None, now=NOW)
    everybody = rules.Person(cora.id, cora.name, cora.employee, held)
    return actions.make_key(by=everybody, name="all", scopes=scopes, expires_at=None, now=NOW)


def test_every_route_says_what_can_go_wrong(database: str) -> None:
    document = Client(headers={"host": "localhost"}).get("/api/openapi.json").json()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert operation["summary"] and operation["description"], (path, method)
            assert {"401", "403", "404", "422", "429"} <= set(operation["responses"]), (path, method)


def test_a_key_that_asks_too_often_is_told_to_wait(joined: Joining, monkeypatch: pytest.MonkeyPatch) -> None:
    from ninja.throttling import AuthRateThrottle

    monkeypatch.setattr(AuthRateThrottle, "parse_rate", lambda self, rate: (3, 60))
    from aboveboard.web.api import api

    for throttle in api.throttle:  # type: ignore[union-attr] # a list, as it is made
        monkeypatch.setattr(throttle, "num_requests", 3)
    client = Client(headers={"host": "localhost", "Authorization": f"Bearer {key(joined, 'read')}"})
    answers = [client.get("/api/me") for _ in range(4)]
    assert [one.status_code for one in answers] == [200, 200, 200, 429]
    assert (int(answers[-1]["Retry-After"]) > 0, answers[-1]["Content-Type"]) == (True, "application/problem+json")


def test_a_route_that_is_not_there_is_a_problem_too(database: str) -> None:
    answer = Client(headers={"host": "localhost"}).get("/api/nothing")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


def test_text_that_no_database_takes_is_refused_at_the_door(joined: Joining) -> None:
    client = Client(headers={"host": "localhost", "Authorization": f"Bearer {key(joined, *rules.SCOPES)}"})
    asked = 0
    for path, operations in client.get("/api/openapi.json").json()["paths"].items():
        for named in (one for one in operations.get("get", {}).get("parameters", ()) if one["in"] == "query"):
            answer = client.get(path.replace("{", "").replace("}", ""), query_params={named["name"]: "a\x00b"})
            assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json"), (path, named)
            asked += 1
    assert asked > 20
    for body in (b'{"customer": "a\\u0000b"}', b'{"name": "a\\ud800b", "scopes": []}'):
        assert client.post("/api/cases", body, "application/json").status_code == 400
    assert client.get("/api/promises/a%00b/silent").status_code == 400
    assert client.get("/account/login/?next=%00").status_code == 400
    assert client.post("/account/login/", {"login": "a\x00b"}).status_code in (200, 400)
    assert client.post("/account/login/", "login=%00", "application/x-www-form-urlencoded").status_code == 400


@pytest.mark.slow
def test_nothing_that_a_program_sends_breaks_it(joined: Joining) -> None:
    import schemathesis
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi import checks

    token = key(joined, *rules.SCOPES)
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", get_wsgi_application())
    held = [
        not_a_server_error, checks.status_code_conformance, checks.content_type_conformance, checks.response_schema_conformance,
    ]  # fmt: skip
    seen = []
    for result in schema.get_all_operations():
        operation = result.ok()

        @settings(_FEW)
        @_given(operation.as_strategy())
        def calls(case: Any) -> None:
            case.call_and_validate(headers={"Authorization": f"Bearer {token}", "Host": "localhost"}, checks=held)

        calls()
        seen.append(operation.label)
    assert "GET /api/me" in seen


def _given(strategy: Any) -> Any:
    from hypothesis import given

    return given(case=strategy)
