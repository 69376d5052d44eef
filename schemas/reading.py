"""What was read in one article: the form that `classify` prints, Kafka carries and Postgres keeps.

Other programs depend on these names: extend them, never rename. Offsets count Unicode code points into the stored
title or text, half-open, so that `field[start:end] == text` holds for every piece of evidence.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from schemas.vocabulary import Bound, CeasefireStatus, Effect, EventType, Group, ReadingNote


class Frozen(BaseModel):
    """A value: never changed once made; unknown members of newer writers are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Evidence(Frozen):
    """The words that say so."""

    field: Literal["title", "text"]
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    text: str
    sentence: str = ""
    """The whole sentence around it, for people to read; cut at both ends, with a mark, where it is very long."""


class ActorTag(Frozen):
    """A body of the roster, with its sector, that acts, speaks or is hit: `AZE.MIL`."""

    code: str = Field(pattern=r"^[A-Z0-9]{2,5}(\.[A-Z]{3})?$")
    role: Literal["speaks", "acts", "hit", "named"] = "named"
    confidence: float = Field(default=1.0, ge=0, le=1)
    evidence: Evidence | None = None


class EventTag(Frozen):
    """Something reported as happening now."""

    type: EventType
    confidence: float = Field(default=1.0, ge=0, le=1)
    place: str | None = None
    evidence: Evidence | None = None


class CasualtyClaim(Frozen):
    """One casualty figure as stated.

    `low` and `high` are heads, None where the words leave them open (see `Bound`). `side` is whose people, by body
    code. `claimant` is who vouches for the figure, None where the outlet says it itself. `subset` marks a share of a
    larger figure of the same statement. `current` is False for other times: older wars, anniversaries, superseded tolls.
    """

    effect: Effect
    low: int | None = Field(default=None, ge=0)
    high: int | None = Field(default=None, ge=0)
    bound: Bound = Bound.EXACT
    side: str | None = None
    group: Group = Group.ALL
    claimant: str | None = None
    subset: bool = False
    current: bool = True
    joint: bool = False
    """True where two effects are told as one figure ("dead and missing"): never compared with a single one."""
    addition: bool = False
    """True for an increment ("four more") told without being a total itself."""
    confidence: float = Field(default=1.0, ge=0, le=1)
    rule: str = ""
    """The name of the pattern that made the claim."""
    reasons: tuple[str, ...] = ()
    """Why this side, this claimant, this time: one short word each, for `explain`."""
    evidence: Evidence


class CeasefireStatement(Frozen):
    """What the text says of a truce in the watch area."""

    status: CeasefireStatus
    current: bool = True
    parties: tuple[str, ...] = ()
    claimant: str | None = None
    confidence: float = Field(default=1.0, ge=0, le=1)
    rule: str = ""
    reasons: tuple[str, ...] = ()
    evidence: Evidence


class Article(Frozen):
    """An article as `classify` and `replay` take it, one JSON object a line.

    `published_at` is the outlet's own time, aware, or None where no believable one is known; it is never "now".
    """

    id: str
    url: str = ""
    title: str = ""
    text: str = ""
    published_at: datetime | None = None
    outlet: str = ""


class Reading(Frozen):
    """All that was read in one article; one JSON object a line as `classify` prints it."""

    id: str
    language: str
    """ISO 639-1, or `und` where the text does not tell."""
    relevant: bool
    actors: tuple[ActorTag, ...] = ()
    event_types: tuple[EventTag, ...] = ()
    casualties: tuple[CasualtyClaim, ...] = ()
    ceasefire: tuple[CeasefireStatement, ...] = ()
    places: tuple[str, ...] = ()
    """Ids of the gazetteer that the text names, most often named first; stories are told apart by them."""
    rules_version: str = ""
    notes: tuple[ReadingNote, ...] = ()
    """What was left out: a text or a title is read as far as an article goes and no farther."""
