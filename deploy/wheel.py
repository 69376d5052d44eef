"""Builds the wheel with its reading core compiled by mypyc, from a copy of the sources, so that no compiled file lands among them.

python deploy/wheel.py FOLDER        needs a C compiler; takes a minute or two
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PARTS = ("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "schemas", "services", "migrations")


class NoWheel(RuntimeError):  # noqa: N818 - it says what did not come about
    """The wheel could not be built; the message says why and what mends it."""


def build(into: Path) -> Path:
    """The compiled wheel, built into the folder `into`.

    Raises:
        NoWheel: there is no C compiler, or the compiler refused the sources; the message holds what it said.
    """
    if not any(map(shutil.which, ("cc", "gcc", "clang"))):
        raise NoWheel("no C compiler is found: install gcc (Debian: gcc libc6-dev), or build the plain wheel with `pip wheel --no-deps .`")
    into = into.resolve()
    into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="wheel-") as scratch:
        tree = Path(scratch, "tree")
        tree.mkdir()
        for part in PARTS:
            source = ROOT / part
            if source.is_dir():
                shutil.copytree(source, tree / part, ignore=shutil.ignore_patterns("__pycache__", "*.so"))
            else:
                shutil.copy2(source, tree / part)
        done = subprocess.run(
            [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(into)],
            cwd=tree,
            env={**os.environ, "HATCH_BUILD_HOOK_ENABLE_MYPYC": "true"},
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise NoWheel(f"the wheel was not built:\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
    return max(into.glob("*.whl"), key=lambda path: path.stat().st_mtime)


def main(argv: Sequence[str]) -> int:
    """Build into the folder given, dist/ where none is."""
    try:
        print(build(Path(argv[0]) if argv else ROOT / "dist"))
    except NoWheel as fault:
        print(fault, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
