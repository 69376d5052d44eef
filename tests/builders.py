"""Builders of the values that tests speak of: each gives a whole, believable value, and the test names only what matters to it.

`an_article`, `a_claim`, `a_truce`, `a_reading`, `fetched`, `a_classified`. Times may be given as ISO text.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from schemas.article_classified import ArticleClassified
from schemas.article_fetched import ArticleFetched, OutletRef
from schemas.reading import ActorTag, Article, CasualtyClaim, CeasefireStatement, EventTag, Evidence, Reading
from schemas.vocabulary import Bound, CeasefireStatus, ClassifyReason, Effect, EventType, Group

THE_MORNING = datetime(2023, 9, 19, 12, 0, tzinfo=UTC)
"""When everything happens unless a test says otherwise."""


def at(when: datetime | str | None) -> datetime | None:
    """`when` as an aware time: ISO text is read, a bare date or naive time is UTC."""
    if isinstance(when, str):
        read = datetime.fromisoformat(when)
        return read if read.tzinfo else read.replace(tzinfo=UTC)
    return when


def an_id(name: str) -> str:
    """The article id that the fetcher would give to the page `name` of an invented outlet."""
    return str(uuid5(NAMESPACE_URL, f"https://wire.example/{name}"))


def evidence(text: str, *, start: int = 0, field: str = "text") -> Evidence:
    """The words `text` at `start`."""
    return Evidence.model_validate({"field": field, "start": start, "end": start + len(text), "text": text})


def an_article(
    name: str = "first",
    *,
    title: str = "Shells fall on Stepanakert",
    text: str = "Azerbaijan opened fire on Nagorno-Karabakh on Tuesday, officials in Stepanakert said.",
    published_at: datetime | str | None = THE_MORNING,
    outlet: str = "Example Wire",
) -> Article:
    """An article as `classify` and `replay` take it."""
    return Article(id=an_id(name), url=f"https://wire.example/{name}", title=title, text=text, published_at=at(published_at), outlet=outlet)


def a_claim(
    low: int | None = 5,
    *,
    effect: Effect | str = Effect.KILLED,
    high: int | None = None,
    bound: Bound | str = Bound.EXACT,
    side: str | None = "NKR",
    group: Group | str = Group.ALL,
    claimant: str | None = "NKR.GOV",
    subset: bool = False,
    current: bool = True,
    joint: bool = False,
    addition: bool = False,
    confidence: float = 0.95,
    quote: str = "",
) -> CasualtyClaim:
    """A casualty figure; for an exact or rough bound `high` follows `low`."""
    if high is None and bound in {Bound.EXACT, Bound.ABOUT}:
        high = low
    return CasualtyClaim(
        effect=Effect(effect),
        low=low,
        high=high,
        bound=Bound(bound),
        side=side,
        group=Group(group),
        claimant=claimant,
        subset=subset,
        current=current,
        joint=joint,
        addition=addition,
        confidence=confidence,
        rule="built",
        evidence=evidence(quote or f"{low} were {effect}"),
    )


def a_truce(
    status: CeasefireStatus | str = CeasefireStatus.AGREED,
    *,
    current: bool = True,
    claimant: str | None = None,
    parties: Iterable[str] = (),
    confidence: float = 0.95,
    quote: str = "a cease-fire was declared",
) -> CeasefireStatement:
    """A statement on a truce."""
    return CeasefireStatement(
        status=CeasefireStatus(status),
        current=current,
        claimant=claimant,
        parties=tuple(parties),
        confidence=confidence,
        rule="built",
        evidence=evidence(quote),
    )


def a_reading(
    name: str = "first",
    *,
    claims: Iterable[CasualtyClaim] = (),
    truces: Iterable[CeasefireStatement] = (),
    actors: Iterable[str] = ("AZE.MIL", "NKR.GOV"),
    events: Iterable[EventType | str] = (EventType.SHELLING,),
    places: Iterable[str] = (),
    language: str = "en",
    relevant: bool = True,
    rules_version: str = "test",
) -> Reading:
    """What was read in the article `name`."""
    return Reading(
        id=an_id(name),
        language=language,
        relevant=relevant,
        actors=tuple(ActorTag(code=code) for code in actors),
        event_types=tuple(EventTag(type=EventType(event)) for event in events),
        casualties=tuple(claims),
        ceasefire=tuple(truces),
        places=tuple(places),
        rules_version=rules_version,
    )


def an_outlet(name: str = "Example Wire", *, family: str = "") -> OutletRef:
    """An outlet; its id is its name in lower case with hyphens."""
    return OutletRef(id=name.lower().replace(" ", "-"), name=name, family=family)


def a_revision(title: str, text: str) -> str:
    """The revision that the fetcher would give to this title and text."""
    return hashlib.sha256(f"{title}\n{text}".encode()).hexdigest()


def fetched(
    name: str = "first",
    *,
    title: str = "Shells fall on Stepanakert",
    text: str = "Azerbaijan opened fire on Nagorno-Karabakh on Tuesday, officials in Stepanakert said.",
    published_at: datetime | str | None = THE_MORNING,
    fetched_at: datetime | str | None = None,
    outlet: OutletRef | None = None,
) -> ArticleFetched:
    """The message of the fetcher on the article `name`, fetched half a minute after it was published."""
    published = at(published_at)
    return ArticleFetched(
        article_id=an_id(name),
        revision=a_revision(title, text),
        url=f"https://wire.example/{name}",
        title=title,
        text=text,
        published_at=published,
        fetched_at=at(fetched_at) or (published or THE_MORNING) + timedelta(seconds=30),
        outlet=outlet or an_outlet(),
        feed_id="example-wire-all",
    )


def a_classified(
    name: str = "first",
    *,
    story: str = "story",
    reading: Reading | None = None,
    title: str = "Shells fall on Stepanakert",
    revision: str = "revision-1",
    published_at: datetime | str | None = THE_MORNING,
    fetched_at: datetime | str | None = None,
    classified_at: datetime | str | None = None,
    outlet: OutletRef | None = None,
    reason: ClassifyReason | str = ClassifyReason.CLASSIFIED,
    copy_of: str | None = None,
    origin: str | None = None,
    claims: Iterable[CasualtyClaim] = (),
    truces: Iterable[CeasefireStatement] = (),
) -> ArticleClassified:
    """The message of the classifier on the article `name`; `claims` and `truces` make its reading unless one is given."""
    published = at(published_at)
    seen = at(fetched_at) or (published or THE_MORNING) + timedelta(seconds=30)
    return ArticleClassified(
        article_id=an_id(name),
        revision=revision,
        story_id=str(uuid5(NAMESPACE_URL, f"story:{story}")),
        url=f"https://wire.example/{name}",
        title=title,
        published_at=published,
        fetched_at=seen,
        classified_at=at(classified_at) or seen + timedelta(seconds=1),
        outlet=outlet or an_outlet(),
        reason=ClassifyReason(reason),
        copy_of=copy_of,
        origin=origin,
        reading=reading or a_reading(name, claims=claims, truces=truces),
    )
