"""`articles.classified`: what was read in an article, and which story it belongs to."""

from __future__ import annotations

from datetime import datetime

from schemas.article_fetched import OutletRef
from schemas.reading import Frozen, Reading
from schemas.vocabulary import ClassifyReason


class ArticleClassified(Frozen):
    """One reading of one revision.

    `reading.id` equals `article_id`. `copy_of` is the id of the article that this one retells, `origin` the outlet it
    came from where that is named. `story_id` is never None for a relevant article.
    """

    article_id: str
    revision: str
    story_id: str | None
    url: str
    title: str
    published_at: datetime | None
    fetched_at: datetime
    classified_at: datetime
    outlet: OutletRef
    reason: ClassifyReason
    copy_of: str | None = None
    origin: str | None = None
    reading: Reading
