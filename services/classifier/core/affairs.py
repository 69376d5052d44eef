"""The words of events, truces and relevance, by language: data beside the lexicon of casualties, matched the same way.

`services/classifier/affairs/<lang>.yaml` has four sections, `events`, `truce`, `relevance` and `actors`; each maps a
class to its words. Words are written as in the lexicons: folded, `word*` by its beginning, several words allowed;
`suffixes` are endings that may be peeled off in languages that glue them on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml
from pydantic import Field, ValidationError

from services.classifier.core.packs import Lexicon, Pack, PackFault, Patterns, Section, Words

FOLDER = "affairs"


class AffairsFile(Section):
    """One language's file."""

    language: str
    suffixes: Words = ()
    negation: Words = ()
    background: Words = ()
    events: dict[str, Words] = Field(default_factory=dict)
    truce: dict[str, Words] = Field(default_factory=dict)
    relevance: dict[str, Words] = Field(default_factory=dict)
    actors: dict[str, Words] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Affairs:
    """The matcher of one language: one pack of tags for each section."""

    language: str
    events: Pack
    truce: Pack
    relevance: Pack
    actors: Pack


def parse(language: str, source: str) -> Affairs:
    """The matcher from the text of a file.

    Raises:
        PackFault: the text is no YAML or not of the schema; the message names file, line and fault, one a line.
    """
    name = f"{FOLDER}/{language}.yaml"
    try:
        tree = yaml.compose(source, Loader=yaml.CSafeLoader)
        data = yaml.load(source, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as fault:
        mark = getattr(fault, "problem_mark", None)
        raise PackFault(f"{name}:{mark.line + 1 if mark else 1}: {getattr(fault, 'problem', fault)}") from fault
    try:
        read = AffairsFile.model_validate(data or {})
    except ValidationError as fault:
        raise PackFault(
            "\n".join(f"{name}:{_line(tree, e['loc'])}: {'.'.join(map(str, e['loc']))}: {e['msg']}" for e in fault.errors())
        ) from fault
    if read.language != language:
        raise PackFault(f"{name}:1: language: says {read.language}")
    shared = {"negation": read.negation, "background": read.background}

    def pack(words: dict[str, Words]) -> Pack:
        return Pack(Lexicon(language=language, suffixes=read.suffixes, words={**shared, **words}), Patterns())

    return Affairs(language, pack(read.events), pack(read.truce), pack(read.relevance), pack(read.actors))


def _line(node: yaml.Node | None, path: Sequence[int | str]) -> int:
    line = 1
    for step in path:
        if isinstance(node, yaml.MappingNode):
            pairs = [(key, value) for key, value in node.value if key.value == str(step)]
            if not pairs:
                break
            line, node = pairs[0][0].start_mark.line + 1, pairs[0][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
        else:
            break
    return line


@cache
def load(language: str) -> Affairs | None:
    """The matcher of `language`, read once; None where there is no file.

    Raises:
        PackFault: see `parse`.
    """
    path = resources.files("services.classifier") / FOLDER / f"{language}.yaml"
    return parse(language, path.read_text(encoding="utf-8")) if path.is_file() else None


def faults() -> tuple[str, ...]:
    """What is wrong with the package's files, one line each: file, line and fault."""
    found: list[str] = []
    for path in sorted((resources.files("services.classifier") / FOLDER).iterdir(), key=lambda p: p.name):
        if path.name.endswith(".yaml"):
            try:
                parse(path.name.removesuffix(".yaml"), path.read_text(encoding="utf-8"))
            except PackFault as fault:
                found += str(fault).splitlines()
    return tuple(found)
