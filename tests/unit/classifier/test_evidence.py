"""Evidence: the exact stored words, and the sentence around them for people to read."""

from __future__ import annotations

from datetime import UTC, datetime

from schemas.reading import Article
from schemas.vocabulary import ReadingNote
from services.classifier.core.document import CONTEXT, LONGEST, take_apart
from services.classifier.core.reading import read
from services.region import Region


def read_text(text: str, title: str = "Border clash in Karabakh") -> Article:
    return Article(id="a", title=title, text=text, published_at=datetime(2022, 9, 13, tzinfo=UTC))


def test_a_claim_carries_its_whole_sentence_and_no_other() -> None:
    article = read_text("Talks went on. Two Armenian soldiers were  killed near Jermuk, the ministry said. Nobody else was named.")
    (claim,) = [claim for claim in read(article).casualties if claim.low == 2]
    evidence = claim.evidence
    assert article.text[evidence.start : evidence.end] == evidence.text
    assert evidence.sentence == "Two Armenian soldiers were killed near Jermuk, the ministry said."


def test_words_of_the_title_have_the_title() -> None:
    article = read_text("", title="Two soldiers killed in Karabakh")
    document = take_apart(article, Region.load())
    assert document.evidence("title", 0, 3).sentence == "Two soldiers killed in Karabakh"


def test_a_sentence_without_end_is_shown_in_part_and_marked() -> None:
    words = "and then they walked on " * 100
    text = f"{words}two soldiers were killed {words}"
    start = text.index("two soldiers")
    shown = take_apart(read_text(text), Region.load()).evidence("text", start, start + 12).sentence
    assert shown.startswith("… ")
    assert shown.endswith(" …")
    assert "two soldiers" in shown
    assert len(shown) <= 2 * CONTEXT + 20


def test_a_text_that_is_read_only_in_part_says_so() -> None:
    long = read_text("x" * LONGEST + " Two soldiers were killed near Jermuk.")
    assert read(long).notes == (ReadingNote.TEXT_TOO_LONG,)
    assert read(read_text("Two soldiers were killed near Jermuk.", title="x" * 3_000)).notes == (ReadingNote.TITLE_TOO_LONG,)
    assert read(read_text("Two soldiers were killed near Jermuk." + " " * LONGEST)).notes == ()
