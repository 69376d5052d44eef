"""`explain`: what is marked is what was claimed, and nothing that an article says becomes markup."""

from __future__ import annotations

from rich.console import Console

from schemas.reading import Article, CasualtyClaim, CeasefireStatement, Evidence, Reading
from schemas.vocabulary import Bound, CeasefireStatus, Effect
from services.standalone.explanation import figure, page, pieces, rows_of, show

TEXT = "At least 34 <b>Armenians</b> were killed. A truce was agreed."
KILLED = CasualtyClaim(
    effect=Effect.KILLED,
    low=34,
    bound=Bound.AT_LEAST,
    side="NKR",
    claimant="ARM.MED",
    rule="passive",
    reasons=("demonym",),
    evidence=Evidence(field="text", start=0, end=40, text=TEXT[:40]),
)
TRUCE = CeasefireStatement(status=CeasefireStatus.AGREED, evidence=Evidence(field="text", start=42, end=60, text=TEXT[42:60]))
ARTICLE = Article(id="a", title="[red]A <title>[/]", text=TEXT)
READING = Reading(id="a", language="en", relevant=True, casualties=(KILLED,), ceasefire=(TRUCE,))


def test_a_figure_is_told_in_words() -> None:
    assert figure(KILLED) == "at least 34 killed, NKR"
    assert (
        figure(KILLED.model_copy(update={"low": 2, "high": 2, "side": None, "subset": True}))
        == "2 killed, side not told, share of a larger figure"
    )
    assert figure(KILLED.model_copy(update={"low": None, "high": 80})).startswith("up to 80")
    assert figure(KILLED.model_copy(update={"low": None})).startswith("an unstated number")


def test_the_text_is_cut_at_its_marks_and_nothing_is_lost() -> None:
    _, marks = rows_of(READING)
    assert "".join(piece for piece, _ in pieces(TEXT, marks)) == TEXT
    assert [mark.number for _, mark in pieces(TEXT, marks) if mark] == [1, 2]
    overlapping = [marks[0], marks[0], marks[1]]
    assert "".join(piece for piece, _ in pieces(TEXT, overlapping)) == TEXT


def test_the_terminal_shows_claim_claimant_and_reason() -> None:
    console = Console(width=100, record=True)
    show(ARTICLE, READING, console)
    said = console.export_text()
    for part in ("[red]A <title>[/]", "[1]", "at least 34 killed", "ARM.MED", "passive; demonym", "ceasefire agreed"):
        assert part in said


def test_the_page_escapes_what_the_article_says() -> None:
    said = page(ARTICLE, READING)
    assert "<b>Armenians" not in said
    assert "&lt;b&gt;Armenians" in said
    assert said.count("<mark") == 2
