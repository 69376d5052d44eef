"""Parsing in worker processes under a limit that really ends it, and never on the event loop.

    async with ParserPool(size=2) as parsers:
        feed = await parsers.feed(body, content_type=…, address=…)

A worker that runs over its limit is dead: the kernel ends it by its CPU time, we by the wall clock. Another takes its
place, and the body has the name `parse_aborted`.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from schemas.vocabulary import PollReason
from services.fetcher.adapters.parser_worker import LENGTH
from services.fetcher.core.cutting import CUT_TYPE, cut_feed
from services.fetcher.core.pagetext import NO_HINTS, Hints, PageText
from services.fetcher.core.parsed import MOST_ENTRIES, ParsedEntry, ParsedFeed, ParseFailure

PATIENCE = 10.0
"""Wall-clock seconds over the CPU limit: on a busy machine a worker waits for its turn without using any."""
PIECE = 100
"""Entries that are parsed at a time of a feed that is too long for the time as a whole."""
JOBS = 2_000
"""Jobs after which a worker is replaced, so that what a parser never frees does not add up over months."""
START_SECONDS = 30.0
DYING_SECONDS = 1.0
MODULE = "services.fetcher.adapters.parser_worker"
LARGEST_ANSWER = 200_000_000


class ParserDied(RuntimeError):  # noqa: N818 - it names what became of the worker
    """The worker ended in the middle of a job: over its limit of CPU time or memory, or killed."""


class _Worker:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.jobs = 0

    @classmethod
    async def started(cls) -> _Worker:
        return cls(
            await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                MODULE,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                # It needs nothing of what the environment holds, least of all the secrets.
                env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": os.pathsep.join(sys.path), "LANG": "C.UTF-8"},
            )
        )

    async def done(self, job: dict[str, Any], body: bytes, seconds: float) -> dict[str, Any]:
        """The answer to one job.

        Raises:
            ParserDied: it came to none; the worker is of no use any more.
        """
        self.jobs += 1
        # The first job waits for the interpreter and its imports, too.
        wall = seconds + PATIENCE + (START_SECONDS if self.jobs == 1 else 0.0)
        try:
            async with asyncio.timeout(wall):
                head = json.dumps(job | {"seconds": seconds}).encode()
                if self.process.stdin is None or self.process.stdout is None:
                    raise ParserDied("it has no pipes")
                self.process.stdin.write(LENGTH.pack(len(head)) + head + LENGTH.pack(len(body)))
                self.process.stdin.write(body)
                await self.process.stdin.drain()
                (length,) = LENGTH.unpack(await self.process.stdout.readexactly(LENGTH.size))
                if length > LARGEST_ANSWER:
                    raise ParserDied("its answer is too large")
                answer: dict[str, Any] = json.loads(await self.process.stdout.readexactly(length))
                return answer
        except TimeoutError as fault:
            raise ParserDied(f"not done within {wall:g} s") from fault
        except (asyncio.IncompleteReadError, ConnectionError) as fault:
            raise ParserDied(f"over {seconds:g} s of CPU time, or out of memory") from fault

    async def end(self, *, dying: bool = False) -> None:
        """End it; one that is `dying` by itself is given a moment, for to kill what is dead takes its exit code from the loop."""
        if dying:
            with suppress(TimeoutError):
                async with asyncio.timeout(DYING_SECONDS):
                    await self.process.wait()
        if self.process.returncode is None:
            with suppress(ProcessLookupError):
                self.process.kill()
        await self.process.wait()


class ParserPool:
    """A few workers, started when they are first needed."""

    def __init__(self, size: int = 2, *, parse_seconds: float = 1.0, extract_seconds: float = 5.0) -> None:
        """`parse_seconds` and `extract_seconds`: CPU time for one feed and one page."""
        self._free = asyncio.Semaphore(size)
        self._idle: list[_Worker] = []
        self._busy: set[_Worker] = set()
        self._parse_seconds = parse_seconds
        self._extract_seconds = extract_seconds
        self.replaced = 0
        """Workers that died over a job."""

    async def __aenter__(self) -> Self:
        """Nothing is started yet."""
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End every worker."""
        await self.close()

    async def close(self) -> None:
        """End every worker."""
        for worker in [*self._idle, *self._busy]:
            await worker.end()
        self._idle.clear()

    async def feed(
        self, body: bytes, *, content_type: str = "", address: str = "", at_most: int = MOST_ENTRIES
    ) -> ParsedFeed | ParseFailure:
        """The feed in `body`, or the name of what it is instead.

        An honest feed may be too long for the time on a slow machine: where it can be cut, it is parsed in pieces, each
        under the limit. A piece that runs over it ends the parse.
        """
        whole = await self._parsed(body, content_type, address, at_most)
        if not isinstance(whole, ParseFailure) or whole.reason is not PollReason.PARSE_ABORTED:
            return whole
        cut = await asyncio.to_thread(cut_feed, body, content_type)
        if cut is None or len(cut.entries) <= PIECE:
            return whole
        pieces: list[ParsedFeed] = []
        for start in range(0, min(len(cut.entries), at_most), PIECE):
            piece = await self._parsed(cut.only(range(start, min(start + PIECE, at_most))), CUT_TYPE, address, PIECE)
            if isinstance(piece, ParseFailure):
                return whole
            pieces.append(piece)
        entries = tuple(entry for piece in pieces for entry in piece.entries)
        return replace(pieces[0], entries=entries, cut=max(0, len(cut.entries) - at_most))

    async def _parsed(self, body: bytes, content_type: str, address: str, at_most: int) -> ParsedFeed | ParseFailure:
        job = {"kind": "feed", "content_type": content_type, "address": address, "at_most": at_most}
        try:
            answer = await self._job(job, body, self._parse_seconds)
        except ParserDied as fault:
            return ParseFailure(PollReason.PARSE_ABORTED, str(fault))
        if "failure" in answer:
            return ParseFailure(PollReason(answer["failure"]), answer["detail"])
        return _feed_of(answer)

    async def page(self, body: bytes, *, content_type: str = "", address: str = "", hints: Hints = NO_HINTS) -> PageText:
        """The article on a page; without text where there is none, or the page is beyond the parser."""
        try:
            return PageText(
                **await self._job(
                    {"kind": "page", "content_type": content_type, "address": address, "text": hints.text, "drop": hints.drop},
                    body,
                    self._extract_seconds,
                )
            )
        except ParserDied:
            return PageText("")

    async def _job(self, job: dict[str, Any], body: bytes, seconds: float) -> dict[str, Any]:
        async with self._worker() as worker:
            return await worker.done(job, body, seconds)

    @asynccontextmanager
    async def _worker(self) -> AsyncIterator[_Worker]:
        async with self._free:
            worker = self._idle.pop() if self._idle else await _Worker.started()
            self._busy.add(worker)
            whole = dying = False
            try:
                yield worker
                whole = True
            except ParserDied:
                self.replaced += 1
                dying = True
                raise
            finally:
                self._busy.discard(worker)
                # A caller that was cancelled leaves a worker in the middle of a job: its next answer would be another's.
                if whole and worker.jobs < JOBS:
                    self._idle.append(worker)
                else:
                    await worker.end(dying=dying)


def _feed_of(answer: dict[str, Any]) -> ParsedFeed:
    entries = tuple(
        ParsedEntry(
            **entry | {"dates": tuple(entry["dates"]), "fallback": datetime.fromisoformat(entry["fallback"]) if entry["fallback"] else None}
        )
        for entry in answer["entries"]
    )
    return ParsedFeed(**answer | {"entries": entries})
