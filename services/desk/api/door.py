"""Who may come in: the bearer's token, its role, and what every way is given."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Query, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from schemas.vocabulary import DeskRole
from services.desk.adapters.audit import Author
from services.desk.adapters.tokens import found
from services.desk.core.refusals import Refusal, Refused
from services.desk.core.tokens import Token, admit
from services.runtime.clock import Clock
from services.runtime.postgres import transaction

_BEARER = HTTPBearer(auto_error=False, description="A token made by caucasus-watch desk token add")
Bearer = Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)]


@dataclass(frozen=True, slots=True)
class Desk:
    """What every way of the interface works with."""

    engine: AsyncEngine
    clock: Clock

    @asynccontextmanager
    async def work(self) -> AsyncIterator[AsyncConnection]:
        """A transaction."""
        async with transaction(self.engine) as connection:
            yield connection

    def now(self) -> datetime:
        """The time."""
        return self.clock.now()


def desk_of(request: Request) -> Desk:
    """The desk that serves the request."""
    desk: Desk = request.app.state.desk
    return desk


TheDesk = Annotated[Desk, Depends(desk_of)]


async def _token(desk: Desk, text: str, needed: DeskRole, *, in_address: bool = False, for_feed: bool = False) -> Token:
    now = desk.now()
    async with desk.work() as connection:
        token = await found(connection, text, now)
    return admit(token, needed, now, in_address=in_address, for_feed=for_feed)


def _at_least(needed: DeskRole) -> Callable[[Desk, Bearer], Awaitable[Author]]:
    async def enter(desk: TheDesk, given: Bearer) -> Author:
        if given is None:
            raise Refused(Refusal.NO_TOKEN, "no token was sent", "send it in the header Authorization: Bearer TOKEN")
        return Author((await _token(desk, given.credentials, needed)).name, "api")

    return enter


async def _for_feed(
    desk: TheDesk, given: Bearer, token: Annotated[str | None, Query(description="A token made with --feeds-only", max_length=200)] = None
) -> Author:
    if given is not None:
        return Author((await _token(desk, given.credentials, DeskRole.VIEWER, for_feed=True)).name, "api")
    if token is None:
        raise Refused(
            Refusal.NO_TOKEN, "no token was sent", "send it as Authorization: Bearer TOKEN, or one made with --feeds-only as ?token="
        )
    return Author((await _token(desk, token, DeskRole.VIEWER, in_address=True, for_feed=True)).name, "api")


async def still_open(desk: Desk, given: Bearer) -> bool:
    """Whether the bearer's token opens what a viewer may see, now: for answers that last."""
    if given is None:
        return False
    try:
        await _token(desk, given.credentials, DeskRole.VIEWER)
    except Refused:
        return False
    return True


Viewer = Annotated[Author, Depends(_at_least(DeskRole.VIEWER))]
Editor = Annotated[Author, Depends(_at_least(DeskRole.DESK))]
Admin = Annotated[Author, Depends(_at_least(DeskRole.ADMIN))]
FeedReader = Annotated[Author, Depends(_for_feed)]
