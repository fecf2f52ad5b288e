"""The API does what its OpenAPI says: no undocumented answer, and nothing breaks on what a program may send."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.wsgi import get_wsgi_application
from django.test import Client
from hypothesis import HealthCheck, settings
from ninja import Schema
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


def test_a_schema_has_its_name_alone(database: str) -> None:
    """Of two classes of one name in two slices the document would show one, under both."""
    where: dict[str, set[str]] = {}
    for one in _below(Schema):
        if one.__module__.startswith("aboveboard."):
            where.setdefault(one.__name__, set()).add(one.__module__)
    assert {name: modules for name, modules in where.items() if len(modules) > 1} == {}
    shown = Client(headers={"host": "localhost"}).get("/api/openapi.json").json()["components"]["schemas"]
    assert [name for name in shown if "__" in name] == []
    assert set(shown) - {"Problem"} <= set(where)


def _below(cls: type) -> Iterator[type]:
    for one in cls.__subclasses__():
        yield one
        yield from _below(one)


def test_events_say_which_bodies_they_refuse(joined: Joining) -> None:
    headers = {"host": "localhost", "Authorization": f"Bearer {key(joined, 'events')}"}
    client = Client(headers=headers)
    said = client.get("/api/openapi.json").json()["paths"]["/api/events"]["post"]["responses"]
    assert {"413", "415"} <= set(said)
    for status in ("413", "415"):
        assert said[status]["content"]["application/problem+json"]["schema"]["$ref"].endswith("/Problem")
    answer = client.post("/api/events", "a,b", content_type="text/csv")
    assert (answer.status_code, answer["Content-Type"]) == (415, "application/problem+json")


def test_a_body_that_is_too_long_is_refused(joined: Joining, monkeypatch: pytest.MonkeyPatch) -> None:
    from aboveboard.desk.imports import api

    monkeypatch.setattr(api, "_MOST", 10)
    client = Client(headers={"host": "localhost", "Authorization": f"Bearer {key(joined, 'events')}"})
    answer = client.post("/api/events", '{"id": "a"}\n' * 3, content_type="application/x-ndjson")
    assert (answer.status_code, answer["Content-Type"]) == (413, "application/problem+json")


def test_a_key_that_asks_too_often_is_told_to_wait(joined: Joining, monkeypatch: pytest.MonkeyPatch) -> None:
    from aboveboard.web.api import api

    monkeypatch.setattr(api.auth[0], "most", 3)  # type: ignore[index] # a list, as it is made
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
def test_nothing_that_a_program_sends_breaks_it(
    joined: Joining, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import schemathesis
    from django.conf import settings as site
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi import checks

    # Files that are brought go there.
    monkeypatch.setattr(site, "FOUND", replace(site.FOUND, folder=tmp_path / "files"))
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
