"""Builders for stories about reading: an article in one line, taken apart."""

from __future__ import annotations

from datetime import UTC, datetime

from schemas.reading import Article
from services.classifier.core.document import Document, take_apart
from services.region import Region

JULY_2021 = datetime(2021, 7, 28, 12, tzinfo=UTC)


def document(text: str, *, title: str = "", at: datetime = JULY_2021) -> Document:
    """The document of an article with this text."""
    return take_apart(Article(id="a", title=title, text=text, published_at=at), Region.load())


def story(sentence: str, *, lead: str = "Fighting went on between Armenian and Azerbaijani soldiers near Kalbajar.") -> Document:
    """A document whose lead says that there is a conflict, and whose second paragraph is the sentence."""
    return document(f"{lead}\n\n{sentence}")
