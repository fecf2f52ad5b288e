"""Voice over the reviews of a Brazilian marketplace, in Portuguese, with their stars as labels.

python -m benchmarks voice_olist
"""

from __future__ import annotations

from aboveboard.analyses.voice import vectors
from aboveboard.engines import read
from aboveboard.playbook import reader
from benchmarks import voice_tweets as tweets


def main() -> None:
    """Print everything that docs/measures/voice.md quotes of the reviews."""
    file = tweets.ROOT / "docs" / "measures" / "playbooks" / "olist.yaml"
    playbook = reader.read(file)
    with read(tweets.DATA / "olist", mapping="olist", timezone=playbook.timezone.key) as ledger:
        said = ledger.arrow(ledger.events.filter(ledger.events.type == "review.posted"))
    texts = dict(zip(said["id"].to_pylist(), said["text"].to_pylist(), strict=True))
    for name, source in (("words", None), ("words and vectors", tweets.kept(vectors.packaged(), "olist"))):
        print(f"\n### {name}")
        found = tweets.measured(said, file.read_text(encoding="utf-8"), source)
        tweets.show_models(found, "sentiment")
        tweets.show_said(found)
    known = [row | {"text": texts[row["event"]]} for row in found["voice"]]
    print("\n### peers\n")
    rows = list(tweets.peers(known, "rated", lexicon=False))
    print(tweets.table(("peer", "accuracy", "macro-F1"), rows))


if __name__ == "__main__":
    main()
