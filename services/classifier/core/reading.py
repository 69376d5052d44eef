"""Reading an article: every stage in its order, pure, with the lexicons and the region loaded once."""

from __future__ import annotations

from collections import Counter

from schemas.reading import Article, Reading
from schemas.vocabulary import ReadingNote
from services.classifier.core.actors import find_actors
from services.classifier.core.affairs import words_of
from services.classifier.core.ceasefire import find_ceasefire
from services.classifier.core.claims import find_claims
from services.classifier.core.document import LONGEST, LONGEST_TITLE, Document, take_apart
from services.classifier.core.events import find_events
from services.classifier.core.relevance import is_relevant
from services.region import Region

RULES_VERSION = "2026.3"
"""Stored with every reading: rows of another version are read again by `reclassify`."""


def read(article: Article, *, everywhere: bool = False, region: Region | None = None) -> Reading:
    """All that is said in `article`; one that does not concern the region yields no claims unless `everywhere`."""
    region = region or Region.load()
    document = take_apart(article, region)
    words = words_of(document)
    relevant = is_relevant(document, region, words)
    notes = _left_out(article)
    if not relevant and not everywhere:
        return Reading(id=article.id, language=document.language, relevant=False, rules_version=RULES_VERSION, notes=notes)
    claims = find_claims(document, region)
    truces = find_ceasefire(document, region, words)
    return Reading(
        id=article.id,
        language=document.language,
        relevant=relevant,
        actors=find_actors(document, claims, region, words),
        event_types=find_events(document, claims, region, truces, words),
        casualties=claims,
        ceasefire=truces,
        places=_places(document),
        rules_version=RULES_VERSION,
        notes=notes,
    )


def _left_out(article: Article) -> tuple[ReadingNote, ...]:
    """What of the article is not read, for its length."""
    found = []
    if article.title[LONGEST_TITLE:].strip():
        found.append(ReadingNote.TITLE_TOO_LONG)
    if article.text[LONGEST:].strip():
        found.append(ReadingNote.TEXT_TOO_LONG)
    return tuple(found)


def _places(document: Document) -> tuple[str, ...]:
    named = (mention.of or mention.entry for found in document.mentions.values() for mention in found)
    counted = Counter(entry.id for entry in named if entry.kind == "place")
    return tuple(place for place, _ in counted.most_common())
