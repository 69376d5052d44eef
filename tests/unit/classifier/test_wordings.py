"""Ways of telling losses: each with what it claims, beside neighbours that look alike and claim nothing."""

from __future__ import annotations

import pytest

from tests.unit.classifier.reader import claims_in, figures_in

K, W, M, C, D = "killed", "wounded", "missing", "captured", "displaced"


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("Dead – six, wounded – fourteen.", [(K, 6, 6), (W, 14, 14)]),
        ("Losses of the police: killed - 3, wounded - 11, missing - 1.", [(K, 3, 3), (W, 11, 11), (M, 1, 1)]),
        ("The two sides lost two men each.", [(K, 2, 2), (K, 2, 2)]),
        ("Both sides said they had lost two men overnight.", [(K, 2, 2), (K, 2, 2)]),
        ("A boy of nine lost both legs.", [(W, 1, 1)]),
        ("Three border guards, the youngest 19, were killed.", [(K, 3, 3)]),
        ("A mother of two children was killed.", [(K, 1, 1)]),
        ("Four people were wounded, one of them fatally.", [(W, 4, 4), (K, 1, 1)]),
        ("Five soldiers were wounded, two of them seriously.", [(W, 5, 5), (W, 2, 2)]),
        ("Azerbaijan acknowledged twelve dead, Karabakh three.", [(K, 12, 12), (K, 3, 3)]),
        ("Azerbaijan acknowledged twelve dead, Karabakh none.", [(K, 12, 12), (K, 0, 0)]),
        ("In Martuni two civilians were killed, in Martakert one.", [(K, 2, 2), (K, 1, 1)]),
        ("Six were killed, said the police; eight, said the hospital.", [(K, 6, 6), (K, 8, 8)]),
        ("The toll climbed by four to 19.", [(K, 19, 19)]),
        ("Armenia raised the number of its dead soldiers from 49 to 105.", [(K, 49, 49), (K, 105, 105)]),
        ("A sniper shot a tractor driver in the shoulder.", [(W, 1, 1)]),
        ("The attackers stabbed a guard to death.", [(K, 1, 1)]),
        ("The bomber took three policemen with him.", [(K, 3, 3)]),
        ("The collision sent eight people to hospital.", [(W, 8, 8)]),
        ("There were no survivors among the twelve passengers.", [(K, 12, 12)]),
        ("The fate of two soldiers remains unknown.", [(M, 2, 2)]),
        ("There are no dead or wounded among the peacekeepers.", [(K, 0, 0), (W, 0, 0)]),
        ("Armenia counts 92 dead, wounded and missing.", [(K, 92, 92)]),
        ("Four militants burst into the church on Saturday and were killed by police.", [(K, 4, 4)]),
        ("A boy of 14 picked up a grenade in a field and did not survive.", [(K, 1, 1)]),
        ("Its driver, a man of 54, was wounded.", [(W, 1, 1)]),
        ("There are 215 dead (133 servicemen, 13 policemen, 69 civilians).", [(K, 215, 215), (K, 133, 133), (K, 13, 13), (K, 69, 69)]),
        ("Four soldiers were killed: two majors on the 14th, a captain and a sergeant.", [(K, 4, 4), (K, 2, 2), (K, 1, 1), (K, 1, 1)]),
        ("Seven men are dead; the seventh, a boy of 16, died at home.", [(K, 7, 7), (K, 1, 1)]),
        ("The ministry has said 101 were hurt, then 121.", [(W, 101, 101), (W, 121, 121)]),
        ("Between 30 and 40 Karabakh Armenians have been killed.", [(K, 30, 40)]),
        ("Abkhazia said it had lost two men at most.", [(K, None, 2)]),
        ("The fighting drove 30,000 people from their homes.", [(D, 30000, 30000)]),
    ],
)
def test_losses_are_told_in_many_ways(text: str, figures: list[tuple[str, int | None, int | None]]) -> None:
    assert figures_in(text) == figures


@pytest.mark.parametrize(
    "text",
    [
        "A man of about twenty blew past the gate.",
        "She has counted wolves: seven since October, killed with one cartridge each.",
        "In Istanbul some 200 nationalists burnt a paper flag.",
        "Eleven windows were shot out in Aygepar.",
        "About 2,000 people followed the coffins.",
        "A Belgian policeman lost his cap.",
        "Some 400 relatives of prisoners stood in the square.",
        "The Investigative Committee has held three officers.",
        "Azerbaijan handed over 44 captives to Armenia.",
        "Armenia got back 12 prisoners.",
        "The two halves of a prisoner swap are known.",
        "Nobody in Khankala has heard of dead civilians.",
        "Baku gave no number of wounded.",
        "The document does not settle the fate of 23 Armenian soldiers.",
        "A Turkish deputy wondered whether something had hit the plane.",
        "The deal struck on Monday holds.",
        "The ministry struck from its list an officer who had come home.",
        "Half of Karabakh's 120,000 Armenians had relatives abroad.",
    ],
)
def test_their_neighbours_claim_nothing(text: str) -> None:
    assert figures_in(text) == []


def test_a_figure_that_another_one_of_the_sentence_replaces_is_background() -> None:
    told = claims_in("Armenia raised the number of its dead soldiers from 49 to 105.")
    assert [(claim.low, claim.current) for claim in told] == [(49, False), (105, True)]


def test_a_share_of_a_crowd_that_no_figure_speaks_of_is_none() -> None:
    told = figures_in("A veteran was wounded in the war. The European monitors, some 200 of them, drove past.")
    assert told == [(W, 1, 1)]
