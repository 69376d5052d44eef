"""What the desk shows: values that the interface gives as JSON and the commands print."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from schemas.alert_raised import AlertRaised
from schemas.vocabulary import Bound, CeasefireStatus, Effect, Group, HandAction, Standing


class Shown(BaseModel):
    """A value; never changed once made."""

    model_config = ConfigDict(frozen=True)


class LaidHand(Shown):
    """What somebody did with an alert. `outcome` is what the alerter made of it, where it asks for something and was handled."""

    id: str
    action: HandAction
    alert_id: str
    whole_story: bool = False
    until: datetime | None = None
    words: str = ""
    done_by: str
    done_at: datetime
    outcome: str | None = None


class AlertAtDesk(Shown):
    """An alert and where it stands: by whom and since when.

    `withdrawn_by` is the alert that takes it back, `silenced_by` a silence that would keep it from being told now.
    """

    alert: AlertRaised
    standing: Standing
    by: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    withdrawn_by: str | None = None
    silenced_by: str | None = None


class Telling(Shown):
    """One telling of an alert through a channel."""

    channel: str
    target: str
    receiver: str = ""
    route: str = ""
    state: str
    attempts: int
    held_reason: str | None = None
    held_by: str | None = None
    last_error: str | None = None
    delivered_at: datetime | None = None
    next_attempt_at: datetime | None = None
    created_at: datetime


class AlertInFull(AlertAtDesk):
    """An alert with all that people did with it, and each telling of it."""

    hands: tuple[LaidHand, ...] = ()
    tellings: tuple[Telling, ...] = ()


class AlertPage(Shown):
    """A page of alerts, the newest first; `next` begins the following page, None at the end."""

    items: tuple[AlertAtDesk, ...]
    next: str | None = None


class ShownSilence(Shown):
    """A silence. `state`: pending, active, expired."""

    id: str
    matchers: tuple[str, ...]
    begins_at: datetime
    ends_at: datetime
    why: str
    created_by: str
    created_at: datetime
    expired_at: datetime | None = None
    expired_by: str | None = None
    state: str


class SilencePage(Shown):
    """Silences, those that end last first."""

    items: tuple[ShownSilence, ...]


class StorySummary(Shown):
    """A story in a list."""

    id: str
    title: str
    began_at: datetime
    last_at: datetime
    articles: int = 0
    alerts: int = 0


class StoryPage(Shown):
    """A page of stories, those last written of first."""

    items: tuple[StorySummary, ...]
    next: str | None = None


class ShownFigure(Shown):
    """A figure that the ledger took; `withdrawn_at` where a person marked it as wrong.

    `subset` marks a share of a larger figure, `addition` an increment, `joint` two effects told as one.
    """

    effect: Effect
    side: str | None
    group: Group
    claimant: str | None
    low: int | None
    high: int | None
    bound: Bound
    subset: bool = False
    joint: bool = False
    addition: bool = False
    stated_at: datetime
    recorded_at: datetime
    article_id: str
    outlet: str
    quote: str
    withdrawn_at: datetime | None = None


class LedgerLine(Shown):
    """What is known of an effect on a people: the last figure of each claimant, the highest first."""

    effect: Effect
    side: str | None
    figures: tuple[ShownFigure, ...]


class TurnOfTruce(Shown):
    """A change of the truce that desks were told of."""

    status: CeasefireStatus
    at: datetime
    alert_id: str


class StoryInFull(StorySummary):
    """A story with its ledger: what is known now by effect and people, and the turns of the truce."""

    aliases: tuple[str, ...] = ()
    ledger: tuple[LedgerLine, ...] = ()
    truce: tuple[TurnOfTruce, ...] = ()


class FigurePage(Shown):
    """The figures of a story, oldest first."""

    items: tuple[ShownFigure, ...]


class ShownClaim(Shown):
    """A figure as an article states it, whether or not it changed the ledger."""

    id: str
    article_id: str
    outlet: str
    url: str
    effect: Effect
    side: str | None
    group: Group
    claimant: str | None
    low: int | None
    high: int | None
    bound: Bound
    subset: bool
    current: bool
    confidence: float
    rule: str
    reasons: tuple[str, ...]
    quote: str
    stated_at: datetime | None


class ClaimPage(Shown):
    """The claims of a story's articles as read by the rules of today, oldest first."""

    items: tuple[ShownClaim, ...]


class ShownArticle(Shown):
    """An article of a story; `decided` is what the alerter made of it."""

    id: str
    url: str
    title: str
    outlet: str
    language: str
    published_at: datetime | None
    fetched_at: datetime
    copy_of: str | None
    decided: str | None = None


class ArticlePage(Shown):
    """The articles of a story, oldest first."""

    items: tuple[ShownArticle, ...]


class Moment(Shown):
    """Something that happened in a story: an alert raised, a hand laid on, a telling made."""

    at: datetime
    what: str
    words: str
    by: str | None = None
    alert_id: str | None = None


class Timeline(Shown):
    """What happened in a story, oldest first."""

    items: tuple[Moment, ...]


class AuditEntry(Shown):
    """One change made by a person."""

    id: int
    done_at: datetime
    done_by: str
    via: str
    action: str
    subject: str
    before: Any = None
    after: Any = None


class AuditPage(Shown):
    """A page of the audit, the newest first."""

    items: tuple[AuditEntry, ...]
    next: str | None = None


class RouteAtDesk(Shown):
    """A route by which alerts went, how many, and the last."""

    name: str
    alerts: int
    last_at: datetime


class RoutePage(Shown):
    """The routes by which alerts went."""

    items: tuple[RouteAtDesk, ...]


class ShownWatch(Shown):
    """Where a watch on the service itself stands: whether something is wrong, since when, and what was seen last."""

    name: str
    subject: str
    firing: bool
    since: datetime
    value: float | None
    detail: str
    alert_id: str | None
    checked_at: datetime


class WatchPage(Shown):
    """The watches, those that tell of something wrong first."""

    items: tuple[ShownWatch, ...]
