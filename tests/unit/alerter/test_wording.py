"""Headlines and messages: what changed comes first, in every language that has a file."""

from __future__ import annotations

import pytest

from services.alerter.core.datafile import DataFault, packaged, packaged_names
from services.alerter.core.message import plain_text
from services.alerter.core.policy import Policy
from services.alerter.core.wording import Wording
from tests.builders import a_claim, a_truce
from tests.unit.alerter.stories import POLICY, Story

ENGLISH, RUSSIAN = Wording.packaged("en"), Wording.packaged("ru")


def headlines(*told: object, language: str = "en") -> list[str]:
    story = Story(Policy.model_validate(POLICY.model_dump() | {"language": language}))
    for said in told:
        story.tells(said)  # type: ignore[arg-type]  # claims and truces mixed
    return [alert.headline for alert in story.told]


@pytest.mark.parametrize(
    ("told", "last"),
    [
        ([a_claim(1, group="military", side="AZE", claimant="AZE.MIL")], "1 soldier killed on the Azerbaijani side (Azerbaijani military)"),
        ([a_claim(30, high=40, bound="about", claimant=None)], "30 to 40 killed on the Karabakh Armenian side (Example Wire)"),
        (
            [a_claim(8, side="ABK", claimant="ABK.POL"), a_claim(20, side="ABK", claimant="REB")],
            "20 killed on the Abkhaz side according to militants; Abkhaz police and security services: 8",
        ),
        (
            [a_claim(38000, effect="displaced", side="GEO", claimant="UNO", bound="about")],
            "About 38,000 displaced on the Georgian side (the UN)",
        ),
        ([a_claim(8), a_claim(7)], "7 killed on the Karabakh Armenian side, down from 8 (Karabakh authorities)"),
        ([a_claim(5, side=None, claimant=None)], "5 killed (side not told) (Example Wire)"),
        ([a_claim(70, joint=True)], "70 killed or hurt on the Karabakh Armenian side (Karabakh authorities)"),
        ([a_claim(4, addition=True)], "4 more killed on the Karabakh Armenian side (Karabakh authorities)"),
        ([a_claim(5, side="XYZ", claimant="QQQ.GOV")], "5 killed (XYZ) (QQQ.GOV)"),
        ([a_truce("collapsed")], "Ceasefire collapsed (Example Wire)"),
    ],
)
def test_english_headlines(told: list[object], last: str) -> None:
    assert headlines(*told)[-1] == last


def test_russian_headlines() -> None:
    assert headlines(a_claim(25), a_claim(34, bound="at_least", claimant="ARM.MED"), a_truce("violated"), language="ru") == [
        "Убитые со стороны армян Карабаха: 25 (Карабах, власти)",
        "Убитые со стороны армян Карабаха: не менее 34, было 25 (Армения, СМИ)",
        "Перемирие нарушено (Example Wire)",
    ]


@pytest.mark.parametrize("language", packaged_names("headlines"))
def test_every_language_words_every_alert_of_a_story(language: str) -> None:
    lines = headlines(
        a_claim(5), a_claim(9), a_claim(8), a_claim(200, claimant="AZE.MIL"), a_truce("agreed"), a_truce("violated"), language=language
    )
    assert len(lines) == len(set(lines)) == 6
    assert not any("{" in line for line in lines)


def test_the_message_begins_with_what_changed_and_quotes_the_sentence() -> None:
    story = Story()
    story.tells(a_claim(25))
    (alert,) = story.tells(a_claim(34, quote="34 Armenians had been killed")).alerts
    first, _, *rest = plain_text(alert, ENGLISH).splitlines()
    assert first == alert.headline
    assert rest == [
        "Says: Karabakh authorities",
        "Before: 25 (Karabakh authorities)",
        "In its words: «34 Armenians had been killed»",
        "Outlet: Example Wire",
        "Independent publishers so far: 1",
        "Article: Shells fall on Stepanakert",
        "Link: https://wire.example/article-2",
        "Published: 2023-09-19 13:00 UTC",
        "Seen: 2023-09-19 13:00 UTC",
        "Alerted: 2023-09-19 13:05 UTC",
        "Told so far:",
        "  2023-09-19 12:00 UTC  25 killed on the Karabakh Armenian side (Karabakh authorities)",
    ]


def test_the_message_in_russian_names_a_truce_that_stood_before() -> None:
    story = Story()
    story.tells(a_truce("agreed"))
    (alert,) = story.tells(a_truce("violated")).alerts
    assert "Прежде: согласовано" in plain_text(alert, RUSSIAN)


def test_a_language_is_added_whole_or_not_at_all() -> None:
    text = "\n".join(line for line in packaged("headlines/en.yaml").splitlines() if not line.startswith("  lowered:"))
    with pytest.raises(DataFault, match=r"xx\.yaml:1: the whole: these are missing: casualty\.lowered"):
        Wording.of(text, "xx", "xx.yaml")
