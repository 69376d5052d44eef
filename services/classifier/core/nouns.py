"""What a number counts: the noun phrase behind it, with its group, or the effect word that stands as its noun."""

from __future__ import annotations

from schemas.vocabulary import Group
from services.classifier.core import verbfinal
from services.classifier.core.lines import COMMAS, QUOTES, Line
from services.classifier.core.numerals import Quantity, number_at, values_at
from services.classifier.core.packs import Tag

MAX_MODIFIERS = 6
"""Words between a number and its noun."""

PART = 4
"""Words between a number and the fraction of it that is told."""

MAX_UNKNOWN = 3


def completed(line: Line, quantity: Quantity) -> Quantity:
    """The quantity with what it counts; a mere base ("of 40 people on the bus, six died") counts as a thing."""
    made = _with_noun(line, quantity)
    if line.pack.language == "fr" and made.head in {"people", "persons", "state", "noun"} and made.stop < len(line):
        # "quatre soldats arméniens": the adjective behind the noun belongs to it.
        mention = line.mention_at.get(made.stop)
        if mention is not None and mention.entry.kind in {"demonym", "people", "armed", "place"} and not line.tokens[made.stop].title:
            made.stop += 1
    turkic = line.pack.agglutinative
    known = line.within("people", made.end, made.stop) or line.within("persons", made.end, made.stop) or made.effect_at is not None
    if turkic and made.form == "number" and made.head in {"thing", "unknown"} and not known and line.covers("ever_share", made.start - 1):
        # "onlardan 95-nin xəstəxanada": so many of those told before.
        made.head, made.stop, made.partitive = "bare", made.end, True
    if made.form == "number" and made.effect_at is None and not line.begins("effect", made.end) and _base_set(line, made.start):
        made.head = "thing"
    return made


def group_of(value: str) -> Group:
    """The group in the value of a tag of people: "military:one"."""
    return Group(value.split(":", 1)[0])


def _base_set(line: Line, at: int) -> bool:
    """Whether the number only says of how many: "Of 40 people on the bus, six died", "nine in ten"."""
    if at + 2 < len(line) and line.covers("ratio", at + 1) and number_at(line, at + 2):
        return True
    if at >= 2 and line.covers("ratio", at - 1) and number_at(line, at - 2):
        return True
    before = at - 1
    whole = before
    while (
        whole >= 0 and at - whole <= PART and (line.covers("the", whole) or line.covers("possessives", whole) or whole in line.mention_at)
    ):
        whole -= 1
    if whole > 0 and line.covers("out_of", whole) and line.covers("fraction", whole - 1):
        # "half of Karabakh's 120,000 people"
        return True
    if before > 0 and line.covers("of", before) and line.covers("parent", before - 1):
        # "a mother of two children"
        return True
    if before >= 0 and line.covers("the", before):
        before -= 1
    opening = before == 0 or (before > 0 and (line.is_mark(before - 1) or line.covers("conjunctions", before - 1)))
    return bool(before >= 0 and opening and line.covers("out_of", before) is not None)


def _with_noun(line: Line, quantity: Quantity) -> Quantity:
    """The quantity with the noun phrase that follows its number."""
    if line.pack.agglutinative:
        return verbfinal.with_noun(line, quantity)
    at = quantity.end
    tokens = line.tokens
    if at < len(line) and (them := line.begins("from_them", at)):
        # "seven from them", "двое из них": the pronoun closes the phrase.
        quantity.partitive, quantity.stop = True, them.end
        _absorb(line, quantity)
        return quantity
    unknown = content = 0
    nation: int | None = None
    aged: int | None = None
    # "five of his colleagues", "three of those", "several of the wounded", "a number of".
    if at < len(line) and (link := line.begins("partitive", at)):
        quantity.partitive = True
        at = link.end
        if at < len(line) and (owner := line.begins("possessives", at)) and not line.begins("people", at):
            # "five of his colleagues" are no share of those told before.
            quantity.possessive, quantity.partitive = at, False
            quantity.whole, at = _inner(line, owner.end)
            if at < len(line) and line.begins("ranks", at):
                quantity.head, quantity.stop, quantity.head_at = "persons", at + 1, at
                return quantity
        elif at < len(line) and line.begins("them", at):
            quantity.stop, quantity.head = at + 1, "bare"
            _absorb(line, quantity)
            return quantity
        elif at < len(line) and line.covers("the", at):
            quantity.whole, at = _inner(line, at + 1)
        else:
            quantity.whole, at = _inner(line, at)
    limit = min(len(line), at + MAX_MODIFIERS)
    while at < limit:
        token = tokens[at]
        if token.surface in QUOTES and at + 1 < limit and content == 0:
            at += 1
            continue
        if token.surface == "՝" and content == 0 and at == quantity.end and line.begins("people", at + 1):
            # "որոնցից մեկը՝ երեխա": the mark stands for "is".
            at += 1
            continue
        if token.kind == "mark":
            break
        if at == quantity.end and line.pack.language == "ru" and (owner := line.begins("possessives", at)):
            # "двое его охранников"
            quantity.possessive, at = at, owner.end
            continue
        if token.kind == "number" and token.suffix:
            # "a 12-year-old boy", "a 25-year-old": an age before the noun, or instead of it.
            aged = at + 1
            at += 1
            content += 1
            continue
        if token.kind == "number" and content == 0 and (old := line.begins("years_old", at + 1)):
            # "ein 32 Jahre alter Hirte"
            at = old.end
            content += 1
            continue
        people = line.begins("people", at)
        if people and line.pack.lexicon.order == "svo" and line.begins("things", people.end):
            quantity.head, quantity.stop = "thing", people.end + 1
            return quantity
        if people and _adjectival(line, people) and modifies(line, people.end):
            at = people.end
            content += 1
            unknown += 1
            continue
        if people:
            quantity.head, quantity.group, quantity.head_at = "people", group_of(str(people.value)), at
            own = line.all_begins("effect", at)
            if (
                quantity.form in {"number", "vague"}
                and own
                and own[0].end == people.end
                and any(tag.value == "killed:state" for tag in own)
            ):
                # "thirty-one martyrs": the noun of people tells their death.
                quantity.head, quantity.effect_at, quantity.stop = "state", at, people.end
                return quantity
            quantity.singular = str(people.value).endswith(":one") or str(people.value).endswith(":any")
            at = people.end
            # "police sergeant major", "Armenian army officers": the last noun is the head, the clearer group stays.
            while at < len(line) and (more := line.begins("people", at)):
                quantity.head_at, at = at, more.end
                quantity.singular = not str(more.value).endswith(":many")
                if quantity.group is Group.CIVILIAN or quantity.group is Group.MILITARY:
                    quantity.group = group_of(str(more.value)) if group_of(str(more.value)) is not Group.CIVILIAN else quantity.group
            quantity.stop = at
            return quantity
        persons = line.begins("persons", at)
        effects = line.all_begins("effect", at)
        if persons and not (effects and any(str(tag.value).endswith((":noun", ":joint")) for tag in effects)):
            quantity.head, quantity.head_at = "persons", at
            if line.begins("others", at):
                quantity.more = True
            at = persons.end
            if at < len(line) and (people := line.begins("people", at)):
                quantity.head, quantity.group, at = "people", group_of(str(people.value)), people.end
            quantity.stop = at
            return quantity
        if effects and unknown:
            break
        if effects:
            forms = {str(tag.value).split(":", 1)[1] for tag in effects}
            if forms & {"noun", "joint"} and not forms & {"state"}:
                quantity.head, quantity.effect_at, quantity.stop = "noun", at, effects[0].end
                return quantity
            if "state" in forms:
                after = effects[0].end
                people = line.begins("people", after) if after < len(line) else None
                persons = line.begins("persons", after) if after < len(line) else None
                people_of = line.mention_at.get(after)
                quantity.effect_at, quantity.head, quantity.stop = at, "state", after
                if people:
                    quantity.group, quantity.stop, quantity.head = group_of(str(people.value)), people.end, "state"
                elif persons:
                    quantity.stop = persons.end
                elif people_of is not None and people_of.entry.kind in {"demonym", "people"}:
                    quantity.stop = after + 1
                return quantity
            break
        if line.begins("more", at):
            quantity.more = True
            at += 1
            continue
        mention = line.mention_at.get(at)
        if mention is not None:
            content += 1
            nationals = mention.entry.kind in {"demonym", "people", "group"} or (
                # "vingt-trois Arméniens": a plural told by the name of its country.
                line.pack.language == "fr" and mention.entry.kind == "place" and at == quantity.end and token.folded.endswith("s")
            )
            if nationals and unknown == 0:
                nation = at + 1
                limit = min(len(line), at + 1 + MAX_MODIFIERS)
            at += 1
            continue
        if line.begins("things", at):
            after = at + 1
            if after < len(line) and (line.begins("people", after)):
                at = after
                continue
            quantity.head, quantity.stop = "thing", at + 1
            return quantity
        if (
            token.kind == "number"
            or any(line.covers(kind, at) for kind in ("function_words", "auxiliaries", "say"))
            or line.begins("number", at)
        ):
            break
        if line.pack.not_alone and line.covers("rise", at):
            # A verb that closes the clause is no noun: "რიცხვმა 201-ს მიაღწია".
            break
        content += 1
        unknown += 1
        if unknown > MAX_UNKNOWN:
            break
        at += 1
    if aged is not None and unknown == 0 and nation is None and aged == at and quantity.form in {"one", "definite"}:
        quantity.head, quantity.head_at, quantity.stop, quantity.singular = "persons", aged - 1, aged, True
    elif nation is not None and unknown == 0:
        # "370 Armenians": the nation itself is the noun.
        quantity.head, quantity.head_at, quantity.stop = "persons", nation - 1, nation
    elif content:
        strange = 0 < unknown <= 2 and not line.within("things", quantity.end, at)
        if strange and line.covers("collective", quantity.end - 1):
            # "троих отдыхающих": such numerals count people alone.
            quantity.head, quantity.stop, quantity.head_at = "persons", at, at - 1
            return quantity
        quantity.head, quantity.stop = ("unknown" if strange and quantity.form in {"one", "number", "vague"} else "thing"), at
    else:
        quantity.stop = max(quantity.end, at if quantity.partitive else quantity.end)
        if quantity.partitive and not (at > quantity.end and tokens[at - 1].kind != "mark" and _values_or_digits(line, at - 1)):
            quantity.head = "thing"
    if quantity.form == "number" and quantity.end < len(line) and tokens[quantity.end].surface in COMMAS and quantity.head == "bare":
        before = tokens[quantity.start - 1] if quantity.start else None
        # "Abishov, 32, was", "the boy, seven, was": an age.
        if before is not None and before.surface in COMMAS and quantity.start >= 2:
            person = line.covers("people", quantity.start - 2)
            alone = person is not None and str(person.value).endswith(":one")
            if (tokens[quantity.start - 2].title and tokens[quantity.end - 1].kind == "number") or (
                alone and quantity.end - quantity.start == 1
            ):
                quantity.head = "thing"
    return quantity


def _adjectival(line: Line, people: Tag) -> bool:
    """Whether a noun of people may stand before another noun: singulars, "military", "police"."""
    last = line.tokens[people.end - 1].folded
    return str(people.value).endswith(":one") or not last.endswith(("s", "men", "women", "children", "people", "troops"))


def modifies(line: Line, after: int) -> bool:
    """Whether the noun that ends before token `after` only modifies another: "a police station", "the general secretary"."""
    if line.is_mark(after) or line.tokens[after].title or line.tokens[after].kind != "word":
        return False
    known = (
        "function_words",
        "effect",
        "say",
        "auxiliaries",
        "people",
        "persons",
        "adverbs",
        "conjunctions",
        "subordinators",
        "number",
        "time_now",
    )
    if any(line.covers(kind, after) for kind in known) or after in line.mention_at:
        return False
    return line.pack.language == "en" and not line.tokens[after].folded.endswith(("ed", "ing", "ly"))


def _values_or_digits(line: Line, at: int) -> bool:
    return line.tokens[at].kind == "number" or values_at(line, at) is not None


def _absorb(line: Line, quantity: Quantity) -> None:
    """Take in the noun that tells who the share is: "one of them a child", "eighty of them officers"."""
    at = quantity.stop
    if at < len(line) and (one := line.begins("number_one", at)):
        at = one.end
    for place in range(at, min(len(line), at + 3)):
        people = line.begins("people", place)
        if people:
            quantity.head, quantity.group, quantity.head_at, quantity.stop = "people", group_of(str(people.value)), place, people.end
            return
        if line.is_mark(place) or line.covers("function_words", place) or line.covers("effect", place):
            return


def _inner(line: Line, at: int) -> tuple[int | None, int]:
    """The larger number in "84 of its 90 men", and the token past it."""
    inner = number_at(line, at) if at < len(line) else None
    return inner or (None, at)
