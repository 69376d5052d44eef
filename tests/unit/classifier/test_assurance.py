"""How sure a claim is: a plain sentence is surer than an oblique one, and nothing is stated to be certain."""

from __future__ import annotations

from services.classifier.core.assurance import LEAST, MOST
from services.classifier.core.claims import find_claims
from services.region import Region
from tests.unit.classifier.newsroom import document


def stated(text: str) -> list[float]:
    return [claim.confidence for claim in find_claims(document(text), Region.load())]


def test_a_plain_sentence_is_surer_than_an_oblique_one() -> None:
    (plain,) = stated("Three Armenian soldiers were killed near Kalbajar, the Armenian Defence Ministry said.")
    oblique = stated("Of those who came for Kalbajar dozens lie in the snow, and one more was hurt, somebody in the market says.")
    assert oblique
    assert plain > max(oblique)


def test_nothing_is_certain() -> None:
    for chance in stated("Three Armenian soldiers were killed. Two policemen died. Nobody was hurt in Baku, the ministry said."):
        assert LEAST <= chance <= MOST
