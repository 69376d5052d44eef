"""The demo's newsroom, asked over HTTP as the fetcher asks it."""

from __future__ import annotations

import feedparser
import httpx

from services.standalone.annotated import BUNDLED, AnnotatedArticle, articles_of
from services.standalone.newsroom import Newsroom, slug


def the_articles() -> list[AnnotatedArticle]:
    return list(articles_of(BUNDLED).values())


async def test_nothing_is_out_before_its_release() -> None:
    articles = the_articles()
    async with Newsroom(articles) as newsroom, httpx.AsyncClient() as client:
        feeds = {feed["id"]: feed["url"] for feed in newsroom.feeds()}
        assert set(feeds) == {slug(article.outlet) for article in articles}
        address = feeds[slug(articles[0].outlet)]
        before = await client.get(address)
        assert feedparser.parse(before.content).entries == []
        newsroom.release(articles[0])
        after = await client.get(address, headers={"if-none-match": before.headers["etag"]})
        (entry,) = feedparser.parse(after.content).entries
        assert entry.link == articles[0].url
        assert entry.title == articles[0].title
        again = await client.get(address, headers={"if-none-match": after.headers["etag"]})
        assert again.status_code == 304
        assert (await client.get(f"{newsroom.address}/nobody/rss.xml")).status_code == 404


def test_an_outlet_in_another_script_has_an_address_of_its_own() -> None:
    assert slug("Highland Wire") == "highland-wire"
    assert slug("Вестник гор").startswith("outlet-")
    assert slug("Вестник гор") != slug("Телеграф Юга")
