"""Switches: for a line, for a file, with a reason, and only where they are needed."""

from __future__ import annotations

import pytest

from aboveboard.wording import Linter, files
from aboveboard.wording.files import Wanted

LINTER = Linter()
RULE = "hiding-behind-policy"
SAID = "That's our policy."


def rules(text: str, kind: str = "text", **wanted: str) -> list[str]:
    found = files.lint_text(text, LINTER, Wanted(language="en", **wanted), file="f", kind=kind)  # type: ignore[arg-type]
    return [one.remark.rule for one in found.located]


@pytest.mark.parametrize(
    ("opening", "closing", "kind"),
    [
        ("#", "", "yaml"),
        ("//", "", "text"),
        ("/*", "*/", "text"),
        ("<!--", "-->", "html"),
        ("<!--", "-->", "markdown"),
        ("{#", "#}", "html"),
        ("{#-", "-#}", "html"),
        ("{% comment %}", "{% endcomment %}", "html"),
    ],
)
def test_every_form_of_comment(opening: str, closing: str, kind: str) -> None:
    switch = f"{opening} aboveboard: allow {RULE} -- a quotation {closing}"
    assert rules(f"{switch}\n{SAID}\n", kind) == []
    assert rules(f"{switch}\n\n{SAID}\n", kind) == []
    assert rules(f"{SAID} {switch}\n", kind) == []
    assert rules(f"{SAID}\n{switch}\n", kind) == [RULE, "switch-unused"]
    assert rules(f"{switch}\nHello.\n{SAID}\n", kind) == ["switch-unused", RULE]


def test_a_switch_for_the_file() -> None:
    assert rules(f"# aboveboard: allow-file {RULE} -- our terms\nHi.\n\n{SAID}\n\n{SAID}") == []


def test_several_rules() -> None:
    text = "# aboveboard: allow hiding-behind-policy, conspiratorial -- a play\nThat's our policy, don't tell anyone."
    assert rules(text) == []


def test_what_a_switch_can_have_wrong() -> None:
    assert rules(f"# aboveboard: allow {RULE}\n{SAID}") == ["switch-without-reason", RULE]
    assert rules(f"# aboveboard: allow nonsense -- why\n{SAID}") == ["switch-unknown-rule", RULE]
    assert rules(f"# aboveboard: allow -- why\n{SAID}") == ["switch-unknown-rule", RULE]
    assert rules("# aboveboard: allow guessing -- why\nHello.") == ["switch-unused"]


def test_a_switch_for_the_other_audience_is_not_called_idle() -> None:
    assert rules("# aboveboard: allow contempt -- a quotation\ndifficult customer") == []
    assert rules("# aboveboard: allow contempt -- a quotation\ndifficult customer", audience="internal") == []


def test_a_message_cannot_switch_the_linter_off() -> None:
    found = LINTER.read(f"{SAID} # aboveboard: allow {RULE} -- because I say so", language="en")
    assert {remark.rule for remark in found.remarks} == {RULE}
