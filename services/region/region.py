"""The region as it is known: one automaton over all names, and what the names stand for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Any

from services.region import loading
from services.region.automaton import Automaton
from services.region.composing import Composer, Grammar, compose_code
from services.region.endings import Endings
from services.region.entries import Entry, Mention
from services.region.folding import Folded, fold


class Region:
    """Finds places, people, bodies, wars and terms in a text; `load()` gives the one built from the package data."""

    def __init__(self) -> None:
        endings = Endings({language: (row["chain"], row["parts"]) for language, row in loading.read("endings.yaml").items()})
        self._entries: list[Entry] = []
        self._by_id: dict[str, Entry] = {}
        self._automaton = Automaton(endings)
        for entry, names in loading.entries():
            self._add(entry, names)
        bodies: Mapping[str, Any] = loading.read("bodies.yaml")
        for code, row in bodies["countries"].items():
            if "names" in row:
                self._automaton.slots.add(
                    self._add(Entry(f"country:{code}", "place", code, code, place_kind="state", state=code), row["names"])
                )
            self._automaton.slots.add(self._add(Entry(f"people:{code}", "demonym", code, code), row["peoples"]))
        for key, row in bodies["bodies"].items():
            languages = {k: v for k, v in row.items() if k not in {"sector", "kind"}}
            self._add(Entry(f"body:{key}", row["kind"], key, sector=row["sector"]), languages)
        self._automaton.close()
        self._composer = Composer(Grammar(bodies["between"], bodies["joining"], bodies["and"]))
        self._named: dict[tuple[str, str], Entry] = {}
        self.wars = tuple(e for e in self._entries if e.began is not None)

    @staticmethod
    def load() -> Region:
        """The region of the package data, built once a process."""
        return _load()

    def _add(self, entry: Entry, names: loading.Names) -> int:
        number = len(self._entries)
        self._entries.append(entry)
        self._by_id[entry.id] = entry
        for language, forms in names.items():
            for form in forms:
                self._automaton.add(form, language, number)
        return number

    def entry(self, key: str) -> Entry:
        """The entry of that id; KeyError where there is none."""
        return self._by_id[key]

    def find(self, text: str, day: date | None = None, language: str | None = None, beside: str = "") -> tuple[Mention, ...]:
        """What `text` names, in order, longest first where names overlap.

        `day` decides offices and who holds a place; of a text in a known `language` common nouns are found in that
        language only ("er" is a soldier in Turkish, he in German). `beside` is text that tells what names mean here without
        being searched: the body of the article whose title is `text`.
        """
        folded = fold(text)
        found = list(self._chosen(folded, day, language, beside))
        merged = self._composer.compose(found, folded.text, lambda m: self._whose(m, day), self._name)
        return tuple(self._placed(m, folded) for m in _which_ministry(merged))

    def _chosen(self, folded: Folded, day: date | None, language: str | None, beside: str) -> Iterator[Mention]:
        """The first admitted name at each place, from left to right, none over another."""
        context = _Context(folded, beside)
        free = 0
        for hit in self._automaton.find(folded):
            entry = self._entries[hit.key]
            if language is not None and entry.sector is not None and entry.code is None and hit.language != language:
                continue
            if hit.start < free or not context.admits(entry, hit.start, hit.end):
                continue
            free = hit.end
            if hit.filled is not None:
                entry = self._name(self._entries[hit.filled].code or "", entry)
                yield Mention(hit.start, hit.end, entry, "", hit.tail, entry.code, hit.language)
            else:
                yield Mention(hit.start, hit.end, entry, "", hit.tail, entry.code_on(day), hit.language)

    def _placed(self, mention: Mention, folded: Folded) -> Mention:
        start, end = folded.span(mention.start, mention.end)
        return Mention(start, end, mention.entry, folded.stored[start:end], mention.tail, mention.code, mention.language, mention.of)

    def _whose(self, mention: Mention, day: date | None) -> str | None:
        entry = mention.entry
        if entry.code is not None:
            return entry.body
        if entry.speaks_for is not None:
            return entry.speaks_for.split(".", 1)[0]
        return entry.holder(day)

    def _name(self, country: str, body: Entry) -> Entry:
        key = (country, body.id)
        if key not in self._named:
            code = compose_code(country, body.sector)
            self._named[key] = replace(body, id=f"{country}:{body.label}", label=f"{country} {body.label}", code=code)
        return self._named[key]


def _which_ministry(mentions: Sequence[Mention]) -> Iterator[Mention]:
    """A country's "ministry" is the one of that country that was named last; its government's where none was."""
    last: dict[str, str] = {}
    for mention in mentions:
        code = mention.code
        if code and "." in code and mention.entry.kind == "office":
            body = code.split(".")[0]
            if mention.entry.id.endswith(":ministry"):
                yield replace(mention, code=last.get(body, code))
                continue
            if "inist" in mention.entry.label.lower() or mention.entry.id.endswith(("-mod", "-mfa", "-interior")):
                last[body] = code
        yield mention


class _Context:
    """What the rest of the text says about a name: words it needs, phrases that rule it out."""

    def __init__(self, folded: Folded, beside: str) -> None:
        self._text = folded.text
        self._beside = beside
        self._all: str | None = None
        self._known: dict[str, bool] = {}

    def _holds(self, phrase: str) -> bool:
        if phrase not in self._known:
            if self._all is None:
                self._all = self._text + "\n" + fold(self._beside).text if self._beside else self._text
            self._known[phrase] = _folded(phrase) in self._all
        return self._known[phrase]

    def admits(self, entry: Entry, start: int, end: int) -> bool:
        if entry.need and not any(self._holds(word) for word in entry.need):
            return False
        name = self._text[start:end]
        for phrase in entry.without:
            if not self._holds(phrase):
                continue
            folded = _folded(phrase)
            inside = folded.find(name)
            if inside < 0:
                return False
            # The phrase holds the name itself: it rules the name out only where it stands.
            if self._text.startswith(folded, max(0, start - inside)):
                return False
        return True


@lru_cache(maxsize=4096)
def _folded(phrase: str) -> str:
    return fold(phrase).text


@lru_cache(maxsize=1)
def _load() -> Region:
    return Region()
