"""Feeds of alerts, one per route; the audit; and the watches on the service itself."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from services.desk.adapters import alerts, audit, watches
from services.desk.api.alerts import AtMost
from services.desk.api.door import Admin, FeedReader, TheDesk, Viewer
from services.desk.core.feeds import ATOM_TYPE, JSON_TYPE, atom, json_feed
from services.desk.core.forms import AuditPage, RoutePage, WatchPage
from services.desk.core.refusals import Refusal, Refused

router = APIRouter()

ENTRIES = 50
"""Alerts of a feed: readers ask every few minutes, and what is older is in the list."""

RouteName = Annotated[str, Path(description="Name of the route", max_length=100)]
_OF_FEED: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/atom+xml": {}, "application/feed+json": {}}, "description": "The feed"}
}


@router.get("/routes", tags=["feeds"], summary="The routes by which alerts went")
async def list_routes(desk: TheDesk, _: Viewer) -> RoutePage:
    """A route by which no alert went yet is not among them; its feed is empty."""
    async with desk.work() as connection:
        return await alerts.routes(connection)


@router.get(
    "/routes/{name}/alerts.atom", tags=["feeds"], summary="The alerts of a route as Atom", responses=_OF_FEED, response_class=Response
)
async def atom_feed(request: Request, desk: TheDesk, _: FeedReader, name: RouteName) -> Response:
    """The last alerts that went by the route, the newest first."""
    async with desk.work() as connection:
        found = await alerts.of_route(connection, _name(name), at_most=ENTRIES)
    return Response(atom(f"caucasus-watch: {name}", _address(request), found), media_type=ATOM_TYPE)


@router.get(
    "/routes/{name}/alerts.json", tags=["feeds"], summary="The alerts of a route as JSON Feed", responses=_OF_FEED, response_class=Response
)
async def feed_of_json(request: Request, desk: TheDesk, _: FeedReader, name: RouteName) -> Response:
    """The last alerts that went by the route, the newest first."""
    async with desk.work() as connection:
        found = await alerts.of_route(connection, _name(name), at_most=ENTRIES)
    return Response(json_feed(f"caucasus-watch: {name}", _address(request), found), media_type=JSON_TYPE)


@router.get("/audit", tags=["audit"], summary="Every change made by a person, the newest first")
async def list_audit(
    desk: TheDesk,
    _: Admin,
    after: Annotated[str | None, Query(description="`next` of the page before", max_length=20)] = None,
    subject: Annotated[str | None, Query(description="Id of what was changed", max_length=60)] = None,
    limit: AtMost = 50,
) -> AuditPage:
    """Who, when, what, and what stood before and after."""
    if subject is not None and "\x00" in subject:
        raise Refused(Refusal.NOT_VALID, "a text holds a nought character", "take it out")
    async with desk.work() as connection:
        return await audit.entries(connection, before=after, subject=subject, at_most=limit)


@router.get("/watches", tags=["care"], summary="Where the watches on the service itself stand")
async def list_watches(desk: TheDesk, _: Viewer) -> WatchPage:
    """Those that tell of something wrong first; empty until the alerter has looked once."""
    async with desk.work() as connection:
        return await watches.listed(connection)


def _name(name: str) -> str:
    if "\x00" in name:
        raise Refused(Refusal.NOT_FOUND, "no route is called so", "look at /routes")
    return name


def _address(request: Request) -> str:
    """The feed's own address, without the token."""
    return str(request.url.replace(query=""))
