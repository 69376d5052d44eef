"""Refusals as RFC 9457 problems: `application/problem+json` with a kind, what is wrong, and the mend."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from services.desk.core.refusals import Refusal, Refused
from services.desk.metrics import REFUSALS
from services.runtime.postgres import DatabaseUnavailable, DatabaseUnfit
from services.runtime.telemetry import get_logger

TYPE = "application/problem+json"
_TITLES = {kind: kind.value.replace("_", " ") for kind in Refusal}
_OF_HTTP = {404: Refusal.NOT_FOUND, 405: Refusal.NOT_ALLOWED, 413: Refusal.TOO_LARGE}

log = get_logger("desk")


class Fault(BaseModel):
    """One thing that is wrong with what was sent."""

    where: str
    what: str


class Problem(BaseModel):
    """A refusal."""

    type: str
    title: str
    status: int
    detail: str
    mend: str
    instance: str | None = None
    faults: list[Fault] = []


RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"description": words, "content": {TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    for status, words in (
        (400, "what was sent is no JSON"),
        (401, "no token, or one that opens nothing"),
        (403, "the token's role does not allow it"),
        (404, "there is no such thing"),
        (409, "it does not fit what stands"),
        (413, "what was sent is too large, or does not say its length"),
        (422, "what was sent is not right; each fault is named"),
        (503, "the database is away, or too many listen"),
    )
}
"""What every way of the interface may answer besides what it is for."""


def problem(request: Request, kind: Refusal, status: int, detail: str, mend: str, *, faults: list[Fault] | None = None) -> JSONResponse:
    """The answer that tells of a refusal."""
    REFUSALS.labels(kind).inc()
    told = Problem(
        type=f"urn:caucasus-watch:problem:{kind}",
        title=_TITLES[kind],
        status=status,
        detail=detail,
        mend=mend,
        instance=request.url.path[:200],
        faults=faults or [],
    )
    headers = {}
    if status == 401:
        headers["www-authenticate"] = 'Bearer realm="caucasus-watch"'
    if status == 503:
        headers["retry-after"] = "5"
    return JSONResponse(told.model_dump(mode="json"), status_code=status, media_type=TYPE, headers=headers)


def allowed(app: FastAPI, request: Request) -> list[str]:
    """The methods by which the address that was asked can be asked; a way of each method is a route of its own."""
    found: set[str] = set()
    for path, ways in app.openapi()["paths"].items():
        if compile_path(path)[0].match(request.url.path):
            found |= {way.upper() for way in ways}
    return sorted(found) or ["GET"]


def install(app: FastAPI) -> None:
    """Tell every refusal so."""

    @app.exception_handler(Refused)
    async def _refused(request: Request, fault: Refused) -> JSONResponse:
        return problem(request, fault.kind, fault.status, fault.detail, fault.mend)

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, fault: RequestValidationError) -> JSONResponse:
        faults = [
            Fault(where=".".join(str(step) for step in error["loc"])[:200], what=str(error["msg"]).removeprefix("Value error, ")[:500])
            for error in jsonable_encoder(fault.errors(), custom_encoder={bytes: repr, ValueError: str, Exception: str})
        ]
        detail = f"{len(faults)} of what was sent {'is' if len(faults) == 1 else 'are'} not right"
        return problem(
            request, Refusal.NOT_VALID, 422, detail, "mend what `faults` names; /openapi.json says what is wanted", faults=faults
        )

    @app.exception_handler(HTTPException)
    async def _http(request: Request, fault: HTTPException) -> JSONResponse:
        kind = _OF_HTTP.get(fault.status_code, Refusal.NOT_VALID)
        mend = "look at /openapi.json for what there is and how it is asked"
        answer = problem(request, kind, fault.status_code, str(fault.detail), mend)
        for name, value in (fault.headers or {}).items():
            answer.headers[name] = value
        if fault.status_code == 405:
            answer.headers["allow"] = ", ".join(allowed(app, request))
        return answer

    @app.exception_handler(DatabaseUnavailable)
    async def _away(request: Request, fault: DatabaseUnavailable) -> JSONResponse:
        log.warning("database_away", detail=str(fault))
        return problem(request, Refusal.UNAVAILABLE, 503, "the database is away", "ask again in a few seconds")

    @app.exception_handler(DatabaseUnfit)
    async def _unfit(request: Request, fault: DatabaseUnfit) -> JSONResponse:
        log.error("database_unfit", detail=str(fault))
        return problem(request, Refusal.UNAVAILABLE, 503, "the database is not fit", "run caucasus-watch doctor where the service runs")
