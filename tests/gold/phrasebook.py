"""The sentences of the phrasebook: one YAML file a class of wording, `tests/data/sentences/<lang>/<class>.yaml`.

    lang: en
    class: passive                           # the file's name
    published_at: "2020-10-05T12:00:00Z"     # a sentence may have its own
    sentences:
      - text: "Three soldiers were killed near Terter, the Defence Ministry in Baku said."
        claims: ["killed 3 exact AZE military AZE.MIL"]
      - text: "Both armies say that the truce of 1994 was broken on Sunday."
        ceasefire: ["violated | was broken on Sunday", "agreed background | the truce of 1994"]
      - {text: "The mayor, 45, has two cars.", none: true}

A claim is `effect number bound side group claimant`, then `subset` or `background` where it is one, then `| ` and the
words that say it (the whole text where they are left out). The number is `3`, `30-40` or `-` (vague); side and claimant are
`-` where there is none. The codes are those of ANNOTATION.md. A neighbour carries `none: true`: nothing is to be read in it.
Sentences say nothing of actors, event types or relevance, so these are not measured on them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from schemas.vocabulary import Bound, CeasefireStatus, Effect, Group

SENTENCES = Path(__file__).parents[1] / "data" / "sentences"

FILE_KEYS = {"lang", "class", "published_at", "sentences"}
SENTENCE_KEYS = {"text", "claims", "ceasefire", "none", "published_at"}
CODE = re.compile(r"[A-Z]{3,5}(\.(GOV|MIL|PKO|CVL|OPP|MED|POL))?")
COUNT = re.compile(r"(\d+)(?:-(\d+))?")


class PhrasebookFault(ValueError):  # noqa: N818 - it names the fault; the scorer prints it and ends
    """A file of sentences that cannot be read; the message names the file, the line and the fault."""


def is_sentences(document: object) -> bool:
    """Whether a YAML document is a file of sentences rather than one annotated article."""
    return isinstance(document, Mapping) and "sentences" in document


def _ends(number: str, bound: Bound) -> tuple[int | None, int | None]:
    """The low and the high end of a stated number, as the annotation gives them."""
    if (number == "-") != (bound is Bound.VAGUE):
        raise ValueError(f"number {number!r} with bound {bound}: '-' goes with vague and with nothing else")
    if number == "-":
        return None, None
    match = COUNT.fullmatch(number)
    if match is None:
        raise ValueError(f"number {number!r}: give 3, 30-40 or -")
    low, high = int(match[1]), int(match[2] or match[1])
    if low != high and bound is not Bound.ABOUT:
        raise ValueError(f"a range like {number!r} has the bound about")
    if low > high:
        raise ValueError(f"range {number!r} runs backwards")
    return {Bound.AT_LEAST: (low, None), Bound.MORE_THAN: (low, None), Bound.UP_TO: (None, high)}.get(bound, (low, high))


def _code(word: str, what: str) -> str | None:
    if word == "-":
        return None
    if CODE.fullmatch(word) is None or (what == "side" and "." in word):
        raise ValueError(f"{what} {word!r}: a code of ANNOTATION.md or '-'")
    return word


def _parted(line: str, text: str) -> tuple[list[str], str]:
    """The words before the bar, and the quote behind it or the whole text."""
    facts, bar, quote = line.partition(" | ")
    if bar and quote not in text:
        raise ValueError(f"the quote {quote!r} does not occur in the text")
    return facts.split(), quote if bar else text


def _claim(line: str, text: str) -> dict[str, Any]:
    words, quote = _parted(line, text)
    if len(words) < 6 or set(words[6:]) - {"subset", "background"}:
        raise ValueError(f"claim {line!r}: give effect, number, bound, side, group, claimant, then subset or background")
    effect, number, bound, side, group, claimant = words[:6]
    low, high = _ends(number, Bound(bound))
    return {
        "effect": str(Effect(effect)),
        "low": low,
        "high": high,
        "bound": bound,
        "side": _code(side, "side"),
        "group": str(Group(group)),
        "claimant": _code(claimant, "claimant"),
        "subset": "subset" in words,
        "current": "background" not in words,
        "quote": quote,
    }


def _truce(line: str, text: str) -> dict[str, Any]:
    words, quote = _parted(line, text)
    if not words or words[1:] not in ([], ["background"]):
        raise ValueError(f"ceasefire {line!r}: give a status, then background where it is one")
    return {"status": str(CeasefireStatus(words[0])), "current": len(words) == 1, "quote": quote}


def _keys(given: Mapping[str, Any], allowed: set[str]) -> None:
    if strange := sorted(set(given) - allowed):
        raise ValueError(f"unknown key {strange[0]!r}; known are {', '.join(sorted(allowed))}")


def _aware(value: object) -> str:
    if not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is None:
        raise ValueError('published_at needs a zone, in quotes: "2020-10-05T12:00:00Z"')
    return value


def _sentence(row: object, published_at: str) -> dict[str, Any]:
    if not isinstance(row, Mapping):
        raise ValueError("a sentence is a mapping with a text")  # noqa: TRY004 - every fault of a file is one class
    _keys(row, SENTENCE_KEYS)
    text = row.get("text")
    if not isinstance(text, str) or not text.strip():
        raise ValueError("the sentence has no text")
    claims = [_claim(line, text) for line in row.get("claims") or ()]
    truces = [_truce(line, text) for line in row.get("ceasefire") or ()]
    if bool(row.get("none", False)) == bool(claims or truces):
        raise ValueError("a sentence has claims or a ceasefire, or none: true, and not both")
    return {
        "published_at": _aware(row.get("published_at", published_at)),
        "text": text,
        "gold": {"casualties": claims, "ceasefire": truces},
    }


def _lines(path: Path) -> tuple[Mapping[str, Any], list[int]]:
    """The file's content and the line on which each sentence begins."""
    source = path.read_text(encoding="utf-8")
    try:
        node = yaml.compose(source, Loader=yaml.CSafeLoader)
        content = yaml.load(source, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as fault:
        mark = getattr(fault, "problem_mark", None)
        raise PhrasebookFault(f"{path}:{mark.line + 1 if mark else 1}: no YAML: {getattr(fault, 'problem', fault)}") from fault
    if node is None or not is_sentences(content) or not isinstance(content["sentences"], list):
        raise PhrasebookFault(f"{path}:1: give lang, class, published_at and a list of sentences")
    rows = next(value for key, value in node.value if key.value == "sentences")
    return content, [child.start_mark.line + 1 for child in rows.value]


def sentences_of(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each sentence of a file as an annotated article with an id like `en-passive-01`; raises PhrasebookFault."""
    content, lines = _lines(path)
    try:
        _keys(content, FILE_KEYS)
        published_at = _aware(content.get("published_at"))
    except ValueError as fault:
        raise PhrasebookFault(f"{path}:1: {fault}") from fault
    if (path.parent.name, path.stem) != (content.get("lang"), content.get("class")):
        raise PhrasebookFault(f"{path}:1: lang and class are those of the path: {path.parent.name}, {path.stem}")
    met: dict[str, int] = {}
    for number, (row, line) in enumerate(zip(content["sentences"], lines, strict=True), 1):
        try:
            document = _sentence(row, published_at)
        except ValueError as fault:
            raise PhrasebookFault(f"{path}:{line}: {fault}") from fault
        if (before := met.setdefault(document["text"], line)) != line:
            raise PhrasebookFault(f"{path}:{line}: the same text stands on line {before}")
        key = f"{content['lang']}-{content['class']}-{number:02d}"
        yield key, {"id": key, "lang": content["lang"], "class": content["class"], **document}
