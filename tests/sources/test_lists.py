"""Lists inside JSON, taken apart item by item: where an item stands, and the items around it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from aboveboard.sources import mapping

ROWS = """\
{"id": 1, "at": "2026-01-01", "names": ["n0", "n1", "n2"], "turns": [{"who": "a", "x": {"y": 1}}, {"who": "b"}, {"who": "c"}]}
{"id": 2, "at": "2026-01-02", "names": [], "turns": [{"who": "d"}]}
{"id": 3, "at": "2026-01-03", "turns": []}
{"id": 4, "at": "2026-01-03"}
"""


def rows(folder: Path, block: str) -> list[dict[str, object]]:
    """The events that a block makes of ROWS, by id."""
    text = f"source: chat\nfiles: {{a: {{name: '*.jsonl', key: id}}}}\nevents: {{t: {{time: at, {block}}}}}"
    (folder / "a.jsonl").write_text(ROWS)
    with mapping.parse(text).open([folder]) as opened:
        return sorted(opened.rows().to_arrow_table().to_pylist(), key=lambda row: str(row["id"]))


def exploded(folder: Path, block: str) -> list[dict[str, object]]:
    return rows(folder, "explode: {turn: turns}, " + block)


def test_items_of_a_list_see_their_neighbours_and_their_place(tmp_path: Path) -> None:
    listed = "text: \"concat_ws('|', place(turn), turn.who, previous(turn.who), next(turn.who), first(turn.who), last(turn.who))\""
    made = exploded(tmp_path, listed)
    assert [row["text"] for row in made] == ["0|a|b|a|c", "1|b|a|c|a|c", "2|c|b|a|c", "0|d|d|d"]
    assert [row["id"] for row in made] == ["chat:t:1:1", "chat:t:1:2", "chat:t:1:3", "chat:t:2:1"]


def test_a_look_along_a_list_sees_what_where_leaves_out_and_stops_at_its_ends(tmp_path: Path) -> None:
    made = exploded(
        tmp_path, "where: previous(turn.who) is not null and next(turn.who) is not null, text: previous(turn.x.y)"
    )
    assert [(row["id"], row["text"]) for row in made] == [("chat:t:1:2", "1")]


def test_a_place_is_a_number_to_count_seconds_with_and_to_find_a_neighbouring_list_by(tmp_path: Path) -> None:
    block = (
        "where: place(turn) >= 1, text: \"json_extract_string(names, '$[' || place(turn) || ']')\", "
        "due: moment(at) + place(turn) * interval '1' second"
    )
    made = exploded(tmp_path, block)
    assert [(row["text"], row["due"]) for row in made] == [
        ("n1", "2026-01-01T00:00:01.000000Z"),
        ("n2", "2026-01-01T00:00:02.000000Z"),
    ]


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ("text: previous(names)", "looks along the items of the list `turn` only"),
        ("text: previous(turn.who || names)", "looks along the items of the list `turn` only"),
        ("text: previous(previous(turn.who))", "may not stand around another"),
        ("text: place(turn.who)", "Say place(turn)."),
        ("text: place(names)", "Say place(turn)."),
        ("text: \"place('a')\"", "Say place(turn)."),
    ],
)
def test_a_look_along_a_list_that_cannot_be_is_named(tmp_path: Path, block: str, said: str) -> None:
    with pytest.raises(mapping.MappingError, match=re.escape(said)):
        exploded(tmp_path, block)


def test_without_a_list_there_is_no_place(tmp_path: Path) -> None:
    with pytest.raises(mapping.MappingError, match="This block has no `explode`"):
        rows(tmp_path, "text: place(names)")
