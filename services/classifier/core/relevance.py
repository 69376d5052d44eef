"""Whether an article concerns the watch area, the South and the North Caucasus.

Tuned for recall: an article wrongly silenced loses everything. What names the area is weighed by where it stands;
sport, the American state and a passing word in news from elsewhere are told apart.
"""

from __future__ import annotations

from collections.abc import Sequence

from services.classifier.core.affairs import Words, words_of
from services.classifier.core.document import Document
from services.region import Entry, Region

WATCHED = frozenset({"ARM", "AZE", "NKR", "GEO", "ABK", "OSS", "CHE", "DAG", "ING", "KBR", "SEO", "KCR", "ADY"})
"""Bodies of the watch area."""

NEEDED_ABROAD = (1.4, 2.0, 2.5, 2.5, 3.2)
"""What names of the area must weigh together where none, one, two, three, four or more other countries at war or in the news are named."""

NEEDED_OF_A_NOTE = 0.85
"""The same for a text of losses or truces no longer than a lead that names no other country: a bulletin names one army and one place, not more."""

AT_HOME = 1.0
"""What a text in a language of the area weighs by itself while it names no other country."""

HOME_LANGUAGES = frozenset({"hy", "az", "ka"})

LEAD = 400
"""Characters of the text in which a name counts as part of the lead."""

SPORT_WORDS = 4
"""So many different words of sport make a sports page."""

SPORT_WORDS_OF_A_NOTE = 3
"""The same in a short text."""

SHORT = 1000
"""Characters of a text that is short."""

STAGE_WORDS = 3
"""So many different words of films make a page of culture."""

AMERICAN_WORDS = 2


def is_relevant(document: Document, region: Region, words: Sequence[Words] | None = None) -> bool:  # noqa: ARG001 - the region's mentions are in the document
    """True where the article concerns the watch area."""
    return reason(document, words) == "concerns"


def reason(document: Document, words: Sequence[Words] | None = None) -> str:
    """One word for why an article concerns the area or not: concerns, unnamed, passing, sport, stage, american."""
    weights: dict[str, float] = {}
    for name, mentions in document.mentions.items():
        for mention in mentions:
            place = 2.0 if name == "title" else 1.5 if mention.start < LEAD else 1.0
            for entry, code in ((mention.entry, mention.code), (mention.of, None)):
                if entry is not None and (entry is mention.entry or entry.kind == "place"):
                    key, weight = _weigh(entry, code)
                    weights[key] = max(weights.get(key, 0.0), weight * place)
    weights.pop("", None)
    found = words_of(document) if words is None else words
    kinds = _kinds_of_words(document, found)
    total = sum(weights.values())
    if document.language in HOME_LANGUAGES and not kinds["foreign"] and weights:
        total += AT_HOME
    if not weights:
        return "unnamed"
    short = len(document.article.text) < SHORT
    played = len(kinds["sport"])
    if (played >= SPORT_WORDS and played > len(weights)) or (short and played >= SPORT_WORDS_OF_A_NOTE and 2 * played > len(weights)):
        return "sport"
    if short and len(kinds["stage"]) >= STAGE_WORDS and len(kinds["stage"]) > len(weights):
        return "stage"
    if weights.keys() <= {"georgia", "people:GEO", "body:GEO"} and len(kinds["usa"]) >= AMERICAN_WORDS:
        return "american"
    note = len(document.article.text) < LEAD and not any(kinds.values()) and _of_violence(document, found)
    needed = NEEDED_OF_A_NOTE if note else NEEDED_ABROAD[min(len(kinds["foreign"]), len(NEEDED_ABROAD) - 1)]
    return "concerns" if total >= needed else "passing"


def _weigh(entry: Entry, code: str | None) -> tuple[str, float]:
    """What a mention of `entry` counts once an article, and how much."""
    if entry.kind == "place":
        return (entry.id, 1.0) if entry.watched or (entry.body or "") in WATCHED else ("", 0.0)
    if entry.began is not None or entry.kind in {"format", "term"}:
        return (entry.id, 1.0) if entry.id not in _ELSEWHERE else ("", 0.0)
    body = (code or entry.code or "").split(".")[0]
    if body in WATCHED:
        return (f"body:{body}", 0.75) if entry.kind != "demonym" else (entry.id, 0.6)
    return "", 0.0


def _of_violence(document: Document, words: Sequence[Words]) -> bool:
    """Whether any word of losses, attacks or truces is in the text."""
    if any(tag.kind in {"effect", "agents", "ceasefire"} for tags in document.tags for tag in tags):
        return True
    return any(tag.kind == "noun" for row in words for tag in row.truce)


_ELSEWHERE = frozenset({"alma-ata-declaration", "armenian-genocide", "kto-regime", "foreign-agents-law"})
"""Entries of the region that news from elsewhere names as well."""


def _kinds_of_words(document: Document, words: Sequence[Words]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {"sport": set(), "stage": set(), "usa": set(), "foreign": set()}
    for sentence, row in zip(document.sentences, words, strict=True):
        for tag in row.relevance:
            if tag.kind in found:
                found[tag.kind].add(sentence.tokens[tag.start].folded[:6])
    return found
