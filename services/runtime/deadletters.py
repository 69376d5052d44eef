"""Dead letters: messages that no retry will make readable, put aside on the topic `….dlq` beside their own."""

from __future__ import annotations

from collections import deque

from prometheus_client import Counter

from schemas.envelope import UnreadableMessage
from schemas.vocabulary import DeadLetterReason
from services.runtime.bus import Outgoing, Received
from services.runtime.telemetry import get_logger

DEAD_LETTERS = Counter("caucasus_watch_dead_letters_total", "Messages put aside on a .dlq topic", ["group", "topic", "reason"])
_DETAIL = 500
"""Characters of the detail that a header holds."""

log = get_logger("deadletters")


class TooManyDeadLetters(RuntimeError):  # noqa: N818 - named for the state that the operator must look into
    """So many messages are unreadable that the fault is hardly theirs: nothing more is put aside, the consumer stops and says so."""


class DeadLetterLimit:
    """Trips when more than `most` messages, and more than `share` of all, were put aside within the last `seconds`."""

    def __init__(self, *, most: int = 50, share: float = 0.5, seconds: float = 600.0) -> None:
        """A producer that speaks another dialect makes every message unreadable; a few odd ones among many are no reason to stop."""
        self._most = most
        self._share = share
        self._seconds = seconds
        self._counts: deque[tuple[float, int, int]] = deque()

    def note(self, now: float, *, read: int, dead: int) -> None:
        """Count what happened at the monotonic time `now`, in seconds.

        Raises:
            TooManyDeadLetters: the limit is passed.
        """
        self._counts.append((now, read, dead))
        while self._counts and self._counts[0][0] < now - self._seconds:
            self._counts.popleft()
        all_read = sum(count for _, count, _ in self._counts)
        all_dead = sum(count for _, _, count in self._counts)
        if dead and all_dead > self._most and all_dead > self._share * (all_read + all_dead):
            raise TooManyDeadLetters(
                f"{all_dead} of {all_read + all_dead} messages within {self._seconds:.0f} s cannot be used; "
                "look at the last of them on the .dlq topic: is a producer of another version at work?"
            )


def dead_letter(message: Received, fault: UnreadableMessage, group: str) -> Outgoing:
    """The message as it is put aside: body and headers as they came, and beside them why and from where."""
    headers = {
        **message.headers,
        "dlq-reason": str(fault.reason),
        "dlq-detail": fault.detail[:_DETAIL],
        "dlq-topic": message.topic,
        "dlq-partition": str(message.partition),
        "dlq-offset": str(message.offset),
        "dlq-group": group,
    }
    return Outgoing(f"{message.topic}.dlq", message.key, message.value, headers)


def headers_of_unsent(message: Outgoing, reason: DeadLetterReason, detail: str) -> dict[str, str]:
    """The headers under which a message that could not be sent at all is put aside."""
    return {**message.headers, "dlq-reason": str(reason), "dlq-detail": detail[:_DETAIL], "dlq-topic": message.topic}


def tell(message: Received, fault: UnreadableMessage, group: str) -> None:
    """Count it, and log one line that names it."""
    DEAD_LETTERS.labels(group, message.topic, fault.reason).inc()
    log.warning("message_put_aside", message=message.name, key=message.key, group=group, reason=fault.reason, detail=fault.detail[:_DETAIL])
