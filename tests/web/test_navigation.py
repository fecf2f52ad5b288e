"""Whatever role somebody has, the menu leads where they may go, and nowhere else."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aboveboard.web.settings")

import django

django.setup()

import pytest  # noqa: E402
from django.urls import resolve, reverse  # noqa: E402

from aboveboard.desk.people import rules  # noqa: E402
from aboveboard.web import navigation  # noqa: E402


@pytest.mark.parametrize("entry", [*navigation.WORK, *navigation.SETTINGS], ids=lambda entry: entry.url)
def test_a_line_asks_for_what_its_page_asks_for(entry: navigation.Entry) -> None:
    asked = resolve(reverse(entry.url)).func.acts  # type: ignore[attr-defined] # set by pages.page
    assert set(asked or rules.ACTS) >= set(entry.acts)
    assert entry.acts, "a line is for somebody"


def test_reports_are_in_the_menu_of_those_alone_who_may_open_them() -> None:
    entry = next(one for one in navigation.WORK if one.url == "reports:contents")
    of_a_team, of_all = (rules.Person(1, "Lea", "e-1", (rules.Held("lead", team),)) for team in ("North", None))
    assert not entry.open_to(of_a_team) and entry.open_to(of_all)
