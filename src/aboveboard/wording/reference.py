"""The reference page of the wording rules, written from their data: `python -m aboveboard.wording.reference`."""

from __future__ import annotations

from aboveboard.wording import lexicon, patterns, rulebook
from aboveboard.wording.model import Rule, Wordings

_OPENING = """# Wording

*Written from `aboveboard.wording.rules`; do not edit by hand.*

The rules by which `aboveboard lint`, `ab.lint` and the analysis of a ledger read words to customers, and words about them.
A rule is found by a model learnt from labelled sentences, and by the patterns counted below, which are certain of themselves
and name the exact words. What only the model found and is not sure of is a `note`, whatever the rule.
How to use them: [Lint what you write](../how-to/lint-wording.md). How often they err: [Wording](../measures/wording.md).

| rule | audience | severity | says |
|---|---|---|---|
"""
_SWITCHES = """
Three more come from switches in files: `switch-unknown-rule`, `switch-without-reason`, `switch-unused`.
"""


def page() -> str:
    """Return the whole page, as Markdown."""
    rules = rulebook.shipped()
    rows = "".join(f"| [`{r.id}`](#{r.id}) | {r.audience} | {r.severity} | {r.name} |\n" for r in rules)
    return _OPENING + rows + _SWITCHES + "".join(map(_rule, rules)) + _patterns()


def _rule(rule: Rule) -> str:
    parts = [f"\n## {rule.id}\n\n{rule.name}. {rule.why}\n"]
    parts += [_in(lexicon.lexicon(code).name, rule.wordings[code]) for code in sorted(rule.wordings, reverse=True)]
    return "".join(parts)


def _in(language: str, wordings: Wordings) -> str:
    flagged = "".join(f"- remarked on: {one}\n" for one in wordings.flagged)
    fine = "".join(f"- fine: {one}\n" for one in wordings.fine)
    count = f"{len(wordings.patterns)} patterns, {len(wordings.exceptions) + len(wordings.redeemed)} exceptions"
    return f"\n**{language}** ({count}). Better: {wordings.better}\n\n{flagged}{fine}"


def _patterns() -> str:
    grammar = (patterns.__doc__ or "").split("\n\n")[1]
    code = "\n".join(line.removeprefix("    ") for line in grammar.splitlines())
    classes = "\n".join(
        f"- {lexicon.lexicon(code).name}: {', '.join(f'`@{name}`' for name in lexicon.lexicon(code).classes)}"
        for code in reversed(lexicon.codes())
    )
    return f"""
## Patterns

A rule of one's own (section `wording` of the [playbook](playbook.md)) is written in the grammar of those that ship:

```text
{code}
```

Words are compared without case and with ä as ae, ß as ss; contractions are the words they stand for, so that `don't`
and `do not` are one. Politeness and the like ("please", "I'm afraid", "leider", "ehrlich gesagt") may stand between any
two words of a pattern. Word classes:

{classes}
"""


if __name__ == "__main__":
    print(page(), end="")
