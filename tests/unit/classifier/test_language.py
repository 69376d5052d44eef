from __future__ import annotations

import pytest

from services.classifier.core.language import language_of


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("en", "Two soldiers were killed on the border, the ministry said."),
        ("ru", "Двое военнослужащих погибли на границе, сообщило министерство."),
        ("az", "Müdafiə Nazirliyinin məlumatına görə iki hərbçi həlak olub."),
        ("hy", "Զոհվել է երկու զինծառայող։"),
        ("tr", "Savunma Bakanlığı iki askerin şehit olduğunu açıkladı."),
        ("ka", "დაიღუპა ორი ჯარისკაცი."),
        ("fr", "Deux soldats ont été tués à la frontière, selon le ministère."),
        ("de", "Zwei Soldaten wurden an der Grenze getötet, teilte das Ministerium mit."),
    ],
)
def test_the_eight_languages_are_told_by_their_words(code: str, text: str) -> None:
    assert language_of("", text) == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12 34 ...",
        "Dos soldados murieron en la frontera durante la noche, dijo el lunes el ministerio de Defensa de Armenia.",
        "Двоє військових загинули на кордоні, повідомило міністерство її країни.",
    ],
)
def test_other_languages_and_no_letters_are_undetermined(text: str) -> None:
    assert language_of("", text) == "und"
