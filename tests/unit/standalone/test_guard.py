"""The guard: nothing of a command outlives the process that wanted it, and its end is told truly."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.unit.standalone.processes import PATIENCE, Witness, holding

GUARD = [sys.executable, "-P", "-m", "services.standalone.guard"]

# A parent that starts a guarded command as `Child` does, says that it has, and waits for its own end.
PARENT = """
import json, subprocess, sys
guard = subprocess.Popen(json.loads(sys.argv[1]), stdin=subprocess.PIPE, start_new_session=True)
guard.wait()
"""


def guarded(command: Sequence[str], *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*GUARD, *options, "--", *command], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def end_of(guard: subprocess.Popen[str]) -> tuple[int, str]:
    """Its status and what it said; the lifeline is held until then."""
    assert guard.stderr is not None
    said = guard.stderr.read()
    status = guard.wait(PATIENCE)
    assert guard.stdin is not None
    guard.stdin.close()
    guard.stderr.close()
    return status, said


@pytest.mark.parametrize(("script", "status"), [("exit 0", 0), ("exit 3", 3), ("kill -KILL $$", 128 + signal.SIGKILL)])
def test_it_ends_as_the_command_did(script: str, status: int) -> None:
    assert end_of(guarded(["/bin/sh", "-c", script])) == (status, "")


def test_a_command_that_is_not_there_is_named() -> None:
    status, said = end_of(guarded(["/nowhere/at-all"]))
    assert status == 127
    assert said == "guard: /nowhere/at-all: No such file or directory\n"


def test_told_to_stop_it_stops_the_command_and_what_that_left_behind(tmp_path: Path) -> None:
    with Witness(tmp_path) as witness:
        guard = guarded(holding(witness, "exec sleep 600"))
        witness.hears()
        guard.terminate()
        assert end_of(guard)[0] == 128 + signal.SIGTERM
        assert witness.sees_them_gone()


def test_the_command_is_stopped_with_the_signal_that_it_wants(tmp_path: Path) -> None:
    with Witness(tmp_path) as witness:
        guard = guarded(holding(witness, first="trap 'echo interrupted >&3; exit 7' INT"), "--signal", "INT")
        witness.hears()
        guard.terminate()
        assert witness.hears() == "interrupted"
        assert end_of(guard)[0] == 7


def test_a_command_that_will_not_stop_is_killed_when_its_grace_is_over(tmp_path: Path) -> None:
    with Witness(tmp_path) as witness:
        guard = guarded(holding(witness, first="trap '' TERM"), "--grace", "0.1")
        witness.hears()
        guard.terminate()
        assert end_of(guard)[0] == 128 + signal.SIGKILL
        assert witness.sees_them_gone()


@pytest.mark.parametrize("first", [":", "trap '' TERM"])
def test_nothing_is_left_when_the_parent_is_killed(tmp_path: Path, first: str) -> None:
    with Witness(tmp_path) as witness:
        command = [*GUARD, "--grace", "0.1", "--", *holding(witness, first=first)]
        parent = subprocess.Popen([sys.executable, "-c", PARENT, json.dumps(command)])
        running = int(witness.hears())
        os.kill(running, 0)

        parent.kill()
        parent.wait(PATIENCE)

        assert witness.sees_them_gone()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's death")
def test_on_linux_the_command_ends_even_when_the_guard_itself_is_killed(tmp_path: Path) -> None:
    with Witness(tmp_path) as witness:
        guard = guarded(["/bin/sh", "-c", 'exec 3>"$0"; echo $$ >&3; exec sleep 600', str(witness.path)])
        witness.hears()
        guard.kill()
        assert witness.sees_them_gone()
        end_of(guard)
