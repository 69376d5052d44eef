"""`articles.fetched`: an article that a feed brought and that the keywords kept."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from schemas.reading import Frozen


class OutletRef(Frozen):
    """Who published, as far as the classifier and the alerter need to know.

    `family` names the publisher that several outlets share: they count as one source. `orientation` is one of the
    words of feeds.yaml (state_agency, independent, ...). `country` is ISO 3166-1 alpha-3.
    """

    id: str
    name: str
    family: str = ""
    country: str | None = None
    orientation: str | None = None


class ArticleFetched(Frozen):
    """One revision of one article.

    `article_id` is the UUIDv5 of the canonical URL, so that the same article through two feeds is one. `revision` is
    the SHA-256 of title and text in hex: a changed text is a new revision. `published_at` is aware, or None where the
    feed gave no believable date.
    """

    article_id: str
    revision: str = Field(min_length=8)
    url: str
    title: str
    text: str
    published_at: datetime | None
    fetched_at: datetime
    outlet: OutletRef
    feed_id: str
    language_hint: str | None = None
    text_source: Literal["feed", "page"] = "feed"
    keywords: tuple[str, ...] = ()
