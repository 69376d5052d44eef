"""Settings of the desk's interface."""

from __future__ import annotations

from pydantic import Field

from services.runtime.settings import WatchSettings, mended


class DeskSettings(WatchSettings):
    """What the desk needs besides what every process needs."""

    desk_host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="address that the desk's interface is served on",
        json_schema_extra=mended("write 127.0.0.1 for this machine only; behind a proxy that speaks TLS, 0.0.0.0 for a container"),
    )
    desk_port: int = Field(
        default=8420,
        ge=0,
        le=65535,
        description="port of the desk's interface, 0 for any free one",
        json_schema_extra=mended("write a port from 1 to 65535, or 0 for any free one"),
    )
    desk_streams: int = Field(
        default=100,
        ge=1,
        le=10000,
        description="listeners to the stream of alerts at the same time",
        json_schema_extra=mended("write a number from 1 to 10000"),
    )
