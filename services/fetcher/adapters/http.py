"""One polite, bounded GET: conditional, limited in time and size, one request at a time per host, its failure named.

Whatever a server does, `get` returns an Answer or a Refusal with a reason of the closed list: it raises nothing but
the cancellation of the caller.
"""

from __future__ import annotations

import asyncio
import ssl
import zlib
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from hashlib import sha256
from http.cookiejar import CookieJar, DefaultCookiePolicy
from importlib.metadata import PackageNotFoundError, version
from types import TracebackType
from typing import Self

import httpcore
import httpx

from schemas.vocabulary import PollReason
from services.fetcher.core.addresses import absolute, host_of
from services.runtime.guard import AddressRefused, GuardedTransport

REDIRECTS = 5
LONGEST_WISH = 86_400
"""Seconds: no server is asked less often than daily, whatever its Retry-After says."""
PERMANENT = frozenset({301, 308})
REDIRECTING = frozenset({301, 302, 303, 307, 308})
TARGET = "redirect_target"
CHUNK = 65_536
MOST_HOSTS = 4_096
ACCEPT_FEED = "application/rss+xml, application/atom+xml, application/rdf+xml;q=0.9, application/xml;q=0.8, text/xml;q=0.8, */*;q=0.5"
ACCEPT_PAGE = "text/html, application/xhtml+xml;q=0.9, */*;q=0.5"
BY_STATUS = {
    401: PollReason.REFUSED, 403: PollReason.REFUSED, 404: PollReason.NOT_FOUND, 410: PollReason.GONE, 418: PollReason.REFUSED,
    429: PollReason.RATE_LIMITED, 451: PollReason.REFUSED,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Limits:
    """How long an answer may take in all, in real seconds, and how large its body may be after decompression."""

    seconds: float
    bytes: int


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server gave to ask it next time whether anything changed; sent back as it came."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A body, or the word that it is unchanged (`body` is None then). `moved_to`: a permanent redirect led there."""

    status: int
    body: bytes | None
    address: str
    content_type: str = ""
    validators: Validators = field(default_factory=Validators)
    body_hash: str | None = None
    moved_to: str | None = None
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """No body, and why. `retry_after` is the server's wish in seconds."""

    reason: PollReason
    status: int | None = None
    detail: str = ""
    retry_after: float | None = None
    size: int = 0


class _TooLarge(Exception):  # noqa: N818 - handled in this module only
    pass


class _Undecodable(Exception):  # noqa: N818 - handled in this module only
    pass


REASONS: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], PollReason], ...] = (
    (_TooLarge, PollReason.TOO_LARGE),
    (_Undecodable, PollReason.NOT_A_FEED),
    (AddressRefused, PollReason.ADDRESS_REFUSED),
    ((httpcore.TimeoutException, httpx.TimeoutException), PollReason.TIMED_OUT),
)
"""All other faults of the network make a feed unreachable."""
FAULTS = (
    _TooLarge, _Undecodable, httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, httpcore.ProxyError,
    httpcore.UnsupportedProtocol, httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, ssl.SSLError, OSError, ValueError,
)  # fmt: skip


class Fetch:
    """The one client of the process. `async with Fetch(...) as fetch: await fetch.get(...)`."""

    def __init__(self, *, contact: str, allow_private: bool = False, host_gap: float = 1.0, connections: int = 100) -> None:
        """`contact` goes into the User-Agent; `host_gap` seconds lie between two requests to one host."""
        self._transport = GuardedTransport(allow_private=allow_private, connections=connections)
        self._client = httpx.AsyncClient(
            transport=self._transport,
            follow_redirects=False,
            timeout=None,  # noqa: S113 - the whole exchange has one limit, below; a limit per read never ends a drip
            trust_env=False,
            headers={"user-agent": user_agent(contact), "accept-encoding": "gzip, deflate"},
            # No cookie is kept: none may cross to another host or tell one poll from the next.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            event_hooks={"response": [_hide_target]},
        )
        self._hosts = _Hosts(host_gap)

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
        self, address: str, *, limits: Limits, validators: Validators | None = None, accept: str = ACCEPT_FEED
    ) -> Answer | Refusal:
        """The body at `address`, after redirects. The limit on time begins when the host is free for us."""
        try:
            return await self._followed(address, limits, _conditions(validators) | {"accept": accept})
        except TimeoutError:
            return Refusal(PollReason.TIMED_OUT, detail=f"no whole answer within {limits.seconds:g} s")
        except FAULTS as fault:
            return _refusal(fault)

    async def _followed(self, address: str, limits: Limits, headers: dict[str, str]) -> Answer | Refusal:
        """The answer at the end of the redirects; every hop is judged anew when it is connected to."""
        current, moved, left = address, True, limits.seconds
        loop = asyncio.get_running_loop()
        for _ in range(REDIRECTS + 1):
            async with self._hosts.turn(host_of(current)), asyncio.timeout(left):
                began = loop.time()
                response = await self._client.send(self._client.build_request("GET", current, headers=headers), stream=True)
                try:
                    target = response.extensions.get(TARGET)
                    if response.status_code not in REDIRECTING or not target:
                        return await _answered(response, current, limits, current if moved and current != address else None)
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


class _Hosts:
    """One request at a time to each host, and a gap between two."""

    def __init__(self, gap: float) -> None:
        self._gap = gap
        self._locks: OrderedDict[str, asyncio.Lock] = OrderedDict()
        self._free_at: dict[str, float] = {}

    @asynccontextmanager
    async def turn(self, host: str) -> AsyncIterator[None]:
        lock = self._locks.setdefault(host, asyncio.Lock())
        self._locks.move_to_end(host)
        loop = asyncio.get_running_loop()
        async with lock:
            wait = self._free_at.get(host, 0.0) - loop.time()
            if wait > 0:
                await asyncio.sleep(wait)
            try:
                yield
            finally:
                self._free_at[host] = loop.time() + self._gap
        self._forget()

    def _forget(self) -> None:
        while len(self._locks) > MOST_HOSTS:
            host, lock = next(iter(self._locks.items()))
            if lock.locked():
                return
            del self._locks[host]
            self._free_at.pop(host, None)


async def _hide_target(response: httpx.Response) -> None:
    """Take the target of a redirect out of httpx's sight: it reads it even where it is not to follow, and stumbles over some."""
    target = response.headers.pop("location", None)
    if target is not None:
        response.extensions[TARGET] = target


def _conditions(validators: Validators | None) -> dict[str, str]:
    conditions: dict[str, str] = {}
    if validators is not None and validators.etag and validators.etag.isascii():
        conditions["if-none-match"] = validators.etag
    if validators is not None and validators.last_modified and validators.last_modified.isascii():
        conditions["if-modified-since"] = validators.last_modified
    return conditions


async def _answered(response: httpx.Response, address: str, limits: Limits, moved_to: str | None) -> Answer | Refusal:
    status, headers = response.status_code, response.headers
    wish = retry_after(headers, datetime.now(UTC))
    if status == 304:
        return Answer(status, None, address, validators=_validators(headers), moved_to=moved_to, retry_after=wish)
    if not 200 <= status < 300:
        reason = BY_STATUS.get(status, PollReason.SERVER_ERROR if status >= 500 else PollReason.REFUSED)
        return Refusal(reason, status, f"HTTP {status} {response.reason_phrase}".strip(), wish)
    body = await _body(response, limits.bytes)
    return Answer(
        status,
        body,
        address,
        content_type=headers.get("content-type", ""),
        validators=_validators(headers),
        body_hash=sha256(body).hexdigest(),
        moved_to=moved_to,
        retry_after=wish,
    )


async def _body(response: httpx.Response, at_most: int) -> bytes:
    """The body, unpacked piece by piece, so that a small packed body cannot become a large one in memory."""
    unpack = _Unpacker(response.headers.get("content-encoding", ""))
    body = bytearray()
    async for packed in response.aiter_raw(CHUNK):
        body += unpack.more(packed, at_most + 1 - len(body))
        if len(body) > at_most:
            raise _TooLarge(f"more than {at_most} bytes")
        if unpack.done:
            break
    return bytes(body)


class _Unpacker:
    """A body's packing undone piece by piece, no more bytes at once than asked for."""

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding.strip().lower()
        self._begun = False
        self._inner: zlib._Decompress | None = None
        if self._encoding in {"gzip", "x-gzip"}:
            self._inner = zlib.decompressobj(zlib.MAX_WBITS | 16)
        elif self._encoding == "deflate":
            self._inner = zlib.decompressobj()
        elif self._encoding not in {"", "identity", "none"}:
            raise _Undecodable(f"it came as {self._encoding[:40]!r}, which was not asked for")

    @property
    def done(self) -> bool:
        """Whether what comes now is no part of the packed data any more."""
        return self._inner is not None and self._inner.eof

    def more(self, packed: bytes, at_most: int) -> bytes:
        """What the next piece unpacks to; the last byte of `at_most` says that there is more."""
        if self._inner is None:
            return packed
        try:
            try:
                return self._inner.decompress(packed, at_most)
            except zlib.error:
                if self._begun or self._encoding != "deflate":
                    raise
                # Some servers send the bare form of deflate.
                self._inner = zlib.decompressobj(-zlib.MAX_WBITS)
                return self._inner.decompress(packed, at_most)
        except zlib.error as fault:
            raise _Undecodable(f"it says {self._encoding} and is not: {fault}") from fault
        finally:
            self._begun = True


def _validators(headers: Mapping[str, str]) -> Validators:
    return Validators(etag=_short(headers.get("etag")), last_modified=_short(headers.get("last-modified")))


def _short(value: str | None) -> str | None:
    return value if value and len(value) <= 1_000 and "\x00" not in value else None


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """The server's wish in seconds, from either form of Retry-After, at most a day."""
    value = headers.get("retry-after", "").strip()
    if not value:
        return None
    if value.isascii() and value.isdigit():
        return float(min(int(value[:9]), LONGEST_WISH))
    try:
        moment = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return float(min(max(0.0, (moment - now).total_seconds()), LONGEST_WISH))


def _refusal(fault: BaseException) -> Refusal:
    for kinds, reason in REASONS:
        if isinstance(fault, kinds):
            return Refusal(reason, detail=_said(fault))
    return Refusal(PollReason.UNREACHABLE, detail=_said(fault))


def _said(fault: BaseException) -> str:
    return f"{type(fault).__name__}: {fault}"[:300].rstrip(": ")
