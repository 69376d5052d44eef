"""Postgres, Kafka and a service under the supervisor: killed ones come back where they were, and no end of it leaves anything running."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from services.standalone.folder import DataFolder
from services.standalone.kafka import EmbeddedKafka
from services.standalone.postgres import EmbeddedPostgres
from services.standalone.supervisor import Event, EventKind, Supervisor
from tests.processes import PATIENCE, descendants, gone, process_of, wait_until

pytestmark = pytest.mark.stack

# The whole arrangement as `up` makes it, with a web server in the place of a service; says each event on a line of its own.
PROGRAM = """
import asyncio, pathlib, sys
from services.runtime.lifecycle import Lifecycle
from services.standalone.folder import DataFolder
from services.standalone.kafka import EmbeddedKafka
from services.standalone.postgres import EmbeddedPostgres
from services.standalone.process import ServiceProcess
from services.standalone.supervisor import Supervisor

async def main():
    with DataFolder(pathlib.Path(sys.argv[1])) as data:
        async with Lifecycle("test") as life, Supervisor(lambda event: print(event.unit, event.kind, flush=True)) as supervisor:
            await supervisor.start(EmbeddedPostgres(data.postgres, durable=False))
            await supervisor.start(EmbeddedKafka(data.kafka))
            service = ServiceProcess(
                "service", module="http.server", arguments=["--bind", "127.0.0.1", "0"], env={}, held=data.files,
                log=data.log_of("service"), ready=lambda said: "Serving HTTP" in said,
            )
            await supervisor.start(service)
            await supervisor.watch(life.stopping)

asyncio.run(main())
"""


Programs = Callable[[Path], "subprocess.Popen[str]"]


@pytest.fixture
def started() -> Iterator[Programs]:
    """Runs the program on a folder and returns when all its processes are up; none of them outlives the test."""
    programs: list[subprocess.Popen[str]] = []

    def start(folder: Path) -> subprocess.Popen[str]:
        program = subprocess.Popen([sys.executable, "-P", "-c", PROGRAM, str(folder)], stdout=subprocess.PIPE, text=True)
        programs.append(program)
        assert program.stdout is not None
        assert "service ready\n" in iter(program.stdout.readline, ""), "it ended before it was up"
        return program

    yield start
    for program in programs:
        program.kill()
        program.communicate()


def the_process(command: str, server: EmbeddedPostgres | EmbeddedKafka) -> int:
    """The process below the guard of this very server: the session has servers of its own below pytest."""
    assert server.child is not None
    found = process_of(command, server.child.pid)
    assert found is not None
    return found


async def test_killed_servers_are_back_where_they_were(tmp_path: Path) -> None:
    events: asyncio.Queue[Event] = asyncio.Queue()

    async def until(kind: EventKind, unit: str) -> Event:
        async with asyncio.timeout(PATIENCE):
            while True:
                event = await events.get()
                if (event.kind, event.unit) == (kind, unit):
                    return event

    with DataFolder(tmp_path / "data") as data:
        postgres, kafka = EmbeddedPostgres(data.postgres), EmbeddedKafka(data.kafka)
        async with Supervisor(events.put_nowait) as supervisor:
            await supervisor.start(postgres, kafka)
            url, address = postgres.url, kafka.address
            engine = create_async_engine(url, pool_pre_ping=True)
            async with engine.begin() as connection:
                await connection.execute(text("CREATE TABLE kept AS SELECT 42 AS figure"))

            os.kill(the_process("bin/postgres", postgres), signal.SIGKILL)
            assert "status 137" in (await until(EventKind.CRASHED, "postgres")).detail
            await until(EventKind.RESTARTED, "postgres")
            async with engine.begin() as connection:
                assert await connection.scalar(text("SELECT figure FROM kept")) == 42
            await engine.dispose()

            os.kill(the_process("kafka.Kafka", kafka), signal.SIGKILL)
            assert "status 137" in (await until(EventKind.CRASHED, "kafka")).detail
            await until(EventKind.RESTARTED, "kafka")
            admin = AIOKafkaAdminClient(bootstrap_servers=address)
            await admin.start()
            await admin.close()
            assert (postgres.url, kafka.address) == (url, address)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_the_service_then_kafka_then_postgres_and_all_that_was_started(
    started: Programs, tmp_path: Path, number: signal.Signals
) -> None:
    program = started(tmp_path / "data")
    running = descendants(program.pid)
    assert any("kafka.Kafka" in args for args in running.values())
    program.send_signal(number)
    said, _ = program.communicate(timeout=PATIENCE)
    assert program.returncode == 0
    assert [line for line in said.splitlines() if line.endswith("stopped")] == ["service stopped", "kafka stopped", "postgres stopped"]
    assert [args for pid, args in running.items() if not gone(pid)] == []


def test_killed_it_leaves_nothing_and_can_be_started_again_at_once(started: Programs, tmp_path: Path) -> None:
    program = started(tmp_path / "data")
    running = descendants(program.pid)
    program.kill()
    program.communicate(timeout=PATIENCE)

    again = started(tmp_path / "data")

    wait_until(lambda: all(gone(pid) for pid in running))
    again.terminate()
    again.communicate(timeout=PATIENCE)
    assert again.returncode == 0
