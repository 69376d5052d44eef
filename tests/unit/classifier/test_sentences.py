from __future__ import annotations

from services.classifier.core.packs import load
from services.classifier.core.sentences import sentences_of


def cut(text: str, language: str = "en") -> list[str]:
    pack = load(language)
    abbreviations = pack.abbreviations if pack else frozenset()
    return [text[start:end] for start, end, _ in sentences_of(text, 0, len(text), language, abbreviations)]


def test_abbreviations_and_initials_end_no_sentence() -> None:
    assert len(cut("Gen. A. B. Petrosyan told the U.S. envoy that two men died. He left.")) == 2


def test_a_quotation_takes_its_closing_mark_along() -> None:
    assert cut('"Two men died." The general said so.') == ['"Two men died."', "The general said so."]


def test_decimals_and_dates_end_no_sentence() -> None:
    assert len(cut("It fell 2.5 km away at 13.40 on Sunday.")) == 1


def test_other_scripts_end_with_their_own_marks() -> None:
    assert len(cut("Զոհվել է երկու զինծառայող։ Վիրավորներ չկան։", "hy")) == 2
    assert len(cut("დაიღუპა ორი ჯარისკაცი. დაშავდა სამი.", "ka")) == 2
    assert len(cut("Погибли 30 тыс. человек. Ранены двое.", "ru")) == 2


def test_an_endless_sentence_is_cut() -> None:
    pieces = cut("one two three " * 1000)
    assert len(pieces) > 5
