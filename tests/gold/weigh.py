"""Learns the weights of actors and events anew from the gold and the phrasebook: `python -m tests.gold.weigh`.

Candidates that a rule admits by itself are left out. Each article is read twice, with the annotated claims and with those
that the service reads, so that the weights bear with missing claims. Review the difference before it is committed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from schemas.reading import Article, CasualtyClaim, Evidence
from services.classifier.core import actors, events
from services.classifier.core.affairs import words_of
from services.classifier.core.claims import find_claims
from services.classifier.core.document import take_apart
from services.classifier.core.weighing import Example, fit
from services.region import Region

ARTICLES = Path(__file__).parent / "articles"
PHRASEBOOK = Path(__file__).parents[1] / "data" / "phrasebook"
WEIGHTS = Path(__file__).parents[2] / "services" / "classifier" / "weights"


def annotated(gold: dict[str, Any]) -> tuple[CasualtyClaim, ...]:
    """The claims that the annotation gives."""
    found = []
    for row in gold["gold"].get("casualties") or []:
        name = "text" if row["quote"] in gold["text"] else "title"
        start = gold[name].find(row["quote"])
        evidence = Evidence(field=name, start=start, end=start + len(row["quote"]), text=row["quote"])
        found.append(CasualtyClaim(**{key: value for key, value in row.items() if key != "quote"}, evidence=evidence))
    return tuple(found)


def examples() -> tuple[list[Example], list[Example]]:
    """The examples of actors and of events."""
    of_actors: list[Example] = []
    of_events: list[Example] = []
    region = Region.load()
    paths = [path for folder in (ARTICLES, PHRASEBOOK) for path in sorted(folder.rglob("*.yaml")) if path.name != "replay.yaml"]
    for path in paths:
        gold = yaml.safe_load(path.read_text(encoding="utf-8"))
        if not gold["gold"]["relevant"]:
            continue
        article = Article(id=gold["id"], title=gold["title"], text=gold["text"], published_at=gold["published_at"])
        document = take_apart(article, region)
        words = words_of(document)
        for claims in (annotated(gold), find_claims(document, region)):
            for code, candidate in actors.candidates(document, claims, words).items():
                if not candidate.features & actors.SURE.keys():
                    of_actors.append((frozenset(candidate.features), code in gold["gold"]["actors"]))
            for kind, event in events.candidates(document, claims, words).items():
                if not event.features & events.SURE.keys():
                    of_events.append((frozenset(event.features), str(kind) in gold["gold"]["event_types"]))
    return of_actors, of_events


def main() -> None:
    """Write both files."""
    of_actors, of_events = examples()
    for name, rows, strength in (("actors", of_actors, 4.0), ("events", of_events, 3.0)):
        text = json.dumps({"weights": fit(rows, strength=strength, least=8)}, ensure_ascii=False, indent=1, sort_keys=True)
        (WEIGHTS / f"{name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
