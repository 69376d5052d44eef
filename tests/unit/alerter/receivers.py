"""A real HTTP server on loopback that answers as a test tells it, and keeps what it was sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Self

OK = b"HTTP/1.1 204 No Content\r\n\r\n"


def answer(status: str, body: bytes = b"", *headers: str) -> bytes:
    """An answer as it goes over the wire."""
    lines = [f"HTTP/1.1 {status}", f"content-length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came: its first line, its headers in lower case, its body."""

    line: str
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Receiver:
    """What the server does: `answers` in turn, the last one for ever; None hangs, b"" closes without a word."""

    answers: list[bytes | None] = field(default_factory=lambda: [OK])
    requests: list[Request] = field(default_factory=list)
    news: asyncio.Condition = field(default_factory=asyncio.Condition)
    on_request: Callable[[Request], None] | None = None
    on_connect: Callable[[], None] | None = None
    on_answer: Callable[[], None] | None = None
    port: int = 0
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/alerts"

    async def until(self, count: int, within: float = 20.0) -> Self:
        """Wait for so many requests."""
        async with asyncio.timeout(within), self.news:
            await self.news.wait_for(lambda: len(self.requests) >= count)
        return self

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        if self.on_connect is not None:
            self.on_connect()
        try:
            while (head := await reader.readuntil(b"\r\n\r\n")) and await self._answer(head, reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _answer(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        line, *rest = head.decode().rstrip().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (header.partition(":") for header in rest)}
        request = Request(line, headers, await reader.readexactly(int(headers.get("content-length", "0"))))
        reply = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        async with self.news:
            self.requests.append(request)
            self.news.notify_all()
        if self.on_request is not None:
            self.on_request(request)
        if reply is None:
            # The client gives up; its end of the connection ends this read.
            await reader.read()
            return False
        writer.write(reply)
        await writer.drain()
        if self.on_answer is not None:
            self.on_answer()
        return bool(reply)

    def hang_up(self) -> None:
        for writer in self._writers:
            writer.close()


@asynccontextmanager
async def receiver(*answers: bytes | None) -> AsyncIterator[Receiver]:
    """A receiver that listens for the length of the block."""
    made = Receiver(list(answers) or [OK])
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        made.hang_up()
        server.close()
        await server.wait_closed()
