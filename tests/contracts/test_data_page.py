"""docs/data.md tells of the database as it is."""

from __future__ import annotations

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.tables import METADATA
from schemas.tables.views import VIEWS
from tests.exports import data_page

pytestmark = pytest.mark.stack


async def test_the_page_is_current(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        ((path, content),) = (await data_page.exports(connection)).items()
    assert path.read_text(encoding="utf-8") == content, "write it again with ./run docs"


def test_the_page_has_every_table_and_every_view_with_an_example() -> None:
    page = data_page.PAGE.read_text(encoding="utf-8")
    for name in [*METADATA.tables, *(view.name for view in VIEWS)]:
        assert f"\n### `{name}`\n" in page
    for view in VIEWS:
        assert view.example.strip() in page
