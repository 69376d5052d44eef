from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.vocabulary import Effect
from services.classifier.core.document import LONGEST
from tests.unit.classifier.reader import a_document, claims_in, figures_in

KILLED, WOUNDED = "killed", "wounded"


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("Three soldiers were killed near Agdam.", [(KILLED, 3, 3)]),
        ("Shelling killed three soldiers near Agdam.", [(KILLED, 3, 3)]),
        ("The attack left five soldiers dead.", [(KILLED, 5, 5)]),
        ("The fighting claimed the lives of 40 soldiers.", [(KILLED, 40, 40)]),
        ("The war cost 40 lives.", [(KILLED, 40, 40)]),
        ("The army lost 16 servicemen near Agdam.", [(KILLED, 16, 16)]),
        ("The ministry confirmed the deaths of two conscripts.", [(KILLED, 2, 2)]),
        ("Two were killed and three wounded near Agdam.", [(KILLED, 2, 2), (WOUNDED, 3, 3)]),
        ("A drone killed two soldiers and wounded 14.", [(KILLED, 2, 2), (WOUNDED, 14, 14)]),
        ("Five civilians and six volunteers perished near Agdam.", [(KILLED, 5, 5), (KILLED, 6, 6)]),
        ("The losses: 74 servicemen dead, 171 wounded and 19 missing.", [(KILLED, 74, 74), (WOUNDED, 171, 171), ("missing", 19, 19)]),
        ("More than 70 troops were killed or wounded.", [(KILLED, 70, None)]),
        ("Nobody was hurt near Agdam.", [(WOUNDED, 0, 0)]),
        ("There were no casualties near Agdam.", [(KILLED, 0, 0)]),
        ("Neither army reported a casualty.", [(KILLED, 0, 0)]),
        ("The army had not lost a single soldier.", [(KILLED, 0, 0)]),
        ("Elman Hasanov, 44, was killed near Agdam.", [(KILLED, 1, 1)]),
        ("A policeman, Yuri Tepanosyan, 30, was shot dead.", [(KILLED, 1, 1)]),
        ("Five soldiers received gunshot wounds near Agdam.", [(WOUNDED, 5, 5)]),
        ("Some 100,000 people have fled their homes.", [("displaced", 100_000, 100_000)]),
        ("Twelve soldiers were taken prisoner near Agdam.", [("captured", 12, 12)]),
        ("A carload of fifteen Yazidis died near Agdam.", [(KILLED, 15, 15)]),
        ("The bodies of 44 people were brought in.", [(KILLED, 44, 44)]),
        ("The fifth policeman to die was buried.", [(KILLED, 5, 5)]),
        ("Nine soldiers died, as did 14 policemen and 20 civilians.", [(KILLED, 9, 9), (KILLED, 14, 14), (KILLED, 20, 20)]),
        ("Killed: two policemen. Wounded: a passer-by.", [(KILLED, 2, 2), (WOUNDED, 1, 1)]),
        ("Azerbaijan's dead numbered 50, Armenia's 49.", [(KILLED, 50, 50), (KILLED, 49, 49)]),
        ("The regiment had 14 killed and 31 wounded near Agdam.", [(KILLED, 14, 14), (WOUNDED, 31, 31)]),
    ],
)
def test_every_turn_of_phrase_yields_its_figures(text: str, figures: list[tuple[str, int | None, int | None]]) -> None:
    assert figures_in(text) == figures


@pytest.mark.parametrize(
    "text",
    [
        "Forces took 60 military posts and destroyed 12 tanks near Agdam.",
        "Some 120,000 people live in the region.",
        "Moscow sent 2,000 peacekeepers to the region.",
        "The deal was killed after three rounds of talks.",
        "The match ended in a dead heat after 90 minutes.",
        "Two hundred soldiers would be killed in such a war.",
        "They fired 62 times with 60-mm mortars.",
        "The mayor of the fallen town spoke for 20 minutes.",
        "Volunteers saved 40 lives in the flood.",
        "The ambassador told reporters that talks would go on.",
        "A hundred protesters were detained and let go.",
    ],
)
def test_neighbours_of_those_phrases_claim_nothing(text: str) -> None:
    assert figures_in(text) == []


def test_a_share_follows_the_figure_it_is_part_of() -> None:
    whole, share, hurt = claims_in("At least five people were killed, one of them a child, and 80 were injured near Agdam.")
    assert (whole.low, whole.subset) == (5, False)
    assert (share.effect, share.low, share.subset) == (Effect.KILLED, 1, True)
    assert (hurt.effect, hurt.low, hurt.subset) == (Effect.WOUNDED, 80, False)


def test_a_list_that_sums_up_to_a_total_is_its_shares() -> None:
    claims = claims_in("Four people were dug out dead, a woman and her three grandsons.")
    assert [(claim.low, claim.subset) for claim in claims] == [(4, False), (1, True), (3, True)]


def test_a_figure_told_in_title_lede_and_body_is_one_claim() -> None:
    text = (
        "Three soldiers were killed near Agdam on Tuesday, the Defence Ministry in Baku said.\n\nThe three soldiers killed were conscripts."
    )
    assert figures_in(text, title="Three killed near Agdam") == [(KILLED, 3, 3)]


def test_a_rising_toll_supersedes_the_earlier_one() -> None:
    now, before = claims_in("The number of soldiers killed climbed to 18 on Tuesday, up from 15.")
    assert (now.low, now.current) == (18, True)
    assert (before.low, before.current) == (15, False)


def test_an_earlier_word_of_the_same_body_is_background() -> None:
    text = "The Defence Ministry in Baku said 34 soldiers had been killed. Earlier it had spoken of 25 killed."
    assert [(claim.low, claim.current) for claim in claims_in(text)] == [(34, True), (25, False)]


def test_russian_is_read_by_the_same_grammar() -> None:
    text = "Министерство обороны Армении сообщило, что погибли трое военнослужащих, ещё пятеро ранены. Потерь среди мирных жителей нет."
    assert figures_in(text) == [(KILLED, 3, 3), (WOUNDED, 5, 5), (KILLED, 0, 0)]


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="ab 12,.;:\"'()-—\nkilled wounded soldiers five at least of them and the said", max_size=300))
def test_evidence_is_always_cut_from_the_stored_text(text: str) -> None:
    document = a_document(text)
    for claim in claims_in(text):
        stored = document.text_of(claim.evidence.field)
        assert stored[claim.evidence.start : claim.evidence.end] == claim.evidence.text


@pytest.mark.parametrize(
    "text",
    [
        "killed " * 20_000,
        "five soldiers, " * 10_000,
        "9" * 400 + " soldiers were killed.",
        "(" * 5_000 + "two killed" + ")" * 5_000,
        "\u200f\u200e\u202b two soldiers \ud83d\ude00 were killed \ufffd\x00",
    ],
)
def test_hostile_text_is_read_in_its_share_of_time(text: str) -> None:
    began = time.perf_counter()
    claims_in(text)
    assert time.perf_counter() - began < 20


def test_a_book_that_came_by_mistake_is_read_as_far_as_an_article_goes() -> None:
    document = a_document(("Agdam" * 1_000 + " fell. ") * 200)
    assert document.sentences[-1].end <= LONGEST
