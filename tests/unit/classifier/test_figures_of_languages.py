"""Figures told by the same turns in several languages: earlier words of the day, shares by name, and their neighbours."""

from __future__ import annotations

import pytest

from tests.unit.classifier.reader import claims_in, figures_in


def timed(text: str) -> list[tuple[str, int | None, bool]]:
    """(effect, low, current?) of every claim."""
    return [(claim.effect.value, claim.low, claim.current) for claim in claims_in(text)]


EARLIER_HOURS = [
    "Das georgische Gesundheitsministerium zählt neun Tote. Am Mittag hatte das Ministerium sechs Tote gemeldet.",
    "Das georgische Gesundheitsministerium zählt neun Tote. Am Dienstag hatte es sechs Tote genannt.",
    "Le ministère géorgien de la Santé annonce neuf morts. À midi, le ministère parlait encore de six morts.",
    "საქართველოს ჯანდაცვის სამინისტრომ ცხრა დაღუპული დაადასტურა. დილით სამინისტრო ექვს დაღუპულს ასახელებდა.",
    "Հայաստանի առողջապահության նախարարությունը հայտնել է ինը զոհի մասին։ Առավոտյան նախարարությունը վեց զոհի մասին էր խոսում։",
    "Gürcistan Sağlık Bakanlığı dokuz ölü olduğunu bildirdi. Bakanlık sabah altı ölüden söz etmişti.",
    "Минздрав Грузии сообщил о девяти погибших. Ещё утром в сводке министерства значилось шесть погибших.",
]


@pytest.mark.parametrize("text", EARLIER_HOURS)
def test_what_the_same_body_said_earlier_that_day_is_replaced(text: str) -> None:
    assert timed(text) == [("killed", 9, True), ("killed", 6, False)]


@pytest.mark.parametrize(
    "text",
    [
        "Das georgische Gesundheitsministerium meldete am Mittag neun Tote. Am Abend starben in Batumi sechs Menschen.",
        "Минздрав Грузии сообщил о девяти погибших. Утром в Батуми погибли шесть рыбаков.",
        "Le ministère géorgien de la Santé annonce neuf morts. À midi, six pêcheurs sont morts à Batoumi.",
    ],
)
def test_another_happening_of_the_day_replaces_nothing(text: str) -> None:
    assert timed(text) == [("killed", 9, True), ("killed", 6, True)]


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        (
            "Das Ministerium bestätigte den Tod von elf Soldaten, unter ihnen Generalmajor Polad Haschimow.",
            [("killed", 11, 11), ("killed", 1, 1)],
        ),
        ("Զոհվել է յոթ զինվոր, այդ թվում՝ երկու սպա։", [("killed", 7, 7), ("killed", 2, 2)]),
        ("Տուժել է հարյուր մեկ մարդ, այդ թվում՝ տասնյոթ ոստիկան։", [("wounded", 101, 101), ("wounded", 17, 17)]),
        ("Ժողովին մասնակցել է հարյուր մեկ մարդ, այդ թվում՝ տասնյոթ ոստիկան։", []),
    ],
)
def test_shares_by_name_and_behind_an_armenian_mark(text: str, figures: list[tuple[str, int, int]]) -> None:
    assert figures_in(text) == figures


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("Verletzt wurde niemand, sagte der georgische Bürgermeister.", [("wounded", 0, 0)]),
        ("Tote habe es nicht gegeben, versicherte der georgische Polizeichef.", [("killed", 0, 0)]),
        ("Die georgischen Feuerwehrleute kamen nicht zu Schaden.", [("wounded", 0, 0)]),
        ("Грузинские пожарные не пострадали.", [("wounded", 0, 0)]),
        ("Никто из жителей Тбилиси не пострадал.", [("wounded", 0, 0)]),
        ("Дома жителей села под Тбилиси не пострадали.", []),
        ("Сёла, где живёт сто тысяч человек, не пострадали.", []),
    ],
)
def test_nobody_hurt_is_told_by_a_denied_verb(text: str, figures: list[tuple[str, int, int]]) -> None:
    assert figures_in(text) == figures


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Двое полицейских убиты в Нальчике. В Баксане погибли трое военных.", "Пятеро погибших в Кабардино-Балкарии"),
    ],
)
def test_a_headline_that_sums_up_stands_beside_its_parts(text: str, title: str) -> None:
    assert figures_in(text, title=title) == [("killed", 5, 5), ("killed", 2, 2), ("killed", 3, 3)]


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("Elf Wanderer werden nach der Lawine am Kasbek in Georgien vermisst.", [("missing", 11, 11)]),
        ("Ein Zivilist erstickte im georgischen Gori im Rauch.", [("killed", 1, 1)]),
        ("Zwei Demonstranten erlitten in Tiflis schwere Verbrennungen.", [("wounded", 2, 2)]),
        ("Sieben der Erschossenen waren Bürger Georgiens.", [("killed", 7, 7)]),
        ("Gut 200 000 Georgier leben noch in den Hotels von Tiflis.", []),
        ("In Tiflis legten zwei Wanderer eine Pause ein.", []),
    ],
)
def test_german_people_and_what_became_of_them(text: str, figures: list[tuple[str, int, int]]) -> None:
    assert figures_in(text) == figures


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("ბრძოლაში ასორმოცდაათი ქართველი ჯარისკაცი დაიღუპა.", [("killed", 150, 150)]),
        ("თბილისში ასზე მეტი ადამიანი დაშავდა.", [("wounded", 100, None)]),
        ("საქართველოში დაღუპულთა რიცხვი 31-მდე გაიზარდა.", [("killed", 31, 31)]),
        ("თბილისში ათობით ჯარისკაცი მოკლეს.", [("killed", None, None)]),
        ("საქართველოს არმიას დანაკარგი არ აქვს.", [("killed", 0, 0)]),
        ("თბილისში მძღოლი რამიზი იმედს არ კარგავს.", []),
        ("Վթարից հետո հիվանդանոց է տեղափոխվել երեք դահուկորդ։", [("wounded", 3, 3)]),
        ("Սահմանն անցել է քսանութ հազար բռնի տեղահանված։", [("displaced", 28000, 28000)]),
        ("Երևանում երեք դահուկորդ մեդալ է ստացել։", []),
    ],
)
def test_georgian_and_armenian_people_and_what_became_of_them(text: str, figures: list[tuple[str, int | None, int | None]]) -> None:
    assert figures_in(text) == figures


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("Bakıda üç qonşu dəm qazından zəhərlənib.", [("wounded", 3, 3)]),
        ("Azərbaycanda iki işçi ölür, biri xəstəxanada yatır.", [("killed", 2, 2), ("wounded", 1, 1)]),
        ("Qarabağda 121 piyada əleyhinə mina zərərsizləşdirilib.", []),
        ("Tiflis'te üç aşçı dumandan zehirlendi.", [("wounded", 3, 3)]),
        ("Gürcistan'da dört kişi boğulmuştu.", [("killed", 4, 4)]),
        ("Ermenistan'da kimsenin burnu kanamadı.", [("wounded", 0, 0)]),
        ("Tiflis'te üç aşçı madalya aldı.", []),
    ],
)
def test_azerbaijani_and_turkish_people_and_what_became_of_them(text: str, figures: list[tuple[str, int | None, int | None]]) -> None:
    assert figures_in(text) == figures


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("Cent trente et une personnes ont été soignées.", [("wounded", 131, 131)]),
        ("Cent trente soldats et une femme sont morts.", [("killed", 130, 130), ("killed", 1, 1)]),
        ("Quarante des nôtres ont disparu.", [("missing", 40, 40)]),
        ("Un millier de bandits ont été anéantis.", [("killed", 1000, 1000)]),
        ("Deux mille sept cents personnes ont quitté la frontière.", [("displaced", 2700, 2700)]),
        ("Trente touristes ont fui la chaleur de Bakou.", []),
        ("Le ministère a publié un premier bilan.", []),
        ("Trois bêtes ont été tuées.", []),
    ],
)
def test_french_people_and_what_became_of_them(text: str, figures: list[tuple[str, int | None, int | None]]) -> None:
    before = "La situation reste tendue à la frontière entre l'Arménie et l'Azerbaïdjan, où les deux voisins se font face."
    assert figures_in(f"{before}\n\n{text}") == figures


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("Армия обороны Карабаха обновила список: 404 имени.", [("killed", 404, 404)]),
        ("Убит водитель, трое его товарищей ранены в Тбилиси.", [("killed", 1, 1), ("wounded", 3, 3)]),
        ("В Дагестане боевиков погибло двенадцать, милиционеров шестеро.", [("killed", 12, 12), ("killed", 6, 6)]),
        ("В Дагестане умер ещё один раненый полицейский.", [("killed", 1, 1)]),
        ("Двадцать три тысячи бежали из Карабаха.", [("displaced", 23000, 23000)]),
        ("Погибли шестьдесят человек, тридцать пять — жители Гори.", [("killed", 60, 60), ("killed", 35, 35)]),
        ("У четверых разбиты головы, сообщила полиция Тбилиси.", [("wounded", 4, 4)]),
        ("Потери в Тбилиси оценивают более чем в сто человек.", [("killed", 100, None)]),
        ("Трое бежали из тбилисской тюрьмы.", []),
        ("В Тбилиси у двоих жителей пробиты крыши.", []),
        ("Список олимпийцев Грузии: 40 имён.", []),
    ],
)
def test_russian_people_and_what_became_of_them(text: str, figures: list[tuple[str, int | None, int | None]]) -> None:
    assert figures_in(text) == figures


def test_a_play_or_a_match_kills_nobody() -> None:
    text = (
        "В тбилисском спектакле двое братьев убивают друг друга. Режиссёр посадил зрителей на сцену. "
        "Актёры играют без антракта, в третьем акте погибают ещё пятеро."
    )
    assert figures_in(text) == []


def test_a_real_blast_near_a_theatre_is_told() -> None:
    text = "У тбилисского театра взорвалась бомба, погибли двое зрителей. Спектакль отменён."
    assert figures_in(text) == [("killed", 2, 2)]


@pytest.mark.parametrize(
    "text",
    [
        "Двадцать лет прошло с того дня в Будённовске. Погибли 129 человек.",
        "Yirmi beş yıl sonra Kelbecer'de anma vardı. Saldırıda 511 sivil öldürüldü.",
        "Քսան տարի անց Սումգայիթում լռություն է։ Զոհվել է 26 մարդ։",
    ],
)
def test_what_is_told_many_years_after_is_background(text: str) -> None:
    assert [claim.current for claim in claims_in(text)] == [False]


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("Командование Азербайджана жертвы среди мирных жителей отрицает.", [("killed", 0, 0)]),
        ("თბილისში მსხვერპლი და დაშავებული არ არის.", [("killed", 0, 0), ("wounded", 0, 0)]),
        ("Tiflis'te sivil kayıp yok.", [("killed", 0, 0)]),
        ("Qarabağda 12 yaşlı uşaq mərmi partlayışından ölüb.", [("killed", 1, 1)]),
        ("Bakıda 17 yaşlı Elvin gözündən zədələnib.", [("wounded", 1, 1)]),
        ("Bakıda 17 yaşlı Elvin məktəbi bitirib.", []),
    ],
)
def test_losses_denied_and_people_by_their_age(text: str, figures: list[tuple[str, int, int]]) -> None:
    assert figures_in(text) == figures


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("Gürcistan'da bin 500 militan öldürüldü.", [("killed", 1500, 1500)]),
        ("Tiflis'te ikisi çocuk 13 sivil öldü.", [("killed", 2, 2), ("killed", 13, 13)]),
        ("Tiflis'te 2 bin dolayında sivil öldü.", [("killed", 2000, 2000)]),
        ("Tiflis'te yaralılar on dokuz.", [("wounded", 19, 19)]),
        ("Gürcistan Savunma Bakanlığı yaralılarla ilgili bilgi vermedi.", []),
        ("Bakıda bir sakin həlak olub, 4-ü uşaq olmaqla 32 nəfər yaralanıb.", [("killed", 1, 1), ("wounded", 4, 4), ("wounded", 32, 32)]),
        ("Im Krieg in Georgien, der 1994 endete, fielen Soldaten.", []),
        (
            "In Tiflis starben drei Menschen, sagte der Innenminister am Samstag: zwei Georgier und ein Iraner.",
            [("killed", 3, 3), ("killed", 2, 2), ("killed", 1, 1)],
        ),
        ("In Tiflis sprachen drei Menschen, sagte der Innenminister am Samstag: zwei Georgier und ein Iraner.", []),
    ],
)
def test_shares_before_their_total_and_lists_behind_a_source(text: str, figures: list[tuple[str, int, int]]) -> None:
    assert figures_in(text) == figures


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Çatışmada Ermenistan altı, Azerbaycan yedi asker kaybetti.", [("killed", 6, True), ("killed", 7, True)]),
        (
            "Ermenistan'da 50 asker öldü, bunlardan 42'si ordudan, 8'i sınır birliklerinden.",
            [("killed", 50, True), ("killed", 42, True), ("killed", 8, True)],
        ),
        ("Բաքուն հայտնել է քսան զոհի մասին։ Երևանը յոթանասուն է ասում։", [("killed", 20, True), ("killed", 70, True)]),
        ("Bakıda yaralananların sayı 282-dir.", [("wounded", 282, True)]),
        ("Maçta Ermenistan altı, Azerbaycan yedi puan kaybetti.", []),
        ("Երևանը յոթանասուն է ասում։", []),
    ],
)
def test_bare_numbers_of_the_other_side(text: str, told: list[tuple[str, int, bool]]) -> None:
    assert timed(text) == told


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("თბილისში ოცდაათიდან ორმოცამდე ჯარისკაცი დაიღუპა.", [("killed", 30, 40)]),
        ("Երևանում զոհվել է երեսունից քառասուն զինվոր։", [("killed", 30, 40)]),
        ("Tiflis'te otuz ila kırk asker öldü.", [("killed", 30, 40)]),
        ("Tiflis'te üç dört asker yaralandı.", [("wounded", 3, 4)]),
        ("Gürcistan'da bin ile iki bin arasında insan öldü.", [("killed", 1000, 2000)]),
        ("Bakıda yaralıların sayı 20-dən 30-a çatıb.", [("wounded", 30, 30), ("wounded", 20, 20)]),
        ("Tiflis'te üç asker dört evi onardı.", []),
    ],
)
def test_ranges_told_by_endings(text: str, figures: list[tuple[str, int, int]]) -> None:
    assert sorted(figures_in(text)) == sorted(figures)


def test_what_it_was_the_day_before_is_replaced() -> None:
    text = "Минобороны Азербайджана сообщило о 71 погибшем военнослужащем; накануне их было 50."
    assert timed(text) == [("killed", 71, True), ("killed", 50, False)]


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("Пострадали 115, из них 65 остаются в стационарах, сообщил министр Дагестана.", [("wounded", 115, 115), ("wounded", 65, 65)]),
        ("Среди погибших в Тбилиси — двое малолетних детей и их бабушка.", [("killed", 2, 2), ("killed", 1, 1)]),
        ("Пострадали 115 домов в Дагестане.", []),
    ],
)
def test_numbers_behind_an_opening_verb_and_lists_of_the_dead(text: str, figures: list[tuple[str, int, int]]) -> None:
    assert figures_in(text) == figures
