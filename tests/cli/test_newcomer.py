"""The file that the newcomer of `benchmarks.newcomer` brings can be read without a word from them."""

from __future__ import annotations

from pathlib import Path

from benchmarks import newcomer

from aboveboard.sources import dry_run, guess, mapping


def test_the_newcomers_file_needs_no_mapping_of_theirs(tmp_path: Path) -> None:
    file = tmp_path / "tickets.csv"
    file.write_text(newcomer.own_file(rows=60))
    guessed = guess.guess([file])
    assert dry_run.run(mapping.parse(guessed, file="guessed"), [file]).events == 120
    for told in ("case.opened", "case.closed", "team: Branch"):
        assert told in guessed


def test_forms_are_sent_with_what_stands_in_them() -> None:
    browser = newcomer.Browser("http://localhost")
    browser.page = '<form action="/a?x=1&amp;y=2"><input type="hidden" name="t" value="&lt;"><input name="q"></form>'
    assert newcomer._fields(browser._form("/a?x=1&y=2")) == {"t": "<", "q": ""}
    body, kind = newcomer._multipart({"t": "v"}, ("file", "a.csv", "x,y\n"))
    assert body.count(kind.split("=")[1].encode()) == 3
