"""What the service says of itself: each watch is tripped once, told once, and told to be over once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.vocabulary import AlertKind, AlertReason, FeedState, Severity
from services.alerter.core.datafile import DataFault, packaged
from services.alerter.core.watches import Failure, Observed, Outlets, Watch, Watches, looks, weigh
from services.alerter.core.wording import Wording
from tests.builders import THE_MORNING

ENGLISH = Wording.packaged("en")
WATCHES = Watches.of(
    """
    silent: [{name: armenian-silent, countries: [ARM], side: ARM, hours: 6, severity: warning}]
    blocked: [{name: blocked, states: [blocked], at_least: 2, share: 0.5, severity: warning}]
    lagging: [{name: behind, topic: articles.fetched, group: classifier, messages: 100, severity: critical}]
    failing: [{name: failing, severity: warning}]
    skewed: [{name: skewed, seconds: 30, severity: notice}]
    """
)


def seen(**parts: object) -> Observed:
    return Observed(**({"outlets": {}} | parts))  # type: ignore[arg-type]  # built by name


def hours_ago(hours: float) -> datetime:
    return THE_MORNING - timedelta(hours=hours)


@dataclass(frozen=True)
class Row:
    name: str
    wrong: Observed
    well: Observed
    reason: AlertReason
    headline: str


TABLE = (
    Row(
        "no entry from a side's outlets",
        seen(outlets={"armenian-silent": Outlets(hours_ago(7), hours_ago(99))}),
        seen(outlets={"armenian-silent": Outlets(hours_ago(5.9), hours_ago(99))}),
        AlertReason.OUTLETS_SILENT,
        "No news from ARM: no entry for 7 h",
    ),
    Row(
        "outlets that never said anything since they are polled",
        seen(outlets={"armenian-silent": Outlets(None, hours_ago(8))}),
        seen(outlets={"armenian-silent": Outlets(hours_ago(0), hours_ago(8))}),
        AlertReason.OUTLETS_SILENT,
        "No news from ARM: no entry for 8 h",
    ),
    Row(
        "feeds are blocked",
        seen(feeds={FeedState.BLOCKED: 3, FeedState.HEALTHY: 3}),
        seen(feeds={FeedState.BLOCKED: 3, FeedState.HEALTHY: 4}),
        AlertReason.FEEDS_BLOCKED,
        "Feeds are blocked: 3 of 6 are blocked",
    ),
    Row(
        "messages wait",
        seen(lags={("articles.fetched", "classifier"): 100}),
        seen(lags={("articles.fetched", "classifier"): 99}),
        AlertReason.BUS_LAGGING,
        "Behind on articles.fetched: 100 messages wait for the classifier",
    ),
    Row(
        "a receiver fails",
        seen(failures=[Failure("webhook desk", hours_ago(1), "HTTP 500")]),
        seen(failures=[]),
        AlertReason.CHANNEL_FAILING,
        "Channel webhook desk is failing: since 11:00 UTC; HTTP 500",
    ),
    Row(
        "the clock is ahead",
        seen(skew=30.0),
        seen(skew=29.9),
        AlertReason.CLOCK_SKEWED,
        "The clock is wrong: this machine is 30.0 s ahead of the database",
    ),
    Row(
        "the clock is behind",
        seen(skew=-31.0),
        seen(skew=-1.0),
        AlertReason.CLOCK_SKEWED,
        "The clock is wrong: this machine is 31.0 s behind the database",
    ),
)


class Told:
    """A service that is looked at again and again."""

    def __init__(self, watches: Watches = WATCHES) -> None:
        self.watches = watches
        self.standing: dict[tuple[str, str], Watch] = {}
        self.headlines: list[str] = []
        self.alerts: list[tuple[AlertReason, Severity, str | None, str | None]] = []
        self.ids: list[str] = []

    def looks(self, observed: Observed, minutes: float = 0) -> None:
        now = THE_MORNING + timedelta(minutes=minutes)
        for look in looks(self.watches, observed, now, self.standing.values()):
            change = weigh(look, self.standing.get((look.rule.name, look.subject)), now, ENGLISH)
            self.standing[look.rule.name, look.subject] = change.watch
            if change.alert is not None:
                assert change.alert.kind is AlertKind.WATCH
                self.headlines.append(change.alert.headline)
                self.alerts.append((change.alert.reason, change.alert.severity, change.alert.watch, change.alert.side))
                self.ids.append(change.alert.alert_id)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_each_watch_is_tripped_told_once_and_told_to_be_over(row: Row) -> None:
    service = Told()
    service.looks(row.well)
    assert service.headlines == []
    for minutes in (1, 2, 3):
        service.looks(row.wrong, minutes)
    assert service.headlines == [row.headline]
    for minutes in (4, 5):
        service.looks(row.well, minutes)
    assert [reason for reason, *_ in service.alerts] == [row.reason, AlertReason.WATCH_ENDED]
    assert service.headlines[-1].startswith("Well again: ")
    service.looks(row.wrong, 6)
    assert len(set(service.ids)) == 3


def test_an_alert_has_the_severity_the_rule_and_the_side() -> None:
    service = Told()
    service.looks(TABLE[0].wrong)
    service.looks(TABLE[0].well, 1)
    assert service.alerts == [
        (AlertReason.OUTLETS_SILENT, Severity.WARNING, "armenian-silent", "ARM"),
        (AlertReason.WATCH_ENDED, Severity.INFO, "armenian-silent", "ARM"),
    ]


def test_a_hiccup_is_not_told_and_what_lasts_is() -> None:
    service = Told(Watches.of("skewed: [{name: skewed, seconds: 30, minutes: 10, severity: notice}]"))
    for minutes, skew in ((0, 60), (5, 0), (6, 60), (15, 60)):
        service.looks(seen(skew=float(skew)), minutes)
    assert service.headlines == []
    service.looks(seen(skew=60.0), 16)
    assert len(service.headlines) == 1


def test_what_cannot_be_seen_changes_nothing() -> None:
    service = Told()
    service.looks(seen(lags={("articles.fetched", "classifier"): 500}))
    service.looks(seen(), 1)
    service.looks(seen(lags={("articles.fetched", "classifier"): 500}), 2)
    assert len(service.headlines) == 1


def test_outlets_that_nobody_polls_are_not_silent() -> None:
    service = Told()
    service.looks(seen(outlets={"armenian-silent": Outlets(None, None)}))
    assert service.headlines == []


def test_each_failing_receiver_is_told_by_itself() -> None:
    service = Told()
    one, two = Failure("webhook desk", hours_ago(1), ""), Failure("email night", hours_ago(1), "")
    service.looks(seen(failures=[one]))
    service.looks(seen(failures=[one, two]), 1)
    service.looks(seen(failures=[two]), 2)
    assert [headline.partition(":")[0] for headline in service.headlines] == [
        "Channel webhook desk is failing", "Channel email night is failing", "Well again",
    ]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 30)), max_size=12), st.sampled_from([0, 10]))
def test_what_begins_ends_before_it_begins_again(steps: list[tuple[bool, int]], minutes: int) -> None:
    service = Told(Watches.of(f"skewed: [{{name: skewed, seconds: 30, minutes: {minutes}, severity: notice}}]"))
    now = 0
    for wrong, passed in steps:
        now += passed
        service.looks(seen(skew=60.0 if wrong else 0.0), now)
    reasons = [reason for reason, *_ in service.alerts]
    assert reasons == [AlertReason.CLOCK_SKEWED, AlertReason.WATCH_ENDED] * (len(reasons) // 2) + [AlertReason.CLOCK_SKEWED] * (
        len(reasons) % 2
    )


def test_the_packaged_watches_are_read() -> None:
    assert len(list(Watches.packaged().rules())) >= 8


@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        ("hours: 12", "hours: never", "Input should be a valid number"),
        ("countries: [GEO]", "country: [GEO]", "country"),
        ("topic: articles.classified", "topic: articles.read", "there is no topic 'articles.read'"),
        ("states: [blocked]", "states: [stopped]", "Input should be"),
        ("name: clock-skewed", "name: feeds-blocked", "two watches are called feeds-blocked"),
    ],
)
def test_a_fault_is_named_with_its_line(right: str, wrong: str, says: str) -> None:
    with pytest.raises(DataFault) as fault:
        Watches.of(packaged("watches.yaml").replace(right, wrong), "mine.yaml")
    assert "mine.yaml:" in str(fault.value)
    assert says in str(fault.value)
