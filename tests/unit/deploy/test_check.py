"""deploy/check.py has been seen to fail: on a Dockerfile with a flaw, and on a misspelt key of compose.yaml."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
DEPLOY = ROOT / "deploy"


def checked(folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    return subprocess.run(
        [sys.executable, str(DEPLOY / "check.py"), str(folder)], env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for name in ("Dockerfile", "compose.yaml"):
        shutil.copy(DEPLOY / name, tmp_path / name)
    return tmp_path


def test_the_files_as_they_are_pass(copy: Path) -> None:
    done = checked(copy)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("Dockerfile", 'CMD ["--help"]', "CMD --help", "DL3025"),
        ("compose.yaml", "    restart: unless-stopped\n    environment:", "    restrat: unless-stopped\n    environment:", "restrat"),
    ],
)
def test_a_flaw_fails(copy: Path, name: str, old: str, new: str, said: str) -> None:
    text = (copy / name).read_text(encoding="utf-8")
    assert old in text
    (copy / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    done = checked(copy)
    assert done.returncode == 1
    assert said in done.stdout + done.stderr
