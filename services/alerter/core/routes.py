"""Routes as data: who is told of which alert, in Alertmanager's model and words. `data/routes.yaml` or a file of the same form."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from schemas.matchers import LABELS, MatcherFault, matchers_of
from services.alerter.core.datafile import DataForm, Where, packaged, parse
from services.alerter.core.hours import TimeInterval
from services.alerter.core.receivers import NAME, Duration, Receiver


def _matcher(text: str) -> str:
    try:
        matchers_of(text)
    except MatcherFault as fault:
        raise ValueError(str(fault)) from None
    return text


class Route(DataForm):
    """One node of the tree. What it does not say it has from the one above it; matchers and hours are its own."""

    name: str | None = Field(default=None, pattern=NAME)
    receiver: str | None = None
    matchers: tuple[Annotated[str, AfterValidator(_matcher)], ...] = ()
    continue_: bool = Field(default=False, alias="continue")
    group_by: tuple[str, ...] | None = None
    group_wait: Duration | None = None
    group_interval: Duration | None = None
    repeat_interval: Duration | Literal["never"] | None = None
    mute_time_intervals: tuple[str, ...] = ()
    active_time_intervals: tuple[str, ...] = ()
    routes: tuple[Route, ...] = ()

    @field_validator("matchers", mode="before")
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    @field_validator("repeat_interval", mode="before")
    @classmethod
    def _never(cls, value: object) -> object:
        return "never" if value == 0 else value

    @field_validator("group_by")
    @classmethod
    def _labels(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        for label in value or ():
            if label not in LABELS and label != "...":
                raise ValueError(f"alerts have no label {label!r}; there are {', '.join(LABELS)}, and ... for every one")
        return value


class Routes(DataForm):
    """All of it. `owner` hears of failing channels whose receiver names no owner of its own."""

    route: Route
    receivers: tuple[Receiver, ...] = Field(min_length=1)
    time_intervals: tuple[TimeInterval, ...] = ()
    mute_time_intervals: tuple[TimeInterval, ...] = ()
    owner: str | None = None

    @model_validator(mode="after")
    def _root(self) -> Self:
        if self.route.receiver is None:
            raise ValueError("the topmost route needs a receiver: it gets what no other route takes")
        if self.route.matchers:
            raise ValueError("the topmost route takes every alert and can have no matchers; move them into one below routes")
        if self.route.mute_time_intervals or self.route.active_time_intervals:
            raise ValueError("the topmost route cannot be muted; move the hours into one below routes")
        return self

    @property
    def intervals(self) -> dict[str, TimeInterval]:
        """The named hours, under either of Alertmanager's two words for them."""
        return {interval.name: interval for interval in (*self.time_intervals, *self.mute_time_intervals)}

    @classmethod
    def of(cls, text: str, name: str = "routes.yaml") -> Routes:
        """The routes in a text of YAML.

        Raises:
            DataFault: they are none; every fault with its line.
        """
        return parse(text, cls, name, check=faults)

    @classmethod
    def packaged(cls) -> Routes:
        """The routes that ship with the service: everything to the terminal and the webhooks of the settings."""
        return _packaged()


@cache
def _packaged() -> Routes:
    return Routes.of(packaged("routes.yaml"))


def faults(routes: Routes) -> Iterator[tuple[Where, str]]:
    """What the form cannot see: names that nobody has, and names given twice."""
    receivers = [receiver.name for receiver in routes.receivers]
    yield from _twice(receivers, "receivers", "receiver")
    named: list[tuple[Where, str]] = [(("time_intervals", number), one.name) for number, one in enumerate(routes.time_intervals)]
    named += [(("mute_time_intervals", number), one.name) for number, one in enumerate(routes.mute_time_intervals)]
    for number, (where, name) in enumerate(named):
        if name in {other for _, other in named[:number]}:
            yield (*where, "name"), f"two time intervals are called {name!r}; name one of them otherwise"
    for where, owner in [(("owner",), routes.owner), *((("receivers", n, "owner"), one.owner) for n, one in enumerate(routes.receivers))]:
        if owner is not None and owner not in receivers:
            yield where, _unknown("receiver", owner, receivers)
    for number, receiver in enumerate(routes.receivers):
        if receiver.owner == receiver.name:
            yield (
                ("receivers", number, "owner"),
                f"{receiver.name} cannot be its own owner: what fails cannot tell of it; name another receiver",
            )
        if not receiver.from_settings and not any(True for _ in receiver.channels()):
            yield ("receivers", number), f"the receiver {receiver.name} has no channel; give it webhook_configs, email_configs or another"
    yield from _route_faults(routes, routes.route, ("route",), {})


def _route_faults(routes: Routes, route: Route, where: Where, seen: dict[str, Where]) -> Iterator[tuple[Where, str]]:
    receivers = [receiver.name for receiver in routes.receivers]
    if route.receiver is not None and route.receiver not in receivers:
        yield (*where, "receiver"), _unknown("receiver", route.receiver, receivers)
    if route.name is not None and route.name in seen:
        yield (*where, "name"), f"two routes are called {route.name!r}; name one of them otherwise"
    if route.name is not None:
        seen[route.name] = where
    for kind in ("mute_time_intervals", "active_time_intervals"):
        for number, name in enumerate(getattr(route, kind)):
            if name not in routes.intervals:
                yield (*where, kind, number), _unknown("time interval", name, list(routes.intervals))
    if "..." in (route.group_by or ()) and len(route.group_by or ()) > 1:
        yield (*where, "group_by"), "... stands for every label and cannot stand beside others"
    for number, child in enumerate(route.routes):
        yield from _route_faults(routes, child, (*where, "routes", number), seen)
        if number and not route.routes[number - 1].continue_ and not route.routes[number - 1].matchers:
            yield (
                (*where, "routes", number),
                "no alert ever comes here: the route above takes every one; give that one matchers or continue: true",
            )


def _twice(names: list[str], where: str, what: str) -> Iterator[tuple[Where, str]]:
    for number, name in enumerate(names):
        if name in names[:number]:
            yield (where, number, "name"), f"two {what}s are called {name!r}; name one of them otherwise"


def _unknown(what: str, name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, n=1)
    hint = f"; did you mean {near[0]}?" if near else f"; there are {', '.join(known)}" if known else "; none is declared"
    return f"there is no {what} {name!r}{hint}"
