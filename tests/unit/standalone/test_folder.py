"""The lock of the data folder: one process at a time, and the dead hold nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from services.standalone.folder import DataFolder, FolderLock, FolderTaken
from tests.unit.standalone.processes import PATIENCE

# Takes the lock, leaves it to a process that reads our input to its end, and dies without giving it back.
DIES_HOLDING = """
import os, pathlib, subprocess, sys
from services.standalone.folder import FolderLock
lock = FolderLock(pathlib.Path(sys.argv[1]))
lock.take()
subprocess.Popen(["cat"], pass_fds=lock.files, stdout=subprocess.DEVNULL)
os._exit(0)
"""


def test_a_second_one_is_refused_and_told_who_has_it(tmp_path: Path) -> None:
    with DataFolder(tmp_path / "data"), pytest.raises(FolderTaken) as refusal, DataFolder(tmp_path / "data"):
        pass
    assert str(refusal.value) == f"{tmp_path / 'data'} is in use by process {os.getpid()}: stop that one first, or choose another folder"


def test_given_back_it_can_be_taken_again(tmp_path: Path) -> None:
    for _ in range(2):
        with DataFolder(tmp_path):
            assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"


def test_the_lock_file_of_a_dead_process_is_no_hindrance(tmp_path: Path) -> None:
    # A longer number than ours, so that what is left of it would show.
    (tmp_path / "lock").write_text("4194304000\n")
    with DataFolder(tmp_path):
        assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"


def test_what_a_killed_process_had_started_is_waited_for(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-P", "-c", DIES_HOLDING, str(tmp_path)], stdin=subprocess.PIPE)
    assert dead.wait(PATIENCE) == 0
    lock = FolderLock(tmp_path)
    with ThreadPoolExecutor(1) as pool:
        taking = pool.submit(lock.take)
        # `cat` holds it: taking it cannot be done yet.
        assert not taking.done()
        assert dead.stdin is not None
        dead.stdin.close()
        taking.result(PATIENCE)
    assert lock.files
    lock.release()
    assert not lock.files


def test_only_the_owner_may_enter_a_new_folder(tmp_path: Path) -> None:
    with DataFolder(tmp_path / "new") as data:
        assert data.path.stat().st_mode & 0o777 == 0o700
