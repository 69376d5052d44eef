"""The decision on the annotated replays: what the annotations claim is told exactly as a desk must be told, and nothing more.

The readings are the annotations themselves, so that only the decision is measured: its own upper bound.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from schemas.alert_raised import AlertRaised
from schemas.article_classified import ArticleClassified
from schemas.reading import CasualtyClaim, CeasefireStatement, Evidence, Reading
from schemas.vocabulary import SAME_PEOPLE
from services.alerter.core.decision import decide
from services.alerter.core.ledger import Ledger
from tests.builders import a_classified
from tests.unit.alerter.stories import POLICY

GOLD = Path(__file__).parents[2] / "gold" / "articles"
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
JOINT = re.compile(r"killed or wounded|убит\w+ и ранен\w+", re.IGNORECASE)
"""The annotations do not mark two effects told as one figure; their quotes do."""

Alert = tuple[str, str, str | None, int | None, str | None]


@cache
def replays() -> dict[str, dict[str, Any]]:
    text = (GOLD / "replay.yaml").read_text(encoding="utf-8")
    return {replay["name"]: replay for replay in yaml.load_all(text, Loader=LOADER) if replay}


def article(name: str) -> ArticleClassified:
    document = yaml.load((GOLD / f"{name}.yaml").read_text(encoding="utf-8"), Loader=LOADER)  # noqa: S506 - a safe loader
    gold = document["gold"]
    reading = Reading(
        id=name,
        language=document["lang"],
        relevant=gold["relevant"],
        casualties=tuple(
            CasualtyClaim(**_without(claim, "quote"), joint=bool(JOINT.search(claim["quote"])), evidence=evidence(document, claim["quote"]))
            for claim in gold.get("casualties") or ()
        ),
        ceasefire=tuple(
            CeasefireStatement(**_without(said, "quote"), evidence=evidence(document, said["quote"]))
            for said in gold.get("ceasefire") or ()
        ),
    )
    return a_classified(name, reading=reading, published_at=document["published_at"], title=document["title"])


def _without(mapping: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in mapping.items() if key != name}


def evidence(document: Mapping[str, Any], quote: str) -> Evidence:
    start = document["text"].find(quote)
    if start >= 0:
        return Evidence(field="text", start=start, end=start + len(quote), text=quote)
    start = document["title"].index(quote)
    return Evidence(field="title", start=start, end=start + len(quote), text=quote)


def told(replay: Mapping[str, Any]) -> list[Alert]:
    ledger = Ledger(replay["name"])
    said: list[Alert] = []
    for name in replay["articles"]:
        classified = article(name)
        assert isinstance(classified.published_at, datetime)
        decision = decide(ledger, classified, classified.published_at + timedelta(minutes=5), POLICY)
        ledger = decision.ledger
        said += [_alert(name, alert) for alert in decision.alerts]
    return said


def _alert(name: str, alert: AlertRaised) -> Alert:
    number = alert.low if alert.low is not None else alert.high
    return (name, alert.kind, alert.status or alert.effect, number, _people(alert.side))


def annotated(alerts: Iterable[Mapping[str, Any]]) -> list[Alert]:
    return [(one["at"], one["kind"], one.get("status") or one.get("effect"), one.get("low"), _people(one.get("side"))) for one in alerts]


def _people(side: str | None) -> str | None:
    return SAME_PEOPLE.get(side, side) if side else None


@pytest.mark.parametrize("name", replays())
def test_a_desk_is_told_what_it_must_be_told_and_nothing_more(name: str) -> None:
    replay = replays()[name]
    said, due = told(replay), annotated(replay["expected_alerts"])
    assert [alert for alert in due if alert not in said] == []
    spare = due + annotated(replay["optional_alerts"])
    assert [alert for alert in said if alert not in spare] == []
    assert len(said) == len(set(said))
