"""Connections that go only where they may: the address is judged at the moment of connecting, after every name look-up.

A name is resolved here, each of its addresses judged, and the connection made to the judged address itself, so that a
name which resolves anew to another address gains nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterable, AsyncIterator, Iterable
from functools import cache
from types import TracebackType
from typing import Any, Self

import httpcore
import httpx

NAT64 = ipaddress.ip_network("64:ff9b::/96")
SHARED = ipaddress.ip_network("100.64.0.0/10")
ATTEMPTS = 4
"""Addresses of one name that are tried before it counts as unreachable."""


class AddressRefused(httpcore.ConnectError, OSError):  # noqa: N818 - it names what the guard has done
    """The name leads to an address of this machine or of a private network."""


def is_public(address: str) -> bool:
    """Whether the address is one of the open internet: not private, loopback, link-local (metadata services), shared or reserved."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv6Address):
        inner = parsed.ipv4_mapped or parsed.sixtofour or (ipaddress.ip_address(parsed.packed[-4:]) if parsed in NAT64 else None)
        if inner is not None:
            return is_public(str(inner))
    elif parsed in SHARED:
        return False
    return parsed.is_global and not parsed.is_multicast and not parsed.is_reserved and not parsed.is_unspecified


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Connects over TCP to judged addresses only."""

    def __init__(self, *, allow_private: bool) -> None:
        """`allow_private`: for tests and intranets."""
        self._allow_private = allow_private
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A stream to one of the addresses of `host`.

        Raises:
            AddressRefused: none of them may be asked.
            httpcore.ConnectError: the name is unknown, or none of them answers.
        """
        try:
            async with asyncio.timeout(timeout):
                found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except TimeoutError as fault:
            raise httpcore.ConnectTimeout(f"the name {host} was not resolved in time") from fault
        except (OSError, UnicodeError) as fault:
            raise httpcore.ConnectError(f"the name {host} is unknown: {fault}") from fault
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        allowed = [address for address in addresses if self._allow_private or is_public(address)]
        if not allowed:
            raise AddressRefused(f"{host} is at {', '.join(addresses)}, which is no address of the open internet")
        failure: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        tried = allowed[:ATTEMPTS]
        for address in tried:
            try:
                return await self._inner.connect_tcp(
                    address,
                    port,
                    timeout=None if timeout is None else timeout / len(tried),
                    local_address=local_address,
                    socket_options=socket_options,
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as fault:
                failure = fault
        raise failure or httpcore.ConnectError(f"{host} does not answer")

    async def sleep(self, seconds: float) -> None:
        """Wait, for the library's own retries."""
        await asyncio.sleep(seconds)


@cache
def _trusted() -> ssl.SSLContext:
    """The usual authorities: reading them takes longer than anything else that a channel does, so they are read once."""
    return httpx.create_ssl_context()


class GuardedTransport(httpx.AsyncBaseTransport):
    """httpx over a pool whose every connection passes the guard."""

    def __init__(self, *, allow_private: bool, connections: int = 100) -> None:
        """At most `connections` at once, kept alive for a short while."""
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=_trusted(),
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=30.0,
            http1=True,
            http2=True,
            network_backend=GuardedBackend(allow_private=allow_private),
        )

    async def __aenter__(self) -> Self:
        """Open the pool."""
        await self._pool.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None = None, error: BaseException | None = None, trace: TracebackType | None = None
    ) -> None:
        """Close every connection."""
        await self._pool.__aexit__(kind, error, trace)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer, its body unread.

        Raises:
            httpcore exceptions: as the pool gives them, not those of httpx.
        """
        if not isinstance(request.stream, httpx.AsyncByteStream):
            raise TypeError("the body of a request is sent asynchronously")
        asked = httpcore.Request(
            method=request.method,
            url=httpcore.URL(scheme=request.url.raw_scheme, host=request.url.raw_host, port=request.url.port, target=request.url.raw_path),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        answer = await self._pool.handle_async_request(asked)
        return httpx.Response(status_code=answer.status, headers=answer.headers, stream=_Body(answer.stream), extensions=answer.extensions)

    async def aclose(self) -> None:
        """Close every connection."""
        await self._pool.aclose()


class _Body(httpx.AsyncByteStream):
    """The pool's stream in httpx's clothes."""

    def __init__(self, stream: Any) -> None:
        self._stream: AsyncIterable[bytes] = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._stream:
            yield part

    async def aclose(self) -> None:
        close = getattr(self._stream, "aclose", None)
        if close is not None:
            with contextlib.suppress(httpcore.NetworkError):
                await close()
