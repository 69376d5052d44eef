"""The values of a reading: frozen, bounded, and forgiving only of what they do not know."""

from __future__ import annotations

from typing import get_args

import pytest
from pydantic import ValidationError

from schemas.article_fetched import ArticleFetched
from schemas.reading import ActorTag, Article, CasualtyClaim, CeasefireStatement, EventTag, Evidence, Reading
from schemas.vocabulary import ActorRole, Bound, Effect, EvidenceField, Group, TextSource
from tests.builders import a_claim, a_reading, evidence


def test_a_claim_without_more_is_an_exact_current_total_of_all() -> None:
    claim = CasualtyClaim(effect=Effect.KILLED, low=5, high=5, evidence=evidence("five were killed"))
    assert (claim.bound, claim.group) == (Bound.EXACT, Group.ALL)
    assert (claim.current, claim.subset, claim.joint, claim.addition) == (True, False, False, False)
    assert (claim.side, claim.claimant) == (None, None)


def test_values_never_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        a_claim().low = 6  # type: ignore[misc]  # the very thing that must fail


@pytest.mark.parametrize(
    ("member", "wrong"),
    [
        ("low", -1),
        ("high", -1),
        ("effect", "vanished"),
        ("bound", "roughly"),
        ("group", "tourists"),
        ("confidence", 1.01),
        ("confidence", float("nan")),
    ],
)
def test_a_claim_keeps_to_its_words_and_limits(member: str, wrong: object) -> None:
    with pytest.raises(ValidationError, match=member):
        CasualtyClaim.model_validate({**a_claim().model_dump(), member: wrong})


@pytest.mark.parametrize("code", ["AZE.MIL", "NKR.GOV", "RUS.PKO", "ICRC", "UNO", "ISIS"])
def test_the_code_of_an_actor_is_a_body_and_perhaps_a_sector(code: str) -> None:
    assert ActorTag(code=code).code == code


@pytest.mark.parametrize("code", ["", "aze.mil", "AZE.", ".MIL", "AZE.MILITARY", "AZE MIL", "AZERBAIJAN", "AZE.MIL\n"])
def test_anything_else_is_no_code(code: str) -> None:
    with pytest.raises(ValidationError, match="code"):
        ActorTag(code=code)


@pytest.mark.parametrize(("start", "end"), [(-1, 4), (0, -1)])
def test_offsets_begin_at_nought(start: int, end: int) -> None:
    with pytest.raises(ValidationError):
        Evidence(field="text", start=start, end=end, text="five")


def test_an_event_is_of_the_list() -> None:
    with pytest.raises(ValidationError, match="type"):
        EventTag.model_validate({"type": "earthquake"})


def test_a_status_is_of_the_list() -> None:
    with pytest.raises(ValidationError, match="status"):
        CeasefireStatement.model_validate({"status": "considered", "evidence": evidence("truce")})


def test_an_article_may_be_nothing_but_an_id() -> None:
    article = Article(id="a")
    assert (article.title, article.text, article.published_at) == ("", "", None)


def test_a_printed_reading_reads_back_and_has_the_names_that_others_rely_on() -> None:
    reading = a_reading(claims=[a_claim()])
    assert Reading.model_validate_json(reading.model_dump_json()) == reading
    printed = reading.model_dump(mode="json")
    assert {"id", "language", "relevant", "actors", "event_types", "casualties", "ceasefire"} <= printed.keys()
    assert {"effect", "low", "high", "bound", "side", "group", "claimant", "subset", "current", "evidence"} <= printed["casualties"][
        0
    ].keys()
    assert printed["casualties"][0]["evidence"].keys() == {"field", "start", "end", "text", "sentence"}


def test_the_lists_of_the_models_are_those_of_the_vocabulary() -> None:
    assert set(get_args(Evidence.model_fields["field"].annotation)) == set(EvidenceField)
    assert set(get_args(ActorTag.model_fields["role"].annotation)) == set(ActorRole)
    assert set(get_args(ArticleFetched.model_fields["text_source"].annotation)) == set(TextSource)
