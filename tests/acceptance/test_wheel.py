"""The compiled wheel reads as the sources do: the image must not say anything else than the checkout that was tested."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from services.standalone.annotated import articles_of
from tests.acceptance.commands import environment

ROOT = Path(__file__).parents[2]
FOLDERS = (ROOT / "tests" / "gold" / "articles", ROOT / "tests" / "data" / "phrasebook" / "tr")
NO_COMPILER = "no C compiler is found: apt-get install gcc libc6-dev"


def read_with(path: Path, lines: str, folder: Path) -> list[str]:
    """What `classify` prints when the packages are taken from `path`."""
    done = subprocess.run(
        [sys.executable, "-m", "services.cli", "classify", "-"],
        input=lines,
        capture_output=True,
        text=True,
        check=True,
        cwd=folder,
        env={**environment(), "PYTHONPATH": str(path)},
    )
    return done.stdout.splitlines()


@pytest.mark.stack
@pytest.mark.timeout(900)
@pytest.mark.skipif(not any(map(shutil.which, ("cc", "gcc", "clang"))), reason=NO_COMPILER)
def test_the_compiled_wheel_reads_every_article_as_the_sources_do(tmp_path: Path) -> None:
    built = subprocess.run(
        [sys.executable, "deploy/wheel.py", str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False, env={**os.environ}
    )
    assert built.returncode == 0, built.stderr
    with zipfile.ZipFile(built.stdout.strip()) as wheel:
        wheel.extractall(tmp_path / "wheel")
    assert any((tmp_path / "wheel" / "services" / "classifier" / "core").glob("quantities.*.so"))
    lines = "".join(one.article().model_dump_json() + "\n" for folder in FOLDERS for one in articles_of(folder).values())
    assert read_with(tmp_path / "wheel", lines, tmp_path) == read_with(ROOT, lines, tmp_path) != []


def test_without_a_compiler_the_mend_is_told(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "deploy/wheel.py", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": str(tmp_path)},
    )
    assert done.returncode == 1
    assert "install gcc" in done.stderr
