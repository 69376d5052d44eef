"""What the tests of reading speak of: a text, its sentences as lines, and the claims that are read in it."""

from __future__ import annotations

from datetime import datetime

from schemas.reading import Article, CasualtyClaim
from services.classifier.core.claims import find_claims, told
from services.classifier.core.document import Document, take_apart
from services.classifier.core.drafts import Draft
from services.classifier.core.lines import Line
from services.region import Region

THE_DAY = "2023-09-20"


def a_document(text: str, *, title: str = "", day: str | None = THE_DAY) -> Document:
    published = datetime.fromisoformat(f"{day}T12:00:00+00:00") if day else None
    return take_apart(Article(id="told", title=title, text=text, published_at=published), Region.load())


def lines_of(text: str, *, day: str | None = THE_DAY) -> list[Line]:
    document = a_document(text, day=day)
    assert document.pack is not None
    return [Line(document, sentence, document.pack) for sentence in document.sentences]


def claims_in(text: str, *, title: str = "", day: str | None = THE_DAY) -> tuple[CasualtyClaim, ...]:
    return find_claims(a_document(text, title=title, day=day), Region.load())


def drafts_in(text: str, *, title: str = "", day: str | None = THE_DAY) -> list[Draft]:
    """The claims in the making, with the candidates and signs that decided."""
    return told(a_document(text, title=title, day=day))


def figures_in(text: str, *, title: str = "", day: str | None = THE_DAY) -> list[tuple[str, int | None, int | None]]:
    """(effect, low, high) of every claim, in order."""
    return [(claim.effect.value, claim.low, claim.high) for claim in claims_in(text, title=title, day=day)]
