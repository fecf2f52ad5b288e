"""What do customers say, and what is new?"""

from __future__ import annotations

from collections.abc import Sequence

from aboveboard.findings import sentences
from aboveboard.playbook.model import Playbook
from aboveboard.reports import charts, theme, voice_charts, words
from aboveboard.reports.exhibits import MOST_NAMES, Figure, Row, rows_of, table_of
from aboveboard.reports.run import Results
from aboveboard.reports.sections.section import Section

LEAST = 20
"""A part with fewer texts is in the table and not in the chart."""


def section(results: Results, playbook: Playbook) -> Section | None:
    """Themes, discontent by part and by week, what is new, what is asked for, and how well it was read; None without texts."""
    by, models = (rows_of(results.tables.get(name)) for name in ("voice_by", "voice_models"))
    whole = next((row for row in by if row["cut"] == "all" and row["theme"] == "all"), None)
    if whole is None:
        return None
    error = _error(models)
    themes, emerging, asked = (
        rows_of(results.tables.get(name)) for name in ("themes", "voice_emerging", "voice_requests")
    )
    figures = [_themes(themes, error)] if themes else []
    figures += [figure for cut in ("touchpoint", "team", "channel") if (figure := _by(cut, by, whole, error))]
    if weeks := _weeks(by, error):
        figures.append(weeks)
    if emerging:
        figures.append(
            Figure("What is new?", "the most striking first", None, table_of("voice_emerging", emerging, "emerging"))
        )
    if asked:
        newest = sorted(asked, key=lambda row: (row["said_at"], row["event"]), reverse=True)
        figures.append(
            Figure(
                "What do customers ask for?", "the latest first", None, table_of("voice_requests", newest, "requests")
            )
        )
    if models:
        figures.append(_models(models))
    return Section(
        "voice",
        "What do customers say, and what is new?",
        _answer(whole, themes, emerging),
        figures,
        kinds=("voice",),
        numbers=_numbers(results, whole, models),
        note=error,
    )


def _answer(whole: Row, themes: Sequence[Row], emerging: Sequence[Row]) -> str:
    said = f"{sentences.counted(whole['texts_count'], 'text', 'texts')} of customers"
    if whole["sentiment_count"]:
        spread = words.interval(whole["negative_share_low"], whole["negative_share_high"])
        said += f"; {words.share(whole['negative_share'])} ({spread}) negative"
    said += "."
    if themes:
        said += f" Most spoken of: {sentences.listed([sentences.quoted(row['theme']) for row in themes[:3]])}."
    if emerging:
        said += f" New: {sentences.listed([sentences.quoted(row['words']) for row in emerging[:3]])}."
    return said


def _error(models: Sequence[Row]) -> str:
    """How often the sentiment is read rightly, as said beside every chart."""
    found = [
        row for row in models if row["model"] == "sentiment" and row["label"] == "all" and row["accuracy"] is not None
    ]
    if not found:
        return "no sentiment was read from words"
    row = next((one for one in found if one["slice"] == "all"), found[0])
    share = f"{words.share(row['accuracy'])} ({words.interval(row['accuracy_low'], row['accuracy_high'])})"
    if row["weak"]:
        return f"weak, for it did not learn from your own texts: sentiment is read rightly in {share} of {_weakly(row)}"
    return f"where only words tell, sentiment is read rightly in {share} of the rated texts, none of which it had learnt from"


def _weakly(row: Row) -> str:
    return "your rated texts" if row["slice"] == "all" else "the sentences written for it"


def _themes(rows: Sequence[Row], error: str) -> Figure:
    shown = list(rows[:MOST_NAMES])
    drawing = theme.draw(
        lambda width: voice_charts.themes(shown, width),
        "Texts by theme: " + "; ".join(f"{row['theme']}: {row['texts_count']}" for row in shown[:6]),
    )
    note = f"texts in each theme; red are negative, green positive; {error}"
    return Figure("What do customers speak about?", note, drawing, table_of("themes", list(rows), "themes"))


def _by(cut: str, by: Sequence[Row], whole: Row, error: str) -> Figure | None:
    mine = [row for row in by if row["cut"] == cut]
    told = [row for row in mine if row["theme"] == "all" and row["sentiment_count"] >= LEAST]
    if len(told) < 2:
        return None
    told = sorted(told, key=lambda row: (-row["negative_share"], row["value"]))[:MOST_NAMES]
    points = [
        {
            "name": row["value"],
            "estimate": row["negative_share"],
            "low": row["negative_share_low"],
            "high": row["negative_share_high"],
            "stands_out": bool(row["negative_differs"]),
            "label": f"{words.share(row['negative_share'])} of {words.count(row['sentiment_count'])}",
            "says": f"{row['value']}: {words.share(row['negative_share'])} of {row['sentiment_count']} texts negative",
        }
        for row in told
    ]
    drawing = theme.draw(
        lambda width: charts.estimates(
            points, width, domain=(0, max(p["high"] for p in points)), format="%", middle=whole["negative_share"]
        ),
        f"Share of negative texts by {cut}, with intervals",
    )
    note = (
        f"share of negative texts; the dashed line is that of all; red is more than the others beyond chance; {error}"
    )
    return Figure(
        f"Which {cut} are customers discontent with?", note, drawing, table_of("voice_by", mine, f"voice-{cut}")
    )


def _weeks(by: Sequence[Row], error: str) -> Figure | None:
    weeks = [row for row in by if row["cut"] == "week"]
    told = [row for row in weeks if row["theme"] == "all" and row["sentiment_count"]]
    if len(told) < 3:
        return None
    drawing = theme.draw(
        lambda width: voice_charts.weeks(told, width), "Share of negative texts by week, with intervals"
    )
    return Figure(
        "Does it change?",
        f"share of negative texts by week; {error}",
        drawing,
        table_of("voice_by", weeks, "voice-weeks"),
    )


def _models(models: Sequence[Row]) -> Figure:
    note = "each text judged by a model that has read neither it nor one nearly equal to it"
    return Figure("How often is it read rightly?", note, None, table_of("voice_models", list(models), "voice-models"))


def _numbers(results: Results, whole: Row, models: Sequence[Row]) -> list[tuple[str, str, str]]:
    numbers = [("rated", words.count(whole["rated_count"]), "texts came with a rating of their own")]
    read = whole["sentiment_count"] - whole["rated_count"]
    if read:
        numbers.append(("read", words.count(read), "were read by a model"))
    unread = whole["texts_count"] - whole["sentiment_count"]
    if unread:
        numbers.append(("unread", words.count(unread), "could not be read: no sentiment is known of them"))
    voice = results.tables.get("voice")
    if voice is not None and whole["texts_count"]:
        themed = whole["texts_count"] - voice["theme"].null_count
        numbers.append(("themed", words.count(themed), "belong to a theme"))
    return numbers
