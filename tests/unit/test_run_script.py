"""./run: short to read, and what it lists can be called."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def ran(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(ROOT / "run"), *arguments], capture_output=True, text=True, check=False)


def test_help_lists_every_routine_with_what_it_does() -> None:
    done = ran("help")
    assert done.returncode == 0
    for routine in ("demo", "up", "test", "lint", "types", "bench", "score"):
        assert f"\n  {routine} " in done.stdout


def test_an_unknown_routine_is_told_with_those_that_there_are() -> None:
    done = ran("dance")
    assert done.returncode == 2
    assert "no routine 'dance'" in done.stderr
    assert "demo" in done.stdout


def test_the_lock_file_names_no_address() -> None:
    for lock in (ROOT / "requirements.lock", ROOT / "deploy" / "requirements.lock"):
        text = lock.read_text(encoding="utf-8")
        assert "://" not in text
        assert "--hash=sha256:" in text
