"""The loop that everybody writes first: httpx for every feed, feedparser on every body, links in a set.

    python -m tests.bench.naive FEEDS.opml ENTRIES

Each line on standard input makes one round; the answer is a line of JSON with its CPU seconds. The links are in ENTRIES at the end.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import feedparser
import httpx

from services.fetcher.core.opml import read_opml

AT_ONCE = 32


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def one(client: httpx.AsyncClient, addresses: list[str], seen: set[str]) -> None:
    places = asyncio.Semaphore(AT_ONCE)

    async def poll(address: str) -> None:
        async with places:
            answer = await client.get(address)
            seen.update(entry.link for entry in feedparser.parse(answer.content).entries)

    await asyncio.gather(*map(poll, addresses))


async def rounds(addresses: list[str], write: Callable[[str], object]) -> None:
    seen: set[str] = set()
    async with httpx.AsyncClient(timeout=30) as client:
        while await asyncio.to_thread(sys.stdin.readline):
            began, used = time.monotonic(), cpu()
            await one(client, addresses, seen)
            print(json.dumps({"seconds": round(time.monotonic() - began, 2), "cpu": round(cpu() - used, 2)}), flush=True)
            write("".join(f"{link}\n" for link in sorted(seen)))


if __name__ == "__main__":
    given, entries = map(Path, sys.argv[1:3])
    asyncio.run(rounds([feed.url for _, feed in read_opml(given.read_bytes(), given.name).feeds()], entries.write_text))
