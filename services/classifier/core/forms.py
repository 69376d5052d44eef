"""The forms of the files of a language: what a lexicon and a list of patterns may hold, checked when they are read.

`services/classifier/lexicon/<lang>.yaml` is a `Lexicon`, `services/classifier/patterns/<lang>.yaml` is `Patterns`. The
header of `lexicon/en.yaml` explains every section. What the words mean for a text is the business of `packs`.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Literal, TypeVar

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from schemas.vocabulary import Effect, Group


class PackFault(ValueError):  # noqa: N818 - it names the pack's state
    """A lexicon or pattern file that cannot be used: says file, line and fault."""


def _word(value: object) -> str:
    """YAML reads yes, no, on and off as truth values: quote them. Numbers become their digits."""
    if isinstance(value, bool):
        raise ValueError("a word that YAML takes for a truth value: put it in quotes")  # noqa: TRY004 - pydantic reports it
    return str(value)


def _words(value: object) -> object:
    """A list of words, or one text in which commas part them; alternatives in brackets are written out."""
    if isinstance(value, str):
        value = [piece.strip().strip('"') for piece in value.replace("\n", " ").split(",") if piece.strip()]
    if isinstance(value, list):
        return [entry for word in value for entry in (_alternatives(word) if isinstance(word, str) else [word])]
    return value


def _alternatives(word: str) -> list[str]:
    """All readings of "(received|suffered) (gunshot|) wounds"."""
    parts = [part[1:-1].split("|") if part.startswith("(") else [part] for part in _PARTS.findall(word)]
    return [" ".join(" ".join(chosen).split()) for chosen in itertools.product(*parts)]


_PARTS = re.compile(r"\([^)]*\)|[^()]+")


Word = Annotated[str, BeforeValidator(_word)]
Words = Annotated[tuple[Word, ...], BeforeValidator(_words)]


class Section(BaseModel):
    """A part of a lexicon: unknown keys are faults, so that a misspelt one is noticed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Form = TypeVar("Form", bound=Section)


class Numbers(Section):
    """Number words. `words` and `scales` give values; `exact` are phrases with a value ("half a dozen")."""

    words: dict[Word, int] = {}
    scales: dict[Word, int] = {}
    joiners: Words = ()
    exact: dict[Word, int] = {}
    approximate: dict[Word, int] = {}
    """Collective numbers that only come near a value: une vingtaine de (20), ein Dutzend Mal."""
    vague: Words = ()
    ordinals: dict[Word, int] = {}
    one: Words = ()
    """Words that say one before a noun: a, an, another."""
    none: Words = ()
    """Words that say none before or instead of a noun: no, nobody, neither."""
    glued: Words = ()
    """Hundreds and thousands that are written as one word with what is before and behind them: hundert, tausend ("zweihundertvierzig"), ას ("ორასორმოცი")."""
    number_suffixes: Words = ()
    """What may be glued to digits and leaves them a number: ն, ը, 'i, -х."""
    ordinal_suffixes: Words = ()
    """What glued to digits makes an ordinal: st, nd, rd, th, -й."""
    endings: Words = ()
    """Endings of case that number words take where endings are glued on: iki-yə, beş-ten. Only those that agree in vowels are formed."""
    share_endings: Words = ()
    """Endings that make a number so many of those spoken of: iki-si, beş-i, 3-ünün."""


class Hedges(Section):
    """Words beside a number that say how it bounds the truth; `*_after` stand behind it."""

    at_least: Words = ()
    more_than: Words = ()
    up_to: Words = ()
    about: Words = ()
    at_least_after: Words = ()
    more_than_after: Words = ()
    about_after: Words = ()
    up_to_after: Words = ()
    up_to_endings: Words = ()
    """Endings of a number that say up to: Georgian მდე, Azerbaijani dək."""
    between: Words = ()
    range_joiners: Words = ()


class People(Section):
    """Nouns of one group: `one` singular, `many` plural or collective, `any` where the form does not tell."""

    one: Words = ()
    many: Words = ()
    any: Words = ()


class EffectWords(Section):
    """Words of one effect, by how they take their victims.

    `participle`: passive with the victims as subject, else active with them as object ("killed").
    `subject`: the victims are the subject ("died"). `object`: they are the object ("killing", "claimed the lives of").
    `state`: an adjective or a noun of people beside or instead of the noun ("dead", "wounded", "14 dead").
    `noun`: deeds or sums counted themselves, victims as "of ..." ("deaths", "losses", "the loss of").
    """

    participle: Words = ()
    subject: Words = ()
    object: Words = ()
    losing: Words = ()
    """Verbs whose subject loses its own people: "lost 16 servicemen"."""
    state: Words = ()
    noun: Words = ()
    joint: Words = ()
    """Nouns that cover dead and wounded alike ("casualties")."""
    weak: Words = ()
    """Words listed above that speak of people only where a noun of people stands beside them ("fell", "destroyed")."""


class Attribution(Section):
    """How sources are named."""

    say: Words = ()
    """Verbs of speech: said, reported, admitted."""
    according: Words = ()
    """Before the source: according to, citing."""
    according_after: Words = ()
    """After the source in languages that put it so: görə, მიხედვით."""
    office: Words = ()
    """Common nouns that resolve to the last fitting body: ministry, spokesman, officials."""
    pronoun: Words = ()
    """he, she, it, they as speakers."""
    cite: Words = ()
    """Passing on another's words: citing, quoting."""
    outlet_voice: Words = ()
    """The outlet itself speaks: we recall, the agency's correspondent."""


class Times(Section):
    """Expressions of time."""

    months: dict[Word, int] = {}
    weekdays: dict[Word, int] = {}
    now: Words = ()
    background: Words = ()
    earlier: Words = ()
    war: Words = ()
    year_units: Words = ()


class Lexicon(Section):
    """The whole of one language's lexicon."""

    language: str
    order: Literal["svo", "sov", "free"] = "svo"
    articles: bool = False
    """Whether a singular noun needs an article to mean one ("a soldier")."""
    home: str = ""
    """The body whose ministries, in texts that speak of it or of its foe, need no name: AZE in Azerbaijani."""
    martyrs: str = ""
    """The body whose dead are called martyrs."""
    abbreviations: Words = ()
    suffixes: Words = ()
    """Endings that may be peeled off a word, longest first or not; up to three in a row."""
    function_words: Words = ()
    not_alone: Words = ()
    """Endings (of plural, or of the case of an agent) that a noun of people never has where it stands alone for one victim."""
    numbers: Numbers = Numbers()
    hedges: Hedges = Hedges()
    people: dict[Group, People] = {}
    persons: Words = ()
    """Words that stand for people without saying more: others, of them, victims, lives."""
    things: Words = ()
    """Nouns that are never people though they may look so: times, posts, kilometres, tanks."""
    effects: dict[Effect, EffectWords] = {}
    agents: Words = ()
    """Deeds that hit people: shelling, strike, drone, mine, explosion."""
    auxiliaries: Words = ()
    passive: Words = ()
    """The auxiliaries that make a participle passive (was, been); where none are listed, every auxiliary does."""
    negation: Words = ()
    possessives: Words = ()
    subset: Words = ()
    """Words before a share: including, among them, of whom."""
    conjunctions: Words = ()
    """and, or, as well as"""
    subordinators: Words = ()
    """who, which, that, when, after, while: they open a clause."""
    partitive: Words = ()
    """of, out of: between a number and the larger number it is a part of."""
    attribution: Attribution = Attribution()
    times: Times = Times()
    words: dict[str, Words] = {}
    """Further classes, used by patterns as <name>."""
    ceasefire: dict[str, Words] = {}
    events: dict[str, Words] = {}
    relevance: dict[str, Words] = {}


class Pattern(Section):
    """A fixed turn of phrase over token classes: see the header of patterns/en.yaml."""

    name: str
    match: str
    effect: Effect | None = None
    options: dict[str, bool | int | str] = Field(default_factory=dict)


class Patterns(Section):
    """All patterns of a language."""

    patterns: tuple[Pattern, ...] = ()


def entries_of(lexicon: Lexicon) -> Iterator[tuple[str, str | int, Iterable[str]]]:
    """(class, value, words) of every entry of a lexicon."""
    numbers = lexicon.numbers
    tables: tuple[tuple[str, Mapping[str, int]], ...] = (
        ("number", numbers.words),
        ("scale", numbers.scales),
        ("exact", numbers.exact),
        ("approximate", numbers.approximate),
        ("ordinal", numbers.ordinals),
        ("month", lexicon.times.months),
        ("weekday", lexicon.times.weekdays),
    )
    for kind, table in tables:
        for word, value in table.items():
            yield kind, value, (word,)
    for name in ("joiners", "vague", "one", "none"):
        yield f"number_{name}", name, getattr(numbers, name)
    for name in Hedges.model_fields:
        kind = "range_joiner" if name == "range_joiners" else "hedge_after" if name.endswith("_after") else "hedge"
        yield kind, name.removesuffix("_after"), getattr(lexicon.hedges, name)
    for group, people in lexicon.people.items():
        for name in ("one", "many", "any"):
            yield "people", f"{group}:{name}", getattr(people, name)
    for effect, forms in lexicon.effects.items():
        for name in EffectWords.model_fields:
            yield ("weak" if name == "weak" else "effect"), f"{effect}:{name}", getattr(forms, name)
    for name in (
        "function_words",
        "persons",
        "things",
        "agents",
        "auxiliaries",
        "passive",
        "negation",
        "possessives",
        "subset",
        "conjunctions",
        "subordinators",
        "partitive",
    ):
        yield name, name, getattr(lexicon, name)
    for name in Attribution.model_fields:
        yield name, name, getattr(lexicon.attribution, name)
    for name in ("now", "background", "earlier", "war", "year_units"):
        yield f"time_{name}", name, getattr(lexicon.times, name)
    for section in ("words", "ceasefire", "events", "relevance"):
        for name, words in getattr(lexicon, section).items():
            yield (name if section == "words" else section), name, words


def _line_of(node: yaml.Node | None, path: tuple[int | str, ...]) -> int:
    """The line, from 1, of the node at `path`, or of the nearest one above it."""
    line = 1
    for step in path:
        if node is None:
            break
        line = node.start_mark.line + 1
        if isinstance(node, yaml.MappingNode):
            pairs = [(key, value) for key, value in node.value if key.value == str(step)]
            if not pairs:
                break
            line = pairs[0][0].start_mark.line + 1
            node = pairs[0][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
        else:
            break
    return line


def read_form(name: str, source: str, model: type[Form]) -> Form:
    """The text of the file `name` as the form `model`.

    Raises:
        PackFault: it is no YAML or not of the form; the message names file, line and fault, one a line.
    """
    try:
        tree = yaml.compose(source, Loader=yaml.CSafeLoader)
        data = yaml.load(source, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as fault:
        mark = getattr(fault, "problem_mark", None)
        raise PackFault(f"{name}:{mark.line + 1 if mark else 1}: {getattr(fault, 'problem', fault)}") from fault
    try:
        return model.model_validate(data or {})
    except ValidationError as fault:
        lines = [
            f"{name}:{_line_of(tree, tuple(error['loc']))}: {'.'.join(map(str, error['loc']))}: {error['msg']}" for error in fault.errors()
        ]
        raise PackFault("\n".join(lines)) from fault
