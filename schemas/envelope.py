"""CloudEvents 1.0 in Kafka's binary mode: the body is the event's JSON, the attributes are headers.

The rules are those of the CloudEvents Kafka protocol binding (headers `ce_*`, `content-type` of the body) and of
the W3C Trace Context (`traceparent`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from schemas.topics import TYPES, Topic
from schemas.vocabulary import DeadLetterReason

SOURCE_PREFIX = "/caucasus-watch/"
NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
"""The character as JSON writes it, but not where its backslash is itself escaped."""
Event = TypeVar("Event", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Envelope:
    """A message ready for the bus: where to, under which key, with which headers."""

    topic: str
    key: str
    value: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class UnreadableMessage(ValueError):  # noqa: N818 - it names the message's state, the caller dead-letters it
    """A message that no retry will make readable: put it aside with `reason` and go on."""

    def __init__(self, reason: DeadLetterReason, detail: str) -> None:
        """Keep the closed reason for the header and the metric, the detail for the log line."""
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


def seal(topic: Topic, key: str, event: BaseModel, *, event_id: str, now: datetime, traceparent: str | None = None) -> Envelope:
    """The envelope of `event`: `event_id` is stable over repeats, so that receivers can tell a repeat; `now` is aware."""
    headers = {
        "ce_specversion": "1.0",
        "ce_id": event_id,
        "ce_type": topic.event_type,
        "ce_source": SOURCE_PREFIX + topic.producer,
        "ce_time": now.isoformat(),
        "ce_subject": key,
        "content-type": "application/json",
    }
    if traceparent:
        headers["traceparent"] = traceparent
    return Envelope(topic.name, key, event.model_dump_json().encode(), headers)


def opened(value: bytes, headers: Mapping[str, str], expected: type[Event]) -> Event:
    """The event in a message.

    Raises:
        UnreadableMessage: the body is no JSON, is not of the schema, or is declared to be another event.
    """
    declared = headers.get("ce_type")
    if declared is not None and declared != TYPES[expected.__name__]:
        raise UnreadableMessage(DeadLetterReason.UNKNOWN_TYPE, f"declared as {declared}, expected {TYPES[expected.__name__]}")
    try:
        event = expected.model_validate_json(value)
    except ValidationError as fault:
        first = fault.errors(include_url=False, include_input=False)[0]
        if first["type"] == "json_invalid":
            raise UnreadableMessage(DeadLetterReason.NOT_JSON, first["msg"]) from fault
        where = ".".join(map(str, first["loc"])) or "the whole"
        raise UnreadableMessage(DeadLetterReason.NOT_OF_SCHEMA, f"{where}: {first['msg']} ({fault.error_count()} faults)") from fault
    if NUL.search(value):
        raise UnreadableMessage(DeadLetterReason.NOT_OF_SCHEMA, "it holds the character NUL, which no database column can keep")
    return event
