"""Settings of the classifier."""

from __future__ import annotations

from pydantic import Field

from services.runtime.settings import WatchSettings, mended


class ClassifierSettings(WatchSettings):
    """What the classifier needs besides what every process needs. Times are real seconds."""

    reading_processes: int = Field(
        default=1,
        ge=0,
        le=64,
        description="processes that read articles; 0 reads in a thread of this process, without a limit of time",
        json_schema_extra=mended("write a number from 0 to 64; one per core is plenty"),
    )
    reading_seconds: float = Field(
        default=20.0,
        gt=0,
        le=600,
        description="longest time for the reading of one article; what takes longer is put aside",
        json_schema_extra=mended("write seconds"),
    )
    batch: int = Field(
        default=50,
        ge=1,
        le=1000,
        description="most articles that are read and written together",
        json_schema_extra=mended("write a number from 1 to 1000"),
    )
    story_days: int = Field(
        default=30,
        ge=1,
        le=365,
        description="days of quiet after which a story takes no article any more",
        json_schema_extra=mended("write days from 1 to 365"),
    )
