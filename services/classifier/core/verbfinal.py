"""Turkic noun phrases and frames: classifiers, glued endings, shares like "onlardan ikisi", victims before a final verb.

Used for packs whose numbers take endings (`Pack.agglutinative`). What an ending says is read from what a word has
behind its stem, and the stem is the lexicon's.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from schemas.vocabulary import Bound, Group
from services.classifier.core.lines import COMMAS, Line

if TYPE_CHECKING:
    from services.classifier.core.effects import EffectWord
    from services.classifier.core.numerals import Quantity
    from services.classifier.core.packs import Tag

MIN_STEM = 3
"""Letters of a stem that chance alone may find in a longer word."""

MODIFIERS = 7
"""Words between a number and its noun."""

UNKNOWN = 3
REACH_ALONE = 6
"""Tokens between a person told without a number and the verb."""

_PLURAL = re.compile(r"^l[aəe]r")
_OURS = re.compile(r"^(?:l[aəe]r)?[iuü]?m[iuü]z")
_POSSESSED_CLOSED = re.compile(r"^[iuü]n[iuüaəed]")
_POSSESSED_OPEN = re.compile(r"^s[iuü]")
_POSSESSED_PLURAL = re.compile(r"^l[aəe]ri(?:n[iuüaəed]|$)")
_GENITIVE = re.compile(r"n?[iuü]n$")
_OBLIQUE = re.compile(r"(?:n?[iuü]n|n?[dt][aəe]n?|[dt][aəe]ki|[yn]?[aəe]|n[iuü]|y[iuü]|l[aəe]|[dt][aəe]k)$")
_VOWELS = frozenset("aəeiouöü")


def tail_of(line: Line, at: int) -> str:
    """What a word has behind the shortest stem that the lexicon knows for it; empty where it knows none."""
    folded = line.tokens[at].folded
    if "'" in folded:
        return folded.split("'", maxsplit=1)[1]
    stems = [key for key in line.pack.keys(folded) if key[0] != "=" and key[-1] != "*" and folded.startswith(key)]
    if any(len(stem) > MIN_STEM for stem in stems):
        # "kişi" is no form of "kış".
        stems = [stem for stem in stems if len(stem) > MIN_STEM]
    return folded[len(min(stems, key=len)) :] if stems else ""


def plural(line: Line, at: int) -> bool:
    """Whether the noun at token `at` is in the plural."""
    return _PLURAL.match(tail_of(line, at)) is not None


def oblique(tail: str) -> bool:
    """Whether an ending is of another case than the nominative."""
    return _OBLIQUE.search(tail) is not None


def genitive(tail: str) -> bool:
    """Whether an ending is, or may be, of the genitive."""
    return _GENITIVE.search(tail) is not None


def owned(line: Line, at: int) -> str | None:
    """Say "ours" for "askerimiz", "theirs" for "askerinin", "iki hərbçisi"; None where the noun has no ending of possession."""
    tail = tail_of(line, at)
    if _OURS.match(tail):
        return "ours"
    stem = line.tokens[at].folded.split("'", maxsplit=1)[0]
    stem = stem[: len(stem) - len(tail)] if tail and stem.endswith(tail) else stem
    is_open = bool(stem) and stem[-1] in _VOWELS
    if _POSSESSED_PLURAL.match(tail):
        return "theirs"
    if (_POSSESSED_OPEN if is_open else _POSSESSED_CLOSED).match(tail):
        return "theirs"
    return "theirs" if not is_open and tail in {"i", "u", "ü"} else None


def with_noun(line: Line, quantity: Quantity) -> Quantity:
    """The quantity with what it counts."""
    if _is_share(line, quantity):
        return _share(line, quantity)
    _counted(line, quantity)
    _reaching(line, quantity)
    if quantity.head == "bare" and quantity.form == "one" and quantity.end > quantity.start and line.covers("share", quantity.end - 1):
        # "daha biri": one more of them.
        quantity.form = "number"
    elif quantity.head == "bare" and quantity.form == "number" and line.begins("number_one", quantity.start) and quantity.low == 1:
        quantity.form = "one"
    if quantity.head == "bare" and any(line.begins("exceeded", place) for place in range(quantity.end, min(len(line), quantity.end + 2))):
        quantity.bound, quantity.high = Bound.MORE_THAN, None
    return quantity


def _reaching(line: Line, quantity: Quantity) -> None:
    """Bound a number by its own ending: "20-dək", "minədək", "100'e kadar" are limits from above."""
    if (
        quantity.form != "number"
        or quantity.end == quantity.start
        or quantity.low is None
        or quantity.bound not in {Bound.EXACT, Bound.ABOUT}
    ):
        return
    last = line.tokens[quantity.end - 1]
    until = last.folded.endswith(_UNTIL)
    if not until and last.folded in _UNTIL_WORDS and quantity.end - quantity.start > 1:
        until = oblique(line.tokens[quantity.end - 2].suffix) or line.tokens[quantity.end - 2].folded.endswith(("ə", "a", "e"))
    if until:
        quantity.bound, quantity.low, quantity.high = Bound.UP_TO, None, quantity.high or quantity.low


_UNTIL = ("dək", "dak")
_UNTIL_WORDS = frozenset({"kadar", "qədər"})


def pluperfect(line: Line) -> int | None:
    """The token of a verb that tells what had happened before: "ölmüştü", "olmuşdu"; None without one."""
    if line.has("ever_share") or line.has("time_now"):
        return None
    return next((place for place, token in enumerate(line.tokens) if _HAD.search(token.folded) and not _reports(line, place)), None)


def birth_year(line: Line, at: int) -> bool:
    """Whether the year at token `at` is when somebody was born: "1965-ci il təvəllüdlü", "1990 doğumlu"."""
    return line.within("age", at + 1, min(len(line), at + 3))


def said_before(line: Line, start: int) -> bool:
    """Whether the figure at token `start` is what somebody had said before: "2 ölü olduğunu duyurmuştu"."""
    return any(_WAS_SAYING.search(line.tokens[place].folded) and _reports(line, place) for place in range(start, len(line)))


def _reports(line: Line, place: int) -> bool:
    return line.covers("say", place) is not None or line.covers("passive_say", place) is not None


_WAS_SAYING = re.compile(r"(?:m[iuü]ş[dt]|[lrşz][iuü]rd|[eə]yird|yord)[iuü](?:l[aəe]r)?$")
_HAD = re.compile(r"m[iuü]ş[dt][iuü](?:r?l[aəe]r)?$")


def _is_share(line: Line, quantity: Quantity) -> bool:
    last = line.tokens[quantity.end - 1]
    if quantity.form != "number" or quantity.end == quantity.start:
        return False
    if quantity.end < len(line) and line.begins("rise", quantity.end):
        # "13'ü buldu": the case that the verb asks for.
        return False
    return line.covers("share", quantity.end - 1) is not None or (last.kind == "number" and last.suffix in line.pack.share_suffixes)


def _share(line: Line, quantity: Quantity) -> Quantity:
    """So many of those spoken of: "onlardan ikisi", "32'si asker", "yaralılardan altısı"."""
    quantity.partitive = True
    at = quantity.end
    for place in range(at, min(len(line), at + 6)):
        if line.is_mark(place):
            break
        if line.begins("unharmed", place):
            quantity.head = "thing"
            return quantity
    people = line.begins("people", at) if at < len(line) else None
    if people is None and at + 1 < len(line) and line.covers("adverbs", at):
        people = line.begins("people", at + 1)
    if people is not None:
        quantity.head, quantity.group, quantity.head_at, quantity.stop = "people", _group_of(people), people.start, people.end
    follows = any(line.begins("effect", place) for place in range(quantity.stop, min(len(line), quantity.stop + 6)))
    before = line.covers("effect", quantity.start - 1) if quantity.start else None
    if before is not None and not follows and any(str(tag.value).endswith(":state") for tag in line.all_begins("effect", before.start)):
        quantity.effect_at = before.start
    return quantity


def _group_of(people: Tag) -> Group:
    return Group(str(people.value).split(":", 1)[0])


def _counted(line: Line, quantity: Quantity) -> None:
    at, unknown = quantity.end, 0
    limit = min(len(line), at + MODIFIERS)
    while at < limit:
        token = line.tokens[at]
        if token.kind != "word" or line.begins("number", at):
            break
        if at == quantity.end and (line.begins("rise", at) or line.begins("exceeded", at)):
            break
        if line.begins("age", at):
            quantity.head, quantity.stop = "thing", at + 1
            return
        people = line.begins("people", at)
        if people is not None:
            quantity.head, quantity.group, quantity.head_at, at = "people", _group_of(people), people.start, people.end
            while at < limit and (more := line.begins("people", at)) and not plural(line, at - 1) and not tail_of(line, at - 1):
                quantity.group = _group_of(more) if quantity.group in {Group.CIVILIAN, Group.MILITARY} else quantity.group
                quantity.head_at, at = more.start, more.end
            quantity.singular = True
            quantity.stop = _spelt_out(line, _hedged(line, quantity, at))
            return
        if line.begins("effect", at) and _counted_effect(line, quantity, at):
            return
        persons = line.begins("persons", at)
        if persons is not None:
            quantity.head, quantity.head_at = "persons", at
            quantity.more = quantity.more or line.begins("others", at) is not None
            at = _hedged(line, quantity, persons.end)
            after = line.begins("people", at) if at < len(line) else line.begins("effect", len(line))
            if after is not None and at < len(line):
                quantity.head, quantity.group, quantity.head_at, at = "people", _group_of(after), at, after.end
            elif at < len(line) and (again := line.begins("persons", at)) and not line.begins("effect", at):
                at = again.end
            quantity.stop = at
            return
        if line.begins("more", at) or line.begins("others", at):
            quantity.more = True
            at += 1
            continue
        if line.begins("things", at):
            quantity.head, quantity.stop = "thing", at + 1
            return
        if line.begins("effect", at) or line.covers("say", at):
            break
        mention = line.mention_at.get(at)
        if mention is not None:
            at += 1
            if (
                mention.entry.kind in {"demonym", "people"}
                and at < len(line)
                and line.mention_at.get(at) is not mention
                and not _noun_follows(line, at)
            ):
                quantity.head, quantity.head_at = "persons", at - 1
                quantity.stop = _hedged(line, quantity, at)
                return
            continue
        if line.covers("function_words", at) or line.covers("adverbs", at) or line.covers("auxiliaries", at):
            break
        unknown += 1
        at += 1
        if unknown > UNKNOWN:
            break
    if unknown:
        strange = unknown <= 2 and at < len(line) and line.begins("effect", at) is not None
        quantity.head, quantity.stop = ("unknown" if strange and quantity.form in {"number", "vague"} else "thing"), at


def _spelt_out(line: Line, at: int) -> int:
    """The end of the names that spell a number of people out between dashes: "iki hərbçi – A B və C D – həlak olub"."""
    if at >= len(line) or line.tokens[at].surface not in {"-", "–", "—", "("}:
        return at
    end, names = at + 1, 0
    while end < len(line) and (line.tokens[end].title or line.tokens[end].surface in COMMAS or line.covers("conjunctions", end)):
        names += line.tokens[end].title
        end += 1
    if names < 2:
        return at
    return end + 1 if end < len(line) and line.tokens[end].surface in {"-", "–", "—", ")"} else end


def _noun_follows(line: Line, at: int) -> bool:
    """Whether a noun of people or things closes the phrase within the next words."""
    for place in range(at, min(len(line), at + 3)):
        if line.begins("people", place) or line.begins("persons", place) or line.begins("things", place):
            return True
        if line.tokens[place].kind != "word" or line.begins("effect", place):
            return False
    return False


def _counted_effect(line: Line, quantity: Quantity, at: int) -> bool:
    """An effect word counted itself, or standing between number and noun: "12 ölü", "iki yaralı asker", "13 ceset"."""
    tags = line.all_begins("effect", at)
    forms = {str(tag.value).split(":", 1)[1] for tag in tags}
    after = tags[0].end
    if forms & {"state", "joint"}:
        quantity.effect_at, quantity.head, quantity.stop = at, "state", after
        people = line.begins("people", after) if after < len(line) else None
        persons = line.begins("persons", after) if after < len(line) else None
        if people is not None:
            quantity.group, quantity.stop = _group_of(people), people.end
        elif persons is not None:
            quantity.stop = persons.end
        else:
            quantity.stop = _hedged(line, quantity, after)
        return True
    if "noun" in forms:
        quantity.effect_at, quantity.head, quantity.stop = at, "noun", after
        return True
    return False


def _hedged(line: Line, quantity: Quantity, at: int) -> int:
    """The end of the phrase with a hedge behind its noun: "20 nəfərdən çox", "100 kişiden fazla"."""
    after = line.begins("hedge_after", at) if at < len(line) else None
    if after is None or quantity.bound is not Bound.EXACT or quantity.form != "number" or not tail_of(line, at - 1):
        return at
    bound = Bound(str(after.value))
    quantity.bound = bound
    if bound in {Bound.AT_LEAST, Bound.MORE_THAN}:
        quantity.high = None
    elif bound is Bound.UP_TO:
        quantity.low = None
    return after.end


def alone(line: Line, people: Tag) -> bool:
    """Whether a noun of people without a number is one person: "çoban minaya düşərək öldü", "əsgər Elvin Qasımov"."""
    last = people.end - 1
    tail = tail_of(line, last)
    if _PLURAL.match(tail) or not str(people.value).endswith(":one"):
        return False
    if people.start and (line.covers("number", people.start - 1) or line.tokens[people.start - 1].kind == "number"):
        return False
    after = people.end
    if after >= len(line):
        return False
    token = line.tokens[after]
    if token.title and token.kind == "word":
        return True
    if people.start and line.covers("age", people.start - 1):
        return True
    if line.begins("effect", after):
        return True
    if token.kind != "word" or line.begins("toll", after) or line.covers("say", after) or (oblique(tail) and not genitive(tail)):
        return False
    return any(line.covers(kind, after) is not None for kind in ("adverbs", "time_now", "weekday", "agents", "conjunctions"))


def apposed_name(line: Line, at: int) -> bool:
    """Whether a name only spells out people told before it ("iki hərbçi – A və B") or is told again by a noun ("A adlı əsgər")."""
    place = at
    while place > 0 and (
        line.tokens[place - 1].title or line.tokens[place - 1].surface in COMMAS or line.covers("conjunctions", place - 1)
    ):
        place -= 1
    if place > 1 and line.tokens[place - 1].surface in {"-", "–", "—", "(", ":"}:
        return True
    end = at
    while end < len(line) and line.tokens[end].title:
        end += 1
    return end < len(line) and line.begins("named", end) is not None


def base(line: Line, quantity: Quantity, word: EffectWord, form: str, *, left: bool, gap: int, begin: int, end: int) -> tuple[float, str]:
    """How well a quantity fits an effect word by order alone: (points, rule)."""
    if line.covers("among_dead", word.start):
        return (4.8, "among") if not left else (0.0, form)
    without_number = quantity.start == quantity.end
    if left:
        if without_number and (gap > REACH_ALONE or (form in {"state", "noun"} and gap)):
            return 0.0, form
        if form in {"noun", "joint"}:
            return (5.0 if gap == 0 else 4.2 if gap <= 2 else 1.8), "deaths-of"  # noqa: RUF100
        if form == "state":
            return (4.6, "state") if gap == 0 and not tail_of(line, word.end - 1) else (1.8, "state")
        return 5.0, form
    marked = any(line.is_mark(place) for place in range(begin, end))
    if (
        form == "state"
        and gap <= 1
        and not marked
        and quantity.form in {"number", "vague", "one"}
        and quantity.head in {"people", "persons"}
    ):
        return (4.4, "adnominal") if _adnominal(line, word) else (0.0, form)
    return 0.0, form


def _adnominal(line: Line, word: EffectWord) -> bool:
    """Whether a participle or adjective stands before its noun, without an ending of case."""
    return not oblique(tail_of(line, word.end - 1))


def risen(line: Line, word: EffectWord, quantity: Quantity) -> bool:
    """Whether the number is a toll: "ölenlerin sayısı 12'ye yükseldi", "can kaybının 11'e çıktığını"."""
    begin, end = word.end, quantity.start
    if end < begin or quantity.head not in {"bare", "persons", "state"} or not word.forms & {"state", "noun", "joint"}:
        return False
    if quantity.stop < len(line) and line.tokens[quantity.stop].kind == "number" and _ablative(line, quantity):
        # "20'den 35'e çıktı": what it has risen from.
        return False
    after = range(quantity.stop, min(len(line), quantity.stop + 3))
    rises = any(line.begins("rise", place) for place in after)
    if any(line.is_mark(place) and line.tokens[place].surface not in {"'", '"', ":", "-", "–"} for place in range(begin, end)):
        return False
    told = line.within("toll", word.start, end)
    closes = quantity.stop >= len(line) or line.is_mark(quantity.stop)
    # "Yaralılar on dokuz.", "asker kaybı 974."
    ends = quantity.stop >= len(line) or line.tokens[quantity.stop].surface in {".", ";"}
    alone = ends and begin == end and quantity.head in {"bare", "persons"} and quantity.form == "number" and not quantity.partitive
    alone = alone and not oblique(tail_of(line, word.end - 1))
    return (told and (rises or closes) and end - begin <= 9) or (rises and end - begin <= 4) or alone


def _ablative(line: Line, quantity: Quantity) -> bool:
    last = line.tokens[quantity.end - 1]
    return (last.suffix or last.folded).endswith(("dan", "dən", "den", "tan", "ten", "დან", "ից"))


def rose_from(line: Line, quantity: Quantity, found: list[Quantity]) -> bool:
    """Whether a bare number is what a toll has risen from: "49-დან 105-მდე გაზარდა", "49-ից հասցրեց 105-ի"."""
    return (
        quantity.head == "bare"
        and quantity.form == "number"
        and _ablative(line, quantity)
        and any(0 <= other.start - quantity.stop <= 1 and other.form == "number" for other in found)
        and line.within("rise", quantity.stop, quantity.stop + 4)
    )


def risen_from(line: Line, toll: Quantity, quantity: Quantity) -> bool:
    """Whether `quantity` is what a toll has risen from: "20'den 35'e çıktı"."""
    return 0 <= toll.start - quantity.stop <= 1 and quantity.head == "bare" and _ablative(line, quantity)


def group_between(line: Line, begin: int, end: int) -> Group | None:
    """The group of the people named between a word of casualties and its toll: "ölen asker sayısı 5 oldu"."""
    return next((_group_of(tag) for place in range(begin, end) if (tag := line.begins("people", place))), None)


def possessor(line: Line, start: int, stop: int) -> tuple[str, int] | None:
    """Whose the noun in tokens `start` to `stop` is: ("mention", token), ("foe", token), ("own", token) or ("ours", token)."""
    if any((mention := line.mention_at.get(place)) is not None and mention.code for place in range(start, stop)):
        # "5 Azerbaycan askerinin": the noun itself tells.
        return None
    kind = next(
        (
            found
            for place in range(stop - 1, start - 1, -1)
            if (line.covers("people", place) or line.covers("persons", place)) and (found := owned(line, place))
        ),
        None,
    )
    if kind == "ours":
        return "ours", start
    for place in range(start - 1, max(-1, start - 5), -1):
        if line.tokens[place].surface in COMMAS or line.covers("effect", place) or line.covers("say", place):
            break
        if line.covers("foe", place):
            return "foe", place
        if line.covers("own", place):
            return "own", place
        mention = line.mention_at.get(place)
        if mention is not None:
            bare = mention.surface.rstrip().lower()
            held = genitive(mention.tail) or genitive(tail_of(line, place)) or bool(re.search(r"(?:n?[ıiuü]n)$", bare))
            if held:
                return "mention", place
    return ("own", start) if kind == "theirs" else None
