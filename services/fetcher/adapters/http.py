"""One polite, bounded GET: conditional, limited in time and size, one request at a time per host, its failure named.

Whatever a server does, `get` returns an Answer or a Refusal with a reason of the closed list: it raises nothing but
the cancellation of the caller.
"""

from __future__ import annotations

import asyncio
import ssl
from datetime import UTC, datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from importlib.metadata import PackageNotFoundError, version
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import aiohttp
import httpx
import xxhash

from schemas.vocabulary import PollReason
from services.fetcher.adapters.budget import SMALL, ByteBudget, Share
from services.fetcher.adapters.turns import Hosts, Lanes, Place
from services.fetcher.adapters.unpacking import ACCEPTED, Undecodable, Unpacker
from services.fetcher.core.addresses import absolute, host_of
from services.fetcher.core.answers import (
    Answer,
    Limits,
    Refusal,
    Validators,
    conditions,
    fresh_for,
    refusal_of,
    retry_after,
    validators_of,
)  # fmt: skip
from services.runtime.guard import AddressRefused
from services.runtime.wire import GuardedWire, refused_by_guard

REDIRECTS = 5
PERMANENT = frozenset({301, 308})
REDIRECTING = frozenset({301, 302, 303, 307, 308})
TARGET = "redirect_target"
BUDGET = 16_000_000
"""Bytes of all bodies in flight together, where nothing else is said."""
ACCEPT_FEED = "application/rss+xml, application/atom+xml, application/feed+json, application/rdf+xml;q=0.9, application/xml;q=0.8, text/xml;q=0.8, */*;q=0.5"
ACCEPT_PAGE = "text/html, application/xhtml+xml;q=0.9, */*;q=0.5"


class _TooLarge(Exception):  # noqa: N818 - handled in this module only
    pass


REASONS: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], PollReason], ...] = (
    (_TooLarge, PollReason.TOO_LARGE),
    (Undecodable, PollReason.NOT_A_FEED),
    (AddressRefused, PollReason.ADDRESS_REFUSED),
)
"""All other faults of the network make a feed unreachable. What httpx calls a timeout here is a connection that failed: time is kept by us."""
FAULTS = (
    _TooLarge, Undecodable, aiohttp.ClientError, httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, ssl.SSLError, OSError, ValueError,
)  # fmt: skip


class Fetch:
    """The one client of the process. `async with Fetch(...) as fetch: await fetch.get(...)`."""

    def __init__(
        self,
        *,
        contact: str,
        allow_private: bool = False,
        host_gap: float = 1.0,
        concurrency: int = 64,
        aside: int = 400,
        budget: ByteBudget | None = None,
    ) -> None:
        """Nothing is connected yet.

        Args:
            contact: goes into the User-Agent.
            allow_private: whether this machine and private networks may be asked.
            host_gap: least seconds between two requests to one host.
            concurrency: requests that are out at once, those not counted that have waited long for their servers.
            aside: how many of those there may be besides.
            budget: of the bytes of all bodies; one of its own where none is given.
        """
        self._client = httpx.AsyncClient(
            transport=GuardedWire(allow_private=allow_private),
            follow_redirects=False,
            timeout=None,  # noqa: S113 - the whole exchange has one limit, below; a limit per read never ends a drip
            trust_env=False,
            headers={"user-agent": user_agent(contact), "accept-encoding": ACCEPTED},
            # No cookie is kept: none may cross to another host or tell one poll from the next.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            event_hooks={"response": [_hide_target]},
        )
        self._hosts = Hosts(host_gap)
        self._lanes = Lanes(concurrency, aside)
        self.budget = budget or ByteBudget(BUDGET)

    async def __aenter__(self) -> Self:
        """Nothing is connected yet."""
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close its connections."""
        await self.close()

    async def close(self) -> None:
        """Close its connections."""
        await self._client.aclose()

    async def get(
        self,
        address: str,
        *,
        limits: Limits,
        validators: Validators | None = None,
        accept: str = ACCEPT_FEED,
        authorization: str | None = None,
        share: Share | None = None,
    ) -> Answer | Refusal:
        """The body at `address`, after redirects.

        The limits on time begin when the host is free for us. `authorization` is shown to the origin of `address` and
        to no other. With `share` the bytes of the body stay on the account of the caller, who frees them; without it
        they count for as long as the body is being read.
        """
        headers = conditions(validators) | {"accept": accept}
        if share is None:
            with self.budget.share() as own:
                return await self._named(address, limits, headers, authorization, own)
        return await self._named(address, limits, headers, authorization, share)

    async def _named(
        self, address: str, limits: Limits, headers: dict[str, str], authorization: str | None, share: Share
    ) -> Answer | Refusal:
        """The answer, or the fault by its name."""
        try:
            return await self._followed(address, limits, headers, authorization, share)
        except TimeoutError:
            waits = f"no byte of the body within {limits.first_byte:g} s, or " if limits.first_byte else ""
            return Refusal(PollReason.TIMED_OUT, detail=f"{waits}no whole answer within {limits.seconds:g} s", size=share.held)
        except FAULTS as fault:
            return _refusal(fault, share.held)

    async def _followed(
        self, address: str, limits: Limits, headers: dict[str, str], authorization: str | None, share: Share
    ) -> Answer | Refusal:
        """The answer at the end of the redirects; every hop is judged anew when it is connected to."""
        current, moved, left = address, True, limits.seconds
        loop = asyncio.get_running_loop()
        for _ in range(REDIRECTS + 1):
            shown = headers | {"authorization": authorization} if authorization and _origin(current) == _origin(address) else headers
            async with self._hosts.turn(host_of(current)), self._lanes.lane() as place:
                began = loop.time()
                async with asyncio.timeout(min(left, limits.first_byte or left)) as limit:
                    response = await self._client.send(self._client.build_request("GET", current, headers=shown), stream=True)
                    try:
                        target = response.extensions.get(TARGET)
                        if response.status_code not in REDIRECTING or not target:
                            reading = _Reading(response, limits.bytes, limit, began + left, share=share, place=place)
                            return await _answered(reading, current, current if moved and current != address else None)
                    finally:
                        await response.aclose()
                left -= loop.time() - began
            moved = moved and response.status_code in PERMANENT
            following = absolute(target, current)
            if following is None:
                return Refusal(PollReason.ADDRESS_REFUSED, response.status_code, f"it leads to {target[:200]!r}, which is no web address")
            current = following
        return Refusal(PollReason.TOO_MANY_REDIRECTS, detail=f"more than {REDIRECTS} redirects, the last to {current}")


def user_agent(contact: str) -> str:
    """Who we are. The form is that of a crawler which says so: some outlets answer 400 to any other."""
    try:
        release = version("caucasus-watch")
    except PackageNotFoundError:
        release = "0"
    return f"Mozilla/5.0 (compatible; caucasus-watch/{release}{f'; +{contact}' if contact else ''})"


async def _hide_target(response: httpx.Response) -> None:
    """Take the target of a redirect out of httpx's sight: it reads it even where it is not to follow, and stumbles over some."""
    target = response.headers.pop("location", None)
    if target is not None:
        response.extensions[TARGET] = target


def _origin(address: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(address)
    return parts.scheme, parts.hostname, parts.port


async def _answered(reading: _Reading, address: str, moved_to: str | None) -> Answer | Refusal:
    response, now = reading.response, datetime.now(UTC)
    status, headers = response.status_code, response.headers
    if status != 304 and not 200 <= status < 300:
        return refusal_of(status, response.reason_phrase, headers, now)
    body = await reading.body() if status != 304 else None
    return Answer(
        status,
        body,
        address,
        content_type=headers.get("content-type", ""),
        validators=validators_of(headers),
        body_hash=xxhash.xxh3_128_hexdigest(body) if body is not None else None,
        moved_to=moved_to,
        retry_after=retry_after(headers, now),
        fresh_for=fresh_for(headers, now),
    )


class _Reading:
    """One body being read, within its limits and its share of the budget."""

    def __init__(
        self, response: httpx.Response, at_most: int, limit: asyncio.Timeout, deadline: float, *, share: Share, place: Place
    ) -> None:
        """`deadline`: of the whole, on the loop's clock; until the first byte `limit` is a nearer one."""
        self.response = response
        self._at_most = at_most
        self._limit = limit
        self._deadline = deadline
        self._share = share
        self._place = place

    async def body(self) -> bytes:
        """The body, unpacked piece by piece, so that a small packed body cannot become a large one in memory.

        Raises:
            _TooLarge, Undecodable: see there.
        """
        announced = self.response.headers.get("content-length", "")
        unpack = Unpacker(self.response.headers.get("content-encoding", ""))
        if unpack.plain and announced.isascii() and announced.isdigit() and int(announced[:15]) > self._at_most:
            raise _TooLarge(f"{announced[:15]} bytes are announced, more than {self._at_most}")
        parts: list[bytes] = []
        held = 0
        deadline = 0.0
        async for packed in self.response.aiter_raw():
            if deadline != self._deadline + self._share.waited:
                # What the body waits for others is no fault of its server.
                deadline = self._deadline + self._share.waited
                self._limit.reschedule(deadline)
            for part in unpack.more(packed):
                held += len(part)
                if held > self._at_most:
                    raise _TooLarge(f"more than {self._at_most} bytes")
                await self._held(len(part))
                parts.append(part)
            if unpack.done:
                break
        return b"".join(parts)

    async def _held(self, by: int) -> None:
        """Room for so many bytes more; the clock stands while there is none."""
        if not self._share.take(by):
            self._limit.reschedule(None)
            if self._share.held + by <= SMALL:
                # Endless bodies go aside as slow servers do: fifty of them must not fill the lane.
                self._place.stay()
            await self._share.grow(by)
            self._place.go_on()
            self._limit.reschedule(self._deadline + self._share.waited)


def _refusal(fault: BaseException, size: int) -> Refusal:
    judged = refused_by_guard(fault) or fault
    for kinds, reason in REASONS:
        if isinstance(judged, kinds):
            return Refusal(reason, detail=_said(judged), size=size)
    return Refusal(PollReason.UNREACHABLE, detail=_said(judged), size=size)


def _said(fault: BaseException) -> str:
    # The transport gives aiohttp's faults the names of httpx's, and not always the right one.
    named = fault.__cause__ if isinstance(fault, httpx.HTTPError) and fault.__cause__ is not None else fault
    return f"{type(named).__name__.lstrip('_')}: {fault}"[:300].rstrip(": ")
