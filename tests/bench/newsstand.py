"""A thousand feeds on as many addresses of this machine, served by a process of its own: what `./run bench fetcher` polls.

    python -m tests.bench.newsstand --feeds 1000 --hostile 150

It prints its port. Every address of 127.0.0.0/8 is this machine, so that feed number 258 is at 127.1.1.2. Each body has
60 entries and some 99 KB, `--entries` for fewer. In a round one feed of twenty has one new entry at the top; three feeds of
ten send no validators. The last `--hostile` feeds are a third each without a byte, with a byte a second, and without end,
until they are told to behave.

    GET /told/round/N    GET /told/behave    GET /told/misbehave
"""

from __future__ import annotations

import argparse
import asyncio
import random
from functools import cache

ENTRIES = 60
PARAGRAPH = 1_050
"""Characters of one entry's paragraphs, at the least: 60 entries with what stands around them make 99 KB."""
PLACES = ("Lachin", "Yerevan", "Baku", "Tbilisi", "Goris", "Shushi", "Sukhumi", "Tskhinvali", "Makhachkala", "Vladikavkaz", "Martakert")
WORDS = tuple(
    "the price of bread rose by a tenth last month after a dry summer and bakers in three towns said on Tuesday that they would open later while a "  # noqa: SIM905 - it reads as the prose that it is
    "new bridge over the river was to be finished before winter so that lorries need no longer go round by the old road where pupils waited for "
    "their bus in the rain and a museum showed paintings which had lain in its cellar for forty years until somebody found the key".split()
)


def address_of(number: int) -> str:
    """The address of one feed; none is 127.0.0.1."""
    return f"127.{1 + number // 65_000}.{number // 250 % 250}.{2 + number % 250}"


def number_of(host: str) -> int:
    parts = [int(part) for part in host.split(".")]
    return (parts[1] - 1) * 65_000 + parts[2] * 250 + parts[3] - 2


@cache
def _prose(seed: int) -> str:
    """The text of an article as content systems give it: paragraphs, links, a picture, a list of what else to read."""
    chance = random.Random(seed)

    def sentence() -> str:
        where = f" near <strong>{chance.choice(PLACES)}</strong>" if chance.random() < 0.3 else ""
        return " ".join(chance.choices(WORDS, k=13)).capitalize() + f"{where}."

    told = [
        f'<figure class="image"><img src="/i/{seed}.jpg" alt="{chance.choice(PLACES)}" width="640"/><figcaption>Photo</figcaption></figure>'
    ]
    length = 0
    while length < PARAGRAPH:
        link = f'<a href="/topics/{chance.choice(PLACES)}" class="topic" target="_blank">{chance.choice(PLACES)}</a>'
        paragraph = f'<p style="text-align: left">{sentence()} {link}<br/></p>'
        told.append(paragraph)
        length += len(paragraph)
    return "".join(told)


def entry(feed: int, place: int) -> bytes:
    """One entry; `place` counts from the oldest and never changes."""
    day, minute = 1 + place // 1_440 % 28, place % 1_440
    topic = PLACES[(feed + place) % len(PLACES)]
    return (
        f"<item><title>Report {place} of feed {feed} from {topic}</title>"
        f'<link>https://feed{feed}.example/news/{place}</link><guid isPermaLink="false">{feed}-{place}</guid>'
        f"<pubDate>{day:02d} Sep 2023 {minute // 60:02d}:{minute % 60:02d}:00 GMT</pubDate><dc:creator>Desk</dc:creator>"
        f"<category>{topic}</category><category>News</category>"
        f'<description><![CDATA[<p>{topic}: the ministry said so. <a href="/news/{place}">More</a></p>]]></description>'
        f"<content:encoded><![CDATA[{_prose((feed * 31 + place) % 500)}]]></content:encoded></item>\n"
    ).encode()


def new_by(feed: int, turn: int) -> int:
    """How many entries the feed has brought since the beginning, at that round: one in twenty rounds, each feed in its turn."""
    return sum((feed + number) % 20 == 0 for number in range(1, turn + 1))


@cache
def body(feed: int, newest: int, entries: int = ENTRIES) -> bytes:
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Feed {feed}</title><link>https://feed{feed}.example/</link>\n'
    return head.encode() + b"".join(entry(feed, newest + entries - number) for number in range(1, entries + 1)) + b"</channel></rss>\n"


def validated(feed: int) -> bool:
    return feed % 10 >= 3


class Stand:
    """What the server knows."""

    def __init__(self, feeds: int, hostile: int, entries: int = ENTRIES) -> None:
        self.feeds = feeds
        self.entries = entries
        self.hostile = hostile
        self.turn = 0
        self.behaves = hostile == 0

    def told(self, path: str) -> None:
        word = path.removeprefix("/told/")
        if word.startswith("round/"):
            self.turn = int(word.removeprefix("round/"))
        else:
            self.behaves = word == "behave"

    def flaw(self, feed: int) -> int | None:
        """0: no byte; 1: a byte a second; 2: no end; None: an honest feed."""
        place = feed - (self.feeds - self.hostile)
        return place % 3 if place >= 0 and not self.behaves else None


class Customer(asyncio.Protocol):
    """One connection. Bare, because the server must cost little beside what is measured."""

    def __init__(self, stand: Stand) -> None:
        self._stand = stand
        self._transport: asyncio.Transport | None = None
        self._heard = b""
        self._writable = asyncio.Event()
        self._work: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._writable.set()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the library's signature
        self._writable.set()
        if self._work is not None:
            self._work.cancel()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def data_received(self, data: bytes) -> None:
        self._heard += data
        while (end := self._heard.find(b"\r\n\r\n")) >= 0:
            head, self._heard = self._heard[:end], self._heard[end + 4 :]
            self._asked(head.decode("latin-1").split("\r\n"))

    def _asked(self, lines: list[str]) -> None:
        assert self._transport is not None
        path = lines[0].split(" ")[1]
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        if path.startswith("/told/"):
            self._stand.told(path)
            self._answer("200 OK", b"")
            return
        feed = number_of(headers["host"].partition(":")[0])
        flaw = self._stand.flaw(feed)
        if flaw is not None:
            self._work = asyncio.create_task(self._misbehave(flaw))
            return
        newest = new_by(feed, self._stand.turn)
        etag = f'"{feed}-{newest}"'
        if not validated(feed):
            self._answer("200 OK", body(feed, newest, self._stand.entries))
        elif headers.get("if-none-match") == etag:
            self._answer("304 Not Modified", b"", f"ETag: {etag}")
        else:
            self._answer("200 OK", body(feed, newest, self._stand.entries), f"ETag: {etag}", "Last-Modified: Tue, 19 Sep 2023 10:00:00 GMT")

    def _answer(self, status: str, content: bytes, *headers: str) -> None:
        assert self._transport is not None
        lines = [f"HTTP/1.1 {status}", "Content-Type: application/rss+xml", *headers]
        if not status.startswith("304"):
            lines.append(f"Content-Length: {len(content)}")
        self._transport.write("\r\n".join(lines).encode() + b"\r\n\r\n" + content)

    async def _misbehave(self, flaw: int) -> None:
        assert self._transport is not None
        if flaw == 0:
            await asyncio.Event().wait()
        self._transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nConnection: close\r\n\r\n<rss version='2.0'><channel>"
        )
        while not self._transport.is_closing():
            if flaw == 1:
                self._transport.write(b" ")
                await asyncio.sleep(1)
            else:
                self._transport.write(b"<item><title>x</title></item>" * 2_000)
                await asyncio.sleep(0)
                await self._writable.wait()


async def serve(stand: Stand) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Customer(stand), "0.0.0.0", 0, backlog=1_024)  # noqa: S104 - all of 127.0.0.0/8 is meant
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=1_000)
    parser.add_argument("--hostile", type=int, default=0)
    parser.add_argument("--entries", type=int, default=ENTRIES)
    given = parser.parse_args()
    asyncio.run(serve(Stand(given.feeds, given.hostile, given.entries)))


if __name__ == "__main__":
    main()
