"""Alerts: listed, shown, and what people do with them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Header, Path, Query
from pydantic import BaseModel, ConfigDict, Field, StrictBool, model_validator

from schemas.matchers import Matcher, MatcherFault, matchers_of
from schemas.vocabulary import AlertKind, AlertReason, Effect, HandAction, Severity, Standing
from services.desk.adapters import alerts, deeds
from services.desk.adapters.audit import Author
from services.desk.api.door import Desk, Editor, TheDesk, Viewer
from services.desk.api.moments import Instant
from services.desk.core.forms import AlertInFull, AlertPage
from services.desk.core.pages import MOST, Cursor
from services.desk.core.refusals import Refusal, Refused
from services.desk.core.spans import ahead, moment_of
from services.desk.metrics import CHANGES

router = APIRouter(prefix="/alerts", tags=["alerts"])

AlertId = Annotated[str, Path(description="Id of the alert", max_length=60)]
After = Annotated[str | None, Query(description="`next` of the page before", max_length=200)]
AtMost = Annotated[int, Query(description="Entries of the page", ge=1, le=MOST)]
Key = Annotated[
    str | None, Header(alias="Idempotency-Key", description="Asked again with the same key, nothing is done twice", max_length=200)
]


class Said(BaseModel):
    """Words to go with what is done."""

    model_config = ConfigDict(extra="forbid")

    words: str = Field(default="", max_length=deeds.LONGEST_WORDS)
    whole_story: StrictBool = Field(default=False, description="For every alert of the story, not only for the same effect and people")


class Why(BaseModel):
    """Words that must be there."""

    model_config = ConfigDict(extra="forbid")

    words: str = Field(min_length=1, max_length=deeds.LONGEST_WORDS)


class Later(Said):
    """How long to snooze: until a time, or for a span."""

    until: Instant | None = None
    span: str | None = Field(default=None, alias="for", description="such as 30m or 2h", max_length=40)

    @model_validator(mode="after")
    def _one_of_two(self) -> Later:
        if (self.until is None) == (self.span is None):
            raise ValueError('give one of "until" and "for"')
        return self

    def moment(self, now: datetime) -> datetime:
        """The end of the snooze.

        Raises:
            Refused: it is past, or far ahead.
        """
        return ahead(self.until or moment_of(self.span or "", now), now)


@router.get("", summary="List alerts, the newest first")
async def list_alerts(
    desk: TheDesk,
    _: Viewer,
    *,
    kind: AlertKind | None = None,
    reason: AlertReason | None = None,
    severity: Severity | None = None,
    effect: Effect | None = None,
    side: Annotated[str | None, Query(max_length=10)] = None,
    story: Annotated[str | None, Query(max_length=60)] = None,
    route: Annotated[str | None, Query(max_length=100)] = None,
    standing: Standing | None = None,
    since: Instant | None = None,
    until: Instant | None = None,
    match: Annotated[list[str] | None, Query(description='Label matchers, such as claimant=~"ARM.*"', max_length=10)] = None,
    after: After = None,
    limit: AtMost = 50,
) -> AlertPage:
    """A page of alerts with where each stands. With `standing` or `match` a page may be short and still have a `next`."""
    for text in (side, route):
        if text is not None and "\x00" in text:
            raise Refused(Refusal.NOT_VALID, "a text holds a nought character", "take it out")
    wish = alerts.Wish(kind, reason, severity, effect, side, story, route, since, until, standing, read_matchers(match or []))
    async with desk.work() as connection:
        return await alerts.page(connection, wish, desk.now(), at_most=limit, after=Cursor.of(after) if after else None)


@router.get("/{alert_id}", summary="Show an alert with its hands and tellings")
async def show_alert(desk: TheDesk, _: Viewer, alert_id: AlertId) -> AlertInFull:
    """One alert in full."""
    async with desk.work() as connection:
        return await alerts.in_full(connection, alert_id, desk.now())


@router.post("/{alert_id}/acknowledge", summary="Take an alert; it reopens when the figure or the status changes")
async def acknowledge(desk: TheDesk, who: Editor, alert_id: AlertId, said: Said, key: Key = None) -> AlertInFull:
    """What is still to be told of it, and its repeats, are kept back; the next change names who had acknowledged what."""
    return await _lay(desk, who, alert_id, HandAction.ACKNOWLEDGE, key, words=said.words, whole_story=said.whole_story)


@router.post("/{alert_id}/unacknowledge", summary="Take an acknowledgement, a snooze or a resolution back")
async def unacknowledge(desk: TheDesk, who: Editor, alert_id: AlertId, said: Said, key: Key = None) -> AlertInFull:
    """The alert is open again."""
    return await _lay(desk, who, alert_id, HandAction.UNACKNOWLEDGE, key, words=said.words, whole_story=said.whole_story)


@router.post("/{alert_id}/snooze", summary="Put an alert off")
async def snooze(desk: TheDesk, who: Editor, alert_id: AlertId, later: Later, key: Key = None) -> AlertInFull:
    """What is to be told of its subject waits until the snooze ends, and is told then."""
    until = later.moment(desk.now())
    return await _lay(desk, who, alert_id, HandAction.SNOOZE, key, words=later.words, whole_story=later.whole_story, until=until)


@router.post("/{alert_id}/resolve", summary="Say that nothing is left to do")
async def resolve(desk: TheDesk, who: Editor, alert_id: AlertId, said: Said, key: Key = None) -> AlertInFull:
    """As acknowledged, and over; a change reopens it."""
    return await _lay(desk, who, alert_id, HandAction.RESOLVE, key, words=said.words, whole_story=said.whole_story)


@router.post("/{alert_id}/note", summary="Write a note to an alert")
async def note(desk: TheDesk, who: Editor, alert_id: AlertId, why: Why, key: Key = None) -> AlertInFull:
    """It changes nothing else."""
    return await _lay(desk, who, alert_id, HandAction.NOTE, key, words=why.words)


@router.post("/{alert_id}/wrong", summary="Mark an alert as wrong", status_code=202)
async def wrong(desk: TheDesk, who: Editor, alert_id: AlertId, why: Why, key: Key = None) -> AlertInFull:
    """The alerter withdraws its claim from the ledger within seconds and tells those who had the alert; both are kept."""
    return await _lay(desk, who, alert_id, HandAction.WRONG, key, words=why.words)


@router.post("/{alert_id}/resend", summary="Tell an alert again", status_code=202)
async def resend(desk: TheDesk, who: Editor, alert_id: AlertId, said: Said, key: Key = None) -> AlertInFull:
    """The alerter tells each of its receivers once more, under new keys."""
    return await _lay(desk, who, alert_id, HandAction.RESEND, key, words=said.words)


def read_matchers(texts: list[str]) -> tuple[Matcher, ...]:
    """The matchers in a query.

    Raises:
        Refused: one of them is none.
    """
    try:
        return matchers_of(texts)
    except MatcherFault as fault:
        raise Refused(Refusal.NOT_VALID, "a matcher cannot be read", str(fault)) from fault


async def _lay(
    desk: Desk,
    who: Author,
    alert_id: str,
    action: HandAction,
    key: str | None,
    *,
    words: str = "",
    until: datetime | None = None,
    whole_story: bool = False,
) -> AlertInFull:
    async with desk.work() as connection:
        done = await deeds.lay(connection, who, alert_id, action, desk.now(), words=words, until=until, whole_story=whole_story, key=key)
    CHANGES.labels(f"alert.{action}").inc()
    return done
