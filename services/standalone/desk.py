"""The demo's desk: a receiver of webhooks as a desk could write it. It checks the signature and knows repeats."""

from __future__ import annotations

import hmac
import json
import secrets
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from schemas.alert_raised import AlertRaised
from services.alerter.core.signature import signature
from services.standalone.serving import LoopbackServer

OLDEST = 300
"""Seconds: an older timestamp could be a message that somebody caught and sends again."""


class Desk:
    """`async with Desk(hear) as desk`: calls `hear` with each alert, once, in the order of arrival."""

    def __init__(self, hear: Callable[[AlertRaised], None]) -> None:
        self.secret = secrets.token_hex(16)
        self.repeats = 0
        """Deliveries that came again under a key that was known."""
        self._hear = hear
        self._keys: set[str] = set()
        self._server = LoopbackServer("desk", [Route("/alerts", self._receive, methods=["POST"])])

    @property
    def url(self) -> str:
        """Where alerts are to be posted."""
        return f"{self._server.address}/alerts"

    async def _receive(self, request: Request) -> Response:
        body = await request.body()
        stamp = request.headers.get("caucasus-watch-timestamp", "")
        signed = request.headers.get("caucasus-watch-signature", "")
        if not stamp.isdecimal() or abs(time.time() - int(stamp)) > OLDEST:
            return Response("the timestamp is missing or too old", status_code=401)
        if not hmac.compare_digest(signed, signature(self.secret.encode(), int(stamp), body)):
            return Response("the signature is wrong", status_code=401)
        key = request.headers.get("idempotency-key", "")
        if key in self._keys:
            self.repeats += 1
            return Response(status_code=200)
        try:
            alert = AlertRaised.model_validate(json.loads(body)["data"])
        except (ValueError, KeyError, TypeError, ValidationError) as fault:
            return Response(f"no alert: {fault}", status_code=400)
        self._keys.add(key)
        self._hear(alert)
        return Response(status_code=204)

    async def __aenter__(self) -> Self:
        await self._server.__aenter__()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._server.__aexit__(kind, error, trace)
