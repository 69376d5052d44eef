"""The toll curve: steps per claimant and people, and a picture that holds no script and loads nothing."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from lxml import etree

from schemas.vocabulary import Bound, Effect
from services.alerter.core.wording import Wording
from services.standalone.tollcurve import MOST_CURVES, Stated, curves, draw
from tests.builders import THE_MORNING

ENGLISH = Wording.packaged("en")


def stated(
    number: int | None,
    hours: float,
    claimant: str | None = "NKR.GOV",
    *,
    side: str = "NKR",
    effect: Effect = Effect.KILLED,
    quote: str = "",
) -> Stated:
    return Stated(effect, side, claimant, number, number, Bound.EXACT, THE_MORNING + timedelta(hours=hours), "Example Wire", quote)


def test_a_number_said_again_is_no_step_and_vague_words_are_none() -> None:
    (curve,) = curves([stated(5, 3), stated(2, 1), stated(2, 2), stated(None, 4), stated(9, 2, effect=Effect.WOUNDED)], Effect.KILLED)
    assert [(step.number, step.at) for step in curve.steps] == [
        (2, THE_MORNING + timedelta(hours=1)),
        (5, THE_MORNING + timedelta(hours=3)),
    ]


def test_each_claimant_and_people_has_a_line_the_highest_first() -> None:
    found = curves([stated(5, 1), stated(200, 2, "AZE.MIL"), stated(7, 2, side="ARM"), stated(3, 3, None)], Effect.KILLED)
    assert [(curve.claimant, curve.side) for curve in found] == [("AZE.MIL", "NKR"), ("NKR.GOV", "ARM"), ("NKR.GOV", "NKR"), (None, "NKR")]


def test_the_picture_tells_who_says_what_and_holds_nothing_foreign() -> None:
    hostile = stated(5, 1, quote="<script>alert(1)</script> & more")
    picture = draw("<b>Shells fall</b>", curves([hostile, stated(25, 5)], Effect.KILLED), Effect.KILLED, wording=ENGLISH)
    tree = etree.fromstring(picture)
    names = {etree.QName(element).localname for element in tree.iter() if isinstance(element.tag, str)}
    assert not names & {"script", "image", "foreignObject"}
    assert re.findall(rb'(?:href|src)="(?!#)', picture) == []
    words = " ".join(tree.itertext())
    assert "on the Karabakh Armenian side — Karabakh authorities" in words
    assert "25 · Example Wire" in words


def test_one_figure_is_a_picture_and_none_is_not() -> None:
    assert draw("one", curves([stated(5, 1)], Effect.KILLED), Effect.KILLED, wording=ENGLISH).startswith(b"<?xml")
    with pytest.raises(ValueError, match="no figure"):
        draw("none", [], Effect.KILLED, wording=ENGLISH)


def test_more_lines_than_can_be_told_apart_are_not_drawn() -> None:
    many = curves([stated(number, 1, f"B{number:02}") for number in range(1, 30)], Effect.KILLED)
    picture = draw("many", many, Effect.KILLED, wording=Wording.packaged("ru"))
    assert picture.decode().count("B29") > 0
    assert f"B{29 - MOST_CURVES:02}" not in picture.decode()
