"""What became of a truce: the words around it, which of them counts, and who asks for it."""

from __future__ import annotations

from collections.abc import Sequence

from schemas.vocabulary import CeasefireStatus as Status
from services.classifier.core.clauses import distance
from services.classifier.core.packs import Tag
from services.classifier.core.truceanchors import Anchor
from services.classifier.core.trucelines import REACH, TruceLine, inside

STATUS = {
    "agree": Status.AGREED,
    "renew": Status.AGREED,
    "begin": Status.IN_FORCE,
    "hold": Status.IN_FORCE,
    "hold_after": Status.IN_FORCE,
    "violate": Status.VIOLATED,
    "collapse": Status.COLLAPSED,
    "propose": Status.PROPOSED,
    "call": Status.CALLED_FOR,
    "reject": Status.REJECTED,
    "deny": Status.DENIED,
    "none": Status.DENIED,
}
_BONUS = {
    "violate": 3.0,
    "collapse": 3.0,
    "reject": 3.0,
    "deny": 3.0,
    "none": 6.0,
    "begin": 1.0,
    "propose": 0.5,
    "call": 1.5,
    "hold": -0.5,
    "hold_after": -0.5,
    "renew": -1.0,
}
"""How much nearer a word counts than it stands, by how plainly it speaks of a truce."""

_REACH = {"agree": 9.0, "renew": 9.0, "hold": 12.0, "hold_after": 9.0, "propose": 9.0, "begin": 9.0}
"""Words that reach less far than others."""

_ONE_BREATH = 3.0

_ONE_SAYING = 9.0
"""So far from the truce a verb of lasting still speaks of it."""

_DURATION = 3
"""So many words may stand between a verb of lasting and the time it lasted."""

_LATE = {"az", "tr", "hy", "ka"}
"""Languages whose verb closes the clause."""


def cues_of(line: TruceLine, anchor: Anchor, anchors: Sequence[Anchor]) -> list[Tag]:
    """The words that say what became of the truce, the one that counts most first."""
    span = (anchor.start, anchor.end)
    ranked: list[tuple[float, int, Tag]] = []
    for tag in line.tags:
        if (
            tag.kind not in STATUS
            or any(a.kind == "idle" and a.start == tag.start for a in line.tags)
            or (inside(tag, span) and anchor.kind != "pair" and tag.kind not in {"collapse", "hold"})
        ):
            continue
        cost = distance(line.running, (tag.start, tag.end), span)
        # "broken down" is no "broken", "has not been broken" neither: of words within one another the longest is meant.
        if any(t.start <= tag.start and t.end >= tag.end and t.end - t.start > tag.end - tag.start and t.kind in STATUS for t in line.tags):
            continue
        if tag.kind == "hold_after" and tag.start < anchor.end:
            continue
        if tag.kind == "none" and not 0 <= anchor.start - tag.end <= 1:
            continue
        # A truce nearer to the word than this one takes it.
        if any(
            o is not anchor and o.kind != "weak" and distance(line.running, (tag.start, tag.end), (o.start, o.end)) + 1.0 < cost
            for o in anchors
        ):
            continue
        if cost <= _REACH.get(tag.kind, REACH):
            ranked.append((cost - _BONUS.get(tag.kind, 0.0), tag.start, tag))
    return [tag for _, _, tag in sorted(ranked, key=lambda r: (r[0], r[1]))]


def chief_of(line: TruceLine, anchor: Anchor, cues: Sequence[Tag], language: str) -> Tag:
    """The word that counts: of a truce "signed in May" that "still holds" the holding is said, the signing only told by the way."""
    best = cues[0]
    if (
        best.kind == "agree"
        and anchor.kind == "noun"
        and distance(line.running, (best.start, best.end), (anchor.start, anchor.end)) <= (6.0 if best.start >= anchor.end else 2.0)
    ):
        for cue in cues[1:]:
            if cue.kind in {"hold", "hold_after", "begin", "violate", "collapse"} and cue.start > max(best.end, anchor.end):
                return cue
    if best.kind in {"hold", "hold_after"} and best.start >= anchor.end and language not in _LATE:
        # "They settled on a truce that would hold": what is agreed leads, the relative clause follows.
        for cue in cues[1:]:
            if (
                cue.kind == "agree"
                and cue.end <= anchor.start
                and distance(line.running, (cue.start, cue.end), (anchor.start, anchor.end)) <= 5.0
            ):
                return cue
    return best


def call_of(line: TruceLine, anchor: Anchor, anchors: Sequence[Anchor]) -> Tag | None:
    """The call that asks for this truce rather than for another thing named nearer to it."""
    call = line.nearest("call", (anchor.start, anchor.end))
    if call is None:
        return None
    own = distance(line.running, (call.start, call.end), (anchor.start, anchor.end))
    span = (anchor.start, anchor.end)
    # Two things asked for in one breath share the call: "the fighting must stop and the truce be kept".
    apart = [o for o in anchors if o is not anchor and o.kind != "weak" and distance(line.running, (o.start, o.end), span) > _ONE_BREATH]
    others = [distance(line.running, (call.start, call.end), (o.start, o.end)) for o in apart]
    return None if any(other + 1.0 < own for other in others) else call


def governs(call: Tag, cue: Tag, language: str) -> bool:
    """A call reaches over what it asks for: forward, or back where the verb closes the sentence."""
    return call.start > cue.start if language in _LATE and call.start > cue.start else call.start < cue.end or language in _LATE


def told_by_the_way(line: TruceLine, anchor: Anchor, cues: Sequence[Tag], best: Tag, status: Status) -> Tag | None:
    """What else is told of a truce broken or refused: that it was agreed, that it was offered."""
    wanted = {Status.COLLAPSED: "agree", Status.VIOLATED: "agree", Status.REJECTED: "propose"}.get(status)
    span = (anchor.start, anchor.end)
    for cue in cues:
        near = distance(line.running, (cue.start, cue.end), span)
        # "The proposed truce" offers nothing anew.
        told_of = any(token.surface in {",", "՝"} for token in line.tokens[anchor.end : cue.start])
        if cue.kind == "agree" and cue.start >= anchor.end and not told_of:
            continue
        if cue is best or cue.kind != wanted or near > 3.0 or (cue.kind == "propose" and cue.end == anchor.start):
            continue
        if near < distance(line.running, (cue.start, cue.end), (best.start, best.end)):
            return cue
    return None


def short_lived(line: TruceLine, anchor: Anchor, cue: Tag) -> bool:
    """Whether a truce "lasted two hours": a verb of lasting with minutes to weeks beside it tells its end, years do not."""
    span = (anchor.start, anchor.end)
    for lasted in line.of("lasted"):
        if lasted.start < cue.end and cue.start < lasted.end and distance(line.running, (lasted.start, lasted.end), span) <= _ONE_SAYING:
            return any(
                (0 <= short.start - lasted.end <= _DURATION or 0 <= lasted.start - short.end <= _DURATION) for short in line.of("short")
            )
    return False


def negated(line: TruceLine, cue: Tag) -> Status | None:
    """What a negated agreement is: refused ("we do not conclude truces") or none at all ("has not been reached")."""
    if not any(tag.kind == "negation" and 0 <= cue.start - tag.end <= 2 for tag in line.tags):
        return None
    before = {token.folded for token in line.tokens[max(0, cue.start - 2) : cue.start]}
    return Status.DENIED if before & {"been", "be", "was", "were", "yet"} else Status.REJECTED
