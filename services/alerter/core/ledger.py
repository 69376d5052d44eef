"""The ledger of one story: every figure with who says so, and the truce. Frozen; any order of the same articles gives the same figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import blake2s
from types import MappingProxyType
from typing import Any, Self

from schemas.vocabulary import CeasefireStatus, Effect
from services.alerter.core.figures import Figure, Key
from services.alerter.core.policy import people

FORM = 1
"""The form of the stored ledger; raised when old ones must be read differently."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A change of the truce that a desk was told of."""

    status: CeasefireStatus
    stated_at: datetime
    article_id: str


@dataclass(frozen=True, slots=True)
class Truce:
    """What is known of the truce: the turns that were told, oldest first, and when each status was last spoken of."""

    turns: tuple[Turn, ...] = ()
    spoken: Mapping[CeasefireStatus, datetime] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def status(self) -> CeasefireStatus | None:
        """The status that was told last, talk of a truce apart; None before the first."""
        return next((turn.status for turn in reversed(self.turns) if turn.status in STATES), None)

    @property
    def changed_at(self) -> datetime | None:
        """When the last turn was stated."""
        return self.turns[-1].stated_at if self.turns else None

    def last(self, status: CeasefireStatus) -> Turn | None:
        """The last turn to that status."""
        return next((turn for turn in reversed(self.turns) if turn.status is status), None)

    def told(self, turn: Turn) -> Self:
        """With one more turn."""
        return replace(self, turns=(*self.turns, turn))

    def heard(self, status: CeasefireStatus, stated_at: datetime) -> Self:
        """With that status spoken of at that time."""
        latest = max(stated_at, self.spoken.get(status, stated_at))
        return replace(self, spoken=MappingProxyType({**self.spoken, status: latest}))

    def merged(self, other: Self) -> Self:
        """The turns and mentions of both."""
        merged = self
        if set(other.turns) - set(self.turns):
            turns = sorted({*self.turns, *other.turns}, key=lambda turn: (turn.stated_at, _RANK[turn.status], turn.article_id))
            merged = replace(self, turns=tuple(turns))
        for status, stated_at in other.spoken.items():
            merged = merged.heard(status, stated_at)
        return merged


STATES = frozenset({CeasefireStatus.AGREED, CeasefireStatus.IN_FORCE, CeasefireStatus.VIOLATED, CeasefireStatus.COLLAPSED})
"""The statuses that a truce can have; the others are talk of one."""

_RANK = {
    status: rank
    for rank, status in enumerate(
        (
            CeasefireStatus.CALLED_FOR,
            CeasefireStatus.PROPOSED,
            CeasefireStatus.AGREED,
            CeasefireStatus.IN_FORCE,
            CeasefireStatus.VIOLATED,
            CeasefireStatus.COLLAPSED,
            CeasefireStatus.REJECTED,
            CeasefireStatus.DENIED,
        )
    )
}


def rank(status: CeasefireStatus) -> int:
    """The order in which the statuses of one truce come about, for statements of the same moment."""
    return _RANK[status]


@dataclass(frozen=True, slots=True)
class Ledger:
    """All that is known of one story."""

    story_id: str
    figures: tuple[Figure, ...] = ()
    """Each figure once, sorted: the same figures are the same tuple."""
    truce: Truce = field(default_factory=Truce)
    decided: frozenset[str] = frozenset()
    """Marks of the revisions that were decided, so that the same article twice changes nothing by construction."""
    publishers: frozenset[str] = frozenset()
    """Who reported of it independently: families of outlets, or outlets that belong to none."""
    withdrawn: frozenset[str] = frozenset()
    """Marks of what people marked as wrong: a figure, or a status, as one article says it. Another article may say it anew."""

    def knows(self, article_id: str, revision: str) -> bool:
        """Whether this revision was decided."""
        return _mark(article_id, revision) in self.decided

    def with_decided(self, article_id: str, revision: str, publisher: str = "") -> Self:
        """The ledger with this revision decided, which that publisher brought."""
        publishers = self.publishers | {publisher} if publisher else self.publishers
        return replace(self, decided=self.decided | {_mark(article_id, revision)}, publishers=publishers)

    def took_back(self, figure: Figure) -> bool:
        """Whether a person marked this figure as wrong where this article says it."""
        return _claim_mark(figure) in self.withdrawn

    def took_back_status(self, status: CeasefireStatus, article_id: str) -> bool:
        """Whether a person marked this status as wrong where this article says it."""
        return _status_mark(status, article_id) in self.withdrawn

    def without_figure(self, figure: Figure, article_ids: Iterable[str]) -> Self:
        """The ledger without that figure; these articles cannot bring it back."""
        marks = {_claim_mark(replace(figure, article_id=article)) for article in (figure.article_id, *article_ids)}
        kept = tuple(known for known in self.figures if known.key != figure.key)
        return replace(self, figures=kept, withdrawn=self.withdrawn | marks)

    def without_turn(self, status: CeasefireStatus, article_id: str) -> Self:
        """The ledger without that turn of the truce; this article cannot bring it back."""
        turns = tuple(turn for turn in self.truce.turns if (turn.status, turn.article_id) != (status, article_id))
        # When it was last spoken of is forgotten too: the next article that says so counts anew.
        spoken = MappingProxyType({said: when for said, when in self.truce.spoken.items() if said is not status})
        marks = self.withdrawn | {_status_mark(status, article_id)}
        return replace(self, truce=Truce(turns=turns, spoken=spoken), withdrawn=marks)

    def known(self, effect: Effect, *, joint: bool = False) -> tuple[Figure, ...]:
        """The figures of an effect that a desk could know, shares and increments apart; joint ones never beside single ones."""
        return tuple(
            figure
            for figure in self.figures
            if figure.heard and figure.effect is effect and figure.joint is joint and not figure.subset and not figure.addition
        )

    def shares_told(self, effect: Effect, side: str | None, *, joint: bool = False) -> tuple[Figure, ...]:
        """The shares of a people that a desk was told of: they were the only figures at the time."""
        return tuple(
            figure
            for figure in self.figures
            if figure.told and figure.subset and figure.effect is effect and figure.joint is joint and people(figure.side) == people(side)
        )

    def of_people(self, effect: Effect, side: str | None, *, joint: bool = False) -> tuple[Figure, ...]:
        """Those of `known` that count the people of `side`."""
        return tuple(figure for figure in self.known(effect, joint=joint) if people(figure.side) == people(side))

    def with_figure(self, figure: Figure) -> tuple[Self, Figure | None]:
        """The ledger with one more statement, and the figure where it is new to the ledger."""
        table = {known.key: known for known in self.figures}
        before = table.get(figure.key)
        table[figure.key] = before.merged(figure) if before else figure
        return replace(self, figures=_sorted(table)), None if before else figure

    def with_truce(self, truce: Truce) -> Self:
        """The ledger with another truce."""
        return replace(self, truce=truce)

    def merged(self, other: Self) -> Self:
        """Two stories found to be one: all that either knew, under this one's id; in either order the same."""
        table = {figure.key: figure for figure in self.figures}
        for figure in other.figures:
            table[figure.key] = table[figure.key].merged(figure) if figure.key in table else figure
        withdrawn = self.withdrawn | other.withdrawn
        standing = {key: figure for key, figure in table.items() if _claim_mark(figure) not in withdrawn}
        truce = self.truce.merged(other.truce)
        if taken := [turn for turn in truce.turns if _status_mark(turn.status, turn.article_id) in withdrawn]:
            truce = replace(truce, turns=tuple(turn for turn in truce.turns if turn not in taken))
        return replace(
            self,
            figures=_sorted(standing),
            truce=truce,
            decided=self.decided | other.decided,
            publishers=self.publishers | other.publishers,
            withdrawn=withdrawn,
        )

    def history(self) -> tuple[Figure, ...]:
        """The figures, whether heard and told or not: the same for any order of the same articles."""
        return tuple(replace(figure, heard=True, told=False) for figure in self.figures)

    def to_json(self) -> dict[str, Any]:
        """For the database."""
        return {
            "form": FORM,
            "figures": [figure.to_json() for figure in self.figures],
            "turns": [[turn.status, turn.stated_at.isoformat(), turn.article_id] for turn in self.truce.turns],
            "decided": sorted(self.decided),
            "publishers": sorted(self.publishers),
            "spoken": {status: stated_at.isoformat() for status, stated_at in self.truce.spoken.items()},
        } | ({"withdrawn": sorted(self.withdrawn)} if self.withdrawn else {})

    @classmethod
    def from_json(cls, story_id: str, document: Mapping[str, Any]) -> Self:
        """From the database.

        Raises:
            ValueError: it was written by a newer form of the service than this one.
        """
        form = document.get("form", FORM)
        if form > FORM:
            raise ValueError(f"the ledger of story {story_id} has form {form}, this version reads up to {FORM}: update the alerter")
        turns: Iterable[tuple[str, str, str]] = document.get("turns", ())
        spoken: Mapping[str, str] = document.get("spoken", {})
        return cls(
            story_id=story_id,
            figures=tuple(map(Figure.from_json, document.get("figures", ()))),
            decided=frozenset(document.get("decided", ())),
            publishers=frozenset(document.get("publishers", ())),
            withdrawn=frozenset(document.get("withdrawn", ())),
            truce=Truce(
                turns=tuple(Turn(CeasefireStatus(status), datetime.fromisoformat(when), article) for status, when, article in turns),
                spoken=MappingProxyType({CeasefireStatus(status): datetime.fromisoformat(when) for status, when in spoken.items()}),
            ),
        )


def _mark(article_id: str, revision: str) -> str:
    """A short name of a revision: a ledger of a thousand articles stays small."""
    return blake2s(f"{article_id}|{revision}".encode(), digest_size=8).hexdigest()


def _claim_mark(figure: Figure) -> str:
    """A short name of a figure as its article says it."""
    return blake2s("|".join(("figure", figure.article_id, *map(str, figure.key))).encode(), digest_size=8).hexdigest()


def _status_mark(status: CeasefireStatus, article_id: str) -> str:
    """A short name of a status as one article says it."""
    return blake2s(f"status|{article_id}|{status}".encode(), digest_size=8).hexdigest()


def _sorted(table: Mapping[Key, Figure]) -> tuple[Figure, ...]:
    return tuple(sorted(table.values(), key=lambda figure: tuple(map(_ordinal, figure.key))))


def _ordinal(value: object) -> tuple[bool, str | int]:
    """None before anything, numbers by size, words by letters."""
    if value is None:
        return (False, "")
    return (True, value if isinstance(value, int) else str(value))
