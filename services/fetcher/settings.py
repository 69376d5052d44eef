"""Settings of the fetcher."""

from __future__ import annotations

from base64 import b64encode
from enum import StrEnum
from pathlib import Path

from pydantic import Field, SecretStr

from services.runtime.settings import WatchSettings, mended


class FullText(StrEnum):
    """When the article's own page is read for its text."""

    NEVER = "never"
    WHEN_SHORT = "when_short"
    ALWAYS = "always"


class FetcherSettings(WatchSettings):
    """What the fetcher needs besides what every process needs. Times are seconds; those of polling are the clock's, those of the network real ones."""

    feeds_file: Path | None = Field(
        default=None,
        description="YAML file with outlets and feeds, in place of the package's own",
        json_schema_extra=mended("write the path of a YAML file, or leave it out for the feeds of the package"),
    )
    interval: int = Field(
        default=300,
        ge=1,
        le=86_400,
        description="seconds between polls of a feed that names no interval of its own",
        json_schema_extra=mended("write seconds from 1 to 86400"),
    )
    interval_floor: int = Field(
        default=60,
        ge=1,
        le=86_400,
        description="the shortest interval between polls of one feed, whatever the list of feeds says",
        json_schema_extra=mended("write seconds from 1 to 86400"),
    )
    interval_ceiling: int = Field(
        default=3_600,
        ge=1,
        le=86_400,
        description="the longest interval that is learnt for a feed which seldom brings anything",
        json_schema_extra=mended("write seconds from 1 to 86400"),
    )
    hints_cap: int = Field(
        default=900,
        ge=0,
        le=86_400,
        description="seconds up to which a feed's ttl and a server's max-age and Expires are heard; Retry-After always is, up to a day",
        json_schema_extra=mended("write seconds from 0 to 86400"),
    )
    allow_private: bool = Field(
        default=False,
        description="whether addresses of this machine and of private networks may be asked",
        json_schema_extra=mended("write true for tests and intranets, false else"),
    )
    full_text: FullText = Field(
        default=FullText.WHEN_SHORT,
        description="whether the article's page is read for its text",
        json_schema_extra=mended("write never, when_short or always"),
    )
    short_text: int = Field(
        default=600,
        ge=0,
        description="a text of a feed below so many characters is short",
        json_schema_extra=mended("write a number of characters"),
    )
    contact: str = Field(
        default="",
        pattern=r"^[\x21-\x7e]*$",
        description="your address, put into the User-Agent: there an outlet can ask who is polling it",
        json_schema_extra=mended("write a web address or a mail address of yours"),
    )
    feed_credentials: dict[str, SecretStr] = Field(
        default={},
        description="what feeds behind a login are shown, by the feed's id: USER:PASSWORD, or a whole Authorization header such as Bearer …",
        json_schema_extra=mended('write JSON such as {"wire-en": "USER:PASSWORD"}, best in a file named by the variable with _FILE'),
    )
    concurrency: int = Field(
        default=64,
        ge=1,
        le=500,
        description="requests under way at the same time; those that wait long for their servers are not counted",
        json_schema_extra=mended("write a number from 1 to 500"),
    )
    host_gap: float = Field(
        default=1.0,
        ge=0,
        le=600,
        description="least seconds between two requests to one host",
        json_schema_extra=mended("write seconds, 0 only for a server of your own"),
    )
    feed_seconds: float = Field(
        default=30.0, gt=0, le=600, description="longest time for one feed's answer", json_schema_extra=mended("write seconds")
    )
    first_byte_seconds: float = Field(
        default=10.0,
        gt=0,
        le=600,
        description="longest time until the first byte of a feed's body",
        json_schema_extra=mended("write seconds"),
    )
    page_seconds: float = Field(
        default=20.0, gt=0, le=600, description="longest time for one article page", json_schema_extra=mended("write seconds")
    )
    feed_bytes: int = Field(
        default=10_000_000,
        ge=1_000,
        description="largest body of a feed, after decompression",
        json_schema_extra=mended("write a number of bytes"),
    )
    page_bytes: int = Field(
        default=5_000_000, ge=1_000, description="largest article page, after decompression", json_schema_extra=mended("write bytes")
    )
    bytes_in_flight: int = Field(
        default=6_000_000,
        ge=1_000_000,
        description="bytes of all bodies that are held at the same time; large ones wait for each other beyond three quarters of it",
        json_schema_extra=mended("write a number of bytes, at least 1000000"),
    )
    parsers: int = Field(
        default=2,
        ge=1,
        le=32,
        description="worker processes that parse feeds and pages",
        json_schema_extra=mended("write a number from 1 to 32"),
    )
    parse_seconds: float = Field(
        default=1.0, gt=0, le=60, description="CPU seconds that the parse of one feed may take", json_schema_extra=mended("write seconds")
    )
    extract_seconds: float = Field(
        default=5.0,
        gt=0,
        le=60,
        description="CPU seconds that finding the text of one page may take",
        json_schema_extra=mended("write seconds"),
    )
    lease_seconds: float = Field(
        default=120.0,
        ge=1,
        le=3_600,
        description="real seconds after which another replica may take over a feed of one that died",
        json_schema_extra=mended("write seconds from 1 to 3600"),
    )

    def authorization(self, feed_id: str) -> str | None:
        """The Authorization header that this feed's own server is shown; for the request only, never for a message."""
        secret = self.feed_credentials.get(feed_id)
        if secret is None:
            return None
        given = secret.get_secret_value()
        scheme, space, _ = given.partition(" ")
        if space and ":" not in scheme:
            return given
        return f"Basic {b64encode(given.encode()).decode()}"
