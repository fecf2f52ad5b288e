"""Files of every kind: what is read of them, and where a remark stands."""

from __future__ import annotations

import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from aboveboard.wording import Linter, WordingError, files, markup, telling
from aboveboard.wording.errors import UnreadableError
from aboveboard.wording.files import Wanted

LINTER = Linter()


def linted(text: str, kind: str = "text", **wanted: object) -> list[tuple[str, int | None, int | None]]:
    found = files.lint_text(text, LINTER, Wanted(language="en", **wanted), file="f", kind=kind)  # type: ignore[arg-type]
    return [(one.remark.rule, one.place.line, one.place.column) for one in found.located]


POLICY = "hiding-behind-policy"


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("That's our policy.", 1, 1),
        ("Hello.\nThat's our policy.", 2, 1),
        ("Hello.\r\nThat's our policy.", 2, 1),
        ("Hello.\r\n\r\n\tThat's our policy.", 3, 2),
        ("🎉 Hello 🎉. That's our policy.", 1, 12),
        ("Dear {{ first.name }},\nwell, that's our policy.", 2, 7),
    ],
)
def test_line_and_column(text: str, line: int, column: int) -> None:
    assert linted(text) == [(POLICY, line, column)]


def test_a_byte_order_mark_moves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"\xef\xbb\xbfThat's our policy.")
    (one,) = files.lint(path, LINTER, Wanted()).located
    assert (one.place.line, one.place.column) == (1, 1)


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("html", "<p>Hi</p>\n<p class='a>b'>That&#39;s <b>our</b> policy.</p>", [(POLICY, 2, 16)]),
        ("html", "<p>That's our</p><p>policy.</p>", []),
        ("html", "<script>x = \"that's our policy\"</script><!-- that's our policy -->", []),
        ("html", "{% if late %}<p>That's our policy.</p>{% endif %}", [(POLICY, 1, 17)]),
        ("markdown", "# Hi\n\n- That's **our** policy.\n", [(POLICY, 3, 3)]),
        ("markdown", "```\nThat's our policy.\n```\n`that's our policy`\n[x](that's our policy)", []),
        ("yaml", "refuse: >\n  That's our policy.\n", [(POLICY, 2, 3)]),
        ("yaml", "a: \"That's our policy.\" # that's our policy\nour policy: that's", [(POLICY, 1, 5)]),
    ],
)
def test_only_prose_is_read(kind: str, text: str, expected: list[tuple[str, int, int]]) -> None:
    assert linted(text, kind) == expected


def test_a_table_is_read_cell_by_cell() -> None:
    text = 'id;text\r\n1;"Said ""no"".\r\nThat\'s our policy."\r\n2;fine\r\n'
    assert linted(text, "csv") == [(POLICY, 3, 1)]


def test_the_column_can_be_named_and_must_be_there() -> None:
    text = "mail,other\nThat's our policy.,That's our policy.\n"
    assert linted(text, "csv", columns=("mail",)) == [(POLICY, 2, 1)]
    with pytest.raises(WordingError, match="no column 'mial' \\(did you mean mail"):
        linted(text, "csv", columns=("mial",))
    with pytest.raises(WordingError, match="which column holds the words"):
        linted(text, "csv")


EVENTS = [
    ("e1", "message.sent", "customer", "That's our policy."),
    ("e2", "message.received", "customer", "That's our policy, you said."),
    ("e3", "note.written", "internal", "Another drama queen."),
    ("e4", "message.sent", "internal", "That's our policy."),
]


def test_a_ledger_is_read_by_who_speaks_to_whom(tmp_path: Path) -> None:
    names = ("id", "type", "audience", "text")
    path = tmp_path / "events.parquet"
    pq.write_table(pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in EVENTS]), path)
    found = files.lint(path, LINTER, Wanted(language="en")).located
    assert [(one.place.event, one.remark.rule) for one in found] == [("e1", POLICY), ("e3", "contempt")]
    text = "\n".join([",".join(names), *(",".join(f'"{cell}"' for cell in row) for row in EVENTS)])
    again = files.lint_text(text, LINTER, Wanted(language="en"), file="f", kind="csv").located
    assert [(one.place.event, one.place.line) for one in again] == [("e1", 2), ("e3", 4)]


def test_what_is_no_text_is_told(tmp_path: Path) -> None:
    for name, data, says in (
        ("a.txt", b"\x00\x01", "binary"),
        ("b.txt", b"caf\xe9", "not UTF-8"),
        ("c.parquet", b"x", "Parquet"),
    ):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(UnreadableError, match=says):
            files.lint(tmp_path / name, LINTER, Wanted())


def test_a_folder_is_walked_without_what_is_hidden(tmp_path: Path) -> None:
    for name in ("a.md", "b/c.html", ".git/d.md", "b/.e.md", "f.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    assert [str(path.relative_to(tmp_path)) for path in files.found([tmp_path])] == ["a.md", "b/c.html"]


def test_the_kind_of_a_template_is_that_of_what_it_makes() -> None:
    kinds = {"a.md.j2": "markdown", "a.html.liquid": "html", "a.liquid": "html", "a.txt": "text", "a.png": None}
    assert {name: markup.kind_of(Path(name)) for name in kinds} == kinds


def test_a_proposal_changes_the_words_and_nothing_else() -> None:
    text = "Hi,\r\n\r\nWe're not supposed to, but for you I'll ask.\r\nBye"
    found = files.lint_text(text, LINTER, Wanted(language="en"), file="/a/b.txt")
    assert telling.mended(found) == "Hi,\r\n\r\nI'll ask.\r\nBye"
    assert telling.diff(found).splitlines()[:2] == ["--- a/a/b.txt", "+++ b/a/b.txt"]
    assert telling.diff(files.lint_text("Hello.", LINTER, Wanted(), file="b")) == ""


@pytest.mark.parametrize("kind", ["html", "markdown", "yaml", "csv"])
def test_markup_that_never_ends_takes_no_time(kind: str) -> None:
    started = time.thread_time()
    for part in ("<a ", "- ", "{%", "`", '"a""', "[](", "*"):
        try:
            linted("text\n" + part * 2_000, kind)
        except WordingError:
            assert kind == "csv"
    assert time.thread_time() - started < 3
