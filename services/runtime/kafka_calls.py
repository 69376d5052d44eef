"""Calls into a client library that retries for ever and does not always hear that it is cancelled: each with a bound."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from aiokafka.errors import KafkaError

from services.runtime.bus import BusUnavailable

OVERHEAD = 64 * 1024
"""Bytes that key, headers and framing may take beside the value."""

BATCH = 256 * 1024
"""Bytes of messages that travel together to one partition."""

_CLOSE_SECONDS = 3.0
_Result = TypeVar("_Result")


async def bounded(call: Awaitable[_Result], seconds: float, what: str) -> _Result:
    """Await the call, in a task of its own: some of the library's calls do not hear that they are cancelled.

    Raises:
        BusUnavailable: it took longer, or Kafka said no.
    """
    task = asyncio.ensure_future(call)
    try:
        await asyncio.wait({task}, timeout=seconds)
        if not task.done():
            raise BusUnavailable(f"Kafka did not answer within {seconds:.1f} s: {what}")
        if task.cancelled():
            raise BusUnavailable(f"{what}: the client was closed")
        return task.result()
    except (KafkaError, OSError) as fault:
        if isinstance(fault, BusUnavailable):
            raise
        raise BusUnavailable(f"{what}: {fault}") from fault
    finally:
        await end(task)


async def end(task: asyncio.Future[Any]) -> None:
    """Cancel what still runs, and leave it to itself where it does not hear."""
    task.add_done_callback(seen)
    if not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=1.0)


async def close(*steps: Callable[[], Awaitable[object]]) -> None:
    """Each step, however the one before it ended; none of them for longer than some seconds."""
    for step in steps:
        # The library lets the cancellation of its own tasks out, as if it were ours; in a task of its own that is no matter.
        task = asyncio.ensure_future(step())
        try:
            await asyncio.wait({task}, timeout=_CLOSE_SECONDS)
        finally:
            await end(task)


def seen(future: asyncio.Future[Any]) -> None:
    """Take note of a fault that was told already, for the first of its batch."""
    if not future.cancelled():
        future.exception()
