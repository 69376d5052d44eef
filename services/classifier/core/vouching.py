"""Who vouches for a figure: every source in reach is a candidate, and reviewed weights choose among them.

Candidates are the sources of the sentence, the one carried through the paragraph, that of the next sentence, that of
the figure before, and nobody. Their signs say how each came into reach; none names a word or a body, so that one set
of weights serves all languages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.classifier.core.discourse import Voice
from services.classifier.core.weights import weights_of

CLEARLY = 0.7
"""By so much another candidate must outweigh the one of the rules."""


@dataclass(slots=True)
class Candidate:
    """A body that may vouch, None for the outlet itself, with the signs that speak of it."""

    code: str | None
    signs: list[str]


def candidates(
    voices: Sequence[Voice],
    start: int,
    *,
    by_rule: tuple[str | None, str],
    carried: str | None,
    lead: str | None,
    before: str | None,
    last: str | None,
    next_: str | None,
    home: str | None,
    named: Sequence[tuple[str, str]],
    context: Sequence[str],
) -> list[Candidate]:
    """All who may vouch for the figure at token `start`.

    `by_rule` is what the rules of attribution say, with their reason; `before` vouched for the figure before in the
    paragraph, `last` spoke last anywhere, `next_` is the first source of the next sentence of the paragraph, `home` the
    body of the dateline or of the article, `named` are the bodies that the sentence names, with how. `context` are signs of the figure itself: each sign is also taken with them.
    """
    found: dict[str | None, Candidate] = {None: Candidate(None, ["none"])}

    def add(code: str | None, sign: str) -> None:
        body = code.split(".")[0] if code else None
        found.setdefault(body, Candidate(code, [])).signs.append(sign)

    add(by_rule[0], f"rule:{by_rule[1] or 'none'}" if by_rule[0] else f"rule-none:{by_rule[1] or 'none'}")
    covering = [voice for voice in voices if voice.start <= start < voice.end]
    for voice in voices:
        if voice.code is None:
            continue
        reach = "in" if voice in covering else "out"
        side = "ahead" if voice.at < start else "behind"
        add(voice.code, f"voice:{voice.reason}:{reach}:{side}")
        if len(covering) > 1 and voice in covering:
            nearest = min(covering, key=lambda other: abs(other.at - start))
            add(voice.code, "nearest" if voice is nearest else "farther")
            if voice.cites:
                add(voice.code, "cited")
    amount = "alone" if not voices else "beside"
    if carried:
        add(carried, f"carried:{amount}")
    if lead:
        add(lead, f"lead:{amount}")
    if before:
        add(before, f"before:{amount}")
    if last:
        add(last, f"last:{amount}")
    if next_:
        add(next_, f"next:{amount}")
    if home:
        add(home, f"home:{amount}")
    for code, how in named:
        add(code, f"named:{how}")
        if not voices:
            add(code, f"named:{how}:alone")
    for candidate in found.values():
        candidate.signs = list(dict.fromkeys([*candidate.signs, *(f"{sign}|{word}" for sign in candidate.signs for word in context)]))
    return list(found.values())


def vouched(found: Sequence[Candidate]) -> tuple[str | None, float]:
    """(code, sum of the weights) of the candidate that the weights choose; that of the rules unless another is clearly better."""
    weights = weights_of("vouching")
    sums = [sum(weights.get(sign, 0.0) for sign in candidate.signs) for candidate in found]
    best = max(range(len(found)), key=lambda place: sums[place])
    ruled = next((place for place, candidate in enumerate(found) if any(sign.startswith("rule") for sign in candidate.signs)), best)
    if sums[best] - sums[ruled] < CLEARLY:
        best = ruled
    return found[best].code, sums[best]


def claimant_of(voices_here: list[Voice], at: int) -> Voice | None:
    """The deepest source that covers token `at`: one cited after the words, else the last that leads to them, else the one that closes them."""
    covering = [voice for voice in voices_here if voice.start <= at < voice.end]
    if not covering:
        return None
    named = [voice for voice in covering if voice.reason == "according-after" and voice.code]
    told = [voice for voice in covering if voice.reason == "said-after" and voice.code]
    if named and told and not named[0].cites and min(voice.at for voice in told) < named[0].at:
        # "A told a closed sitting, according to two who were there": A vouches, they only pass it on.
        return min(told, key=lambda voice: abs(voice.at - at))
    if named:
        return min(named, key=lambda voice: (abs(voice.at - at), voice.at))
    leading = [voice for voice in covering if voice.reason in {"said-before", "colon"} and voice.at < at]
    if leading:
        return max(leading, key=lambda voice: voice.at)
    return min(covering, key=lambda voice: (voice.reason == "according", abs(voice.at - at)))
