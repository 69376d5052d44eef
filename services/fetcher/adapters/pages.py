"""The article's own page: asked only where robots.txt lets us, read by a worker process."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from protego import Protego

from schemas.vocabulary import EntryNote, PollReason
from services.fetcher.adapters.http import ACCEPT_PAGE, Fetch
from services.fetcher.adapters.parser_process import ParserPool
from services.fetcher.core.answers import Answer, Limits, Refusal
from services.fetcher.core.entries import Candidate
from services.fetcher.core.pagetext import Hints, same_article

OUR_NAME = "caucasus-watch"
"""The name that robots.txt may hold for us."""
ROBOTS = Limits(seconds=10.0, bytes=500_000)
REMEMBERED = 86_400.0
"""Real seconds that a robots.txt is believed; one that could not be had is asked for again sooner."""
RETRIED = 600.0
MOST_HOSTS = 2_000
SHUT = frozenset({PollReason.REFUSED, PollReason.CHALLENGE, PollReason.RATE_LIMITED})
"""Answers of an outlet that does not let us read its page."""


@dataclass(frozen=True, slots=True)
class _Rules:
    parsed: Protego | None
    allowed: bool
    until: float

    def allow(self, address: str) -> bool:
        return bool(self.parsed.can_fetch(address, OUR_NAME)) if self.parsed is not None else self.allowed


class PageReader:
    """Reads pages for their text."""

    def __init__(self, fetch: Fetch, parsers: ParserPool, limits: Limits) -> None:
        """`limits` of one page."""
        self._fetch = fetch
        self._parsers = parsers
        self._limits = limits
        self._rules: OrderedDict[str, _Rules] = OrderedDict()

    async def read(self, candidate: Candidate, hints: Hints) -> tuple[str, EntryNote | None]:
        """The text on the article's page, or an empty one with the reason: then the feed's own text is all there is."""
        address = candidate.url
        rules = await self._rules_of(address)
        if not rules.allow(address):
            # A robots.txt that could not be had says nothing for good.
            return "", EntryNote.PAGE_FORBIDDEN if rules.parsed is not None else EntryNote.PAGE_UNAVAILABLE
        answer = await self._fetch.get(address, limits=self._limits, accept=ACCEPT_PAGE)
        if isinstance(answer, Refusal) or not answer.body:
            shut = isinstance(answer, Refusal) and answer.reason in SHUT
            return "", EntryNote.PAGE_BLOCKED if shut else EntryNote.PAGE_UNAVAILABLE
        page = await self._parsers.page(answer.body, content_type=answer.content_type, address=answer.address, hints=hints)
        if not page.text:
            return "", EntryNote.PAGE_BLOCKED if page.blocked else EntryNote.PAGE_WITHOUT_TEXT
        fits = same_article(candidate.title, candidate.text, page)
        return (page.text, None) if fits else ("", EntryNote.PAGE_OF_OTHER)

    async def _rules_of(self, address: str) -> _Rules:
        parts = urlsplit(address)
        origin = urlunsplit((parts.scheme, parts.netloc, "", "", ""))
        now = asyncio.get_running_loop().time()
        rules = self._rules.get(origin)
        if rules is None or rules.until < now:
            rules = await self._asked(origin, now)
            self._rules[origin] = rules
            self._rules.move_to_end(origin)
            while len(self._rules) > MOST_HOSTS:
                self._rules.popitem(last=False)
        return rules

    async def _asked(self, origin: str, now: float) -> _Rules:
        """The rules of a host. No robots.txt there allows all; a host that is out of order allows nothing for a while."""
        answer = await self._fetch.get(f"{origin}/robots.txt", limits=ROBOTS, accept="text/plain, */*;q=0.5")
        if isinstance(answer, Answer):
            try:
                return _Rules(Protego.parse((answer.body or b"").decode("utf-8", "replace")), allowed=True, until=now + REMEMBERED)
            except ValueError:
                return _Rules(None, allowed=True, until=now + REMEMBERED)
        absent = answer.status is not None and 400 <= answer.status < 500
        return _Rules(None, allowed=absent, until=now + (REMEMBERED if absent else RETRIED))
