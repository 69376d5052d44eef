"""A real HTTP server on loopback that behaves and misbehaves as it is told, by bare asyncio: it can break any rule."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

Script = Callable[[asyncio.StreamWriter, "Asked"], Awaitable[None]]


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    path: str
    headers: Mapping[str, str]


@dataclass
class LocalServer:
    """`async with LocalServer() as server: server.gives("/rss", body)`; unknown paths answer 404."""

    scripts: dict[str, Script] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    _server: asyncio.Server | None = None
    _connections: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def address(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def url(self, path: str) -> str:
        return self.address + path

    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]

    def gives(
        self,
        path: str,
        body: bytes | str = b"",
        *,
        status: int = 200,
        content_type: str = "application/rss+xml",
        headers: Mapping[str, str] | None = None,
        etag: str | None = None,
        last_modified: str | None = None,
    ) -> None:
        """This body at this path; 304 to whoever shows the validator."""
        content = body.encode() if isinstance(body, str) else body

        async def script(writer: asyncio.StreamWriter, asked: Asked) -> None:
            extra = dict(headers or {})
            if etag:
                extra["ETag"] = etag
            if last_modified:
                extra["Last-Modified"] = last_modified
            shown = (asked.headers.get("if-none-match"), asked.headers.get("if-modified-since"))
            if (etag and shown[0] == etag) or (last_modified and shown[1] == last_modified):
                await answer(writer, 304, b"", extra)
            else:
                await answer(writer, status, content, extra | {"Content-Type": content_type})

        self.scripts[path] = script

    def plays(self, path: str, script: Script) -> None:
        self.scripts[path] = script

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            asked = Asked(
                head[0].split(" ")[1],
                {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)},
            )
            self.asked.append(asked)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            try:
                await self.scripts.get(asked.path, _absent)(writer, asked)
            finally:
                self.at_once -= 1
        writer.close()
        self._connections.discard(task)


async def answer(writer: asyncio.StreamWriter, status: int, body: bytes, headers: Mapping[str, str]) -> None:
    lines = [
        f"HTTP/1.1 {status} Told",
        f"Content-Length: {len(body)}",
        "Connection: close",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    writer.write("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)
    await writer.drain()


async def _absent(writer: asyncio.StreamWriter, _: Asked) -> None:
    await answer(writer, 404, b"no such page", {"Content-Type": "text/plain"})


async def never_answers(_: asyncio.StreamWriter, __: Asked) -> None:
    """The connection stands, and no byte comes."""
    await asyncio.Event().wait()


async def never_ends(writer: asyncio.StreamWriter, _: Asked) -> None:
    """As many bytes as are taken."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nConnection: close\r\n\r\n<rss version='2.0'><channel>")
    while True:
        writer.write(b"<item><title>x</title></item>" * 500)
        await writer.drain()


async def drips(writer: asyncio.StreamWriter, _: Asked) -> None:
    """A byte now and then, for ever: no single read takes long."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nConnection: close\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.01)


async def breaks_off(writer: asyncio.StreamWriter, _: Asked) -> None:
    """Less than was announced."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n<rss>")
    await writer.drain()
