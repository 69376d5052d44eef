"""HTTP for many servers: httpx on top, aiohttp's connections below, which cost a fifth; every connection passes the guard.

The address is judged twice. The names are resolved here and their addresses judged; and the socket of every connection
is made here for the very address that it is to go to, so that a number in place of a name, a redirect or a name that
resolves anew to another address gains nothing.
"""

from __future__ import annotations

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor

import aiohttp
import httpx
from aiohttp.abc import AbstractResolver, ResolveResult
from httpx_aiohttp import AiohttpTransport

from services.runtime.guard import ATTEMPTS, AddressRefused, is_public

LOOK_UPS = 16
"""Names that are resolved at the same time: a slow name server must not keep the others waiting."""
IDLE_SECONDS = 4.0
"""Seconds that a connection is kept for the next request to the same host."""
RESOLVED_SECONDS = 10
"""Seconds that an address is believed; it is judged at each connection all the same."""
LONGEST_LINE = 32_768
"""Bytes of one line of a head: outlets send long cookies and policies."""
BUFFERED = 16_384
"""Bytes (twice as many at the most) that a connection reads ahead of whoever wants the body; aiohttp's own 65,536 of
hundreds of bodies that wait for room were 23 MB."""


class GuardedResolver(AbstractResolver):
    """Names to addresses that may be asked."""

    def __init__(self, *, allow_private: bool) -> None:
        """`allow_private`: for tests and intranets."""
        self._allow_private = allow_private
        self._threads = ThreadPoolExecutor(LOOK_UPS, thread_name_prefix="names")

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> list[ResolveResult]:
        """The addresses of `host`, at most a few.

        Raises:
            AddressRefused: none of them may be asked.
            OSError: the name is unknown.
        """
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(
                self._threads, lambda: socket.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
            )
        except UnicodeError as fault:
            raise OSError(f"{host} is no name: {fault}") from fault
        addresses = list(dict.fromkeys((str(entry[4][0]), entry[0]) for entry in found))
        allowed = [entry for entry in addresses if self._allow_private or is_public(entry[0])]
        if not allowed:
            raise AddressRefused(f"{host} is at {', '.join(address for address, _ in addresses)}, which is no address of the open internet")
        return [
            ResolveResult(hostname=host, host=address, port=port, family=kind, proto=socket.IPPROTO_TCP, flags=socket.AI_NUMERICHOST)
            for address, kind in allowed[:ATTEMPTS]
        ]

    async def close(self) -> None:
        """Let the threads end; look-ups that hang are not waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)


class GuardedWire(AiohttpTransport):
    """The transport of an httpx client: HTTP/1.1 over connections that go only where they may. No cookie, no proxy, no redirect."""

    def __init__(self, *, allow_private: bool) -> None:
        """Nothing is connected yet; how many connections there are at once is the caller's affair."""
        self._allow_private = allow_private
        context = httpx.create_ssl_context(trust_env=False)
        super().__init__(verify=context, trust_env=False, client=self._session)

    def _session(self) -> aiohttp.ClientSession:
        """Made within the loop, by the first request."""
        connector = aiohttp.TCPConnector(
            ssl=self.ssl_context,
            resolver=GuardedResolver(allow_private=self._allow_private),
            socket_factory=self._socket,
            limit=0,
            ttl_dns_cache=RESOLVED_SECONDS,
            keepalive_timeout=IDLE_SECONDS,
        )
        return aiohttp.ClientSession(
            connector=connector,
            connector_owner=True,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            read_bufsize=BUFFERED,
            max_line_size=LONGEST_LINE,
            max_field_size=LONGEST_LINE,
        )

    def _socket(self, goal: tuple[int, int, int, str, tuple[str, int] | tuple[str, int, int, int]]) -> socket.socket:
        """The socket for one connection.

        Raises:
            AddressRefused: it may not go there.
        """
        family, kind, protocol, _, address = goal
        if not self._allow_private and not is_public(str(address[0])):
            raise AddressRefused(f"{address[0]} is no address of the open internet")
        return socket.socket(family, kind, protocol)

    async def aclose(self) -> None:
        """Close every connection, and the threads of the resolver."""
        client = self.client
        if isinstance(client, aiohttp.ClientSession):
            connector = client.connector
            await client.close()
            if isinstance(connector, aiohttp.TCPConnector):
                await connector._resolver.close()  # noqa: SLF001 - aiohttp closes only a resolver that it has made itself


def refused_by_guard(fault: BaseException) -> AddressRefused | None:
    """The guard's own word where it is behind this fault of a connection: the libraries wrap it in theirs."""
    seen: BaseException | None = fault
    for _ in range(6):
        if seen is None or isinstance(seen, AddressRefused):
            break
        inner = getattr(seen, "os_error", None)
        seen = inner if isinstance(inner, BaseException) else seen.__cause__ or seen.__context__
    return seen if isinstance(seen, AddressRefused) else None
