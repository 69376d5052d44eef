"""Names as they sound, whatever the script."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.classifier.core.names import FEWEST, LETTERS, names_of, sound


@pytest.mark.parametrize(
    "spellings",
    [
        ["Tkibuli", "Ткибули", "ტყიბული", "Տկիբուլի", "TKIBULI"],
        ["Asoyan", "Асоян", "Ասոյան"],
        ["Nadareishvili", "Надареишвили"],
        ["Gevorgyan", "Геворгян", "Գևորգյան"],
        ["Khachik", "Хачик", "Խաչիկ", "Xaçik"],
    ],
)
def test_a_name_sounds_the_same_in_every_script(spellings: list[str]) -> None:
    assert len({sound(spelling) for spelling in spellings}) == 1


def test_a_text_gives_the_names_that_no_list_holds() -> None:
    text = "The ministry in Yerevan said that Private Azat Asoyan fell near Zghuderi. President Aliyev spoke. On Tuesday Asoyan was buried in Baku."

    assert names_of(text, "en") == ("asoan", "azat", "zkude")


def test_words_that_open_a_sentence_or_also_stand_small_are_no_names() -> None:
    assert names_of("Villagers fled. Many villagers of the Upper valley wept; the upper road is cut.", "en") == ()


def test_the_same_dead_are_found_in_two_languages() -> None:
    english = names_of("The army said that Azat Asoyan and Varuzhan Mkrtchyan fell.", "en")
    russian = names_of("В армии сообщили, что погибли Азат Асоян и Варужан Мкртчян.", "ru")

    assert set(english) == set(russian)


@given(st.text(max_size=300))
def test_any_word_has_a_sound_of_few_latin_letters_or_none(word: str) -> None:
    assert sound(word) == "" or FEWEST <= len(sound(word)) <= LETTERS
    assert set(sound(word)) <= set("abcdefghijklmnopqrstuvwxyz")
