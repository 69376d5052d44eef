"""The rows of one article that was read and filed, as the tables take them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from schemas.article_fetched import ArticleFetched
from schemas.reading import CasualtyClaim, CeasefireStatement, Evidence, Reading
from schemas.vocabulary import ClassifyReason


@dataclass(frozen=True, slots=True)
class Row:
    """One article as it is written; `now` is when it was read."""

    fetched: ArticleFetched
    reading: Reading
    reason: ClassifyReason
    story_id: str | None
    copy_of: str | None
    origin: str | None
    signature: tuple[int, ...]
    now: datetime


def article_of(row: Row) -> dict[str, Any]:
    """The row of `articles`: its current revision."""
    fetched = row.fetched
    return {
        "id": fetched.article_id,
        "url": fetched.url,
        "first_fetched_at": fetched.fetched_at,
        "outlet_id": fetched.outlet.id,
        "outlet_name": fetched.outlet.name,
        "outlet_family": fetched.outlet.family,
        "title": fetched.title,
        "published_at": fetched.published_at,
        "classified_at": row.now,
        "language": row.reading.language,
        "relevant": row.reading.relevant,
        "reason": row.reason.value,
        "revision": fetched.revision,
        "story_id": row.story_id,
        "copy_of": row.copy_of,
        "origin": row.origin,
        "rules_version": row.reading.rules_version,
        "signature": list(row.signature) or None,
    }


def revision_of(row: Row) -> dict[str, Any]:
    """The row of `revisions`."""
    fetched = row.fetched
    return {
        "article_id": fetched.article_id,
        "revision": fetched.revision,
        "title": fetched.title,
        "text": fetched.text,
        "published_at": fetched.published_at,
        "fetched_at": fetched.fetched_at,
        "text_source": fetched.text_source,
        "feed_id": fetched.feed_id,
    }


def _of(row: Row) -> dict[str, Any]:
    return {"article_id": row.fetched.article_id, "revision": row.fetched.revision, "rules_version": row.reading.rules_version}


def _span(evidence: Evidence | None) -> dict[str, Any]:
    if evidence is None:
        return {"field": None, "start_offset": None, "end_offset": None, "quote": None}
    return {"field": evidence.field, "start_offset": evidence.start, "end_offset": evidence.end, "quote": evidence.text}


def actors_of(row: Row) -> list[dict[str, Any]]:
    """The rows of `article_actors`."""
    return [
        {**_of(row), "position": position, "code": actor.code, "role": actor.role, "confidence": actor.confidence, **_span(actor.evidence)}
        for position, actor in enumerate(row.reading.actors)
    ]


def events_of(row: Row) -> list[dict[str, Any]]:
    """The rows of `article_events`."""
    return [
        {
            **_of(row),
            "position": position,
            "type": event.type.value,
            "place": event.place,
            "confidence": event.confidence,
            **_span(event.evidence),
        }
        for position, event in enumerate(row.reading.event_types)
    ]


def claims_of(row: Row) -> list[dict[str, Any]]:
    """The rows of `claims`."""
    return [
        {
            **_of(row),
            "id": _id(row, "claim", position, claim),
            "story_id": row.story_id,
            "effect": claim.effect.value,
            "low": claim.low,
            "high": claim.high,
            "bound": claim.bound.value,
            "side": claim.side,
            "group": claim.group.value,
            "claimant": claim.claimant,
            "subset": claim.subset,
            "current": claim.current,
            "joint": claim.joint,
            "addition": claim.addition,
            "confidence": claim.confidence,
            "rule": claim.rule,
            "reasons": list(claim.reasons),
            **_span(claim.evidence),
            "stated_at": row.fetched.published_at,
        }
        for position, claim in enumerate(row.reading.casualties)
    ]


def statements_of(row: Row) -> list[dict[str, Any]]:
    """The rows of `ceasefire_statements`."""
    return [
        {
            **_of(row),
            "id": _id(row, "ceasefire", position, statement),
            "story_id": row.story_id,
            "status": statement.status.value,
            "current": statement.current,
            "parties": list(statement.parties),
            "claimant": statement.claimant,
            "confidence": statement.confidence,
            "rule": statement.rule,
            "reasons": list(statement.reasons),
            **_span(statement.evidence),
            "stated_at": row.fetched.published_at,
        }
        for position, statement in enumerate(row.reading.ceasefire)
    ]


def _id(row: Row, kind: str, position: int, what: CasualtyClaim | CeasefireStatement) -> str:
    words = f"{what.evidence.field}:{what.evidence.start}-{what.evidence.end}"
    name = "|".join((kind, row.fetched.article_id, row.fetched.revision, row.reading.rules_version, words, str(position)))
    return str(uuid5(NAMESPACE_URL, name))
