"""The vocabulary is that of the specification, names only what the ledger has, and writes its own reference page."""

from __future__ import annotations

import pytest

from aboveboard.ledger import columns, reference, vocabulary

# Section 2 of the specification, written out by hand.
TYPES = """
    order.placed order.paid order.shipped order.ready order.delivered order.cancelled order.returned
    contact.started contact.ended message.sent message.received note.written status.changed
    case.opened case.assigned case.closed case.reopened complaint.received handoff.sent handoff.received
    promise.made promise.kept promise.withdrawn exception.requested exception.granted exception.denied harm.found
    escalation.opened escalation.decided remedy.given
    step.offered step.done step.declined step.adapted step.skipped
    survey.answered review.posted post.published pulse.asked pulse.answered pulse.replied
    suggestion.made suggestion.answered conduct.reported recognition.given fix.released
    customer.left payment.received payment.refunded
""".split()  # noqa: SIM905


def test_every_type_of_the_specification_is_there_and_no_other() -> None:
    assert sorted(vocabulary.VOCABULARY) == sorted(TYPES)


@pytest.mark.parametrize("word", vocabulary.VOCABULARY.values(), ids=lambda word: word.name)
def test_a_type_names_columns_that_exist(word: vocabulary.EventType) -> None:
    named = [part for name in (*word.needs, *word.may) for part in name.split(" or ")]
    for name in named:
        outer, _, key = name.partition(".")
        assert outer in columns.NAMES
        assert not key or key in word.attributes, f"{name} is needed but not explained"
    assert len(set(named)) == len(named)
    assert not {"id", "type", "time"} & set(named)


@pytest.mark.parametrize("word", vocabulary.VOCABULARY.values(), ids=lambda word: word.name)
def test_a_needed_value_or_outcome_is_explained(word: vocabulary.EventType) -> None:
    if "value" in word.needs:
        assert word.value
    if "value" in word.may:
        assert word.value


def test_the_reference_page_has_every_column_and_every_type() -> None:
    page = reference.page()
    for column in columns.COLUMNS:
        assert f"| `{column.name}` | {column.type} |" in page
    for word in vocabulary.VOCABULARY.values():
        assert f"| `{word.name}` | {word.meaning}" in page
    for key in vocabulary.ATTRIBUTES_OF_ANY:
        assert f"`attributes.{key}`" in page


def test_every_row_of_a_table_has_as_many_cells_as_its_head() -> None:
    rows = [line for line in reference.page().splitlines() if line.startswith("|")]
    cells = [row.replace("\\|", "").count("|") for row in rows]
    split = 2 + len(columns.COLUMNS)
    assert set(cells[:split]) == {5}
    assert set(cells[split:]) == {5}
