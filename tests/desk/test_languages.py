"""A page speaks the language that is asked for."""

from __future__ import annotations

import pytest
from django.test import Client


@pytest.mark.parametrize(("asked", "says"), [("de", "Anmelden"), ("en", "Sign in"), ("fr", "Sign in")])
def test_the_door_speaks_to_whoever_knocks(database: str, asked: str, says: str) -> None:
    page = Client(headers={"host": "localhost"}).get("/account/login/", headers={"Accept-Language": asked})
    assert f"<h1>{says}</h1>" in page.content.decode()
    assert page["Content-Language"] == ("de" if asked == "de" else "en")
