"""How the C library keeps memory that Python has given back: for processes that hold large things for a moment."""

from __future__ import annotations

import ctypes

LARGE = 65_536
"""Bytes from which on a block is taken from the system by itself, and goes back to it as soon as it is free."""
M_MMAP_THRESHOLD = -3
"""glibc's number of that setting."""


def give_back_large() -> bool:
    """Let large blocks go back to the system at once; whether the C library can do that.

    Left alone it takes them from the heap once the first of them has been freed, and small blocks that live on between
    them keep the heap as large as it ever was: a fifth of the memory of a process that has read a thousand feeds.
    """
    try:
        return bool(ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, LARGE))
    except (AttributeError, OSError):
        return False
