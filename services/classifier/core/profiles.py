"""What an article and a story are compared by: codes that mean the same in every language.

Parties (whose forces and whose people), families of events, places, the current figures, and names as they sound. Words
of a text play no part here: likeness of words is a matter of one language and is found by `copies`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import sqrt
from typing import Any, Protocol

from schemas.reading import Reading
from schemas.vocabulary import SAME_PEOPLE, EventType

Weights = Mapping[str, float]
Figure = tuple[str, int, str]
"""Effect, number of heads, whose people ("" where nothing says so)."""

FAMILIES: Mapping[EventType, tuple[str, float]] = {
    EventType.SHELLING: ("fighting", 1.0),
    EventType.AIR_STRIKE: ("fighting", 1.0),
    EventType.ARMED_CLASH: ("fighting", 1.0),
    EventType.TERRITORIAL_CHANGE: ("fighting", 0.6),
    EventType.MINE_BLAST: ("mine", 1.0),
    EventType.ACCIDENT: ("accident", 1.0),
    EventType.PROTEST: ("unrest", 0.8),
    EventType.POLITICAL_CHANGE: ("politics", 0.4),
    EventType.VIOLENCE_ON_CIVILIANS: ("crime", 0.5),
    EventType.CEASEFIRE: ("truce", 0.5),
    EventType.PEACE_TALKS: ("talks", 0.4),
    EventType.DIPLOMACY: ("talks", 0.15),
    EventType.SANCTIONS: ("talks", 0.15),
    EventType.BLOCKADE: ("blockade", 0.6),
    EventType.HUMANITARIAN_AID: ("blockade", 0.3),
    EventType.DETENTION: ("detention", 0.4),
    EventType.DISPLACEMENT: ("displacement", 0.3),
    EventType.MILITARY_BUILDUP: ("arms", 0.3),
    EventType.ARMS_TRANSFER: ("arms", 0.5),
}
"""Event type -> its family and how much it tells of the happening; diplomacy goes with everything."""

LOCAL = frozenset({"ARM", "AZE", "GEO", "ABK", "OSS", "CHE", "DAG", "ING", "KBR", "REB", "RUS", "ISIS"})
"""Bodies (Karabakh's filed under ARM) that tell one happening from another; mediators and commentators do not."""
ARMIES = frozenset({"ARM", "AZE", "GEO", "ABK", "OSS"})
"""Bodies with a front line between them: what happens along it on the same days is told as one story."""
SECTOR_WEIGHT: Mapping[str, float] = {"MIL": 0.5, "POL": 0.4, "CVL": 0.3, "OPP": 0.3, "GOV": 0.25, "MED": 0.1, "PKO": 0.1, "": 0.2}
WIDE = frozenset({"RUS", "REB", "ISIS"})
"""Bodies met in every happening of the North Caucasus: they tell one from another less."""
BESIDE_FIGHTING = frozenset({"mine", "accident", "unrest", "crime"})
"""Families that weigh less in a text that reports fighting or a truce as well: a mine on the road to a battle is a part of it."""
BESIDE = 0.3
CLAIMANT_WEIGHT = 0.5
"""Who counts the dead of a battle fought in it, or buries them."""
NAMED_WEIGHT = 0.25
"""A country that is named often, where its people or forces were not made out."""
AT_HOME = {"az": "AZE", "hy": "ARM", "ka": "GEO"}
"""Texts in these languages speak of "our army" and "the enemy" and need not name their own country."""
FIGURES_KEPT = 80


@dataclass(frozen=True, slots=True)
class Place:
    """A place of the gazetteer as far as stories need it."""

    kind: str
    lat: float
    lon: float
    body: str | None = None
    """The body whose country or republic it is."""


class Gazetteer(Protocol):
    """Where the ids of a reading's places lead."""

    def get(self, place_id: str, /) -> Place | None:
        """The place, None where the id is unknown."""
        ...


SPECIFIC: Mapping[str, float] = {
    "state": 0.0,
    "region": 0.2,
    "republic": 0.35,
    "province": 0.5,
    "capital": 0.0,
    "border": 0.1,
    "road": 0.8,
    "river": 0.4,
}
"""How much it says that two texts name the same place of this kind; a place of any other kind says 1."""
SEATS = frozenset({"baku", "yerevan", "tbilisi", "stepanakert"})
"""Where statements are made: named in most texts about the land, wherever it happened."""
SEAT_WEIGHT = 0.15
COUNTRIES_AMONG = 4
"""Of the places named most, those that count as parties where they are countries."""
FIRST_PLACES = 8
"""Places are listed most often named first; those beyond this many are asides."""


@dataclass(frozen=True, slots=True)
class StoryArticle:
    """An article as the story question sees it. `seen_at` is its published time, or when it was fetched."""

    article_id: str
    seen_at: datetime
    title: str = ""
    parties: Weights = field(default_factory=dict)
    families: Weights = field(default_factory=dict)
    places: Weights = field(default_factory=dict)
    figures: frozenset[Figure] = frozenset()
    names: frozenset[str] = frozenset()
    """Names that no list holds, as they sound."""
    happening: bool = False
    """Whether it reports people hurt now, and does not only talk about it."""


@dataclass(frozen=True, slots=True)
class StoryProfile:
    """What a story has been about lately: sums of its articles' weights, the older ones faded."""

    story_id: str
    title: str
    began_at: datetime
    last_at: datetime
    hot_at: datetime
    """Time of the latest article that reports people hurt; before the first of those, when the story began."""
    parties: Weights = field(default_factory=dict)
    families: Weights = field(default_factory=dict)
    places: Weights = field(default_factory=dict)
    figures: tuple[Figure, ...] = ()
    names: Weights = field(default_factory=dict)
    articles: int = 1

    def stored(self) -> dict[str, Any]:
        """The part that has no column of its own, as JSON."""
        return {
            "hot_at": self.hot_at.isoformat(),
            "parties": dict(self.parties),
            "families": dict(self.families),
            "places": dict(self.places),
            "figures": [list(figure) for figure in self.figures],
            "names": dict(self.names),
            "articles": self.articles,
        }

    @classmethod
    def restored(cls, story_id: str, title: str, began_at: datetime, last_at: datetime, stored: Mapping[str, Any]) -> StoryProfile:
        """What `stored` wrote, with the columns beside it; an empty profile stands for a story without any codes."""
        return cls(
            story_id=story_id,
            title=title,
            began_at=began_at,
            last_at=last_at,
            hot_at=datetime.fromisoformat(stored["hot_at"]) if "hot_at" in stored else began_at,
            parties=stored.get("parties", {}),
            families=stored.get("families", {}),
            places=stored.get("places", {}),
            figures=tuple((str(effect), int(number), str(people)) for effect, number, people in stored.get("figures", ())),
            names=stored.get("names", {}),
            articles=int(stored.get("articles", 1)),
        )


def people(side: str | None) -> str:
    """The body under which a side's people are compared: Karabakh's are told as Armenians by some."""
    return SAME_PEOPLE.get(side or "", side or "")


def story_article(reading: Reading, *, seen_at: datetime, title: str, gazetteer: Gazetteer, names: Iterable[str] = ()) -> StoryArticle:
    """What the story question needs of a reading, and of the names that no list holds."""
    current = [claim for claim in reading.casualties if claim.current]
    figures = {
        (claim.effect.value, number, people(claim.side))
        for claim in current
        if (number := claim.low if claim.low is not None else claim.high) is not None and number > 0
    }
    return StoryArticle(
        article_id=reading.id,
        seen_at=seen_at,
        title=title,
        parties=_parties(reading, gazetteer),
        families=_families(reading),
        places=_places(reading.places, gazetteer),
        figures=frozenset(figures),
        names=frozenset(names),
        happening=bool(figures),
    )


def cosine(one: Weights, other: Weights) -> float:
    """1 for the same proportions, 0 for nothing in common or nothing at all."""
    dot = sum(weight * other[key] for key, weight in one.items() if key in other)
    if not dot:
        return 0.0
    return dot / sqrt(sum(weight * weight for weight in one.values()) * sum(weight * weight for weight in other.values()))


def specificity(place_id: str, gazetteer: Gazetteer) -> float:
    """From 0 to 1: how much it says that two texts both name this place."""
    if place_id in SEATS:
        return SEAT_WEIGHT
    place = gazetteer.get(place_id)
    return SPECIFIC.get(place.kind, 1.0) if place else 1.0


def added(sums: Weights, weights: Weights, fade: float) -> dict[str, float]:
    """`sums` faded, with `weights` on top; what has faded away is dropped."""
    total: defaultdict[str, float] = defaultdict(float)
    for key, weight in sums.items():
        if weight * fade > 0.01:
            total[key] = weight * fade
    for key, weight in weights.items():
        total[key] += weight
    return {key: round(weight, 4) for key, weight in sorted(total.items())}


def _parties(reading: Reading, gazetteer: Gazetteer) -> dict[str, float]:
    parties: dict[str, float] = {}

    def put(body: str, weight: float) -> None:
        if body in LOCAL:
            parties[body] = max(parties.get(body, 0.0), weight * (0.5 if body in WIDE else 1.0))

    for claim in reading.casualties:
        if claim.current and claim.side:
            put(people(claim.side), 1.0)
        if claim.current and claim.claimant and not claim.claimant.startswith("RUS.GOV"):
            put(people(claim.claimant.partition(".")[0]), CLAIMANT_WEIGHT)
    if reading.language in AT_HOME:
        put(AT_HOME[reading.language], NAMED_WEIGHT)
    for place_id in reading.places[:COUNTRIES_AMONG]:
        place = gazetteer.get(place_id)
        if place is not None and place.body is not None:
            put(people(place.body), NAMED_WEIGHT)
    for actor in reading.actors:
        body, _, sector = actor.code.partition(".")
        # Moscow speaks on everything in the region; it is a party where its forces or people are.
        weight = 0.1 if body == "RUS" and sector not in {"MIL", "POL", "CVL"} else SECTOR_WEIGHT.get(sector, 0.2)
        put(people(body), weight * (1.5 if actor.role in {"acts", "hit"} else 1.0))
    return parties


def _families(reading: Reading) -> dict[str, float]:
    families: dict[str, float] = {}
    for event in reading.event_types:
        family, weight = FAMILIES[event.type]
        families[family] = max(families.get(family, 0.0), weight * event.confidence)
    if max(families.get("fighting", 0.0), families.get("truce", 0.0)) >= BESIDE:
        families = {family: weight * (BESIDE if family in BESIDE_FIGHTING else 1.0) for family, weight in families.items()}
    return families


def _places(named: Iterable[str], gazetteer: Gazetteer) -> dict[str, float]:
    places: dict[str, float] = {}
    for rank, place_id in enumerate(list(named)[:FIRST_PLACES]):
        weight = specificity(place_id, gazetteer)
        if weight:
            places[place_id] = round(weight / (1 + rank / 8), 4)
    return places
