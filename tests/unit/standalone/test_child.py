"""A child process: its output is kept, its end is noticed, its failure to start is explained in its own words."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from services.standalone.child import Child, Command, StartFailed, rotate
from tests.unit.standalone.processes import PATIENCE, Witness, holding


def shell(tmp_path: Path, script: str, *arguments: str) -> Command:
    return Command(name="thing", argv=["/bin/sh", "-c", script, *arguments], log=tmp_path / "logs" / "thing.log")


def test_its_output_since_this_start_is_kept_apart_from_what_was_there(tmp_path: Path) -> None:
    for word in ("first", "second"):
        child = Child(shell(tmp_path, f"echo {word}; echo aloud >&2; exit 4"))
        assert child.wait(PATIENCE)
        assert child.output() == f"{word}\naloud\n"
        assert child.status == 4
    assert (tmp_path / "logs" / "thing.log").read_text() == "first\naloud\nsecond\naloud\n"


def test_its_end_is_told_to_those_who_asked_before_and_after(tmp_path: Path) -> None:
    with Witness(tmp_path) as witness:
        child = Child(Command(name="thing", argv=holding(witness), log=tmp_path / "log"))
        witness.hears()
        before, after = threading.Event(), threading.Event()
        child.on_exit(before.set)
        assert child.running
        child.stop()
        assert witness.sees_them_gone()
        assert before.wait(PATIENCE)
        child.on_exit(after.set)
        assert after.is_set()
        assert not child.running


def test_one_that_ends_before_it_is_ready_is_quoted(tmp_path: Path) -> None:
    child = Child(shell(tmp_path, "seq 1 40; echo the port is taken; exit 9"))
    with pytest.raises(StartFailed) as failure:
        child.wait_until(lambda: False, within=PATIENCE, what="ready")
    said = str(failure.value).splitlines()
    assert said[0] == "thing ended with status 9 before it was ready"
    assert said[-2:] == ["    the port is taken", f"    (all of it: {tmp_path / 'logs' / 'thing.log'})"]
    assert "    40" in said
    assert "    1" not in said


def test_one_that_is_not_ready_in_time_is_said_so(tmp_path: Path) -> None:
    child = Child(shell(tmp_path, "exec sleep 600"))
    with pytest.raises(StartFailed, match=r"thing was not ready within 0 s"):
        child.wait_until(lambda: False, within=0, what="ready")
    child.stop()


def test_a_long_log_is_moved_aside_while_its_writer_goes_on(tmp_path: Path) -> None:
    log = tmp_path / "thing.log"
    with log.open("ab", buffering=0) as writer:
        writer.write(b"old " * 10)
        assert not rotate(log, limit=40)
        writer.write(b"more")
        assert rotate(log, limit=40)
        writer.write(b"new")
    assert log.read_bytes() == b"new"
    assert (tmp_path / "thing.log.1").read_bytes() == b"old " * 10 + b"more"


def test_no_log_is_no_long_log(tmp_path: Path) -> None:
    assert not rotate(tmp_path / "missing.log")
