"""How two texts differ, in lines and by entry, and when two people's changes fit together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aboveboard.desk.playbook import actions, rules
from aboveboard.playbook import reader

TEXT = """\
organisation: A shop # ours
timezone: Europe/London

promises:
  # said on the receipt
  ready:
    says: Ready in 3 hours.
    starts: type = 'order.paid'
    kept_by: type = 'order.ready'
    within: 3 hours
    objective: 0.98
policies:
  refunds: {says: Refunds within 30 days., authority: {rep: 0, lead: 100}}
"""
texts = st.lists(st.sampled_from("abcd"), max_size=8).map(lambda lines: "".join(f"{line}\n" for line in lines))


def changed(text: str) -> list[tuple[str, str, list[tuple[str, str | None, str | None]]]]:
    return [
        (one.name, one.how, [(key.key, key.before, key.after) for key in one.keys]) for one in rules.changes(TEXT, text)
    ]


def test_changes_are_told_by_entry() -> None:
    assert changed(TEXT) == []
    assert changed(TEXT.replace("3 hours\n", "4 hours\n")) == [("ready", "changed", [("within", "3 hours", "4 hours")])]
    assert changed(TEXT.replace("lead: 100", "lead: 200")) == [
        ("refunds", "changed", [("authority", "rep: 0\nlead: 100", "rep: 0\nlead: 200")])
    ]
    assert [one[:2] for one in changed(TEXT.replace("  refunds:", "  returns:"))] == [
        ("refunds", "removed"), ("returns", "added"),
    ]  # fmt: skip
    assert changed(TEXT.replace(" # ours", "")) == [], "a comment says nothing new"


@given(texts, texts)
def test_lines_give_back_both_texts(old: str, new: str) -> None:
    found = rules.lines(old, new, around=100)
    assert ("" if old == new else old) == "".join(f"{one.text}\n" for one in found if one.mark in " -")
    assert ("" if old == new else new) == "".join(f"{one.text}\n" for one in found if one.mark in " +")
    assert all(old.splitlines()[one.old - 1] == one.text for one in found if one.old)


@given(texts, texts, texts)
def test_merging_with_no_change_gives_the_other(base: str, mine: str, theirs: str) -> None:
    assert rules.merged(base, base, theirs) == theirs
    assert rules.merged(base, mine, base) == mine
    assert rules.merged(base, mine, mine) == mine
    both = rules.merged(base, mine, theirs)
    assert both == rules.merged(base, theirs, mine)


@given(st.integers(0, 8), st.data())
def test_merging_keeps_what_either_added_and_brings_back_nothing_that_either_removed(
    length: int, data: st.DataObject
) -> None:
    base = [str(number) for number in range(length)]

    def edited(own: str) -> list[str]:
        """Some lines of the base left out, and some of one's own put in, each once."""
        kept = [line for line in base if data.draw(st.integers(0, 3))]
        for line in own[: data.draw(st.integers(0, len(own)))]:
            kept.insert(data.draw(st.integers(0, len(kept))), line)
        return kept

    mine, theirs = edited("xyz"), edited("uvw")
    both = rules.merged(*("".join(f"{line}\n" for line in text) for text in (base, mine, theirs)))
    if both is not None:
        kept = [line for line in base if line in mine and line in theirs]
        assert sorted(both.split()) == sorted([*kept, *(set(mine) | set(theirs)) - set(base)])


def test_changes_of_different_entries_fit_and_of_the_same_do_not() -> None:
    mine, theirs = TEXT.replace("3 hours\n", "4 hours\n"), TEXT.replace("30 days", "60 days")
    both = rules.merged(TEXT, mine, theirs)
    assert both is not None and "4 hours" in both and "60 days" in both
    assert rules.merged(TEXT, mine, TEXT.replace("3 hours\n", "5 hours\n")) is None


@pytest.mark.parametrize(
    ("section", "name", "values", "says"),
    [
        ("promises", "ready", {"objective": 0.9}, "objective: 0.9\n"),
        ("promises", "ready", {"objective": None}, "within: 3 hours\npolicies"),
        (
            "promises", "home", {"says": "Home.", "starts": "type = 'a'", "kept_by": "type = 'b'", "by": "due"},
            "  home:\n    says: Home.",
        ),
        ("policies", "refunds", {"authority": {"rep": 5}}, "authority: {rep: 5}}"),
        ("measures", "csat", {"scale": [1, 5]}, "measures:\n  csat:\n    scale: [1, 5]"),
        ("about", "about", {"touchpoints": ["web", "shop"]}, "touchpoints: [web, shop]"),
    ],
)  # fmt: skip
def test_an_entry_is_changed_and_comments_stay(section: str, name: str, values: dict[str, object], says: str) -> None:
    text = actions.edited(TEXT, section, name, values)
    assert says in text
    assert "# ours" in text and "# said on the receipt" in text
    reader.read(text)


def test_an_empty_section_takes_its_first_entry() -> None:
    text = "organisation: A\npromises:\n# nothing yet\npolicies:\n  a: {says: A.}\n"
    added = actions.edited(
        text, "promises", "b", {"says": "B.", "starts": "type = 'a'", "kept_by": "type = 'b'", "by": "due"}
    )
    assert list(reader.read(added).promises) == ["b"] and "# nothing yet" in added
