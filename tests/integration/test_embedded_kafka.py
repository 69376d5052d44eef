"""The embedded Kafka: comes up, keeps its records and its address over a kill, and is had by one process at a time."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from services.standalone.folder import FolderTaken
from services.standalone.kafka import EmbeddedKafka

pytestmark = pytest.mark.stack

HERE = TopicPartition("kept", 0)


async def make_topic(address: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await admin.start()
    await admin.create_topics([NewTopic(HERE.topic, num_partitions=1, replication_factor=1)])
    await admin.close()


async def send(address: str, *values: bytes) -> None:
    async with AIOKafkaProducer(bootstrap_servers=address, acks="all", enable_idempotence=True) as producer:
        for value in values:
            await producer.send_and_wait(HERE.topic, value)


async def everything(address: str) -> list[bytes]:
    async with AIOKafkaConsumer(bootstrap_servers=address, auto_offset_reset="earliest") as consumer:
        consumer.assign([HERE])
        end = (await consumer.end_offsets([HERE]))[HERE]
        values: list[bytes] = []
        while len(values) < end:
            values.append((await consumer.getone()).value)
        return values


def java_under(guard: int) -> int:
    """The process that the guard watches."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    (pid,) = re.findall(rf"^\s*(\d+)\s+{guard}$", listed, re.MULTILINE)
    return int(pid)


async def test_it_keeps_its_records_and_its_address_over_a_stop_and_a_kill(tmp_path: Path) -> None:
    async with EmbeddedKafka(tmp_path / "kafka") as server:
        address = server.address
        await make_topic(address)
        await send(address, b"before the stop")

    async with EmbeddedKafka(tmp_path / "kafka") as server:
        assert server.address == address
        await send(address, b"before the kill")
        assert server.child is not None
        os.kill(java_under(server.child.pid), signal.SIGKILL)
        assert server.child.wait(10)
        assert server.child.status == 128 + signal.SIGKILL

        await asyncio.to_thread(server.restart)

        assert server.address == address
        assert await everything(address) == [b"before the stop", b"before the kill"]

        with pytest.raises(FolderTaken, match=rf"in use by process {os.getpid()}"):
            await asyncio.to_thread(EmbeddedKafka(tmp_path / "kafka").start)


async def test_the_sessions_kafka_answers(kafka_address: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_address)
    await admin.start()
    described = await admin.describe_cluster()
    await admin.close()
    assert len(described["brokers"]) == 1
