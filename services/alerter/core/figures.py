"""Figures as what their words say: "25" after "at least 25" is no news, "up to 80" does not raise 75.

A figure that a claim states is a `Figure`; comparisons are functions of two of them. Numbers are heads.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from schemas.alert_raised import PreviousFigure
from schemas.article_classified import ArticleClassified
from schemas.reading import CasualtyClaim
from schemas.vocabulary import Bound, Effect, Group
from services.alerter.core.policy import Policy, Rounding

ARMED = frozenset({Group.MILITARY, Group.POLICE, Group.PEACEKEEPERS})

Key = tuple[Effect, str | None, Group, str | None, int | None, int | None, Bound, bool, bool, bool]


def body(claimant: str | None) -> str | None:
    """The body of a claimant's code: `AZE` of `AZE.MIL`."""
    return claimant.split(".")[0] if claimant else None


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure in the ledger: what was said, by whom, first and last when, and in which article first.

    `heard` is False while only articles that could not alert (late, or outside the window) have said it: it is history,
    but no desk could know it; `told` once an alert has said it. `subset` and `addition` are shares and increments, `joint` two effects told as one.
    """

    effect: Effect
    side: str | None
    group: Group
    claimant: str | None
    low: int | None
    high: int | None
    bound: Bound
    joint: bool
    subset: bool
    addition: bool
    article_id: str
    stated_at: datetime
    last_stated_at: datetime
    outlet: str
    quote: str
    heard: bool = True
    told: bool = False
    confidence: float = 1.0
    """How sure the surest statement of it was read."""

    @property
    def key(self) -> Key:
        """What makes two statements the same figure."""
        return (
            self.effect,
            self.side,
            self.group,
            self.claimant,
            self.low,
            self.high,
            self.bound,
            self.joint,
            self.subset,
            self.addition,
        )

    @property
    def number(self) -> int | None:
        """The number that the words name, the lower one of a range; None where they are vague."""
        return self.low if self.low is not None else self.high

    @property
    def top(self) -> int:
        """The highest number that the words name; 0 where they are vague."""
        return max(self.low or 0, self.high or 0)

    @property
    def positive(self) -> bool:
        """Whether it names a number above nought."""
        return self.top > 0

    @property
    def nil(self) -> bool:
        """Whether it says that nobody was."""
        return self.number == 0 and self.top == 0

    @property
    def total(self) -> bool:
        """Whether it is a count of its own: a number above nought that is neither a share nor an increment."""
        return self.positive and not self.subset and not self.addition

    def previous(self) -> PreviousFigure:
        """As an alert names the figure that was known before."""
        return PreviousFigure(low=self.low, high=self.high, bound=self.bound, claimant=self.claimant)

    def merged(self, other: Self) -> Self:
        """The same figure stated twice: the first statement's words, the last one's time; in either order the same."""
        first = min(self, other, key=lambda figure: (figure.stated_at, figure.article_id, figure.quote))
        return replace(
            first,
            last_stated_at=max(self.last_stated_at, other.last_stated_at),
            heard=self.heard or other.heard,
            told=self.told or other.told,
            confidence=max(self.confidence, other.confidence),
        )

    def to_json(self) -> dict[str, Any]:
        """For the database."""
        document: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__}
        return document | {name: document[name].isoformat() for name in ("stated_at", "last_stated_at")}

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Self:
        """From the database."""
        return cls(
            **document
            | {
                "effect": Effect(document["effect"]),
                "group": Group(document["group"]),
                "bound": Bound(document["bound"]),
                "stated_at": datetime.fromisoformat(document["stated_at"]),
                "last_stated_at": datetime.fromisoformat(document["last_stated_at"]),
            }
        )

    @classmethod
    def of(cls, claim: CasualtyClaim, article: ArticleClassified, stated_at: datetime, *, heard: bool) -> Self:
        """The figure that a claim of the article states."""
        return cls(
            effect=claim.effect,
            side=claim.side,
            group=claim.group,
            claimant=claim.claimant,
            low=claim.low,
            high=claim.high,
            bound=claim.bound,
            joint=claim.joint,
            subset=claim.subset,
            # A share is one, however it is told: "four more of them".
            addition=claim.addition and not claim.subset,
            article_id=article.article_id,
            stated_at=stated_at,
            last_stated_at=stated_at,
            outlet=article.outlet.name,
            quote=claim.evidence.text,
            heard=heard,
            confidence=claim.confidence,
        )


def same_number(new: Figure, known: Figure, rounding: Rounding) -> bool:
    """Whether `new` says no other number than `known`, whatever the hedges: "25" and "at least 25", "35" and "30 to 40"."""
    number = new.number
    if number is None or known.number is None:
        return number is None and known.number is None
    if number in {known.low, known.high} or (known.low is not None and known.high is not None and known.low < number < known.high):
        return True
    return Bound.ABOUT in {new.bound, known.bound} and _rounds_to(number, known.number, rounding)


def passes(new: Figure, known: Figure, policy: Policy) -> bool:
    """Whether `new` says more than `known`. A ceiling does only where it lies clearly above."""
    number = new.number
    if number is None or number <= known.top or same_number(new, known, policy.rounding):
        return False
    if new.bound is Bound.UP_TO:
        return number >= known.top * policy.ceiling_factor
    return True


def falls_below(new: Figure, last: Figure, policy: Policy) -> bool:
    """Whether `new` takes back what the same claimant said last.

    "At least 20" after 25 takes nothing back, and a count far below the last one is a share or another count.
    """
    number, before = new.number, last.number
    if number is None or before is None or number >= before or new.bound in {Bound.AT_LEAST, Bound.MORE_THAN}:
        return False
    if same_number(new, last, policy.rounding):
        return False
    return number >= before * policy.correction_floor.get(new.effect, 0.0)


def comparable(new: Group, known: Group) -> bool:
    """Whether counts of these groups may stand in one row: soldiers with policemen, and all with anyone."""
    return new == known or Group.ALL in {new, known} or {new, known} <= ARMED


def corrects(new: Group, known: Group) -> bool:
    """Whether a count of `new` can take back one of `known`: a share of the people never lowers their total."""
    return new in {known, Group.ALL}


def _rounds_to(one: int, other: int, rounding: Rounding) -> bool:
    return other >= rounding.above and abs(one - other) <= other * rounding.share
