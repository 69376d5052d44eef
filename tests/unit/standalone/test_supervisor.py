"""The supervisor: says what befalls its processes, starts the crashed again, gives up in the end, and leaves nothing running."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from services.standalone.child import Child, Command, StartFailed
from services.standalone.supervisor import Event, EventKind, GivenUp, RestartPolicy, Supervisor
from tests.unit.standalone.processes import PATIENCE, Witness, holding

AT_ONCE = RestartPolicy(crashes=2, within=60, first_pause=0.0)


class Script:
    """A unit that runs a shell script; ready when it has said so."""

    def __init__(self, name: str, tmp_path: Path, argv: list[str], *, ready: str = "") -> None:
        self.name = name
        self.child: Child | None = None
        self._ready = ready
        self._command = Command(name=name, argv=argv, log=tmp_path / f"{name}.log")

    def start(self) -> None:
        self.child = child = Child(self._command)
        child.wait_until(lambda: self._ready in child.output(), within=PATIENCE, what="ready")

    def restart(self) -> None:
        self.start()

    def stop(self) -> None:
        if self.child is not None:
            self.child.stop()
            self.child = None


def shell(name: str, tmp_path: Path, script: str, *, ready: str = "") -> Script:
    return Script(name, tmp_path, ["/bin/sh", "-c", script], ready=ready)


class Account:
    """The events as they came, and a way to wait for one."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._came = asyncio.Event()

    def __call__(self, event: Event) -> None:
        self.events.append(event)
        self._came.set()

    @property
    def words(self) -> list[str]:
        return [f"{event.unit} {event.kind}" for event in self.events]

    async def until(self, fits: Callable[[Event], bool]) -> Event:
        async with asyncio.timeout(PATIENCE):
            while not (found := [event for event in self.events if fits(event)]):
                self._came.clear()
                await self._came.wait()
        return found[0]

    async def until_kind(self, kind: EventKind) -> Event:
        return await self.until(lambda event: event.kind is kind)


async def test_what_was_started_last_is_stopped_first(tmp_path: Path) -> None:
    account = Account()
    with Witness(tmp_path) as witness:
        async with Supervisor(account) as supervisor:
            await supervisor.start(Script("store", tmp_path, holding(witness, first="echo up"), ready="up"))
            await supervisor.start(Script("service", tmp_path, holding(witness, first="echo up"), ready="up"))
        assert witness.sees_them_gone()
    assert account.words == [
        "store started",
        "store ready",
        "service started",
        "service ready",
        "service stopping",
        "service stopped",
        "store stopping",
        "store stopped",
    ]


async def test_a_killed_process_is_told_with_its_last_words_and_started_again(tmp_path: Path) -> None:
    account = Account()
    with Witness(tmp_path) as witness:
        async with Supervisor(account, policy=AT_ONCE) as supervisor:
            await supervisor.start(Script("service", tmp_path, holding(witness, first="echo last words")))
            os.kill(int(witness.hears()), signal.SIGKILL)

            crash = await account.until_kind(EventKind.CRASHED)
            assert crash.detail.splitlines()[:2] == ["service ended with status 137", "    last words"]
            await account.until_kind(EventKind.RESTARTED)

            os.kill(int(witness.hears()), 0)
        assert witness.sees_them_gone()


async def test_one_that_ends_well_without_being_asked_has_crashed_too(tmp_path: Path) -> None:
    account = Account()
    async with Supervisor(account, policy=AT_ONCE) as supervisor:
        await supervisor.start(shell("service", tmp_path, "exit 0"))
        assert "status 0" in (await account.until_kind(EventKind.CRASHED)).detail


async def test_one_that_crashes_again_and_again_is_given_up_and_its_words_are_in_the_error(tmp_path: Path) -> None:
    account = Account()
    async with Supervisor(account, policy=AT_ONCE) as supervisor:
        await supervisor.start(shell("service", tmp_path, "echo no such table; exit 1"))
        with pytest.raises(GivenUp, match=r"(?s)service crashed more than 2 times within 60 s, most recently so:.*no such table"):
            await supervisor.watch(asyncio.Event())
    kinds = [event.kind for event in account.events]
    assert kinds.count(EventKind.CRASHED) == 3
    assert kinds.count(EventKind.RESTARTED) == 2
    assert kinds[-3:] == [EventKind.GIVEN_UP, EventKind.STOPPING, EventKind.STOPPED]


async def test_a_restart_that_fails_counts_as_a_crash(tmp_path: Path) -> None:
    account = Account()
    # Says that it is ready the first time only.
    once = "if [ -e once ]; then echo the port is taken; exit 5; fi; touch once; echo ready"
    async with Supervisor(account, policy=AT_ONCE) as supervisor:
        await supervisor.start(shell("store", tmp_path, f"cd '{tmp_path}'; {once}", ready="ready"))
        with pytest.raises(GivenUp, match="the port is taken"):
            await supervisor.watch(asyncio.Event())
    assert EventKind.RESTARTED not in [event.kind for event in account.events]


async def test_when_one_of_several_does_not_start_the_others_are_stopped(tmp_path: Path) -> None:
    with Witness(tmp_path) as witness:
        async with Supervisor(Account()) as supervisor:
            store = Script("store", tmp_path, holding(witness))
            broken = shell("broken", tmp_path, "echo out of disk; exit 3", ready="ready")
            with pytest.raises(StartFailed, match=r"(?s)broken ended with status 3 before it was ready.*out of disk"):
                await supervisor.start(store, broken)
        assert witness.sees_them_gone()


async def test_called_off_while_it_starts_nothing_is_left(tmp_path: Path) -> None:
    with Witness(tmp_path) as witness:

        async def begin() -> None:
            async with Supervisor(Account()) as supervisor:
                await supervisor.start(Script("slow", tmp_path, holding(witness), ready="never said"))

        beginning = asyncio.ensure_future(begin())
        await asyncio.to_thread(witness.hears)
        beginning.cancel()
        with pytest.raises(asyncio.CancelledError):
            await beginning
        assert witness.sees_them_gone()


async def test_watching_ends_when_it_is_told_to(tmp_path: Path) -> None:
    stopping = asyncio.Event()
    async with Supervisor(Account()) as supervisor:
        await supervisor.start(shell("service", tmp_path, "exec sleep 600"))
        stopping.set()
        async with asyncio.timeout(PATIENCE):
            await supervisor.watch(stopping)


def test_the_pauses_grow_to_a_bound() -> None:
    policy = RestartPolicy(first_pause=0.2, longest_pause=5.0)
    assert [policy.pause(crashes) for crashes in (1, 2, 3, 6, 60)] == [0.2, 0.4, 0.8, 5.0, 5.0]
