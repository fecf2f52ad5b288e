"""The labelled sentences keep their shape: enough of each, in every voice, nothing twice."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from pathlib import Path

import pytest

HERE = Path(__file__).parent / "sentences"
COLUMNS = ["author", "id", "group", "audience", "rule", "sentence"]
PREFIX = {
    "indebting": "indebt",
    "conspiratorial": "conspire",
    "airing-grievances": "air",
    "hiding-behind-policy": "policy",
    "insisting": "insist",
    "guessing": "guess",
    "blaming-another-team": "blame",
    "contempt": "contempt",
}
SEEN, HELD_BACK = set("ABC"), set("DEF")
Rows = list[dict[str, str]]


@pytest.fixture(params=["en", "de"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def rows(language: str) -> Rows:
    with (HERE / f"{language}.csv").open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines, strict=True)
        assert reader.fieldnames == COLUMNS
        return list(reader)


def test_every_row_has_all_its_cells_and_nothing_around_them(rows: Rows) -> None:
    for row in rows:
        assert None not in row and None not in row.values(), row
        assert all(cell == " ".join(cell.split()) for cell in row.values()), row
        assert all(row[column] for column in COLUMNS if column != "rule"), row


def test_an_id_says_language_author_and_number(language: str, rows: Rows) -> None:
    count: Counter[str] = Counter()
    for row in rows:
        count[row["author"]] += 1
        assert row["id"] == f"{language}-{row['author']}-{count[row['author']]:02d}"


def test_there_are_enough_for_and_against(rows: Rows) -> None:
    against = [row for row in rows if row["rule"]]
    near = [row for row in rows if row["group"].startswith("near-")]
    assert len(rows) >= 480
    assert len(against) >= 240
    assert len(rows) - len(against) >= 240
    assert len(near) >= 150


def test_every_author_breaks_every_rule_and_keeps_them_as_often(rows: Rows) -> None:
    broken = Counter((row["author"], row["rule"]) for row in rows)
    assert {author for author, _ in broken} == SEEN | HELD_BACK
    for author in SEEN | HELD_BACK:
        assert all(broken[author, rule] >= 4 for rule in PREFIX), author
        assert broken[author, ""] >= 40, author
    for rule in PREFIX:
        assert sum(broken[author, rule] for author in SEEN | HELD_BACK) >= 30, rule


def test_a_group_says_whether_a_rule_is_broken_and_which(rows: Rows) -> None:
    for row in rows:
        assert row["rule"] in {"", *PREFIX}, row
        kind = row["group"].split("-")[0]
        assert kind == PREFIX[row["rule"]] if row["rule"] else kind in {"near", "plain"}, row


def test_a_thought_is_said_by_several_authors_and_once_by_each(rows: Rows) -> None:
    authors = defaultdict(list)
    for row in rows:
        authors[row["group"]].append(row["author"])
    for group, who in authors.items():
        assert len(who) == len(set(who)) >= 3, group


def test_some_thoughts_of_every_rule_come_from_the_held_back_authors_alone(rows: Rows) -> None:
    seen = {row["group"] for row in rows if row["author"] in SEEN}
    new = Counter(row["rule"] for row in rows if row["group"] not in seen)
    assert all(new[rule] >= 6 for rule in ["", *PREFIX]), new


def test_contempt_is_in_words_about_a_customer_and_so_are_its_near_misses(rows: Rows) -> None:
    about = {row["audience"] for row in rows if row["rule"] == "contempt"}
    harmless = [row for row in rows if row["audience"] == "internal" and not row["rule"]]
    assert {row["audience"] for row in rows} == {"customer", "internal"}
    assert about == {"internal"}
    assert len(harmless) >= 60


def test_no_two_sentences_are_alike(rows: Rows) -> None:
    said = Counter(letters(row["sentence"]) for row in rows)
    assert [sentence for sentence, times in said.items() if times > 1] == []


def test_no_two_sentences_share_nearly_all_their_words(rows: Rows) -> None:
    words = [(row["id"], set(letters(row["sentence"]).split())) for row in rows]
    alike = [
        (one, other)
        for place, (one, these) in enumerate(words)
        for other, those in words[place + 1 :]
        if len(these & those) > 0.6 * len(these | those)
    ]
    assert alike == []


def test_no_word_that_is_used_often_gives_a_rule_away(rows: Rows) -> None:
    times: Counter[str] = Counter()
    broken: Counter[tuple[str, str]] = Counter()
    for row in rows:
        words = set(letters(row["sentence"]).split())
        times.update(words)
        broken.update((word, row["rule"]) for word in words if row["rule"])
    told = [(word, rule) for (word, rule), count in broken.items() if times[word] >= 8 and count > 0.75 * times[word]]
    assert told == []


def test_sentences_are_as_long_as_people_write_them(rows: Rows) -> None:
    for row in rows:
        assert 5 <= len(row["sentence"].split()) <= 35, row


def test_the_swiss_voice_writes_no_sharp_s() -> None:
    with (HERE / "de.csv").open(encoding="utf-8", newline="") as lines:
        said = {row["author"]: row["sentence"] for row in csv.DictReader(lines) if "ß" in row["sentence"]}
    assert "D" not in said and "C" in said


def letters(sentence: str) -> str:
    """The sentence without case, signs and spacing: what makes two of them the same to a reader."""
    return " ".join("".join(sign if sign.isalnum() else " " for sign in sentence.casefold()).split())


@pytest.fixture
def more(language: str) -> Rows:
    """The sentences of the later authors, by which the rules were made wider. They write alone, each in another trade."""
    with (HERE / f"{language}_more.csv").open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines, strict=True)
        assert reader.fieldnames == COLUMNS
        return list(reader)


def files(language: str) -> dict[str, Rows]:
    """All files of a language by name; each is the work of one writer."""
    found = {}
    for file in sorted(HERE.glob(f"{language}*.csv")):
        with file.open(encoding="utf-8", newline="") as lines:
            found[file.stem] = list(csv.DictReader(lines, strict=True))
    return found


def test_nobody_says_what_another_said_and_every_voice_has_one_writer(language: str) -> None:
    written = files(language)
    rows = [row for held in written.values() for row in held]
    said = Counter(letters(row["sentence"]) for row in rows)
    assert [sentence for sentence, times in said.items() if times > 1] == []
    assert len({row["id"] for row in rows}) == len(rows)
    voices = Counter(author for held in written.values() for author in {row["author"] for row in held})
    assert set(voices.values()) == {1}


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 6])
def test_independent_writers_break_every_rule_in_every_voice(language: str, number: int) -> None:
    held = files(language)[f"{language}_{number}"]
    broken = Counter((row["author"], row["rule"]) for row in held)
    for author in {row["author"] for row in held}:
        assert all(broken[author, rule] == 6 for rule in PREFIX) and broken[author, ""] >= 47, author
    for row in held:
        assert all(cell == " ".join(cell.split()) for cell in row.values()), row
        assert (row["audience"] == "internal") == (row["rule"] == "contempt") or not row["rule"], row
        assert row["id"].startswith(f"{language}-{row['author']}-") and 5 <= len(row["sentence"].split()) <= 35, row


def test_formulae_of_the_trade_break_nothing(language: str) -> None:
    assert {row["rule"] for row in files(language)[f"{language}_plain"]} == {""}


def test_the_later_authors_label_as_the_first_do(language: str, more: Rows) -> None:
    for row in more:
        assert all(cell == " ".join(cell.split()) for cell in row.values()), row
        assert row["id"].startswith(f"{language}-{row['author']}-"), row
        assert row["rule"] in {"", *PREFIX}, row
        near, _, group = row["group"].rpartition("more-")
        assert (near == "") == bool(row["rule"]), row
        assert not row["rule"] or group.startswith(f"{PREFIX[row['rule']]}-"), row
        assert 4 <= len(row["sentence"].split()) <= 35, row


def test_the_later_authors_keep_every_rule_nearly_as_often_as_they_break_it(more: Rows) -> None:
    broken = Counter(row["group"].split("-")[1] for row in more if row["rule"])
    near = Counter(row["group"].split("-")[2] for row in more if not row["rule"] and row["group"].startswith("near-"))
    for prefix in PREFIX.values():
        assert broken[prefix] >= 30 and near[prefix] >= 0.7 * broken[prefix], prefix
