"""Bare numbers whose effect is told elsewhere: behind a verb of speech, beside a second source, at a second place."""

from __future__ import annotations

from schemas.vocabulary import Group
from services.classifier.core.frames import Frame
from services.classifier.core.lines import COMMAS, QUOTES, Line
from services.classifier.core.numerals import Quantity

DASHES = frozenset({"-", "–", "—"})

TOLLED = 6
"""Tokens between a word for the total and its number."""

PARTS = COMMAS | {";"}
"""Marks between two parts of a sentence that are built alike."""


def spoken(line: Line, quantity: Quantity) -> bool:
    """Whether a bare number is the object of a verb of speech: "Baku concedes one", "for last year he gave 33"."""
    at = quantity.start - 1
    if line.covers("aboard", quantity.stop):
        return False
    tolled = next((place for place in range(at, max(-1, at - TOLLED), -1) if line.covers("toll", place)), None)
    behind = 3 if line.pack.agglutinative or line.pack.not_alone else 0
    closed = line.pack.language == "hy" and quantity.stop < len(line) and line.tokens[quantity.stop].folded in {"է", "են"}
    if (
        tolled is not None
        and (line.within("rise", tolled, quantity.end + behind) or closed)
        and not line.within("things", tolled, quantity.start)
    ):
        # "and the total has passed 130"
        return True
    if at >= 0 and (line.covers("say_number", at) or line.covers("then", at)):
        return True
    if quantity.stop < len(line) and not (
        line.is_mark(quantity.stop) or line.covers("conjunctions", quantity.stop) or line.covers("adverbs", quantity.stop)
    ):
        return False
    while at >= 0 and (line.covers("say_link", at) or line.tokens[at].surface in QUOTES):
        at -= 1
    return at >= 0 and (line.covers("say", at) is not None or line.covers("count_word", at) is not None)


def other_source(line: Line, quantity: Quantity) -> int | None:
    """The token of a second source in "Baku spoke of five dead, Yerevan of twenty-five", "Azerbaijan acknowledged twelve, Karabakh three"."""
    at = quantity.start - 1
    if at < 1:
        return None
    if at >= 2 and (line.covers("of", at) or line.covers("toll_at", at) or line.covers("rise_to", at)):
        for place in range(at - 1, max(-1, at - 6), -1):
            if line.tokens[place].surface in PARTS or line.covers("conjunctions", place):
                return next((near for near in range(place + 1, at) if near in line.mention_at), None)
            if line.is_mark(place) or line.covers("say", place) or line.covers("effect", place):
                return None
        return None
    if at not in line.mention_at or not ends(line, quantity.stop):
        return None
    first = at
    while first > 0 and (first - 1 in line.mention_at or line.covers("the", first - 1)):
        first -= 1
    led = first > 0 and (line.tokens[first - 1].surface in PARTS or line.covers("conjunctions", first - 1) is not None)
    return at if led else None


def ends(line: Line, at: int) -> bool:
    """Whether a clause ends before token `at`."""
    return at >= len(line) or line.is_mark(at) or line.begins("conjunctions", at) is not None


def elsewhere(line: Line, quantity: Quantity, leaned: Frame) -> bool:
    """Whether a bare number is told of another place that stands before it: "in Martuni two were killed, in Martakert one"."""
    at = quantity.start - 1
    if at < 2 or at not in line.mention_at or not ends(line, quantity.stop) or quantity.start - leaned.end > 24:
        return False
    first = at
    while first > 0 and first - 1 in line.mention_at:
        first -= 1
    led = first > 1 and line.covers("place_preposition", first - 1) is not None
    return led and (line.tokens[first - 2].surface in PARTS or line.covers("conjunctions", first - 2) is not None)


COPULAS = frozenset({"է", "են", "էր", "էին", "մասին"})
"""Armenian words between a number and the participle of speech that closes the clause."""


def said_behind(line: Line, quantity: Quantity) -> bool:
    """Whether the verb of speech stands right behind a bare number and closes its clause: "կառավարությունը յոթանասուն է ասում"."""
    if not (line.pack.agglutinative or line.pack.not_alone):
        return False
    at = quantity.stop
    while at < len(line) and (line.tokens[at].folded in COPULAS or line.tokens[at].surface in QUOTES):
        at += 1
    said = line.begins("say", at) if at < len(line) else None
    return said is not None and (said.end >= len(line) or line.is_mark(said.end) or line.tokens[said.end].folded in COPULAS)


def before_its_like(line: Line, quantity: Quantity, kept: list[Frame]) -> Frame | None:
    """The figure of which a bare number before it goes without noun and verb: "Ermenistan altı, Azerbaycan yedi asker kaybetti"."""
    at = quantity.start - 1
    if (
        not line.pack.agglutinative
        or at not in line.mention_at
        or quantity.stop >= len(line)
        or line.tokens[quantity.stop].surface not in COMMAS
    ):
        return None
    for frame in kept:
        between = range(quantity.stop + 1, frame.quantity.start)
        if 0 < len(between) <= PAIRED and all(near in line.mention_at for near in between):
            return frame
    return None


PAIRED = 3
"""Tokens of the name of the second of two sides."""


def kind_before(line: Line, quantity: Quantity) -> bool:
    """Whether people of another kind stand before a bare number: "боевиков погибло двенадцать, милиционеров шестеро"; the group is taken in."""
    if line.pack.language != "ru" or not ends(line, quantity.stop):
        return False
    at = quantity.start - 1
    if at >= 0 and line.tokens[at].surface in DASHES:
        at -= 1
    people = line.covers("people", at) if at > 0 else None
    if people is None or str(people.value).endswith(":one") or people.start == 0:
        return False
    led = line.tokens[people.start - 1].surface in PARTS or line.covers("conjunctions", people.start - 1) is not None
    if led and quantity.group is None:
        quantity.group = Group(str(people.value).split(":", 1)[0])
    return led


def vouched_behind(line: Line, quantity: Quantity) -> bool:
    """Whether a bare number that opens its clause is vouched for behind it: "; eight, said the hospital", "17 according to the ministry"."""
    at = quantity.stop
    if line.covers("both_words", quantity.start):
        return False
    opens = quantity.start == 0 or line.is_mark(quantity.start - 1) or line.covers("conjunctions", quantity.start - 1) is not None
    if not opens or at >= len(line):
        return False
    while at < len(line) and (line.tokens[at].surface in COMMAS | QUOTES or line.tokens[at].surface in DASHES):
        at += 1
    return at < len(line) and (line.covers("say", at) is not None or line.begins("according", at) is not None)


def closes(line: Line, quantity: Quantity) -> bool:
    """Whether a bare number behind a colon closes a sentence that counts no things: "Civilians, by the prosecutor: seven."."""
    if quantity.start < 2 or line.tokens[quantity.start - 1].surface != ":" or line.within("things", 0, quantity.start):
        return False
    rest = range(quantity.stop, len(line))
    return all(line.is_mark(at) for at in rest)


def gapped(line: Line, quantity: Quantity, leaned: Frame) -> bool:
    """Whether a bare number repeats the effect elsewhere: "five died in Martakert and one in Hadrut", ": four at Martakert, one at Hadrut"."""
    if quantity.head != "bare" or quantity.form not in {"number", "vague"} or quantity.start == 0:
        return False
    before = line.tokens[quantity.start - 1]
    if (
        line.covers("possessive_clitic", quantity.start - 1)
        and quantity.start >= 2
        and quantity.start - 2 in line.mention_at
        and quantity.start - leaned.end < 8
    ):
        # "Azerbaijan's dead numbered 50, Armenia's 49."
        return True
    led = before.surface in COMMAS or before.surface == ":" or line.covers("conjunctions", quantity.start - 1)
    placed = (
        quantity.stop < len(line)
        and line.covers("place_preposition", quantity.stop)
        and (quantity.stop + 1) < len(line)
        and line.tokens[quantity.stop + 1].title
    )
    later = line.within("effect", quantity.stop, min(len(line), quantity.stop + 10))
    return bool(led and placed and not later and quantity.start - leaned.end < 24)
