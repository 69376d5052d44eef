"""The interface as a whole: its ways, its refusals, its limits."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from services.desk.api import alerts, routes, silences, stories, stream
from services.desk.api.door import Desk, TheDesk
from services.desk.api.problems import RESPONSES, Problem, install, problem
from services.desk.core.refusals import Refusal
from services.desk.metrics import ANSWER_SECONDS, REQUESTS
from services.runtime.postgres import check

LARGEST = 64 * 1024
"""Bytes of what may be sent: the longest silence is far below."""

ABOUT = """\
What a desk sees and does: alerts and where they stand, stories and their ledgers, silences, feeds, and the stream of alerts.

Send `Authorization: Bearer TOKEN`. A **viewer** reads; the role **desk** acknowledges, silences, marks as wrong; an **admin** also
reads the audit. Refusals are `application/problem+json` (RFC 9457) and say the mend. Lists are paged by `next`.

`GET /stream/alerts` gives alerts as server-sent events (`match` as above; resumed by `Last-Event-ID`). It has no end, and so no place below.
"""


def interface(desk: Desk, events: stream.Stream) -> FastAPI:
    """The whole interface."""
    app = FastAPI(
        title="caucasus-watch desk",
        version=version("caucasus-watch"),
        description=ABOUT,
        # Their pages load scripts from elsewhere; the description itself is at /openapi.json.
        docs_url=None,
        redoc_url=None,
        responses=RESPONSES,
    )
    app.state.desk = desk
    app.state.stream = events
    install(app)
    for part in (alerts, stream, silences, stories, routes):
        app.include_router(part.router)
    _health(app)
    app.middleware("http")(_guarded)
    _described(app)
    return app


def _health(app: FastAPI) -> None:
    @app.get("/healthz", tags=["care"], summary="Whether the desk and its database are well")
    async def healthz(desk: TheDesk) -> dict[str, str]:
        """Needs no token and tells no more than that."""
        await check(desk.engine)
        return {"state": "well"}


async def _guarded(request: Request, go_on: Callable[[Request], Awaitable[Response]]) -> Response:
    """Refuse what is too large, keep answers out of caches, and count."""
    began = time.perf_counter()
    length = request.headers.get("content-length", "0")
    if request.method in {"POST", "PUT", "PATCH"} and (
        not length.isdigit() or int(length) > LARGEST or "content-length" not in request.headers
    ):
        detail = f"what is sent must say its length, at most {LARGEST} bytes"
        answer: Response = problem(request, Refusal.TOO_LARGE, 413, detail, "send less, with the header Content-Length")
    else:
        answer = await go_on(request)
    ANSWER_SECONDS.observe(time.perf_counter() - began)
    route = request.scope.get("route")
    REQUESTS.labels(getattr(route, "path", "unknown"), str(answer.status_code)).inc()
    answer.headers.setdefault("cache-control", "no-store")
    answer.headers["x-content-type-options"] = "nosniff"
    answer.headers["referrer-policy"] = "no-referrer"
    return answer


def _described(app: FastAPI) -> None:
    """The description, with the form of a refusal."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            made = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
            _, forms = models_json_schema([(Problem, "serialization")], ref_template="#/components/schemas/{model}")
            made["components"]["schemas"].update(forms["$defs"])
            app.openapi_schema = made
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's own way of extending the description
