"""The document that every stage reads: the article with its zones, sentences, lexicon tags and mentions."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field

from schemas.reading import Article, Evidence
from services.classifier.core.cleaning import Zone, zones_of
from services.classifier.core.language import language_of
from services.classifier.core.packs import Pack, Tag, load
from services.classifier.core.sentences import Sentence, sentences_of
from services.region import Mention, Region

LONGEST = 600_000
"""Characters of a text that are read: no article is longer; a log or a book that came by mistake must not fill the memory."""

LONGEST_TITLE = 2_000

CONTEXT = 400
"""Characters of the sentence that evidence shows on either side: a text without full stops is not one sentence to read."""


@dataclass(frozen=True, slots=True)
class Document:
    """An article taken apart, once, for all stages.

    `sentences` are in reading order, the title (field "title") first; only kept zones have sentences. `tags[i]` are
    the lexicon tags of sentence i (their offsets count tokens of that sentence). `mentions` are those of the region by
    field, in order, with offsets into the stored field; only those within kept zones.
    """

    article: Article
    language: str
    pack: Pack | None
    zones: tuple[Zone, ...]
    sentences: tuple[Sentence, ...]
    tags: tuple[tuple[Tag, ...], ...]
    mentions: dict[str, tuple[Mention, ...]] = field(default_factory=dict)

    def text_of(self, name: str) -> str:
        """The stored text of a field."""
        return self.article.title if name == "title" else self.article.text

    def mentions_in(self, sentence: Sentence) -> tuple[Mention, ...]:
        """The mentions of the region that begin within `sentence`."""
        found = self.mentions.get(sentence.field, ())
        first = bisect_left(found, sentence.start, key=lambda mention: mention.start)
        last = bisect_left(found, sentence.end, key=lambda mention: mention.start)
        return found[first:last]

    def evidence(self, name: str, start: int, end: int) -> Evidence:
        """The stored words from `start` to `end` of a field, as evidence, with the sentence around them."""
        stored = self.text_of(name)
        first, last = self._sentence_at(name, start), self._sentence_at(name, max(start, end - 1))
        begin, finish = (first.start if first else start), max(end, last.end if last else end)
        shown = stored[max(begin, start - CONTEXT) : min(finish, end + CONTEXT)].strip()
        before, after = ("… " if begin < start - CONTEXT else ""), (" …" if finish > end + CONTEXT else "")
        return Evidence(
            field="title" if name == "title" else "text",
            start=start,
            end=end,
            text=stored[start:end],
            sentence=f"{before}{' '.join(shown.split())}{after}",
        )

    def _sentence_at(self, name: str, at: int) -> Sentence | None:
        """The sentence of a field that holds the character `at`."""
        place = bisect_right(self.sentences, (name == "text", at), key=lambda sentence: (sentence.field == "text", sentence.start)) - 1
        found = self.sentences[place] if place >= 0 else None
        return found if found is not None and found.field == name and found.start <= at < found.end else None


def take_apart(article: Article, region: Region) -> Document:
    """The document of an article: language, zones, sentences, tags and mentions."""
    language = language_of(article.title, article.text)
    pack = load(language)
    zones = zones_of(article.title, article.text)
    sentences: list[Sentence] = []
    tags: list[tuple[Tag, ...]] = []
    abbreviations = pack.abbreviations if pack else frozenset()

    def add(name: str, paragraph: int, start: int, end: int, *, headline: bool) -> None:
        stored = article.title if name == "title" else article.text
        for begin, finish, tokens in sentences_of(stored, start, end, language, abbreviations):
            sentences.append(Sentence(name, paragraph, len(sentences), begin, finish, tokens, headline))
            tags.append(tuple(pack.tags(tokens)) if pack else ())

    if article.title.strip():
        add("title", 0, 0, min(len(article.title), LONGEST_TITLE), headline=True)
    reached = [zone for zone in zones if zone.kept and zone.start < LONGEST]
    for paragraph, zone in enumerate(reached):
        add("text", paragraph, zone.start, min(zone.end, LONGEST), headline=zone.reason.value == "heading")
    kept = [(zone.start, min(zone.end, LONGEST)) for zone in reached]
    day = article.published_at.date() if article.published_at else None
    mentions = {
        "title": region.find(article.title[:LONGEST_TITLE], day, language, article.text[:LONGEST]),
        "text": _within(region.find(article.text[:LONGEST], day, language), kept),
    }
    return Document(article, language, pack, zones, tuple(sentences), tuple(tags), mentions)


def _within(mentions: tuple[Mention, ...], kept: list[tuple[int, int]]) -> tuple[Mention, ...]:
    found, at = [], 0
    for mention in mentions:
        while at < len(kept) and kept[at][1] <= mention.start:
            at += 1
        if at < len(kept) and kept[at][0] <= mention.start:
            found.append(mention)
    return tuple(found)
