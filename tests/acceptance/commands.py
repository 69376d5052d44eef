"""The installed command, run as a person or a script runs it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from typer.testing import CliRunner

from services.cli import app
from tests.processes import PATIENCE

COMMAND = Path(sys.executable).with_name("caucasus-watch")
CHECKOUT = Path(__file__).parents[2]
RISING_TOLL = CHECKOUT / "tests" / "data" / "stories" / "rising-toll"


def environment(**given: str) -> dict[str, str]:
    """That of a person with an 80 column terminal and no setting but those given."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("CAUCASUS_WATCH_")}
    return {**plain, "COLUMNS": "80", "NO_COLOR": "1", **{f"CAUCASUS_WATCH_{name.upper()}": value for name, value in given.items()}}


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run of the command ended."""

    code: int
    out: str
    err: str
    seconds: float


def run(
    *arguments: str | Path, given: str = "", settings: Mapping[str, str] | None = None, within: float = PATIENCE, cwd: Path | None = None
) -> Ended:
    """Run the command to its end with `given` on standard input."""
    began = time.monotonic()
    done = subprocess.run(
        [COMMAND, *arguments],
        input=given,
        capture_output=True,
        text=True,
        timeout=within,
        env=environment(**settings or {}),
        cwd=cwd,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr, time.monotonic() - began)


def called(*arguments: str | Path, given: str = "", settings: Mapping[str, str] | None = None) -> Ended:
    """The same within this process: no interpreter starts, and the reader's data is loaded once for all tests."""
    began = time.monotonic()
    unset: dict[str, str | None] = dict.fromkeys(name for name in os.environ if name.startswith("CAUCASUS_WATCH_"))
    done = CliRunner().invoke(app, [str(argument) for argument in arguments], input=given, env={**unset, **environment(**settings or {})})
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Ended(done.exit_code, done.stdout, done.stderr, time.monotonic() - began)


def started(arguments: Sequence[str | Path], *, settings: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    """Begin a run; both outputs come on one pipe."""
    return subprocess.Popen(
        [COMMAND, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment(**settings or {}),
    )


def said_until(process: subprocess.Popen[str], words: str) -> str:
    """What the process says up to and with these words; fails where it ends before."""
    assert process.stdout is not None
    said = ""
    for line in iter(process.stdout.readline, ""):
        said += line
        if words in line:
            return said
    raise AssertionError(f"it ended before it said {words!r}:\n{said}")
