"""Watches on the service itself, as data (`data/watches.yaml`): what counts as wrong, and what to tell when it begins and ends. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Self
from uuid import NAMESPACE_URL, uuid5

from pydantic import Field, model_validator

from schemas.alert_raised import AlertRaised
from schemas.reading import Evidence
from schemas.topics import TOPICS
from schemas.vocabulary import AlertKind, AlertReason, FeedState, Severity
from services.alerter.core.datafile import DataForm, packaged, parse
from services.alerter.core.wording import Wording


class WatchRule(DataForm):
    """What every rule has. `minutes`: how long it must be so before it is told."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")
    severity: Severity
    minutes: float = Field(default=0.0, ge=0)
    side: str | None = Field(default=None, pattern=r"^[A-Z0-9]{2,5}$")


class Silent(WatchRule):
    """No entry for so many hours from outlets of these countries, or from these outlets."""

    hours: float = Field(gt=0)
    countries: tuple[str, ...] = ()
    outlets: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _some(self) -> Self:
        if not self.countries and not self.outlets:
            raise ValueError("name countries or outlets: without either it would watch nothing")
        return self


class Blocked(WatchRule):
    """So many feeds, and so great a share of all, are in one of these states."""

    states: tuple[FeedState, ...] = Field(min_length=1)
    at_least: int = Field(default=1, ge=1)
    share: float = Field(default=0.0, ge=0, le=1)


class Lagging(WatchRule):
    """So many messages of the topic wait for the group."""

    topic: str
    group: str
    messages: int = Field(ge=1)

    @model_validator(mode="after")
    def _known(self) -> Self:
        known = [topic.name for topic in TOPICS]
        if self.topic not in known:
            raise ValueError(f"there is no topic {self.topic!r}; there are {', '.join(known)}")
        return self


class Failing(WatchRule):
    """A receiver counts as failing."""


class Skewed(WatchRule):
    """The clocks differ by so many seconds."""

    seconds: float = Field(gt=0)


class Misconfigured(WatchRule):
    """A file of routes, policy or watches was changed and is refused; what it held before holds on."""


class Watches(DataForm):
    """All of them."""

    silent: tuple[Silent, ...] = ()
    blocked: tuple[Blocked, ...] = ()
    lagging: tuple[Lagging, ...] = ()
    failing: tuple[Failing, ...] = ()
    skewed: tuple[Skewed, ...] = ()
    misconfigured: tuple[Misconfigured, ...] = ()

    @model_validator(mode="after")
    def _once(self) -> Self:
        names = [rule.name for rule in self.rules()]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"two watches are called {twice[0]}")
        return self

    def rules(self) -> Iterator[WatchRule]:
        """Every rule."""
        yield from (*self.silent, *self.blocked, *self.lagging, *self.failing, *self.skewed, *self.misconfigured)

    @classmethod
    def of(cls, text: str, name: str = "watches.yaml") -> Watches:
        """The watches in a text of YAML.

        Raises:
            DataFault: they are none; every fault with its line.
        """
        return parse(text, cls, name)

    @classmethod
    def packaged(cls) -> Watches:
        """The watches that ship with the service."""
        return _packaged()


@cache
def _packaged() -> Watches:
    return Watches.of(packaged("watches.yaml"))


@dataclass(frozen=True, slots=True)
class Outlets:
    """When entries of a silent rule's outlets last came: `last` None where none ever did, then since `since` they are asked."""

    last: datetime | None
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Failure:
    """A receiver that fails."""

    receiver: str
    since: datetime
    detail: str


@dataclass(frozen=True, slots=True)
class Observed:
    """What was seen of the service. A part that could not be looked at is None and changes nothing."""

    outlets: Mapping[str, Outlets]
    """By the name of the rule."""
    feeds: Mapping[FeedState, int] | None = None
    lags: Mapping[tuple[str, str], int] | None = None
    """By topic and group."""
    failures: Sequence[Failure] | None = None
    skew: float | None = None
    """Seconds by which this machine's clock is ahead of the database's."""
    refused: str | None = None
    """What is wrong with the files as they stand now, the first fault with its line; empty where they are in force."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one rule says of one subject now."""

    rule: WatchRule
    reason: AlertReason
    subject: str
    wrong: bool
    value: float
    detail: str


@dataclass(frozen=True, slots=True)
class Watch:
    """Where a rule stands on a subject: whether something is wrong, since when, and the alert that told of it."""

    name: str
    subject: str
    firing: bool
    since: datetime
    value: float
    detail: str
    alert_id: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What a look changes: the watch as it stands now, and what is to be told."""

    watch: Watch
    alert: AlertRaised | None = None


def looks(watches: Watches, observed: Observed, now: datetime, before: Iterable[Watch] = ()) -> list[Look]:
    """What each rule says now, of each of its subjects; those that are well again and not seen any more are among them."""
    found: list[Look] = []
    for silent in watches.silent:
        if (one := observed.outlets.get(silent.name)) is not None:
            found.extend(_silent(silent, one, now))
    if observed.feeds is not None:
        found += [_blocked(rule, observed.feeds) for rule in watches.blocked]
    if observed.lags is not None:
        lags = observed.lags
        found += [_lagging(rule, lags[rule.topic, rule.group]) for rule in watches.lagging if (rule.topic, rule.group) in lags]
    if observed.failures is not None:
        seen = {failure.receiver: failure for failure in observed.failures}
        for failing in watches.failing:
            stood = {watch.subject for watch in before if watch.name == failing.name and watch.firing}
            for receiver in sorted({*seen, *stood}):
                failure = seen.get(receiver)
                detail = f"since {failure.since:%H:%M} UTC; {failure.detail}".rstrip("; ") if failure else "it is told again"
                found.append(Look(failing, AlertReason.CHANNEL_FAILING, receiver, failure is not None, float(failure is not None), detail))
    if observed.skew is not None:
        found += [_skewed(rule, observed.skew) for rule in watches.skewed]
    if observed.refused is not None:
        found += [_misconfigured(rule, observed.refused) for rule in watches.misconfigured]
    return found


def weigh(look: Look, before: Watch | None, now: datetime, wording: Wording) -> Change:
    """What a look changes. It is told once when it has been wrong for long enough, and once when that is over."""
    began = before is not None and before.firing
    if look.wrong and before is not None and began:
        watch = replace(before, value=look.value, detail=look.detail)
        if before.alert_id is None and now - before.since >= timedelta(minutes=look.rule.minutes):
            return _told(watch, look, look.reason, now, wording)
        return Change(watch)
    watch = Watch(look.rule.name, look.subject, look.wrong, now, look.value, look.detail)
    if look.wrong:
        return _told(watch, look, look.reason, now, wording) if not look.rule.minutes else Change(watch)
    if before is not None and began and before.alert_id is not None:
        told = _told(watch, look, AlertReason.WATCH_ENDED, now, wording)
        return replace(told, watch=watch)
    return Change(watch if before is None or began else replace(before, value=look.value, detail=look.detail))


def _silent(rule: Silent, seen: Outlets, now: datetime) -> Iterator[Look]:
    since = seen.last or seen.since
    if since is None:
        return  # Nothing of them is polled: there is nobody to be silent.
    hours = (now - since).total_seconds() / 3600
    detail = f"no entry for {hours:.0f} h" if hours >= 1 else "entries come"
    subject = ", ".join(rule.countries or rule.outlets)
    yield Look(rule, AlertReason.OUTLETS_SILENT, subject, hours >= rule.hours, round(hours, 2), detail)


def _blocked(rule: Blocked, feeds: Mapping[FeedState, int]) -> Look:
    every = sum(feeds.values())
    count = sum(feeds.get(state, 0) for state in rule.states)
    wrong = count >= rule.at_least and every > 0 and count / every >= rule.share
    detail = f"{count} of {every} are {' or '.join(rule.states)}"
    return Look(rule, AlertReason.FEEDS_BLOCKED, "feeds", wrong, float(count), detail)


def _lagging(rule: Lagging, messages: int) -> Look:
    detail = f"{messages} messages wait for the {rule.group}"
    return Look(rule, AlertReason.BUS_LAGGING, rule.topic, messages >= rule.messages, float(messages), detail)


def _skewed(rule: Skewed, skew: float) -> Look:
    where = "ahead of" if skew > 0 else "behind"
    detail = f"this machine is {abs(skew):.1f} s {where} the database"
    return Look(rule, AlertReason.CLOCK_SKEWED, "clock", abs(skew) >= rule.seconds, round(skew, 3), detail)


def _misconfigured(rule: Misconfigured, refused: str) -> Look:
    return Look(rule, AlertReason.CONFIG_REFUSED, "configuration", bool(refused), float(bool(refused)), refused or "the files are in force")


def _told(watch: Watch, look: Look, reason: AlertReason, now: datetime, wording: Wording) -> Change:
    story = str(uuid5(NAMESPACE_URL, f"watch|{look.rule.name}|{look.subject}"))
    alert_id = str(uuid5(NAMESPACE_URL, f"watch|{look.rule.name}|{look.subject}|{reason}|{watch.since.isoformat()}"))
    alert = AlertRaised(
        alert_id=alert_id,
        article_id=story,
        story_id=story,
        kind=AlertKind.WATCH,
        reason=reason,
        severity=look.rule.severity if reason is not AlertReason.WATCH_ENDED else Severity.INFO,
        side=look.rule.side,
        headline=wording.watch(reason, subject=look.subject, seen=look.detail),
        evidence=Evidence(field="text", start=0, end=0, text=look.detail),
        title=look.subject,
        raised_at=now,
        watch=look.rule.name,
    )
    return Change(replace(watch, alert_id=alert_id), alert)
