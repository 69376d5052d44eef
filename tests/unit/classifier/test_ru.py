"""How Russian is read: free order, cases, spelled-out numbers, nil losses, and neighbours that tell nothing."""

from __future__ import annotations

import pytest

from tests.unit.classifier.reader import claims_in, figures_in

TOLD = [
    ("В Гяндже погибли девять человек, ещё тридцать четыре ранены.", [("killed", 9), ("wounded", 34)]),
    ("Число погибших при обстреле Гянджи возросло до двадцати одного.", [("killed", 21)]),
    ("Взрыв в Кизляре унёс жизни двенадцати человек.", [("killed", 12)]),
    ("В Дербенте ликвидированы пятеро нападавших.", [("killed", 5)]),
    ("В Дербенте скончался раненый сотрудник Росгвардии.", [("killed", 1)]),
    ("В Баку под наблюдением врачей остаются 23 человека.", [("wounded", 23)]),
    ("Двое демонстрантов в Тбилиси лишились глаза.", [("wounded", 2)]),
    ("Под Сухуми в плен взяты более двухсот грузинских гвардейцев.", [("captured", 200)]),
    ("В Нальчике семнадцать боевиков задержаны.", [("captured", 17)]),
    ("Границу пересекли свыше 5 тысяч жителей Цхинвали.", [("displaced", 5000)]),
    ("В Степанакерте погибших нет.", [("killed", 0)]),
    ("При обстреле Агдама никто не пострадал.", [("wounded", 0)]),
]

SILENT = [
    "«Ширак» ликвидировал отставание в два мяча.",
    "Хозяева убили интригу на 88-й минуте.",
    "В Карабахе остаются 1960 российских миротворцев, у них 27 постов.",
    "Под снегом у Степанцминды погибли около сорока овец.",
    "В Тбилиси задержаны 305 участников акции.",
    "Из Нагорного Карабаха ушли на фронт 45 тысяч человек.",
]


@pytest.mark.parametrize(("text", "told"), TOLD)
def test_russian_figures(text: str, told: list[tuple[str, int]]) -> None:
    assert [(claim.effect.value, claim.high if claim.low is None else claim.low) for claim in claims_in(text)] == told


@pytest.mark.parametrize("text", SILENT)
def test_neighbours_that_tell_nothing(text: str) -> None:
    assert claims_in(text) == ()


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("Погибли пять прихожанок.", [("killed", 5, 5)]),
        ("Погибли двое из трёх членов экипажа.", [("killed", 2, 2)]),
        ("Раненых, уточнил республиканский Минздрав, четверо.", [("wounded", 4, 4)]),
        ("Комитет отчитался о ликвидации четверых боевиков.", [("killed", 4, 4)]),
        ("Бой стоил жизни двум жителям села.", [("killed", 2, 2)]),
        ("Нападавшего застрелили патрульные.", [("killed", 1, 1)]),
        ("Третий пострадавший умер в больнице.", [("killed", 1, 1)]),
        ("Четверо раненых, один смертельно.", [("wounded", 4, 4), ("killed", 1, 1)]),
        ("Личный состав потерь не имеет.", [("killed", 0, 0)]),
        ("Погибли 10 человек, среди них — двое стариков.", [("killed", 10, 10), ("killed", 2, 2)]),
        ("Минобороны признаёт сдачу города, но не потери.", []),
        ("Возвращены 12 пленных.", []),
        ("Убиты две тысячи голов скота.", []),
    ],
)
def test_russian_tells_losses_by_case_and_insertion(text: str, figures: list[tuple[str, int, int]]) -> None:
    assert figures_in(text) == figures
