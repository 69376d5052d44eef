from __future__ import annotations

import pytest

from services.classifier.core.forms import PackFault
from services.classifier.core.language import LANGUAGES
from services.classifier.core.packs import load, parse
from services.classifier.core.tokens import tokenise


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_lexicon_that_exists_can_be_read(code: str) -> None:
    pack = load(code)
    assert pack is None or pack.language == code


def test_a_fault_names_file_line_and_fault() -> None:
    with pytest.raises(PackFault, match=r"lexicon/en\.yaml:3: hedges\.at_lest"):
        parse("en", "language: en\nhedges:\n  at_lest: [at least]\n")


def test_a_word_that_yaml_takes_for_a_truth_value_is_refused() -> None:
    with pytest.raises(PackFault, match="truth value"):
        parse("en", "language: en\nnegation: [no, not]\n")


def test_broken_yaml_is_refused_with_its_line() -> None:
    with pytest.raises(PackFault, match=r"lexicon/en\.yaml:[23]"):
        parse("en", "language: en\nnegation: [no\n")


def test_alternatives_are_written_out_and_the_longest_entry_wins() -> None:
    pack = parse("en", "language: en\neffects:\n  wounded:\n    subject: (received|got) (gunshot|) wounds\n    noun: wounds\n")
    text = "Three got gunshot wounds"
    tags = pack.tags(tuple(tokenise(text, 0, len(text), "en")))
    assert [(tag.start, tag.end, tag.value) for tag in tags] == [(1, 4, "wounded:subject")]


def test_endings_are_peeled_where_a_language_glues_them_on() -> None:
    pack = parse("tr", "language: tr\nsuffixes: [lar, in, i]\npeople:\n  military:\n    many: [asker]\n")
    assert "asker" in pack.keys("askerlerin") or "asker" in pack.keys("askerlarin")
    assert "asker" in pack.keys("askeri")
    assert "asker" not in pack.keys("as")


def test_a_beginning_matches_with_a_star_only() -> None:
    pack = parse("ru", "language: ru\nnegation: [опроверг*]\n")
    assert pack.keys("опровергли") == ("опроверг*",)
    assert pack.keys("опровер") == ()
