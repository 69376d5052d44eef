"""Readers that go wrong, for worker processes to import by name."""

from __future__ import annotations

import os

from schemas.reading import Article, Reading
from tests.builders import a_reading


def read_by_title(article: Article) -> Reading:
    """Does what the title says: read, loop for ever, fail, or end the process."""
    match article.title:
        case "loop":
            while True:
                pass
        case "fail":
            raise KeyError("no such word")
        case "die":
            os._exit(3)
    return a_reading().model_copy(update={"id": article.id})
