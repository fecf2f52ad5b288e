"""A CSV file at speed says of every row what the careful way says: the same events, the same rejects on the same lines."""

from __future__ import annotations

import csv as python_csv
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from aboveboard.ledger import intake, sifting, store
from aboveboard.ledger.formats import csv, csv_shape

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
WITHOUT_SHRINKING = [Phase.explicit, Phase.reuse, Phase.generate]  # each example is two imports
Outcome = tuple[Any, ...]
Sift = Callable[[sifting.Sifter], sifting.Sifted | None]

pieces = st.sampled_from(
    ["a", "b c", "2026-03-01", "2026-03-01 10:00+01", "x", "", " ", "é", ",", ",", ",", ";", "\n", "\n", "\r\n", '"', '""',
     '"q"', '"two\nlines"', '"two\r\nlines"', '"a\rb"', '"say ""so"", I"', ' "s"', '"s" ', '12" ', "\r", "\t", "\\", "\u2028"]
)  # fmt: skip
anything = st.lists(pieces, max_size=40).map("".join)
texts = st.sampled_from(
    [
        "words",
        "",
        '"quoted"',
        '"two\nlines"',
        '"two\r\nlines"',
        '"say ""so"""',
        '""',
        '"\n\n"',
        '12" pipe',
        "é",
        "a;b",
        " x ",
    ]
)
rows = st.builds("{},{},{}{}".format, st.sampled_from(["a", "b c", '"c"', "", '" "']),
                 st.sampled_from(["2026-03-01", "2026-03-01 10:00+01", "soon", "", '"2026-03-02"']), texts,
                 st.sampled_from(["", "", "", "", ",", ",,", ",more", ',"']))  # fmt: skip
lines = st.one_of(rows, rows, rows, rows, rows, st.sampled_from(["", "a", "a,2026-03-01", 'a,2026-03-01, "s"']))
ordinary = st.builds(
    lambda rows, end: "".join(row + end for row in rows), st.lists(lines, max_size=15), st.sampled_from(["\n", "\r\n"])
)
starts = st.sampled_from(
    ["type,time,text\n", "type,time,text\r\n", "\ufefftype,time,text\n", '"type","time","text"\n', "\ntype,time,text\n",
     "sep=,\ntype,time,text\n", "\ufeffsep=,\r\ntype,time,text\r\n"]
)  # fmt: skip


def outcome(file: Path, into: Path, sift: Sift | None = None) -> Outcome:
    """Counts, reasons, rejects and events of an import; with `sift` in the place of the way at speed."""
    with pytest.MonkeyPatch.context() as patch:
        if sift:
            patch.setattr(sifting.Sifter, "sifted", sift)
        receipt = intake.take_file(file, into=into, recorded_at=NOW)
    rejects = []
    if receipt.rejects:
        with receipt.rejects.open(encoding="utf-8", newline="") as written:
            rejects = list(python_csv.reader(written))
    events = [event for part in store.Store(into).parts() for event in pq.read_table(part).to_pylist()]
    counts = (receipt.read, receipt.recorded, receipt.known, receipt.rejected)
    by_id = sorted(events, key=lambda event: str(event["id"]))
    return (*counts, dict(receipt.by_reason), rejects, by_id, receipt.notes)


def with_care(_: sifting.Sifter) -> None:
    """What the sifter says of a file that it can make nothing of."""


def check_agreement(content: bytes, folder: Path) -> Outcome:
    file = folder / "events.csv"
    file.write_bytes(content)
    quick = outcome(file, folder / "quick")
    assert quick == outcome(file, folder / "careful", with_care)
    return quick


def slowly(test: Any) -> Any:
    return settings(
        max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow], phases=WITHOUT_SHRINKING
    )(test)


@slowly
@given(start=starts, body=ordinary)
@example(start="type,time,text\n", body='a,2026-03-01,12" pipe\na,2026-03-01,"x\ny\nz"\na,soon,5" more\n')
@example(start="type,time,text\n", body='a,2026-03-01,x\na,2026-03-01,"goes on\nb,2026-03-01,y\n')
@example(start="type,time,text\n", body='a,2026-03-01, "with, comma"\na,soon,x\n')
@example(start="type,time,text\n", body='a,2026-03-01,"x" \n')
@example(start="type,time,text\n", body="a,2026-03-01,x,,\n\n\na,2026-03-01,x,,y\n \n,,,\n")
def test_ordinary_files_with_flaws(start: str, body: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    check_agreement((start + body).encode(), tmp_path_factory.mktemp("agree"))


def test_a_row_that_duckdb_loses_among_stray_quotes(tmp_path: Path) -> None:
    content = b'type,time,text\na,202\xff6-03-01,12" pipe\na,2026-03-01,12" pipe\n'
    assert check_agreement(content, tmp_path)[:4] == (2, 1, 0, 1)


def test_inches_at_speed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = "".join(f'a,2026-03-01,{n}" pipe\n' for n in range(2_001)) + 'a,soon,12" pipe\na,2026-03-01,x\n'
    expected = check_agreement(("type,time,text\n" + rows).encode(), tmp_path)
    assert (*expected[:4], expected[5][1][1]) == (2_003, 2_002, 0, 1, "2003")
    monkeypatch.setattr(csv, "read", None)
    assert outcome(tmp_path / "events.csv", tmp_path / "again") == expected


@slowly
@given(start=starts, body=anything)
def test_bits_and_pieces(start: str, body: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    check_agreement((start + body).encode(), tmp_path_factory.mktemp("agree"))


@slowly
@given(start=starts, body=ordinary, at=st.integers(20, 200), bad=st.sampled_from([b"\xff", b"\x00", b"\xc3", b"\xe9"]))
def test_bad_bytes(start: str, body: str, at: int, bad: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    content = (start + body).encode()
    at = max(at, len(start.encode()))
    check_agreement(content[:at] + bad + content[at:], tmp_path_factory.mktemp("agree"))


@pytest.mark.slow
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    start=starts,
    body=ordinary | anything,
    at=st.integers(20, 400),
    bad=st.sampled_from([b"", b"", b"", b"\xff", b"\xc3"]),
)
def test_a_great_many(start: str, body: str, at: int, bad: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    content, at = (start + body).encode(), max(at, len(start.encode()))
    check_agreement(content[:at] + bad + content[at:], tmp_path_factory.mktemp("agree"))


def long_file(end: str = "\n") -> Iterator[str]:
    """Thousands of rows with every kind of flaw that leaves the others alone."""
    for n in range(20_000):
        match n:
            case 1_007 | 19_999:
                yield f"a,soon,{n}{end}"
            case 2_500:
                yield f'a,,"line\none, {n}"{end}'
            case 7_000:
                yield f"a{end}{end}"
            case 11_111:
                yield f"a,2026-03-01,x,{n}{end}"
            case 15_000:
                yield f'a,2026-03-01,"{n}" and more{end}'
            case _:
                yield f'a,2026-03-01,"two\nlines, ""{n}"""{end}' if n % 3 else f"a,2026-03-01,{n},{end}"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff", "sep=,\n"])
@pytest.mark.parametrize("block", [pytest.param(1 << 23, marks=pytest.mark.slow), 5_000])
def test_the_way_at_speed_names_the_lines_itself(
    end: str, mark: str, block: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files with single bad rows are not read with care as a whole: their rejects are those of the careful way anyway."""
    monkeypatch.setattr(csv_shape, "_BLOCK", block)
    content = f"{mark}type,time,text\n".replace("\n", end) + "".join(long_file(end))
    expected = check_agreement(content.encode(), tmp_path)
    assert expected[:4] == (20_000, 19_994, 0, 6)
    monkeypatch.setattr(csv, "read", None)
    again = outcome(tmp_path / "events.csv", tmp_path / "again")
    assert again == expected


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_bad_bytes_are_set_aside_at_speed(mark: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv, "read", None)
    (tmp_path / "events.csv").write_bytes(
        f"{mark}type,time,text\na,2026-03-01,é\na,2026-03-01,è\n".encode() + b"a,2026-03-01,\xff\na,2026-03-01,x\n"
    )
    result = outcome(tmp_path / "events.csv", tmp_path / "ledger")
    assert result[:4] == (4, 3, 0, 1)
    assert result[5][1][1:4] == ["4", "", csv.NOT_UTF8]
    assert result[-1] == (() if mark else ("1 lines hold bytes that are not UTF-8",))


@pytest.mark.parametrize("codec", ["cp1252", "utf-16"])
@pytest.mark.parametrize("ahead", [0, 2_000])
def test_other_encodings_at_speed(codec: str, ahead: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the first bytes of the file do not show it."""
    rows = "".join(f"a,2026-03-01,{'x' * 60} {n}\r\n" for n in range(ahead))
    content = f"type,time,text\r\n{rows}a,2026-03-01,£5 – café\r\na,soon,é\r\n".encode(codec)
    expected = check_agreement(content, tmp_path)
    assert expected[:4] == (ahead + 2, ahead + 1, 0, 1)
    assert expected[5][1][1] == str(ahead + 3)
    monkeypatch.setattr(csv, "read", None)
    assert outcome(tmp_path / "events.csv", tmp_path / "again") == expected


def test_identical_rows_without_ids(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv, "read", None)
    (tmp_path / "events.csv").write_text("type,time\n" + "a,2026-03-01\n" * 3 + "b,soon\n" + "b,2026-03-01\n")
    ids = sorted(event["id"] for event in outcome(tmp_path / "events.csv", tmp_path / "ledger")[6])
    assert sorted(id_.rpartition("-")[2] for id_ in ids) == ["1", "1", "2", "3"]
    assert len({id_.rpartition("-")[0] for id_ in ids}) == 2


def test_a_lost_row_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were DuckDB to lose a row without a word, the count of records would tell, and the file be read with care."""
    file, real = tmp_path / "events.csv", csv.table
    file.write_text("type,time,text\n" + "".join(f"a,2026-03-01,{n}\n" for n in range(100)))

    def losing(*given: Any) -> str:
        return f"(SELECT * FROM {real(*given)} WHERE text <> '50')"

    monkeypatch.setattr(csv, "table", losing)
    assert outcome(file, tmp_path / "ledger")[:4] == (100, 100, 0, 0)
