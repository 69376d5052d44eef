"""Alerts as they are raised: server-sent events, resumed by Last-Event-ID.

One task looks into the database and gives each listener what is new. At least once: replicas commit in their own time, so
that a listener who resumes is given the last minute again; the id of the alert tells a repeat.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import StreamingResponse

from schemas.alert_raised import AlertRaised
from schemas.matchers import Matcher, labels_of, matches
from services.desk.adapters.alerts import raised_after
from services.desk.api.alerts import read_matchers
from services.desk.api.door import Bearer, Desk, TheDesk, Viewer, still_open
from services.desk.core.pages import Cursor
from services.desk.core.refusals import Refusal, Refused
from services.desk.metrics import LISTENERS
from services.runtime.patience import Patience, told
from services.runtime.postgres import DatabaseUnavailable
from services.runtime.telemetry import get_logger

router = APIRouter(prefix="/stream", tags=["alerts"])

EVERY_SECONDS = 0.3
OVERLAP = timedelta(seconds=60)
"""No transaction of the alerter is open for longer: what is raised earlier than that and not seen yet does not come any more."""
HEARTBEAT_SECONDS = 15.0
"""A comment in so many seconds, so that proxies keep the connection."""
WELCOME_SECONDS = 30.0
"""How often a listener's token is looked at again: one that was revoked or has expired ends the stream."""
BATCH = 500
WAITING = 1000
"""Alerts that wait for a listener who does not read; one more ends the connection, and Last-Event-ID resumes it."""

log = get_logger("stream")


class Listener:
    """One who listens: what waits for it, and whether it fell behind."""

    def __init__(self, matchers: tuple[Matcher, ...]) -> None:
        """`matchers` say which alerts it wants."""
        self.waiting: deque[AlertRaised] = deque()
        self.bell = asyncio.Event()
        self.behind = False
        self._matchers = matchers

    def offer(self, alert: AlertRaised) -> None:
        """Give it an alert, where it wants it."""
        if len(self.waiting) >= WAITING:
            self.behind = True
        elif self.wants(alert):
            self.waiting.append(alert)
        self.bell.set()

    def wants(self, alert: AlertRaised) -> bool:
        """Whether it wants it."""
        return matches(self._matchers, labels_of(alert))


class Stream:
    """Looks for new alerts and gives them to those who listen."""

    def __init__(self, desk: Desk, *, at_most: int, every: float = EVERY_SECONDS) -> None:
        """No more than `at_most` listeners; looked at every so many seconds."""
        self._desk = desk
        self._at_most = at_most
        self._every = every
        self._listeners: set[Listener] = set()
        self._seen: OrderedDict[str, None] = OrderedDict()
        self.stopping = asyncio.Event()

    async def serve(self, stopping: asyncio.Event) -> None:
        """Look until the process stops; listeners end with it.

        Raises:
            DatabaseUnfit: the database refuses us.
        """
        patience = Patience(stopping)
        newest = self._desk.now()
        try:
            while not stopping.is_set():
                try:
                    newest = await self._look(newest)
                except DatabaseUnavailable as fault:
                    log.warning("stream_waits", detail=str(fault))
                    await patience.wait()
                    continue
                patience.calm()
                await told(stopping, self._every)
        finally:
            self.stopping.set()
            for listener in self._listeners:
                listener.bell.set()

    async def _look(self, newest: datetime) -> datetime:
        async with self._desk.work() as connection:
            found = await raised_after(connection, newest - OVERLAP, at_most=BATCH)
        for alert in found:
            if alert.alert_id in self._seen:
                continue
            self._seen[alert.alert_id] = None
            for listener in tuple(self._listeners):
                listener.offer(alert)
        while len(self._seen) > 10 * BATCH:
            self._seen.popitem(last=False)
        moments = [alert.raised_at for alert in found if alert.raised_at is not None]
        return max([newest, *moments])

    async def events(
        self, matchers: tuple[Matcher, ...], after: Cursor | None, welcome: Callable[[], Awaitable[bool]]
    ) -> AsyncIterator[bytes]:
        """What a listener is sent: what was raised since `after`, then what is raised from now on, as long as it is `welcome`.

        Raises:
            Refused: too many listen already.
        """
        if len(self._listeners) >= self._at_most:
            raise Refused(Refusal.TOO_MANY, f"{self._at_most} listen already", "try again later, or set CAUCASUS_WATCH_DESK_STREAMS higher")
        listener = Listener(matchers)
        self._listeners.add(listener)
        LISTENERS.set(len(self._listeners))
        return self._events(listener, after, welcome)

    async def _events(self, listener: Listener, after: Cursor | None, welcome: Callable[[], Awaitable[bool]]) -> AsyncIterator[bytes]:
        sent: set[str] = set()
        asked_at = time.monotonic()
        try:
            yield b"retry: 3000\n\n"
            if after is not None:
                async for alert in self._missed(after):
                    sent.add(alert.alert_id)
                    if listener.wants(alert):
                        yield event_of(alert)
            while not (self.stopping.is_set() or listener.behind):
                if time.monotonic() - asked_at >= WELCOME_SECONDS:
                    if not await _is(welcome):
                        return
                    asked_at = time.monotonic()
                listener.bell.clear()
                while listener.waiting:
                    alert = listener.waiting.popleft()
                    if alert.alert_id not in sent:
                        yield event_of(alert)
                if not await told(listener.bell, HEARTBEAT_SECONDS):
                    yield b": still here\n\n"
        finally:
            self._listeners.discard(listener)
            LISTENERS.set(len(self._listeners))

    async def _missed(self, after: Cursor) -> AsyncIterator[AlertRaised]:
        at, last = after.at - OVERLAP, after.id
        while True:
            async with self._desk.work() as connection:
                found = await raised_after(connection, at, at_most=BATCH)
            for alert in found:
                if alert.alert_id != last:
                    yield alert
            if len(found) < BATCH or found[-1].raised_at is None:
                return
            at = found[-1].raised_at - timedelta(microseconds=1)


async def _is(welcome: Callable[[], Awaitable[bool]]) -> bool:
    """Whether the listener is welcome; where the database is away nobody is sent off."""
    try:
        return await welcome()
    except DatabaseUnavailable:
        return True


def event_of(alert: AlertRaised) -> bytes:
    """One event. Its id is where to resume."""
    cursor = Cursor(alert.raised_at, alert.alert_id) if alert.raised_at else ""
    return f"id: {cursor}\nevent: alert\ndata: {alert.model_dump_json()}\n\n".encode()


@router.get(
    "/alerts",
    summary="Alerts as they are raised, as server-sent events",
    # A description knows no answers without an end, and tools that try each way would wait for one.
    include_in_schema=False,
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}, "description": "Events `alert`, each with the alert as JSON"}},
)
async def stream_alerts(
    request: Request,
    desk: TheDesk,
    _: Viewer,
    given: Bearer,
    match: Annotated[list[str] | None, Query(description='Label matchers, such as severity="critical"', max_length=10)] = None,
    last_event_id: Annotated[str | None, Header(alias="Last-Event-ID", max_length=200)] = None,
) -> StreamingResponse:
    """Resumed by Last-Event-ID, which browsers send by themselves; at least once, told apart by `alert_id`."""
    stream: Stream = request.app.state.stream
    after = Cursor.of(last_event_id) if last_event_id else None
    events = await stream.events(read_matchers(match or []), after, lambda: still_open(desk, given))
    return StreamingResponse(events, media_type="text/event-stream", headers={"cache-control": "no-store", "x-accel-buffering": "no"})
