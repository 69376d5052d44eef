"""Large blocks go back to the system."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from services.runtime import heap

TRIMMED = """
from pathlib import Path
from services.runtime.heap import give_back

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

# Blocks too large for Python's own pools and too small to go back by themselves; the last of them holds the heap up.
blocks = [bytes(40_000) for _ in range(500)]
last = bytes(40_000)
del blocks
before = resident()
assert give_back()
print(before - resident())
"""

SCRIPT = """
from pathlib import Path
from services.runtime.heap import give_back_large

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

assert give_back_large()
before, kept = resident(), []
for _ in range(4):
    # Small things that live on between large ones that do not.
    large = []
    for number in range(200):
        large.append(bytes(100_000))
        kept.append(bytes(300))
    del large
print(resident() - before)
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="it is told by Linux's /proc; elsewhere nothing is promised")
def test_large_blocks_go_back_to_the_system_as_soon_as_they_are_free() -> None:
    said = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3])
    assert int(said.stdout) < 3_000_000


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="it is told by Linux's /proc; elsewhere nothing is promised")
def test_what_is_free_below_the_top_of_the_heap_goes_back_when_asked() -> None:
    said = subprocess.run([sys.executable, "-c", TRIMMED], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3])
    assert int(said.stdout) > 10_000_000


async def test_memory_is_given_back_again_and_again_until_the_process_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    stopping, given = asyncio.Event(), []

    def give() -> bool:
        given.append(1)
        if len(given) == 3:
            stopping.set()
        return True

    monkeypatch.setattr(heap, "give_back", give)
    async with asyncio.timeout(5):
        await heap.keep_giving_back(stopping, 0.001)
    assert len(given) == 3
