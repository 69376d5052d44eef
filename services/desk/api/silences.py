"""Silences: made, seen, ended before their time."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.desk.adapters import deeds
from services.desk.api.door import Editor, TheDesk, Viewer
from services.desk.api.moments import Instant
from services.desk.core.forms import ShownSilence, SilencePage
from services.desk.core.spans import moment_of
from services.desk.metrics import CHANGES

router = APIRouter(prefix="/silences", tags=["silences"])


class Wanted(BaseModel):
    """A silence to be made: which alerts, until when, and why."""

    model_config = ConfigDict(extra="forbid")

    matchers: list[str] = Field(min_length=1, max_length=20, description='Label matchers, such as side="ARM"; all of them must fit')
    begins_at: Instant | None = Field(default=None, description="Now, where it is left out")
    until: Instant | None = None
    span: str | None = Field(default=None, alias="for", description="such as 30m or 2h, from its beginning", max_length=40)
    why: str = Field(min_length=1, max_length=deeds.LONGEST_WORDS)

    @model_validator(mode="after")
    def _one_of_two(self) -> Wanted:
        if (self.until is None) == (self.span is None):
            raise ValueError('give one of "until" and "for"')
        return self


@router.get("", summary="List silences")
async def list_silences(desk: TheDesk, _: Viewer, every: bool = False) -> SilencePage:
    """Those that hold or are to come; with `every`, also those that are over."""
    async with desk.work() as connection:
        return await deeds.silences_of(connection, desk.now(), every=every)


@router.post("", summary="Make a silence", status_code=201)
async def make_silence(desk: TheDesk, who: Editor, wanted: Wanted) -> ShownSilence:
    """Alerts that it fits are not told while it lasts; they are raised, kept and shown all the same."""
    now = desk.now()
    begins = wanted.begins_at or now
    ends = wanted.until or moment_of(wanted.span or "", begins)
    async with desk.work() as connection:
        made = await deeds.silence(connection, who, wanted.matchers, now, begins_at=begins, ends_at=ends, why=wanted.why)
    CHANGES.labels("silence.add").inc()
    return made


@router.post("/{silence_id}/expire", summary="End a silence before its time")
async def expire_silence(desk: TheDesk, who: Editor, silence_id: Annotated[str, Path(max_length=60)]) -> ShownSilence:
    """One that is over stays as it is."""
    async with desk.work() as connection:
        ended = await deeds.expire(connection, who, silence_id, desk.now())
    CHANGES.labels("silence.expire").inc()
    return ended
