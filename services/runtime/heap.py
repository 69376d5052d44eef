"""How the C library keeps memory that Python has given back: for processes that hold large things for a moment."""

from __future__ import annotations

import asyncio
import ctypes

from services.runtime.patience import told

LARGE = 65_536
"""Bytes from which on a block is taken from the system by itself, and goes back to it as soon as it is free."""
M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8
"""glibc's numbers of these settings (malloc.h)."""


def give_back_large() -> bool:
    """Let large blocks go back to the system at once; whether the C library can do that.

    Left alone it takes them from the heap once the first of them has been freed, and small blocks that live on between
    them keep the heap as large as it ever was: a fifth of the memory of a process that has read a thousand feeds. And threads
    that look up names would each have a heap of their own.
    """
    try:
        library = ctypes.CDLL(None)
        return bool(library.mallopt(M_MMAP_THRESHOLD, LARGE)) and bool(library.mallopt(M_ARENA_MAX, 1))
    except (AttributeError, OSError):
        return False


def give_back() -> bool:
    """Give back to the system what is free within the heap; whether any was. It takes a millisecond or less, seldom four."""
    try:
        return bool(ctypes.CDLL(None).malloc_trim(0))
    except (AttributeError, OSError):
        return False


async def keep_giving_back(stopping: asyncio.Event, seconds: float) -> None:
    """Give back what is free every so many seconds, until the process stops."""
    while not await told(stopping, seconds):
        give_back()
