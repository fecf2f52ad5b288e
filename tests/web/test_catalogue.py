"""What pages say is translated whole, with every placeholder in its place."""

from __future__ import annotations

import re

import pytest
from tests.web import catalogue

_PLACES = re.compile(r"%\(\w+\)[sd]|\{\w*\}|%[sd]|%%")


@pytest.mark.parametrize("language", catalogue.LANGUAGES)
def test_nothing_is_left_untranslated(language: str) -> None:
    assert catalogue.untranslated(catalogue.fresh(language)) == [], "python -m tests.web.catalogue, then translate"


@pytest.mark.parametrize("language", catalogue.LANGUAGES)
def test_placeholders_are_those_of_the_original(language: str) -> None:
    wrong = []
    for one in catalogue.catalogue(language):
        said = (one.id,) if isinstance(one.id, str) else tuple(one.id)
        told = (one.string,) if isinstance(one.string, str) else tuple(one.string or ())
        wanted = {frozenset(_PLACES.findall(text)) for text in said}
        # A singular may leave its number out: "one thing".
        wrong += [
            text for text in told if one.id and not any(frozenset(_PLACES.findall(text)) <= known for known in wanted)
        ]
    assert wrong == []


@pytest.mark.parametrize("language", catalogue.LANGUAGES)
def test_what_django_reads_is_what_is_written(language: str) -> None:
    from babel.messages.mofile import read_mo

    with (catalogue.LOCALE / language / "LC_MESSAGES" / "django.mo").open("rb") as file:
        compiled = read_mo(file)
    wrong = []
    for one in catalogue.catalogue(language):
        if one.id:
            key = one.id if isinstance(one.id, str) else one.id[0]
            read = compiled[key].string
            wrong += (
                [key]
                if (read if isinstance(read, str) else tuple(read))
                != (one.string if isinstance(one.string, str) else tuple(one.string))
                else []
            )
    assert wrong == []
