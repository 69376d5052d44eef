"""What the services ask of a message bus; `kafka.py` and `memory.py` keep the same promises.

Promises, held by the contract tests of both: a sent message is stored when `send` returns; the messages of one key
arrive in the order in which they were sent; within a group each message goes to one member; what was not committed
is delivered again after a restart or a rebalance (at least once).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol

LARGEST = 8 * 1024 * 1024
"""Bytes of the largest message that a bus takes."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to be sent. Headers are text; they travel as UTF-8."""

    topic: str
    key: str
    value: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Received:
    """A message as it was received; `topic`, `partition` and `offset` name it for ever."""

    topic: str
    partition: int
    offset: int
    key: str
    value: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """How a log line names the message: `articles.fetched[3]@1207`."""
        return f"{self.topic}[{self.partition}]@{self.offset}"


class BusUnavailable(ConnectionError):  # noqa: N818 - named for the state that the caller waits out
    """The broker cannot be reached or does not answer: wait and try again, nothing was lost."""


class MessageTooLarge(ValueError):  # noqa: N818 - it names the message's state, the caller puts it aside
    """The bus does not take a message of this size, however often it is sent: put it aside and go on."""

    def __init__(self, message: Outgoing, limit: int) -> None:
        """Keep the message, for whoever puts it aside; `limit` in bytes."""
        super().__init__(f"{message.topic}, key {message.key}: {len(message.value)} bytes are more than the {limit} that the bus takes")
        self.message = message


class Sender(Protocol):
    """Sends messages; stored by the broker (all in-sync replicas) when the call returns."""

    async def send(self, messages: Sequence[Outgoing]) -> None:
        """Send all, in order per key.

        Raises:
            BusUnavailable: not all were surely stored; sending all again is right, receivers know repeats.
            MessageTooLarge: this one was not sent; of the others it is not sure, send them again.
        """
        ...


class Receiver(Protocol):
    """Receives the messages of some topics as a member of a group."""

    async def receive(self, *, at_most: int, within: float) -> Sequence[Received]:
        """Up to `at_most` messages; empty after `within` seconds without any.

        Raises:
            BusUnavailable: as above.
        """
        ...

    async def commit(self, messages: Sequence[Received]) -> None:
        """Mark these as done, and with them everything before them on their partitions.

        A partition that meanwhile went to another member is passed over in silence: that member has them again.
        """
        ...

    async def lag(self) -> int:
        """How many messages of the member's partitions are not yet received."""
        ...


class Sending(Protocol):
    """`async with bus.sender() as sender`."""

    async def __aenter__(self) -> Sender: ...
    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...


class Receiving(Protocol):
    """`async with bus.receiver(group, topics) as receiver`."""

    async def __aenter__(self) -> Receiver: ...
    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...


class Bus(Protocol):
    """A broker."""

    async def create_topics(self, topics: Mapping[str, TopicSpec]) -> None:
        """Create those of the topics that are missing; those there are left as they are."""
        ...

    async def check(self) -> str:
        """One line on the broker's state, for `doctor`.

        Raises:
            BusUnavailable: it cannot be reached.
        """
        ...

    async def waiting(self, group: str, topic: str) -> int:
        """How many messages of the topic the group has not marked as done; 0 where there is no such topic.

        Raises:
            BusUnavailable: it cannot be reached.
        """
        ...

    def sender(self) -> Sending:
        """A sender, to be entered."""
        ...

    def receiver(self, group: str, topics: Sequence[str]) -> Receiving:
        """A member of `group` on `topics`, starting at the oldest message where the group has no offset yet."""
        ...


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """How a topic is made: partitions, and milliseconds that a message is kept."""

    partitions: int
    retention_ms: int


__all__ = [
    "LARGEST",
    "Bus",
    "BusUnavailable",
    "MessageTooLarge",
    "Outgoing",
    "Received",
    "Receiver",
    "Receiving",
    "Sender",
    "Sending",
    "TopicSpec",
]
