"""The table of cases: a figure is known, another one comes. News or not, and why."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from schemas.reading import CasualtyClaim
from schemas.vocabulary import Bound
from tests.builders import a_claim
from tests.unit.alerter.stories import Story, reasons, verdicts

OWN, RIVAL, OUTLET = "AZE.MIL", "NKR.MIL", None


def of(
    low: int | None,
    claimant: str | None = OWN,
    *,
    bound: Bound = Bound.EXACT,
    high: int | None = None,
    side: str | None = "AZE",
    group: str = "military",
    effect: str = "killed",
    subset: bool = False,
    joint: bool = False,
    addition: bool = False,
    current: bool = True,
) -> CasualtyClaim:
    return a_claim(
        low,
        claimant=claimant,
        bound=bound,
        high=high,
        side=side,
        group=group,
        effect=effect,
        subset=subset,
        joint=joint,
        addition=addition,
        current=current,
    )


def at_least(low: int, claimant: str | None = OWN) -> CasualtyClaim:
    return of(low, claimant, bound=Bound.AT_LEAST)


def up_to(high: int, claimant: str | None = OWN) -> CasualtyClaim:
    return of(None, claimant, high=high, bound=Bound.UP_TO)


def about(low: int, high: int | None = None, claimant: str | None = OWN) -> CasualtyClaim:
    return of(low, claimant, high=high, bound=Bound.ABOUT)


def vague(claimant: str | None = OWN, effect: str = "killed", *, joint: bool = False) -> CasualtyClaim:
    return of(None, claimant, bound=Bound.VAGUE, effect=effect, joint=joint)


@dataclass(frozen=True)
class Row:
    name: str
    known: tuple[CasualtyClaim, ...]
    comes: CasualtyClaim
    outcome: str
    """The alert's reason, or why there is none."""


TABLE = (
    # The first figure of an effect and a people.
    Row("the first figure", (), of(5), "first_figure"),
    Row("the first wounded after the dead", (of(5),), of(9, effect="wounded"), "first_figure"),
    Row("the first of another side", (of(5),), of(2, RIVAL, side="NKR"), "first_figure"),
    Row("the first after no losses", (of(0),), of(4), "first_figure"),
    Row("the first number after dozens", (vague(),), of(24), "first_figure"),
    # The same number is no news, whoever repeats it and however hedged.
    Row("25 after at least 25", (at_least(25),), of(25), "known_figure"),
    Row("at least 25 after 25", (of(25),), at_least(25), "known_figure"),
    Row("more than 25 after 25", (of(25),), of(25, bound=Bound.MORE_THAN), "known_figure"),
    Row("about 25 after 25", (of(25),), about(25), "known_figure"),
    Row("25 from another claimant", (of(25),), of(25, RIVAL), "known_figure"),
    Row("25 from the outlet", (of(25),), of(25, OUTLET), "known_figure"),
    Row("25 of all after 25 soldiers", (of(25),), of(25, group="all"), "known_figure"),
    Row("35 after 30 to 40", (about(30, 40),), of(35), "known_figure"),
    Row("203 after about 200", (about(200),), of(203), "known_figure"),
    Row("a number the claimant has left behind", (of(25), of(30)), of(25), "known_figure"),
    # More than anybody knew.
    Row("26 after at least 25", (at_least(25),), of(26), "raised"),
    Row("the same claimant raises", (of(25),), of(34), "raised"),
    Row("at least 34 after 25", (of(25),), at_least(34), "raised"),
    Row("the outlet says more", (of(25),), of(34, OUTLET), "raised"),
    Row("a third party says more", (of(25),), of(34, "UNO"), "raised"),
    Row("41 after 30 to 40", (about(30, 40),), of(41), "raised"),
    Row("30 to 40 after 28", (of(28),), about(30, 40), "raised"),
    Row("206 after about 200", (about(200),), of(206), "raised"),
    Row("the adversary says more", (of(12),), of(200, RIVAL), "disputed"),
    Row("the adversary raises its claim", (of(12), of(200, RIVAL)), of(300, RIVAL), "raised"),
    Row("the body raises its own below the adversary's", (of(12), of(200, RIVAL)), of(15), "raised"),
    Row("the body owns to the adversary's number", (of(12), of(20, RIVAL)), of(20), "raised"),
    Row("losses admitted after a denial", (of(0), of(100, RIVAL)), of(4), "raised"),
    # Ceilings.
    Row("up to 80 after 75", (of(75),), up_to(80), "below_known"),
    Row("up to 38 after 30", (of(30),), up_to(38), "raised"),
    Row("up to 20 is the first", (), up_to(20), "first_figure"),
    Row("15 after up to 20, the same claimant", (up_to(20),), of(15), "lowered"),
    # Less than was known.
    Row("the same claimant corrects", (of(8),), of(7), "lowered"),
    Row("missing men are found", (of(6, effect="missing"),), of(2, effect="missing"), "lowered"),
    Row("at least 20 takes nothing back from 25", (of(25),), at_least(20), "below_known"),
    Row("another claimant knows of fewer", (of(25),), of(20, RIVAL), "below_known"),
    Row("the outlet knows of fewer", (of(25),), of(20, OUTLET), "below_known"),
    Row("one night's count is no correction", (of(25),), of(2), "below_known"),
    Row("no losses tonight take no toll back", (of(25),), of(0), "nil_figure"),
    Row("a surgeon's count is not the ministry's", (of(17, "AZE.CVL", effect="wounded"),), of(7, effect="wounded"), "below_known"),
    Row("five soldiers do not lower twelve in all", (of(12, group="all"),), of(11), "below_known"),
    Row("eleven in all lower twelve soldiers", (of(12),), of(11, group="all"), "lowered"),
    # Vague words.
    Row("dozens are the first known", (), vague(), "first_figure"),
    Row("an adversary's dozens are no news", (), vague(RIVAL), "vague_figure"),
    Row("dozens after 40", (of(40),), vague(), "vague_figure"),
    Row("dozens after dozens", (vague(),), vague(RIVAL), "vague_figure"),
    Row("dozens killed or hurt after 40 dead", (of(40),), vague(joint=True), "vague_figure"),
    Row("several wounded are no news", (), vague(effect="wounded"), "vague_figure"),
    # Shares, parts of a people, increments.
    Row("two children among them", (of(12),), of(2, group="children", subset=True), "subtotal"),
    Row("a share alone, nothing else known", (), of(2, group="civilian", subset=True), "first_figure"),
    Row("a sub-total never lowers", (of(12),), of(11, subset=True), "subtotal"),
    Row("civilians beside soldiers", (of(12),), of(2, group="civilian"), "subtotal"),
    Row("civilians beside fewer soldiers", (of(2),), of(12, group="civilian"), "raised"),
    Row("civilians after civilians", (of(2, group="civilian"),), of(5, group="civilian"), "raised"),
    Row("the first soldiers after civilians", (of(5, group="civilian"),), of(3), "first_figure"),
    Row("policemen and soldiers stand in one row", (of(3, group="police"),), of(4), "raised"),
    Row("four more, no total named", (of(8),), of(4, addition=True), "raised"),
    Row("four more, told again", (of(8), of(4, addition=True)), of(4, RIVAL, addition=True), "known_figure"),
    Row("four more, nothing known", (), of(4, addition=True), "first_figure"),
    # Two effects told as one are compared with their like alone.
    Row("70 killed or wounded after 20 dead", (of(20),), of(70, joint=True), "first_figure"),
    Row("30 dead after 70 killed or wounded", (of(20), of(70, joint=True)), of(30), "raised"),
    Row("70 killed or wounded again", (of(20), of(70, joint=True)), of(70, RIVAL, joint=True), "known_figure"),
    Row("15 killed or wounded after 20 dead", (of(20),), of(15, joint=True), "below_known"),
    # The people of Karabakh are told as Armenians by some.
    Row("the same dead by the other name", (of(20, "AZE.MIL", side="ARM"),), of(20, "UNO", side="NKR"), "known_figure"),
    Row("more dead by the other name", (of(2, RIVAL, side="NKR"),), of(5, "ARM.MIL", side="ARM"), "raised"),
    Row("fewer by the other name", (of(20, "AZE.MIL", side="ARM"),), of(3, "UNO", side="NKR"), "below_known"),
    Row("an army's own first count", (of(100, "AZE.MIL", side="ARM"),), of(20, RIVAL, side="NKR"), "first_figure"),
    # Nobody's people in particular: sums over the sides, or the side was not told.
    Row("a sum, nothing else known", (), of(5, OUTLET, side=None), "first_figure"),
    Row("a sum below one side's count", (of(20),), of(15, OUTLET, side=None), "below_known"),
    Row("a sum above every side's", (of(60),), of(100, OUTLET, side=None), "raised"),
    Row("its own figure raised without its side", (of(12), of(100, RIVAL)), of(13, side=None), "raised"),
    Row("a known number without its side", (of(12),), of(12, side=None), "known_figure"),
    Row("the side told later by the same claimant", (of(12, side=None),), of(12), "known_figure"),
    Row("the side told later by another", (of(12, OUTLET, side=None),), of(12), "first_figure"),
    # Other times.
    Row("an older war", (), of(6500, current=False), "background"),
    Row("an older war that is told as if of today", (of(12),), of(30_000, OUTLET, side=None), "background"),
    Row("a great toll that a body vouches for", (of(12),), of(3_000, "UNO", side=None), "raised"),
    Row("a great toll near what is known", (of(800),), of(1_200, OUTLET), "raised"),
)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_a_figure_comes(row: Row) -> None:
    story = Story()
    for claim in row.known:
        story.tells(claim)
    decision = story.tells(row.comes)
    outcome = reasons(decision) or [str(reason) for reason in verdicts(decision)]
    assert outcome == [row.outcome]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_it_comes_a_second_time_from_elsewhere(row: Row) -> None:
    story = Story()
    for claim in (*row.known, row.comes):
        story.tells(claim)
    again = story.tells(row.comes, outlet="Harbour Gazette")
    assert reasons(again) == []


def test_an_increment_is_added_to_the_total_that_its_article_names() -> None:
    story = Story()
    story.tells(of(8))
    decision = story.tells(of(8, current=False), of(4, addition=True))
    assert [(alert.reason, alert.low, alert.previous and alert.previous.low) for alert in decision.alerts] == [("raised", 12, 8)]
    assert reasons(story.tells(of(12))) == []


def test_an_increment_beside_its_new_total_is_a_share() -> None:
    story = Story()
    story.tells(of(8))
    assert [alert.low for alert in story.tells(of(4, addition=True), of(12)).alerts] == [12]


def test_a_sum_beside_the_counts_that_make_it_up_is_no_news() -> None:
    decision = Story().tells(of(5, OUTLET, side=None), of(3, RIVAL, side="NKR"), of(2))
    assert [alert.low for alert in decision.alerts] == [3, 2]


def test_a_lower_figure_beside_the_same_claimants_total_is_a_share_though_nobody_says_so() -> None:
    story = Story()
    story.tells(of(29))
    decision = story.tells(of(31), of(16))
    assert [alert.low for alert in decision.alerts] == [31]


def test_the_previous_figure_is_the_highest_one_and_not_the_claimants_own_of_long_ago() -> None:
    story = Story()
    story.tells(of(2, "NKR.GOV", side="NKR"))
    story.tells(of(5, "ARM.MED", side="NKR"))
    (alert,) = story.tells(of(25, "NKR.GOV", side="NKR")).alerts
    assert alert.previous is not None
    assert alert.previous.low == 5
