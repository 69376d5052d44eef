"""What a server may answer: a body, the word that nothing changed, or no body and why. Values, and what the heads say. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from schemas.vocabulary import PollReason

LONGEST_WISH = 86_400
"""Seconds: no server is asked less often than daily, whatever its Retry-After says."""
LONGEST_VALIDATOR = 1_000
BY_STATUS = {
    401: PollReason.REFUSED, 403: PollReason.REFUSED, 404: PollReason.NOT_FOUND, 408: PollReason.TIMED_OUT, 410: PollReason.GONE,
    418: PollReason.REFUSED, 429: PollReason.RATE_LIMITED, 451: PollReason.REFUSED,
}  # fmt: skip
CHALLENGE_HEADERS = (("cf-mitigated", "challenge"), ("x-sucuri-block", ""), ("x-datadome", "protected"), ("x-amzn-waf-action", "challenge"))
"""Heads by which shields say that they, not the outlet, have answered."""
CHALLENGE = re.compile(
    r"cf-chl-|cf_chl_opt|challenge-platform|<title>\s*just a moment|<title>\s*attention required|ddos-guard|ddos protection by|"
    r"checking your browser|verify (?:that )?you are (?:a )?human|captcha-delivery|g-recaptcha|h-captcha|hcaptcha\.com|qrator|_incapsula_|"
    r"sucuri website firewall|please enable (?:javascript and )?cookies|are you a robot",
    re.IGNORECASE,
)
SHOWN_OF_PAGE = 20_000
"""Bytes of a page in which the words of a challenge are looked for."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long an answer may take in all, in real seconds, how large its body may be after decompression, and when its first byte must come."""

    seconds: float
    bytes: int
    first_byte: float | None = None
    """Seconds to the first byte of the body; None: as long as the whole may take."""


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server gave to ask it next time whether anything changed; sent back as it came."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A body, or the word that it is unchanged (`body` is None then). `moved_to`: a permanent redirect led there."""

    status: int
    body: bytes | None
    address: str
    content_type: str = ""
    validators: Validators = field(default_factory=Validators)
    body_hash: str | None = None
    moved_to: str | None = None
    retry_after: float | None = None
    fresh_for: float | None = None
    """Seconds for which the server says that nothing new is to be had."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """No body, and why. `retry_after` is the server's wish in seconds."""

    reason: PollReason
    status: int | None = None
    detail: str = ""
    retry_after: float | None = None
    size: int = 0


def refusal_of(status: int, phrase: str, headers: Mapping[str, str], now: datetime) -> Refusal:
    """What a status that brings no body means."""
    reason = BY_STATUS.get(status, PollReason.SERVER_ERROR if status >= 500 else PollReason.REFUSED)
    shield = next((name for name, value in CHALLENGE_HEADERS if name in headers and value in headers[name].lower()), None)
    told = f"HTTP {status} {phrase}".strip()
    if shield is not None and reason is not PollReason.GONE:
        return Refusal(PollReason.CHALLENGE, status, f"{told}; {shield} says that a shield has answered", retry_after(headers, now))
    return Refusal(reason, status, told, retry_after(headers, now))


def is_challenge(body: bytes) -> bool:
    """Whether a page is that of a shield which wants to see a browser, in place of what was asked for."""
    return CHALLENGE.search(body[:SHOWN_OF_PAGE].decode("utf-8", "replace")) is not None


def validators_of(headers: Mapping[str, str]) -> Validators:
    """The validators of an answer, those of a sane length."""
    return Validators(etag=_short(headers.get("etag")), last_modified=_short(headers.get("last-modified")))


def conditions(validators: Validators | None) -> dict[str, str]:
    """The heads that ask only for what has changed."""
    asked: dict[str, str] = {}
    if validators is not None and validators.etag and validators.etag.isascii():
        asked["if-none-match"] = validators.etag
    if validators is not None and validators.last_modified and validators.last_modified.isascii():
        asked["if-modified-since"] = validators.last_modified
    return asked


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """The server's wish in seconds, from either form of Retry-After, at most a day."""
    value = headers.get("retry-after", "").strip()
    if not value:
        return None
    if value.isascii() and value.isdigit():
        return float(min(int(value[:9]), LONGEST_WISH))
    moment = _date(value)
    return None if moment is None else float(min(max(0.0, (moment - now).total_seconds()), LONGEST_WISH))


def fresh_for(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds for which the server calls its answer fresh, at most a day: Cache-Control's max-age, less its age, else Expires."""
    control = headers.get("cache-control", "").lower()
    if re.search(r"\bno-(?:cache|store)\b", control):
        return None
    found = re.search(r"\bmax-age\s*=\s*\"?(\d{1,9})", control)
    if found:
        age = headers.get("age", "").strip()
        seconds = float(found[1]) - (float(age[:9]) if age.isascii() and age.isdigit() else 0.0)
    else:
        until = _date(headers.get("expires", "").strip())
        if until is None:
            return None
        # The server's own clock, which may go wrong, gives both ends of the span.
        seconds = (until - (_date(headers.get("date", "").strip()) or now)).total_seconds()
    return min(seconds, float(LONGEST_WISH)) if seconds > 0 else None


def _date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _short(value: str | None) -> str | None:
    return value if value and len(value) <= LONGEST_VALIDATOR and "\x00" not in value else None
