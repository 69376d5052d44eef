"""Large blocks go back to the system."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

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
