from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from services.classifier.core.tokens import tokenise, value_of


def surfaces(text: str, language: str = "en") -> list[str]:
    return [token.surface for token in tokenise(text, 0, len(text), language)]


@given(st.text(max_size=200))
def test_every_token_can_be_cut_from_the_stored_text(text: str) -> None:
    tokens = tokenise(text, 0, len(text), "en")
    assert all(text[token.start : token.end] == token.surface for token in tokens)
    assert all(first.end <= second.start for first, second in itertools.pairwise(tokens))


def test_separators_of_thousands_belong_to_the_number_in_any_fashion() -> None:
    for written in ("12,500", "12.500", "12 500", "12\u00a0500", "12\u202f500"):
        [token] = tokenise(written, 0, len(written), "en")
        assert token.number == 12_500


def test_what_counts_nothing_has_no_value() -> None:
    assert value_of("20.41") is None
    assert value_of("3.5") is None
    assert value_of("9" * 400) is None
    assert [token.number for token in tokenise("at 20:41", 0, 8, "en")] == [None, None]


def test_endings_glued_to_digits_are_told_apart() -> None:
    for written, number, suffix in (("3-ü", 3, "ü"), ("12-ի", 12, "ի"), ("5'i", 5, "i"), ("20-დან", 20, "დან"), ("72-hour", 72, "hour")):
        [token] = tokenise(written, 0, len(written), "az")
        assert (token.number, token.suffix) == (number, suffix)


def test_clitics_and_elisions_are_words_of_their_own() -> None:
    assert surfaces("Armenia's army wasn't hit") == ["Armenia", "'s", "army", "was", "n't", "hit"]
    assert surfaces("l'armée d'Arménie", "fr") == ["l'", "armée", "d'", "Arménie"]


def test_a_dash_without_blanks_does_not_glue_words() -> None:
    assert surfaces("killed—including two") == ["killed", "—", "including", "two"]
