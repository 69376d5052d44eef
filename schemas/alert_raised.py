"""`alerts.raised`: the ledger of a story changed in a way that a desk must know.

The same form is what `replay` prints, one JSON object a line. Other programs depend on these names: extend them,
never rename.
"""

from __future__ import annotations

from datetime import datetime

from schemas.reading import Evidence, Frozen
from schemas.vocabulary import AlertKind, AlertReason, Bound, CeasefireStatus, Effect, Group, Severity


class PreviousFigure(Frozen):
    """The figure that was known before, and from whom."""

    low: int | None
    high: int | None
    bound: Bound
    claimant: str | None


class RivalFigure(Frozen):
    """What another claimant says of the same effect and people: its last figure."""

    low: int | None
    high: int | None
    bound: Bound
    claimant: str | None
    outlet: str = ""
    stated_at: datetime | None = None


class StoryLine(Frozen):
    """Something that a desk was told of the story before: a figure, or a status of the truce."""

    stated_at: datetime
    kind: AlertKind
    effect: Effect | None = None
    side: str | None = None
    group: Group | None = None
    low: int | None = None
    high: int | None = None
    bound: Bound | None = None
    claimant: str | None = None
    status: CeasefireStatus | None = None
    outlet: str = ""


class AlertRaised(Frozen):
    """One alert: what changed, who says so, and the words that say it.

    `previous` is the figure it replaces, or for a truce None with `previous_status` set. `alert_id` is a UUIDv5 of
    what changed, so that the same change is the same alert however often it is decided.

    For reason `withdrawn` the figure (or `status`) is what is known now, without the withdrawn one, and `previous` (or
    `previous_status`) is what was withdrawn; `withdraws` is the id of the alert that told it. Where nothing else is known
    the figure is vague and names no claimant. For kind `watch`, which is about the service itself, `watch` is the name of
    the rule, and story and article are ids of the watch, of no article.
    """

    alert_id: str
    article_id: str
    story_id: str
    kind: AlertKind
    reason: AlertReason
    severity: Severity
    effect: Effect | None = None
    side: str | None = None
    group: Group | None = None
    low: int | None = None
    high: int | None = None
    bound: Bound | None = None
    claimant: str | None = None
    previous: PreviousFigure | None = None
    status: CeasefireStatus | None = None
    previous_status: CeasefireStatus | None = None
    headline: str
    evidence: Evidence
    outlet: str = ""
    url: str = ""
    title: str = ""
    published_at: datetime | None = None
    fetched_at: datetime | None = None
    raised_at: datetime | None = None
    joint: bool = False
    """The figure counts two effects told as one: killed or hurt."""
    addition: bool = False
    """The figure is added to one told before: "three more"."""
    publishers: int = 0
    """Independent publishers that reported of the story so far, copies apart and outlets of one family counted once; 0: unknown."""
    rivals: tuple[RivalFigure, ...] = ()
    """What other claimants say, the latest first."""
    so_far: tuple[StoryLine, ...] = ()
    """What the desk was told of the story before, oldest first; the last ones where it is long."""
    withdraws: str | None = None
    """The alert that this one takes back."""
    because: str | None = None
    """Who marked that alert as wrong, and why: "Anna: those were wounded"."""
    watch: str | None = None
    """The rule of a watch on the service itself."""
    reopens: str | None = None
    """Who had acknowledged what this alert changes, where somebody had: "Anna, 2023-09-19 12:04 UTC: 25 killed"."""
