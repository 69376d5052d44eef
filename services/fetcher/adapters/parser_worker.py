"""The process that parses: one job after the other from standard input, each answer to standard output.

    python -m services.fetcher.adapters.parser_worker

A message is its length (four bytes, big-endian), a line of JSON, and for jobs the body behind it. A job that uses more
CPU time than it may ends the process by the kernel's own signal, even in the middle of C code; so does too much memory.
The end of the input, which comes with the death of the parent, ends it too.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import struct
import sys
from collections.abc import Callable
from dataclasses import asdict, fields
from typing import Any, BinaryIO

from services.fetcher.core.pagetext import Hints
from services.fetcher.core.parsed import MOST_ENTRIES, ParsedEntry, ParsedFeed, ParseFailure

MEMORY = 1_500_000_000
"""Bytes of address space; a bomb in a document ends its worker, not the machine."""
NICENESS = 5
ENTRY_FIELDS = tuple(field.name for field in fields(ParsedEntry))
FEED_FIELDS = tuple(field.name for field in fields(ParsedFeed))
LENGTH = struct.Struct(">I")


def main() -> None:
    """Work until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # The loop that feeds us, and serves everybody else, goes first.
    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Not where the module is loaded: the process that feeds us takes the form of the messages from here, and no parser.
    # Before the first job, whose time it would take.
    from services.fetcher.core.parsing import parse_feed

    jobs, answers = sys.stdin.buffer, sys.stdout.buffer
    # What a library prints must not stand between the answers.
    sys.stdout = sys.stderr
    while (head := _message(jobs)) is not None:
        body = _message(jobs)
        if body is None:
            return
        job = json.loads(head)
        # The alarm of used CPU time has no handler: its default is to end the process.
        signal.setitimer(signal.ITIMER_PROF, float(job["seconds"]))
        answer = _done(job, body, parse_feed)
        signal.setitimer(signal.ITIMER_PROF, 0)
        packed = json.dumps(answer, default=str).encode("ascii")
        answers.write(LENGTH.pack(len(packed)) + packed)
        answers.flush()


def _done(job: dict[str, Any], body: bytes, parse_feed: Callable[..., ParsedFeed | ParseFailure]) -> dict[str, Any]:
    if job["kind"] == "page":
        # It takes a while to load, and the feeds of many desks never need it.
        from services.fetcher.core.pages import read_page

        hints = Hints(tuple(job["text"]), tuple(job["drop"]))
        return asdict(read_page(body, content_type=job["content_type"], address=job["address"], hints=hints))
    if job["kind"] == "ready":
        return {}
    parsed = parse_feed(body, content_type=job["content_type"], address=job["address"], at_most=job.get("at_most", MOST_ENTRIES))
    if isinstance(parsed, ParseFailure):
        return {"failure": parsed.reason, "detail": parsed.detail}
    return feed_as_json(parsed)


def feed_as_json(parsed: ParsedFeed) -> dict[str, Any]:
    """The feed as it passes between the processes."""
    # By hand: `asdict` copies every text, and takes as long as a tenth of the parse.
    entries = [
        {name: getattr(entry, name) for name in ENTRY_FIELDS} | {"fallback": entry.fallback.isoformat() if entry.fallback else None}
        for entry in parsed.entries
    ]
    return {name: getattr(parsed, name) for name in FEED_FIELDS} | {"entries": entries}


def _message(stream: BinaryIO) -> bytes | None:
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    body = stream.read(length)
    return body if len(body) == length else None


if __name__ == "__main__":
    main()
