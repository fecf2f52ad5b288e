"""The small parts: what is nearly equal, what a phrase is, what the shipped model reads, and what is asked for."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar

import numpy as np
import pytest

from aboveboard.analyses.voice import alike, errors, phrases, requests, shipped, themes, vectors
from aboveboard.analyses.voice.errors import Judged
from aboveboard.analyses.voice.shipped import training


def test_twins_are_one_group_and_others_are_not() -> None:
    told = [
        "@shop Thank you!!! https://t.co/abc",
        "thank you",
        "I waited two hours at the counter and nobody came to help me with my broken heater",
        "RT: I waited two hours at the counter and nobody came to help me with my broken heater",
        "I waited two hours for the bus in the rain and then it drove past me",
        "",
    ]
    one, two, three, four, five, empty = alike.groups(told)
    assert one == two and three == four
    assert len({one, three, five, empty}) == 4
    assert alike.groups(told[::-1]) == alike.groups(told)[::-1]


def test_phrases_neither_begin_nor_end_with_a_small_word() -> None:
    found = [
        low
        for low, _ in phrases.phrases("@shop The quality of service was poor, cancelled flight again: 45 https://x.y")
    ]
    wanted = ["quality", "quality of service", "service", "service was poor", "poor"]
    assert found == [*wanted, "cancelled", "cancelled flight", "flight"]


def test_no_text_is_gathered_where_there_are_few() -> None:
    found = themes.gather(["the parcel came late"] * 5 + ["the invoice is wrong"], [1] * 6)
    assert found.names == () and set(found.of_text.tolist()) == {-1}


@pytest.mark.parametrize(
    "text, expected",
    [
        ("The driver was rude and the parcel is broken.", "negative"),
        ("Thank you so much, friendly staff and excellent service!", "positive"),
        ("Der Techniker ist wieder nicht erschienen, niemand antwortet.", "negative"),
        ("Sehr zufrieden, vielen Dank!", "positive"),
        ("When will the office open?", "neutral"),
    ],
)
def test_the_shipped_model_reads_plain_cases(text: str, expected: str) -> None:
    read = shipped.read(text)
    assert read is not None and read[0] == expected and 1 / 3 < read[1] <= 1


def test_the_shipped_model_says_nothing_where_it_knows_nothing() -> None:
    assert shipped.read("Le colis est arrivé avec deux semaines de retard et personne ne répond au téléphone.") is None
    assert shipped.read("zzqx vvkk") is None


@pytest.mark.slow
@pytest.mark.parametrize("code", shipped.LANGUAGES)
def test_the_shipped_weights_and_their_check_are_those_of_the_sentences(code: str) -> None:
    assert training.fit(training.read(code)) == shipped.weights(code)
    mine = {(truth, said): n for (one, truth, said), n in shipped.checked().items() if one == code}
    assert dict(training.check(code)) == mine


ASKED = {
    "I wish you had a vegan menu.": "a vegan menu",
    "It would be great if you offered evening slots. Thanks": "evening slots",
    "Why is there no ramp at the entrance?": "ramp at the entrance",
    "Could you please add a dark mode?": "a dark mode",
    "You need more people at the counter.": "more people at the counter",
    "There should be an option to pay by card.": "pay by card",
    "Es wäre schön, wenn es einen Aufzug gäbe.": "einen Aufzug gäbe",
    "Warum gibt es keine Abendtermine?": "Abendtermine",
    "Leider gibt es keine vegetarischen Gerichte.": "vegetarischen Gerichte",
    "Mir fehlt eine Ladestation.": "eine Ladestation",
    "Poderia ter mais cores.": "mais cores",
}
NOT_ASKED = (
    "I wish you a nice day.",
    "Can you add my number to the booking?",
    "You need to get your act together.",
    "I wish I had never come here.",
    "You should be ashamed.",
    "Why was I charged twice?",
    "Ich wünsche Ihnen einen schönen Tag.",
    "Mir fehlen die Worte.",
    "Gostaria de saber onde está o meu pedido.",
    "O produto poderia ter chegado antes.",
)


@pytest.mark.parametrize("text, wanted", ASKED.items())
def test_what_is_wanted_is_found(text: str, wanted: str) -> None:
    (row,) = requests.requests([text])
    assert row["wanted"] == wanted and row["of_text"] == text and row["start"] == 0


@pytest.mark.parametrize("text", NOT_ASKED)
def test_other_sentences_ask_for_nothing(text: str) -> None:
    assert requests.requests([text]) == []


def test_errors_by_hand() -> None:
    judged = [
        Judged("bad", "bad", 6, "a"),
        Judged("bad", "good", 2, "b"),
        Judged("good", "good", 3, "c"),
        Judged("good", None, 1, "d"),
    ]
    whole, bad, good = errors.rows(judged, ("bad", "good"))
    assert (whole["texts_count"], whole["right_count"], whole["read_count"]) == (12, 9, 11)
    assert whole["majority_share"] == pytest.approx(8 / 12) and whole["accuracy"] == pytest.approx(9 / 12)
    assert (bad["precision"], bad["accuracy"]) == (1.0, 6 / 8)
    assert good["precision"] == pytest.approx(3 / 5) and good["f1"] == pytest.approx(6 / 9)
    assert whole["f1"] == pytest.approx((12 / 14 + 6 / 9) / 2)
    # Six right ones that are one text's twins are not six witnesses.
    apart = [Judged("bad", "bad", 1, str(n)) for n in range(6)] + judged[1:]
    assert next(errors.rows(apart, ("bad", "good")))["accuracy_low"] > whole["accuracy_low"]


class _Server(BaseHTTPRequestHandler):
    asked: ClassVar[list[tuple[str, str | None, dict[str, object]]]] = []

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append((self.path, self.headers["Authorization"], body))
        data = [{"index": n, "embedding": [len(text), 1.0 + n]} for n, text in enumerate(body["input"])]
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"data": data[::-1]}).encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    running = HTTPServer(("127.0.0.1", 0), _Server)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_port}/v1"
    running.shutdown()
    running.server_close()


def test_an_endpoint_is_asked_only_where_it_is_configured(server: str) -> None:
    assert vectors.configured({}) is None and not _Server.asked
    settings = {"ABOVEBOARD_VECTORS": server, "ABOVEBOARD_VECTORS_MODEL": "small", "ABOVEBOARD_VECTORS_KEY": "k"}
    source = vectors.configured(settings)
    assert source is not None and source.name == "small"
    found = source.of(["a", "bbb", "cc"])
    assert np.linalg.norm(found, axis=1) == pytest.approx(1.0)
    path, key, body = _Server.asked[-1]
    assert (path, key, body["input"], body["model"]) == ("/v1/embeddings", "Bearer k", ["a", "bbb", "cc"], "small")


def test_vectors_that_cannot_be_had_say_why() -> None:
    with pytest.raises(vectors.VectorsError, match="neither"):
        vectors.configured({"ABOVEBOARD_VECTORS": "yes"})
    with pytest.raises(vectors.VectorsError, match="gave no vectors"):
        vectors.endpoint("http://127.0.0.1:9", model="x", seconds=2).of(["a"])
    with pytest.raises(vectors.VectorsError, match="1 vectors for 2"):
        vectors.Vectors("short", lambda texts: [[1.0, 2.0]]).of(["a", "b"])
