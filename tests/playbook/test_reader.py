"""Reading playbooks: what is right comes out whole, and everything wrong is told at once, each with its line."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path

import pytest

from aboveboard.playbook import durations, keys, opening_hours, reader
from aboveboard.playbook.model import Within
from aboveboard.playbook.reader import PlaybookError

ROOT = Path(__file__).resolve().parents[2]
WHOLE = """\
organisation: A bakery
timezone: Europe/Berlin
calendars:
  shop:
    open: {mon-fri: "06:00-12:00, 13:00-18:00", sat: "06:00-13:00", sun: closed}
    holidays: DE-BY
    closed: [2026-12-31]
    open_on: {2026-12-24: "06:00-12:00"}
promises:
  fresh-by-seven:
    says: Your bread is ready at seven.
    owner: ovens
    starts: type = 'order.placed' and local_hour(time) < 18
    kept_by: type = 'order.ready'
    cancelled_by: type = 'order.cancelled'
    by: attributes.wanted
    objective: 97.5 %
    requires:
      - {when: loaves > 50, then: ready_at <= 7}
  cake-in-two-days:
    says: A cake in two days.
    starts: type = 'order.placed'
    kept_by: type = 'order.ready'
    same: customer
    within: 2 days
    calendar: shop
policies:
  no-credit: {says: We give no credit., owner: till, authority: {rep: 0, lead: 20}, harm_margin: 0.02, harm_within: 2 weeks}
procedures:
  selling:
    steps:
      greet: {kind: must, why: People like to be seen.}
      offer-bag: {kind: offer}
incentives:
  cake-bonus: {paid_to: shop, for: type = 'order.paid' and value > 30}
touchpoints: [counter, phone]
journeys: {buy: [phone, counter]}
measures: {csat: {scale: [1, 5], good_from: 4}}
situation:
  ready_at: {type: number, min: 4, max: 24, decision: true}
  loaves: {type: integer, min: 0, from: value}
  weather: {type: enumeration, options: [dry, wet]}
"""


def problems(text: str | Path) -> list[reader.Problem]:
    with pytest.raises(PlaybookError) as error:
        reader.read(text)
    return list(error.value.problems)


def one(text: str | Path) -> reader.Problem:
    found = problems(text)
    assert len(found) == 1, found
    return found[0]


def test_a_whole_playbook() -> None:
    book = reader.read(WHOLE)
    assert (book.organisation, book.timezone.key) == ("A bakery", "Europe/Berlin")
    shop = book.calendars["shop"]
    assert shop.spans(date(2026, 11, 20)) == ((time(6), time(12)), (time(13), time(18)))
    assert shop.spans(date(2026, 12, 31)) == () and shop.spans(date(2026, 12, 24)) == ((time(6), time(12)),)
    fresh, cake = book.promises.values()
    assert (fresh.by, fresh.within, fresh.objective, fresh.same) == ("attributes.wanted", None, 0.975, "subject")
    assert (cake.within, cake.same, cake.calendar) == (Within("2 days", None, 2), "customer", "shop")
    assert fresh.rule == "promise:fresh-by-seven" and fresh.place.line == 10
    assert fresh.requires[0].when is not None and fresh.requires[0].when.columns == {"loaves"}
    assert book.policies["no-credit"].authority == {"rep": 0, "lead": 20}
    assert book.policies["no-credit"].harm_within == Within("2 weeks", minutes=14 * 1440.0)
    assert [step.why for step in book.procedures["selling"].steps] == ["People like to be seen.", None]
    assert book.incentives["cake-bonus"].condition.columns == {"type", "value"}
    assert book.journeys == {"buy": ("phone", "counter")}
    assert book.situation["weather"].options == ("dry", "wet")
    assert book.situation["loaves"].source is not None and book.situation["loaves"].source.type == "number"


def test_the_stories_are_right() -> None:
    for path in (ROOT / "stories").glob("*/playbook.yaml"):
        assert reader.read(path).organisation


@pytest.mark.parametrize(
    ("old", "new", "line", "said", "suggestion"),
    [
        ("promises:", "promisses:", 9, "no key 'promisses'", "promises"),
        ("    owner: ovens", "    ownr: ovens", 12, "no key 'ownr'", "owner"),
        (
            "    starts: type = 'order.placed' and",
            "    strats: type = 'order.placed' and",
            13,
            "no key 'strats'",
            "starts",
        ),
        ("kind: must", "kind: mst", 32, "'mst' is not one of", "must"),
        ("local_hour(time) < 18", "locl_hour(time) < 18", 13, "unknown function", "local_hour"),
        (
            "type = 'order.ready'\n    cancelled",
            "typ = 'order.ready'\n    cancelled",
            14,
            "unknown column 'typ'",
            "type",
        ),
        ("loaves > 50", "loavs > 50", 19, "unknown fact 'loavs'", "loaves"),
        ("loaves > 50", "weather = 'dri'", 19, "weather is never 'dri'", "dry"),
        ("then: ready_at <= 7", "then: ready_at + 7", 19, "true or false", None),
        ("by: attributes.wanted", "by: du", 16, "'du' is not one of", "due"),
        ("objective: 97.5 %", "objective: 97.5", 17, "no share", "97.5 %"),
        ("same: customer", "same: custmer", 24, "'custmer' is not one of", "customer"),
        ("within: 2 days", "within: 2 dayz", 25, "no unit of time", "'day'"),
        ("within: 2 days", "within: 1 week", 25, "no length in opening hours", "'5 open days'"),
        ("calendar: shop", "calendar: shp", 26, "no calendar 'shp'", "shop"),
        ("    calendar: shop", "    by: due", 21, "both `within` and `by`", None),
        ("    by: attributes.wanted\n", "", 11, "neither `within` nor `by`", None),
        ("mon-fri", "mon-fry", 5, "'fry' is no day", "'friday'"),
        ('sat: "06:00-13:00"', 'fri: "06:00-13:00"', 5, "fri stands here twice", None),
        ("06:00-12:00, 13", "06:00-14:00, 13", 5, "overlap", None),
        ("DE-BY", "DE-by", 6, "no part 'by'", "DE-BY"),
        ("2026-12-31", "2026-13-31", 7, "no date", None),
        ("Europe/Berlin", "Europe/Berln", 2, "no time zone", "Europe/Berlin"),
        ("lead: 20", "lead: -20", 28, "not below zero", None),
        ("scale: [1, 5]", "scale: [5, 1]", 38, "lowest and the highest", None),
        ("good_from: 4", "good_from: 40", 38, "outside the scale", None),
        ("[phone, counter]", "[phone, conter]", 37, "not among the touchpoints", "counter"),
        ("type: integer, min: 0", "type: integr, min: 0", 41, "'integr' is not one of", "integer"),
        ("from: value", "from: team", 41, "`from` gives a text", None),
        ("options: [dry, wet]", "min: 3", 42, "go with numbers", None),
        ("  cake-in-two-days:", "  fresh-by-seven:", 20, "stands here twice", None),
        ("    owner: ovens", "    owner: ovens\n    owner: till", 13, "stands here twice", None),
        ("    owner: ovens", "\towner: ovens", 12, "a tab", None),
        ("    says: A cake", "    says: &a A cake", 21, "anchors", None),
        ("    says: A cake", "    says: !!python/object A cake", 21, "tags", None),
        ("says: A cake in two days.", "says: A cake: in two days.", 21, "stands in quotes", None),
        ("says: A cake in two days.", "says:", 21, "is empty", None),
        ("owner: ovens", "owner: [ovens]", 12, "this is a list", None),
    ],
)
def test_one_thing_wrong(old: str, new: str, line: int, said: str, suggestion: str | None) -> None:
    assert old in WHOLE
    problem = one(WHOLE.replace(old, new, 1))
    assert (problem.line, problem.suggestion) == (line, suggestion), problem
    assert said in problem.message


def test_everything_wrong_is_told_at_once() -> None:
    wrong = (
        WHOLE.replace("owner: ovens", "ownr: ovens").replace("mon-fri", "mon-fry").replace("loaves > 50", "loavs > 50")
    )
    assert [problem.line for problem in problems(wrong)] == [5, 12, 19]


def test_a_folder_is_one_playbook(tmp_path: Path) -> None:
    head, tail = WHOLE.split("policies:")
    (tmp_path / "a.yaml").write_text(head)
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "b.yml").write_text("policies:" + tail)
    (tmp_path / "notes.txt").write_text(": no yaml at all {")
    book = reader.read(tmp_path)
    assert len(book.files) == 2 and set(book.promises) == {"fresh-by-seven", "cake-in-two-days"}
    assert book.policies["no-credit"].place.line == 2


def test_names_stand_once_over_all_files(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("policies: {p: {says: A.}}\ntimezone: UTC\n")
    (tmp_path / "b.yaml").write_text("timezone: Europe/Berlin\npolicies: {p: {says: B.}}\n")
    told = problems(tmp_path)
    assert [Path(each.file).name for each in told] == ["b.yaml", "b.yaml"]
    assert "another file says UTC" in told[0].message and "a.yaml:1" in told[1].message


@pytest.mark.parametrize("name", ["Ready", "3h", "select", "ready at"])
def test_facts_are_words_that_a_condition_can_hold(name: str) -> None:
    assert "cannot stand in a condition" in one(f"situation:\n  {name}: {{type: number}}\n").message


@pytest.mark.parametrize("name", ["a/b", "promise:x", "two\\nlines", "-", "''"])
def test_names_that_would_break_a_rule(name: str) -> None:
    written = f'"{name}"' if name != "''" else "''"
    assert "is no name" in one(f"policies:\n  {written}: {{says: A.}}\n").message


def test_the_currency_is_a_code() -> None:
    assert reader.read("currency: EUR\n").currency == "EUR"
    assert "three capital letters" in one("currency: euro\n").message


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
        "x: " + "[" * 5000 + "\n",
        "x: " + "{a: " * 50 + "\n",
        "--- a: 1\n--- b: 2\n",
        "- a\n- b\n",
        "just words\nand more\n",
        "x: \x00\n",
        "? [a, b]\n: c\n",
        "currency: euro\n",
        "currency: €\n",
        "timezone: ../../etc/passwd\n",
        "timezone: America\n",
        "measures: {a: {scale: [0, .inf]}}\n",
        "measures: {a: {scale: [0, 1e400]}}\n",
        "measures: {a: {scale: [0x0, 0x1F]}}\n",
        "promises: 3\n",
        "promises: {a: 3}\n",
        "promises: {a: }\n",
        "touchpoints: [a, a]\n",
        "touchpoints: {a: b}\n",
        "calendars: {a: {open: {mon: 10-20}}}\n",
        "calendars: {a: {open: {mon: '25:00-26:00'}}}\n",
        "calendars: {a: {open: {mon: closed}}}\n",
        "%YAML 9.9\n---\nx: y\n",
    ],
)
def test_hostile_text_is_told_and_not_more(text: str) -> None:
    assert all(problem.message for problem in problems(text))


def test_files_that_are_no_text(tmp_path: Path) -> None:
    assert "no such file" in one(tmp_path / "none.yaml").message
    assert "holds no .yaml" in one(tmp_path).message
    (tmp_path / "a.yaml").write_bytes(b"organisation: caf\xe9\n")
    assert "not UTF-8" in one(tmp_path / "a.yaml").message
    (tmp_path / "b.yaml").write_bytes(b"#" * 5_000_000)
    assert "larger than" in one(tmp_path / "b.yaml").message


def test_an_empty_playbook_promises_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("# nothing yet\n")
    assert reader.read(tmp_path / "a.yaml").promises == {}
    assert reader.read("promises:\npolicies:\n").promises == {}


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("90 minutes", 90), ("3 hours", 180), ("an hour", 60), ("1 hour 30 minutes", 90), ("1h 30m", 90), ("1.5 h", 90),
        ("2 days", 2880), ("1 week", 10080), ("three hours", 180), ("1 day, 2 hours", 1560), ("2 days and 1 hour", 2940),
    ],
)  # fmt: skip
def test_durations(text: str, minutes: float) -> None:
    assert durations.parse(text, on_calendar=False) == durations.Duration(minutes)


@pytest.mark.parametrize(
    "text",
    ["", "soon", "0 hours", "3", "hours", "3 months", "-3 hours", "3 hours later", "2 open hours", "2 open days"],
)
def test_no_durations(text: str) -> None:
    with pytest.raises(durations.DurationError):
        durations.parse(text, on_calendar=False)


def test_durations_on_a_calendar() -> None:
    for text in ("2 days", "2 open days", "two business days", "2 working days"):
        assert durations.parse(text, on_calendar=True) == durations.Duration(open_days=2)
    assert durations.parse("24 hours", on_calendar=True) == durations.Duration(1440)
    for text in ("1.5 days", "2 days 3 hours", "1 week"):
        with pytest.raises(durations.DurationError):
            durations.parse(text, on_calendar=True)


def test_days_of_the_week() -> None:
    assert opening_hours.weekdays("fri-mon") == (5, 6, 7, 1)
    assert opening_hours.weekdays("Monday, wed") == (1, 3)
    assert opening_hours.spans("10:00-24:00") == ((time(10), time(0)),)


def test_every_kind_of_key_is_explained() -> None:
    used = {key.kind for section in (*keys.SECTIONS, keys.STEP, keys.REQUIREMENT) for key in section.keys}
    used |= {key.kind for key in keys.PLAIN}
    assert used == set(keys.KINDS)


def test_a_step_may_say_where_it_is_due() -> None:
    book = reader.read(WHOLE.replace("{kind: offer}", "{kind: offer, when: touchpoint = 'counter'}"))
    greet, bag = book.procedures["selling"].steps
    assert greet.when is None
    assert bag.when is not None and bag.when.to_python()({"touchpoint": "counter"}) is True
    wrong = one(WHOLE.replace("{kind: offer}", "{kind: offer, when: touchpint = 'counter'}"))
    assert "procedures.selling.steps.offer-bag.when" in wrong.message and wrong.suggestion == "touchpoint"


def test_harm_shows_within_sixty_days_where_the_policy_does_not_say() -> None:
    assert reader.read("policies:\n  p: {says: A.}\n").policies["p"].harm_within.minutes == 60 * 1440


def test_harm_shows_on_the_wall_clock() -> None:
    with pytest.raises(PlaybookError, match=r"policies\.p\.harm_within: '5 open days' counts open days"):
        reader.read("policies:\n  p: {says: A., harm_within: 5 open days}\n")
