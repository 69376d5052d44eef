"""The life of a process: how it is stopped, in which order it cleans up, and that nothing can hold it up."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from services.runtime.lifecycle import Lifecycle


async def forever() -> None:
    await asyncio.Event().wait()


async def test_clean_up_runs_last_in_first_out_after_the_tasks() -> None:
    order: list[str] = []

    async def closing(name: str) -> None:
        order.append(name)

    async def working(life: Lifecycle) -> None:
        await life.stopping.wait()
        order.append("task")

    async with Lifecycle("newsroom", signals=False) as life:
        life.defer("database", lambda: closing("database"))
        life.defer("bus", lambda: closing("bus"))
        life.task("work", working(life))

    assert order == ["task", "bus", "database"]


async def test_a_failing_task_stops_the_process_and_is_told() -> None:
    async def failing() -> None:
        raise ValueError("the press is broken")

    closed = asyncio.Event()

    async def close() -> None:
        closed.set()

    async def newsroom() -> None:
        async with Lifecycle("newsroom", signals=False) as life:
            life.defer("press", close)
            life.task("printing", failing())
            await life.until_stopped()

    with pytest.raises(ValueError, match="the press is broken") as fault:
        await newsroom()

    assert fault.value.__notes__ == ["in the task 'newsroom: printing'"]
    assert closed.is_set()


async def test_a_failure_that_nobody_waited_for_is_raised_at_the_end() -> None:
    async def failing() -> None:
        raise ValueError("unseen")

    async def newsroom() -> None:
        async with Lifecycle("newsroom", signals=False) as life:
            life.task("printing", failing())
            await life.stopping.wait()

    with pytest.raises(ValueError, match="unseen"):
        await newsroom()


async def test_a_task_that_ends_by_itself_stops_nothing() -> None:
    async def short() -> str:
        return "done"

    async with Lifecycle("newsroom", signals=False) as life:
        assert await life.task("errand", short()) == "done"
        assert not life.stopping.is_set()


async def test_a_task_that_does_not_listen_is_cancelled() -> None:
    async with Lifecycle("newsroom", grace=0.2, signals=False) as life:
        task = life.task("deaf", forever())
        life.stop()

    assert task.cancelled()


async def test_one_clean_up_that_hangs_or_fails_does_not_keep_the_others() -> None:
    order: list[str] = []

    async def closing() -> None:
        order.append("first")

    async def failing() -> None:
        raise OSError("jammed")

    began = time.monotonic()
    async with Lifecycle("newsroom", grace=0.4, signals=False) as life:
        life.defer("first", closing)
        life.defer("failing", failing)
        life.defer("hanging", forever, within=0.05)

    assert order == ["first"]
    assert time.monotonic() - began < 2


async def test_a_task_that_swallows_its_cancellation_cannot_hold_the_end_up() -> None:
    async def stubborn() -> None:
        while not released.is_set():
            try:
                await released.wait()
            except asyncio.CancelledError:
                continue

    released = asyncio.Event()
    began = time.monotonic()
    async with Lifecycle("newsroom", grace=0.2, signals=False) as life:
        task = life.task("stubborn", stubborn())
        life.stop()

    assert time.monotonic() - began < 2
    assert not task.done()
    released.set()
    await task


async def test_three_in_one_loop_live_and_end_apart() -> None:
    lives: list[Lifecycle] = []
    all_up = asyncio.Barrier(4)

    async def service(name: str) -> None:
        async with Lifecycle(name, signals=False) as life:
            lives.append(life)
            await all_up.wait()
            life.task("work", life.stopping.wait())
            await life.until_stopped()

    services = [asyncio.create_task(service(name)) for name in ("fetcher", "classifier", "alerter")]
    await all_up.wait()
    lives[0].stop()
    await services[["fetcher", "classifier", "alerter"].index(lives[0].name)]
    assert sum(service.done() for service in services) == 1

    for life in lives:
        life.stop()
    await asyncio.gather(*services)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_stops_it_and_the_handlers_are_given_back(number: signal.Signals) -> None:
    before = signal.getsignal(number)

    async with Lifecycle("newsroom") as life:
        os.kill(os.getpid(), number)
        await asyncio.wait_for(life.until_stopped(), 5)

    assert signal.getsignal(number) == before


def test_a_second_signal_ends_the_process_at_once() -> None:
    program = textwrap.dedent("""
        import asyncio
        from services.runtime.lifecycle import Lifecycle

        async def main():
            async with Lifecycle("newsroom", grace=60) as life:
                life.task("deaf", asyncio.Event().wait())
                print("up", flush=True)
                await life.until_stopped()
                print("stopping", flush=True)

        asyncio.run(main())
    """)
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            assert "up\n" in process.stdout
            process.send_signal(signal.SIGTERM)
            assert "stopping\n" in process.stdout
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == -signal.SIGTERM
        finally:
            process.kill()
