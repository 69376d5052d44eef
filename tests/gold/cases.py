"""Figures that are both read and annotated: the cases from which the weights are learnt, and by which they are judged.

A figure that becomes a claim is matched with the annotation of the same effect and numbers whose quote shares half of the
shorter one's words, as the score's own slot of evidence does; where no quote does, with the only one left of those numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schemas.reading import Article
from services.classifier.core.claims import told
from services.classifier.core.document import Document, take_apart
from services.classifier.core.drafts import Draft
from services.region import Region
from services.standalone.annotated import BUNDLED
from tests.gold.measures import words
from tests.gold.score import HERE, gold_documents, story_name

FOLDERS = (HERE / "articles", BUNDLED, HERE.parent / "data" / "phrasebook", HERE.parent / "data" / "sentences")
FOLDS = 10


@dataclass(frozen=True, slots=True)
class Case:
    """One figure, with its article, language and annotation; `fold` leaves it out of what is learnt from the others."""

    article: str
    language: str
    fold: int
    draft: Draft
    gold: dict[str, Any]


def matched(draft: Draft, free: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """The annotation among `free` that a figure tells, as the module says."""
    quantity = draft.frame.quantity
    mine = words(draft.line.surface(draft.frame.start, min(draft.frame.end, len(draft.line))))
    same = [one for one in free if one["effect"] == draft.frame.effect and (one["low"], one["high"]) == (quantity.low, quantity.high)]
    shared = [one for one in same if 2 * len(mine & words(one["quote"])) >= min(len(mine), len(words(one["quote"]))) > 0]
    if shared:
        return max(shared, key=lambda one: len(mine & words(one["quote"])))
    return same[0] if len(same) == 1 else None


@dataclass(frozen=True, slots=True)
class Annotated:
    """An annotated article that concerns the area, taken apart, with its fold: those of one story are left out together."""

    key: str
    language: str
    fold: int
    document: Document
    casualties: tuple[dict[str, Any], ...]


def annotated(folders: Sequence[Path] = FOLDERS) -> Iterator[Annotated]:
    """All articles of the folders that concern the area."""
    region = Region.load()
    documents = {key: gold for key, gold in gold_documents(folders).items() if gold["gold"].get("relevant", True)}
    stories = {key: key if key.startswith("p") else story_name(key) for key in documents}
    fold = {story: number % FOLDS for number, story in enumerate(sorted(set(stories.values())))}
    for key, gold in documents.items():
        article = Article.model_validate({name: gold.get(name, "") for name in ("id", "url", "title", "text", "published_at", "outlet")})
        yield Annotated(key, gold["lang"], fold[stories[key]], take_apart(article, region), tuple(gold["gold"].get("casualties") or ()))


def cases(folders: Sequence[Path] = FOLDERS) -> list[Case]:
    """All figures that are both read and annotated; the folds part by story."""
    found = []
    for one in annotated(folders):
        free = list(one.casualties)
        for draft in told(one.document):
            match = matched(draft, free)
            if match is not None:
                free.remove(match)
                found.append(Case(one.key, one.language, one.fold, draft, match))
    return found
