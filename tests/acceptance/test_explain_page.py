"""`explain URL`: the page is fetched once, its article read, and each claim shown with who says so."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.acceptance.commands import called

PAGE = """<!doctype html><html lang="en"><head><title>Three soldiers killed near Vardenis</title></head><body>
<nav>Home Politics Sport</nav><article><h1>Three soldiers killed near Vardenis</h1>
<p>Three Armenian soldiers were killed near Vardenis on Tuesday, the Armenian Defence Ministry said in a statement.</p>
<p>The ministry said that two more servicemen were wounded when Azerbaijani troops opened fire on a post above the village
shortly before dawn, and that the shooting had died down by nine in the morning.</p>
<p>Azerbaijan's Defence Ministry denied that its troops had fired. It said nothing of losses of its own.</p>
</article><footer>Subscribe to our newsletter</footer></body></html>
"""


class Quiet(SimpleHTTPRequestHandler):
    """Serves the folder and says nothing."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's own name
        """Nothing."""


@pytest.fixture
def outlet(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "article.html").write_text(PAGE, encoding="utf-8")
    (tmp_path / "empty.html").write_text("<html><body></body></html>", encoding="utf-8")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.mark.stack
def test_the_article_on_a_page_is_shown_with_its_claims(outlet: str) -> None:
    ended = called("explain", f"{outlet}/article.html", "--published", "2021-07-28", settings={"allow_private": "true"})
    assert ended.code == 0, ended.err
    assert "3 killed" in ended.out.replace("\n", " ")
    assert "ARM.MIL" in ended.out


@pytest.mark.stack
@pytest.mark.parametrize(("path", "says"), [("empty.html", "no article"), ("missing.html", "address")])
def test_a_page_without_an_article_says_so(outlet: str, path: str, says: str) -> None:
    ended = called("explain", f"{outlet}/{path}", settings={"allow_private": "true"})
    assert ended.code == 1
    assert says in ended.err


@pytest.mark.stack
def test_a_private_address_is_not_asked(outlet: str) -> None:
    ended = called("explain", f"{outlet}/article.html")
    assert ended.code == 1
    assert "ALLOW_PRIVATE" in ended.err
