"""What reading costs on one core: articles a second, ratios to one regular expression, linearity, memory, time until ready.

Run as a process of its own, with the sources or with a compiled wheel before them on the path: see `tests/bench/__main__.py`.
"""

from __future__ import annotations

import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from schemas.reading import Article
from services.standalone.annotated import BUNDLED, articles_of

GOLD = Path(__file__).parents[1] / "gold" / "articles"
LENGTH = 3000
READY = """
import time
began = time.perf_counter()
from schemas.reading import Article
from services.classifier.core.reading import read
read(Article(id="a", title="Two soldiers were killed in Nagorno-Karabakh", text="Two soldiers were killed."))
print(time.perf_counter() - began)
"""
NAIVE = re.compile(
    r"\b(\d+|one|two|three|four|five|six|seven|eight|nine|ten)\s+(?:\w+\s+){0,3}?(?:killed|wounded|injured|dead)\b", re.IGNORECASE
)


def articles_of_length(length: int) -> list[Article]:
    """The gold's articles, each filled up to `length` characters with its own paragraphs."""
    found = []
    for folder in (GOLD, BUNDLED):
        for one in articles_of(folder).values():
            article = one.article()
            text = "\n\n".join([article.text] * (length // max(1, len(article.text)) + 1))[:length]
            found.append(article.model_copy(update={"text": text}))
    return found


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def measure() -> None:
    """Reading against a single regular expression ("N killed") over the same articles."""
    ready = float(
        subprocess.run(
            [sys.executable, "-c", READY],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    )
    from services.classifier.core.reading import read
    from services.runtime.collector import look_seldom

    look_seldom()  # As the worker processes of the service do.
    articles = articles_of_length(LENGTH)
    for article in articles[:20]:
        read(article)
    reading = timed(lambda: [read(article) for article in articles])
    baseline = timed(lambda: [NAIVE.findall(article.text) for article in articles])
    one = articles[0]
    spans = {size: one.model_copy(update={"text": (one.text + "\n\n") * (size // LENGTH)}) for size in (30_000, 300_000, 2_000_000)}
    print(f"ready after                 {ready:.2f} s (a fresh process, first article read)")
    print(f"articles a second           {len(articles) / reading:.0f} ({len(articles)} articles of {LENGTH} characters, one core)")
    print(f"against one regex           {reading / max(baseline, 1e-9):.0f} times its time")
    per = reading / len(articles) / LENGTH
    for size, article in spans.items():
        took = timed(lambda article=article: read(article))  # type: ignore[misc]  # The default binds the loop's value.
        print(f"length {size:9,}            {took:.2f} s, {took / size / per:.2f} times its share")
    print(f"memory at most              {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    measure()
