"""What is reported as happening now, and not what is told of another time."""

from __future__ import annotations

import pytest

from schemas.reading import CasualtyClaim, Evidence
from schemas.vocabulary import Effect, EventType, Group
from services.classifier.core.events import find_events
from services.region import Region
from tests.unit.classifier.newsroom import document


def events(text: str, *, title: str = "", claims: tuple[CasualtyClaim, ...] = ()) -> set[str]:
    return {str(tag.type) for tag in find_events(document(text, title=title), claims, Region.load())}


def killed(group: Group) -> CasualtyClaim:
    return CasualtyClaim(
        effect=Effect.KILLED, low=2, high=2, side="ARM", group=group, evidence=Evidence(field="text", start=0, end=1, text="x")
    )


@pytest.mark.parametrize(
    ("title", "text", "kind"),
    [
        (
            "Protesters clash with police in Tbilisi",
            "Thousands of protesters rallied in Tbilisi, the crowd marched on parliament.",
            "protest",
        ),
        ("Five arrested in Yerevan", "Police detained five men; a court remanded them in custody as prisoners.", "detention"),
        ("Earthquake shakes Dagestan", "The earthquake caused a landslide near Derbent, and a building collapsed.", "accident"),
        (
            "Foreign ministers open peace talks",
            "The talks between Armenia and Azerbaijan, mediated by Moscow, began at a summit.",
            "peace_talks",
        ),
        ("Artillery shells Martakert", "Howitzers and mortars shelled villages near Martakert; rockets fell on Monday.", "shelling"),
    ],
)
def test_the_title_and_the_lead_tell_the_type(title: str, text: str, kind: str) -> None:
    assert kind in events(text, title=title)


def test_a_truce_of_today_is_an_event_and_one_of_1994_is_none() -> None:
    lead = "Armenian and Azerbaijani soldiers fought near Kalbajar. "
    assert "ceasefire" in events(lead + "The two sides agreed to a ceasefire on Monday.")
    assert "ceasefire" not in events(lead + "A ceasefire was signed in 1994.")


def test_a_clash_is_told_by_soldiers_killed() -> None:
    text = "Two soldiers were killed in fighting on the border near Goris, where posts came under attack."
    assert "armed_clash" in events(text, title="Clash on the border", claims=(killed(Group.MILITARY),))


def test_history_alone_is_no_event() -> None:
    assert "mine_blast" not in events("The museum in Goris shows landmines of 1992. It was opened in 1998 and a bomb of 1993 hangs there.")


def test_an_event_has_its_place_and_its_words() -> None:
    article = document("Thousands of protesters rallied in Batumi, the crowd marched to the port.", title="Protesters march in Batumi")
    tags = {tag.type: tag for tag in find_events(article, (), Region.load())}
    tag = tags[EventType.PROTEST]
    assert tag.place == "batumi"
    assert tag.evidence is not None
    assert article.text_of(tag.evidence.field)[tag.evidence.start : tag.evidence.end] == tag.evidence.text
