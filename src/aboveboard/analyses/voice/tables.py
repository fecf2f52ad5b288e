"""What the analyses of voice give, column by column."""

from __future__ import annotations

from aboveboard.analyses.shared.tables import Field, TableSpec

_EVENT = Field("event", "string", "Id of the event that holds the words.")
_SAID_AT = Field("said_at", "timestamp", "The event's time.")
_CHANNEL = Field("channel", "string", "From the event.")
_TOUCHPOINT = Field("touchpoint", "string", "From the event.")
_TEAM = Field("team", "string", "From the event.")
_THEME = Field("theme", "string", "Name of the theme: up to three phrases that set it apart.")
_FROM = ("subject", "customer")

VOICE = TableSpec(
    "voice",
    "What do customers say, and how do they mean it?",
    ("event",),
    (
        _EVENT,
        Field("type", "string", "Type of the event."),
        _SAID_AT,
        Field("subject", "string", "From the event; absent where it names none."),
        Field("customer", "string", "From the event."),
        _CHANNEL,
        _TOUCHPOINT,
        _TEAM,
        Field("language", "string", "Language by code, of texts of 40 characters or more; absent for shorter ones."),
        Field(
            "rated",
            "string",
            "negative, neutral or positive, by the stars or the score that came with the words; absent without one.",
        ),
        Field(
            "read_as",
            "string",
            "The same, from the words alone, by a model that has not learnt from this text (nor from one nearly equal); absent "
            "where no model could tell.",
        ),
        Field("probability", "float64", "How likely `read_as` is, by that model; absent with it."),
        Field("sentiment", "string", "`rated` where there is one, else `read_as`."),
        Field(
            "reason", "string", "`attributes.reason` of the event; where it has none, the reason read from the words."
        ),
        Field(
            "reason_read_as",
            "string",
            "The reason read from the words alone, as `read_as`; absent unless enough texts carry reasons to learn from.",
        ),
        Field("theme", "string", "Name of the theme (see `themes`); absent where the words belong to none."),
    ),
)

THEMES = TableSpec(
    "themes",
    "What do customers speak about?",
    ("theme",),
    (
        _THEME,
        Field("texts_count", "int64", "Texts that belong to it."),
        Field("share", "float64", "Of all texts; its 95 % Wilson interval follows."),
        Field("share_low", "float64", ""),
        Field("share_high", "float64", ""),
        Field("negative_count", "int64", "Of its texts, those whose `sentiment` is negative."),
        Field("positive_count", "int64", "And positive."),
        Field("example", "string", "The text nearest to its middle, cut at 200 characters."),
        Field("example_event", "string", "Id of the first event that holds it."),
        Field("by", "string", "What the themes were told apart by: words, or the name of the sentence vectors."),
    ),
)

BY = TableSpec(
    "voice_by",
    "Where are customers discontent, and about what?",
    ("cut", "value", "theme"),
    (
        Field("cut", "string", "all, touchpoint, team, channel, type or week."),
        Field("value", "string", "Of that column; `all`; for week, the date of its Monday (UTC)."),
        Field("theme", "string", "A theme, or `all`."),
        Field("texts_count", "int64", "Texts with that value and, but for `all`, in that theme."),
        Field("share", "float64", "Of the texts with that value, those in the theme; absent for `all`."),
        Field("share_low", "float64", "95 % Wilson interval."),
        Field("share_high", "float64", ""),
        Field("rest_share", "float64", "The same among all other values of the cut; absent where there are none."),
        Field(
            "share_differs", "boolean", "Greater than the rest, at a false-discovery rate of 5 % over the cut's rows."
        ),
        Field("sentiment_count", "int64", "Texts whose sentiment is known."),
        Field("rated_count", "int64", "Of them, those with a rating of their own."),
        Field("negative_count", "int64", "Of them, negative as `sentiment` says."),
        Field("neutral_count", "int64", ""),
        Field("positive_count", "int64", ""),
        Field(
            "negative_share",
            "float64",
            "Negative ones among those with a sentiment. Rated ones count as rated; read ones count by how often the model was "
            "right where there was a rating, so that its known errors are taken out.",
        ),
        Field("negative_share_low", "float64", "95 % interval: chance and the model's error together."),
        Field("negative_share_high", "float64", ""),
        Field("rest_negative_share", "float64", "The same among all other values of the cut."),
        Field(
            "negative_differs",
            "boolean",
            "Greater than the rest, at a false-discovery rate of 5 % over the cut's rows.",
        ),
    ),
)

EMERGING = TableSpec(
    "voice_emerging",
    "What are customers saying now that they did not say before?",
    ("words",),
    (
        Field("words", "string", "A theme's name, or the phrase that comes up."),
        Field("kind", "string", "theme or phrase."),
        Field("since_at", "timestamp", "Begin of the recent stretch in which it stands out most."),
        Field("until_at", "timestamp", "Its end: the moment of judgement."),
        Field(
            "customers_count", "int64", "Customers (subjects, texts where none is known) who say it in that stretch."
        ),
        Field("expected", "float64", "How many it would be at the rate before."),
        Field("before_count", "int64", "Customers who said it before that stretch."),
        Field("times", "float64", "count ÷ expected; absent where nobody said it before."),
        Field("p", "float64", "One-sided, for the most striking of the stretches looked at."),
        Field("q", "float64", "The same with a false-discovery limit over all themes and phrases looked at."),
        Field("team", "string", "The team of most of those texts, where it is more than half of them; else absent."),
        Field("touchpoint", "string", "The same of the touchpoint."),
        Field("example", "string", "The latest text, cut at 200 characters."),
        Field("example_event", "string", "Id of its event."),
    ),
)

REQUESTS = TableSpec(
    "voice_requests",
    "What do customers ask for that is not there?",
    ("event", "start"),
    (
        _EVENT,
        _SAID_AT,
        *(Field(name, "string", "From the event.") for name in _FROM),
        _CHANNEL,
        _TOUCHPOINT,
        _TEAM,
        Field("wanted", "string", "What is asked for, in the customer's words."),
        Field("about", "string", "The word by which requests are gathered: the commonest one of `wanted`."),
        Field("sentence", "string", "The sentence, cut at 300 characters."),
        Field("start", "int64", "Where the sentence begins in the text, counted in characters from 0."),
        Field("pattern", "string", "Which way of asking it is: `<language>.<name>`."),
        Field("language", "string", "Language of the pattern."),
    ),
)

MODELS = TableSpec(
    "voice_models",
    "How often is what the models read right?",
    ("model", "slice", "label"),
    (
        Field("model", "string", "sentiment or reason."),
        Field(
            "slice",
            "string",
            "all; `language xx`, for languages with 100 or more rated texts of 40 characters; `words alone`: what the same "
            "words give without sentence vectors, where these are used.",
        ),
        Field("label", "string", "all, or one of the labels."),
        Field("learnt_from", "string", "own ratings, own reasons, or sentences written for the purpose."),
        Field("sees", "string", "What the model reads: words, or words and the name of the sentence vectors."),
        Field("weak", "boolean", "It did not learn from this organisation's own words."),
        Field("texts_count", "int64", "Texts with a label that it was checked on: all, or those of the label."),
        Field("different_count", "int64", "Different texts among them."),
        Field("right_count", "int64", "Of the texts, those read rightly (recall × count, for a label)."),
        Field("accuracy", "float64", "right ÷ texts: for a label its recall."),
        Field("accuracy_low", "float64", "95 % interval, groups of nearly equal texts as witnesses."),
        Field("accuracy_high", "float64", ""),
        Field("precision", "float64", "Of what is read as the label, the share that is; absent for `all`."),
        Field("f1", "float64", "Harmonic mean of precision and recall; for `all`, the mean over labels (macro-F1)."),
        Field("read_count", "int64", "Texts read as the label; for `all`, texts that could be read."),
        Field("majority_share", "float64", "The accuracy of always saying the commonest label; for `all` only."),
        Field("folds_count", "int64", "Folds of the cross-validation."),
    ),
)

TABLES = (VOICE, THEMES, BY, EMERGING, REQUESTS, MODELS)
