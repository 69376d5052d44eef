"""Where a text speaks of a truce: by a noun, a phrase of stopping, the name of an agreement, or a word for one spoken of before.

Also whether it can be one of this region at all: a truce of another war, of football clubs or of markets is none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from services.classifier.core.affairs import Words
from services.classifier.core.clauses import distance
from services.classifier.core.document import Document
from services.classifier.core.trucelines import TruceLine
from services.region import Mention

TRUCE_AGREEMENTS = frozenset(
    {
        "bishkek-protocol",
        "trilateral-statement-2020",
        "ceasefire-2023-09-20",
        "geneva-2008-plan",
        "moscow-1994-abkhazia",
        "sochi-1992",
        "khasavyurt-1996",
        "moscow-truce-october-2020",
    }
)
"""Agreements of the region that are truces."""


_FOES = frozenset({"ARM", "AZE", "NKR", "GEO", "RUS", "ABK", "OSS", "CHE"})
PEACEFUL = 10.0
"""Within this a word of peaceful quarrels takes a truce away from the war."""

_DISPUTED = frozenset({"NKR", "ABK", "OSS", "CHE", "REB"})
"""Parties that are told of with a truce only where one is fought for."""

_WARLIKE = frozenset({"shelling_sure", "air_strike_sure", "territorial_change_sure"})
"""Words of events that only a conflict knows."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """Tokens `start` to `end` speak of a truce; `began`: when the agreement named was made."""

    start: int
    end: int
    kind: str
    began: date | None = None


def of_a_conflict(document: Document, words: Sequence[Words]) -> bool:
    """A truce is none in an article without soldiers, fronts or the area's conflicts: a bazaar, a film, a fire."""
    if any(tag.kind in _WARLIKE for row in words for tag in row.events) or any(tag.kind == "attack" for row in words for tag in row.actors):
        return True
    named = any(tag.kind in {"noun", "stop"} for row in words for tag in row.truce)
    parties: set[str] = set()
    for mentions in document.mentions.values():
        for mention in mentions:
            entry = mention.entry
            if entry.sector in {"MIL", "PKO", "REB"} or (mention.code or "").endswith((".MIL", ".PKO")) or entry.began is not None:
                return True
            if entry.id in {"line-of-contact", "minsk-group", "abl"}:
                return True
            party = (mention.code or entry.speaks_for or entry.body or "").split(".")[0]
            if named and (entry.watched or party in _DISPUTED):
                return True
            parties.add(party)
    return len(parties & _FOES) >= 2


def anchors_of(line: TruceLine, *, spoken: bool, left_open: bool) -> Iterator[Anchor]:
    """The places of a sentence that speak of a truce; `spoken`: the article has named one before; `left_open`: the sentence before named one and said nothing of it."""
    taken: list[tuple[int, int]] = []
    for mention in line.mentions:
        if mention.entry.id in TRUCE_AGREEMENTS:
            span = tokens_of(line, mention)
            taken.append(span)
            yield Anchor(*span, "agreement", mention.entry.began)
    for kind in ("noun", "stop"):
        for tag in line.of(kind):
            if not any(tag.start < e and s < tag.end for s, e in taken):
                taken.append((tag.start, tag.end))
                yield Anchor(tag.start, tag.end, kind)
    for fire in line.of("fire"):
        for cease in line.of("cease"):
            span = (min(fire.start, cease.start), max(fire.end, cease.end))
            if (
                span[1] - span[0] <= 10
                and distance(line.running, (fire.start, fire.end), (cease.start, cease.end)) <= 8
                and not any(span[0] < e and s < span[1] for s, e in taken)
            ):
                taken.append(span)
                yield Anchor(*span, "pair")
    for tag in line.of("halted"):
        if not any(tag.start < e and s < tag.end for s, e in taken):
            taken.append((tag.start, tag.end))
            yield Anchor(tag.start, tag.end, "made")
    if spoken or taken:
        for kind in ("broken", "refused", "weak", "made"):
            for tag in line.of(kind):
                if not any(tag.start < e + 1 and s - 1 < tag.end for s, e in taken):
                    taken.append((tag.start, tag.end))
                    yield Anchor(tag.start, tag.end, kind)
    if left_open and not taken:
        # "And the truce? The co-chairs deplore violations": the sentence answers for the one before.
        for tag in line.of("violate", "collapse", "begin"):
            yield Anchor(tag.start, tag.start, "answer")
            return


def tokens_of(line: TruceLine, mention: Mention) -> tuple[int, int]:
    """The tokens of a mention, half-open."""
    inside = [i for i, t in enumerate(line.tokens) if t.start < mention.end and mention.start < t.end]
    return (inside[0], inside[-1] + 1) if inside else (0, 1)


def of_another_war(line: TruceLine, span: tuple[int, int]) -> bool:
    """The truce of another war, or one that is none, by the words beside it."""
    foreign = line.nearest("foreign", span, 10.0)
    if foreign is None:
        return False
    here = [
        distance(line.running, tokens_of(line, m), span)
        for m in line.mentions
        if m.entry.watched or (m.code or "").split(".")[0] in {"ARM", "AZE", "NKR", "GEO", "ABK", "OSS", "CHE"}
    ]
    return not here or min(here) > distance(line.running, (foreign.start, foreign.end), span)


def peaceful(line: TruceLine, span: tuple[int, int]) -> bool:
    """Whether a word of sport, trade or elections beside it makes a truce one that nobody dies over."""
    return line.nearest("drop", span, PEACEFUL) is not None
