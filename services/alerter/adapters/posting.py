"""One HTTP request to a receiver, and what its answer means.

The whole answer has a time limit; redirects are not followed, and an address of a private network is refused at the
moment of connecting, unless it is allowed.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import ssl
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpcore
import httpx

from schemas.vocabulary import DeliveryReason
from services.alerter.core.retries import Outcome
from services.runtime.clock import Clock, WallClock
from services.runtime.guard import AddressRefused, GuardedTransport

# httpcore asks for this module at every lock it takes. Where it is not installed, each question would search the whole path
# anew, a fifth of the work of a delivery; None answers at once that it is missing.
if importlib.util.find_spec("sniffio") is None:
    sys.modules["sniffio"] = None  # type: ignore[assignment]  # Python's own way to say so

READ_BYTES = 2048
"""Bytes of an answer that are looked at; what a receiver says beyond its status matters little."""
_TARGET = "redirect_target"


class Poster:
    """Sends requests of one channel."""

    def __init__(self, *, allow_private: bool = False, seconds: float = 10.0, parallel: int = 8, clock: Clock | None = None) -> None:
        """`clock` gives the time that a Retry-After is compared with."""
        self.seconds = seconds
        self.clock = clock or WallClock()
        self._client = httpx.AsyncClient(
            transport=GuardedTransport(allow_private=allow_private, connections=parallel),
            follow_redirects=False,
            timeout=None,  # noqa: S113 - the whole exchange has one limit; a limit per read never ends a drip
            trust_env=False,
            headers={"user-agent": "caucasus-watch", "accept": "*/*", "accept-encoding": "identity"},
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            event_hooks={"response": [_hide_target]},
        )

    async def send(self, method: str, url: str, body: bytes, headers: Mapping[str, str]) -> Outcome:
        """Send once."""
        try:
            async with asyncio.timeout(self.seconds):
                async with self._client.stream(method, url, content=body, headers=dict(headers)) as response:
                    beginning = await _beginning(response)
                    target = str(response.extensions.get(_TARGET, "nowhere"))
                    wish = response.headers.get("retry-after")
                    return judged(response.status_code, beginning, self.clock.now(), target=target, wish=wish)
        except TimeoutError:
            return Outcome(DeliveryReason.TIMED_OUT, f"no whole answer within {self.seconds:g} s")
        except AddressRefused as fault:
            return Outcome(DeliveryReason.ADDRESS_REFUSED, f"{fault}; allow_private would allow it")
        except (httpcore.RemoteProtocolError, httpcore.ReadError, httpcore.WriteError) as fault:
            return Outcome(DeliveryReason.NO_ANSWER, f"the connection was closed without a whole answer: {fault}".rstrip(": "))
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, ssl.SSLError, OSError) as fault:
            return Outcome(DeliveryReason.UNREACHABLE, str(fault) or type(fault).__name__)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, httpcore.UnsupportedProtocol, ValueError) as fault:
            return Outcome(DeliveryReason.CHANNEL_FAULT, f"{type(fault).__name__}: {fault}")

    async def close(self) -> None:
        """Close its connections."""
        await self._client.aclose()


def judged(status: int, body: bytes, now: datetime, *, target: str = "nowhere", wish: str | None = None) -> Outcome:
    """What a receiver's answer means; `target` is where it redirects to, `wish` its Retry-After."""
    detail = f"HTTP {status}"
    if 200 <= status < 300:
        if body.lstrip()[:256].lower().startswith((b"<!doctype html", b"<html")):
            return Outcome(DeliveryReason.WEB_PAGE, f"{detail} with a web page: is the address that of the receiver?")
        return Outcome(DeliveryReason.DELIVERED, detail)
    if 300 <= status < 400:
        return Outcome(DeliveryReason.REDIRECTED, f"{detail} to {target[:200]!r}: write the final address")
    seconds = retry_after(wish, now)
    if status == 429:
        return Outcome(DeliveryReason.RATE_LIMITED, detail, wish_of(body) if seconds is None else seconds)
    if status == 408 or status >= 500:
        return Outcome(DeliveryReason.SERVER_ERROR if status >= 500 else DeliveryReason.TIMED_OUT, detail, seconds)
    return Outcome(DeliveryReason.GONE if status == 410 else DeliveryReason.REFUSED, detail)


def retry_after(value: str | None, now: datetime) -> float | None:
    """The seconds that a receiver asks to be left alone; None where it does not say or cannot be understood."""
    if value is None:
        return None
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, ((until if until.tzinfo else until.replace(tzinfo=UTC)) - now).total_seconds())


def wish_of(body: bytes) -> float | None:
    """The same wish where it stands in the body, as Telegram, Discord (seconds) and Matrix (milliseconds) write it."""
    try:
        document = json.loads(body)
    except ValueError:
        return None
    if not isinstance(document, dict):
        return None
    inner = document.get("parameters")
    for holder, name, unit in ((document, "retry_after", 1.0), (inner, "retry_after", 1.0), (document, "retry_after_ms", 1000.0)):
        value = holder.get(name) if isinstance(holder, dict) else None
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e9:
            return value / unit
    return None


async def _hide_target(response: httpx.Response) -> None:
    """Take the target of a redirect out of httpx's sight: it reads it even where it is not to follow, and stumbles over some."""
    target = response.headers.pop("location", None)
    if target is not None:
        response.extensions[_TARGET] = target


async def _beginning(response: httpx.Response) -> bytes:
    read = b""
    async for part in response.aiter_raw():
        read += part
        if len(read) >= READ_BYTES:
            break
    return read
