"""Trees of hashes, held against the definition of RFC 9162 written out."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aboveboard.desk.journal import rules
from aboveboard.ledger import columns


def defined(leaves: list[bytes]) -> bytes:
    """RFC 9162, 2.1.1, as it stands there; leaves are hashed already."""
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return hashlib.sha256(b"\x01" + defined(leaves[:half]) + defined(leaves[half:])).digest()


def leaves(count: int) -> list[bytes]:
    return [hashlib.sha256(bytes([n])).digest() for n in range(count)]


@pytest.mark.parametrize("count", range(1, 40))
def test_the_root_and_every_path_are_those_of_the_definition(count: int) -> None:
    held = leaves(count)
    assert rules.root(held) == defined(held)
    for place, at in enumerate(held):
        for step in rules.path(held, place):
            pair = (bytes.fromhex(step.hash), at) if step.left else (at, bytes.fromhex(step.hash))
            at = hashlib.sha256(b"\x01" + b"".join(pair)).digest()
        assert at == defined(held)


values = st.one_of(st.none(), st.text(max_size=6), st.floats(allow_nan=False), st.datetimes(timezones=st.just(UTC)))
rows = st.lists(values, min_size=len(columns.NAMES), max_size=len(columns.NAMES))


@given(rows, rows)
def test_two_events_share_a_hash_only_where_they_are_one(one: list[object], other: list[object]) -> None:
    same = [rules._told(v) if v is not None else None for v in one] == [
        rules._told(v) if v is not None else None for v in other
    ]
    assert (rules.leaf(1, one) == rules.leaf(1, other)) == same
    assert rules.leaf(1, one) != rules.leaf(2, one)


def test_a_moment_is_the_same_on_every_clock() -> None:
    at = datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
    elsewhere = at.astimezone(timezone(timedelta(hours=-5)))
    assert rules._told(at) == rules._told(elsewhere) == "-1"
