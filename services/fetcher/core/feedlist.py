"""The list of outlets and their feeds, as data: its form, and a check that names file, line and fault.

    outlets:
    - id: hetq
      name: Hetq
      family: hetq            # outlets of one publisher share it; left out: the outlet's id
      country: ARM
      orientation: independent
      timezone: Asia/Yerevan  # for dates that name no zone
      feeds:
      - {id: hetq-en, url: 'https://hetq.am/en/rss', language: en}
      - {id: hetq-old, url: 'https://hetq.am/rss', language: hy, enabled: false, reason: failing}

A user's file replaces the list of the package; with `extends: package` on top it adds to it, an outlet of the same id
taking the place of the package's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from schemas.article_fetched import OutletRef
from schemas.vocabulary import FeedScope, OffReason
from services.fetcher.core.addresses import absolute, site_of
from services.fetcher.core.selectors import xpath_of

NAME = r"^[a-z0-9][a-z0-9-]{0,62}$"
Orientation = Literal[
    "state_agency", "public_broadcaster", "government", "pro_government", "independent", "opposition", "private", "diaspora",
    "us_funded", "russian_state", "international", "ngo", "aggregator",
]  # fmt: skip
Content = Literal["full", "summary", "title", "links", "unknown"]


class _Form(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Feed(_Form):
    """One feed. `interval` is the seconds between polls; `content` is what it is known to carry of each article."""

    id: str = Field(pattern=NAME)
    url: str
    language: str | None = Field(default=None, pattern=r"^[a-z]{2,3}$")
    scope: FeedScope = FeedScope.REGION
    covers: tuple[str, ...] = ()
    content: Content = "unknown"
    interval: int | None = Field(default=None, ge=1, le=86_400)
    enabled: bool = True
    reason: OffReason | None = None
    checked: date | None = None
    note: str = ""

    @field_validator("url")
    @classmethod
    def _of_the_web(cls, value: str) -> str:
        address = absolute(value)
        if address is None:
            raise ValueError("it is no address of a feed: write http://… or https://…, without user name and password")
        return address

    @model_validator(mode="after")
    def _off_for_a_reason(self) -> Self:
        if self.enabled and self.reason is not None:
            raise ValueError("`reason` says why a feed is not polled: add `enabled: false`, or take it out")
        if not self.enabled and self.reason is None:
            raise ValueError(f"it is switched off without a reason: add `reason:` with one of {', '.join(OffReason)}")
        return self


class Outlet(_Form):
    """Who publishes, with the feeds. `family` is the publisher that several outlets share and count as one source of.

    `interval_floor` and `interval_ceiling`: seconds between which the interval of its feeds is learnt, where those of the
    settings do not fit the outlet. `page_text` and `page_drop`: selectors of the text on its pages, the first that fits is
    taken, and of what stands in the text and is none of it; without them the text is found by its looks.
    """

    id: str = Field(pattern=NAME)
    name: str = Field(min_length=1)
    family: str = Field(default="", pattern=r"^$|" + NAME)
    country: str | None = Field(default=None, pattern=r"^[A-Z]{3}$")
    orientation: Orientation | None = None
    timezone: str = "UTC"
    interval_floor: int | None = Field(default=None, ge=1, le=86_400)
    interval_ceiling: int | None = Field(default=None, ge=1, le=86_400)
    page_text: tuple[str, ...] = ()
    page_drop: tuple[str, ...] = ()
    feeds: tuple[Feed, ...] = Field(min_length=1)

    @field_validator("timezone")
    @classmethod
    def _known(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as fault:
            raise ValueError(f"there is no time zone {value!r}: write one such as Asia/Yerevan") from fault
        return value

    @field_validator("page_text", "page_drop")
    @classmethod
    def _selectors(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for selector in value:
            xpath_of(selector)
        return value

    @property
    def publisher(self) -> str:
        """The family, which is the outlet itself where it stands alone."""
        return self.family or self.id

    @property
    def ref(self) -> OutletRef:
        """The outlet as messages name it."""
        return OutletRef(id=self.id, name=self.name, family=self.publisher, country=self.country, orientation=self.orientation)


class FeedList(_Form):
    """All outlets. Ids and addresses of feeds are unique in it."""

    extends: Literal["package"] | None = None
    outlets: tuple[Outlet, ...] = ()

    def feeds(self) -> Iterator[tuple[Outlet, Feed]]:
        """Every feed with its outlet, in the order of the file."""
        for outlet in self.outlets:
            for feed in outlet.feeds:
                yield outlet, feed

    def over(self, base: FeedList) -> FeedList:
        """The list laid over another: an outlet of the same id takes the other's place."""
        own = {outlet.id for outlet in self.outlets}
        return FeedList(outlets=tuple(outlet for outlet in base.outlets if outlet.id not in own) + self.outlets)


class FeedListFault(ValueError):  # noqa: N818 - it is what the editor of the file reads, one fault a line
    """All that is wrong with a list of feeds, one line each: `file:line: where: fault`."""

    def __init__(self, faults: Sequence[str]) -> None:
        """Keep the lines; the message is all of them."""
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


def read_list(text: str, name: str) -> FeedList:
    """The list in the text of the file `name`.

    Raises:
        FeedListFault: it is no YAML, not of the form, or names a feed twice; every fault has its line.
    """
    try:
        tree = yaml.compose(text, Loader=yaml.CSafeLoader)
        document = yaml.load(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as fault:
        mark = getattr(fault, "problem_mark", None)
        raise FeedListFault(
            [f"{name}:{mark.line + 1 if mark else 1}: this is no YAML: {getattr(fault, 'problem', None) or fault}"]
        ) from fault
    if not isinstance(document, dict):
        raise FeedListFault([f"{name}:1: the whole: it must be a mapping with `outlets:`"])
    try:
        found = FeedList.model_validate(document)
    except ValidationError as fault:
        errors = fault.errors()
        # A list whose every part is faulty counts as empty too: the parts say enough.
        deeper = {error["loc"][:length] for error in errors for length in range(len(error["loc"]))}
        told = [error for error in errors if error["type"] != "too_short" or error["loc"] not in deeper]
        raise FeedListFault(
            [f"{name}:{_line(tree, error['loc'])}: {_where(document, error['loc'])}: {_message(error)}" for error in told]
        ) from fault
    faults = [f"{name}:{_line(tree, where)}: {said}" for where, said in _repeated(found)]
    if faults:
        raise FeedListFault(faults)
    return found


def written(feeds: FeedList) -> str:
    """The list as the text of a file."""
    return yaml.safe_dump(
        feeds.model_dump(mode="json", exclude_defaults=True), allow_unicode=True, sort_keys=False, width=160, default_flow_style=None
    )


def publishers(feeds: FeedList) -> dict[str, OutletRef]:
    """The outlets by the site of their feeds, where it is theirs alone, and by their name in small letters; no aggregators."""
    sites: dict[str, set[str]] = {}
    found: dict[str, OutletRef] = {}
    for outlet, feed in feeds.feeds():
        if outlet.orientation != "aggregator":
            found[outlet.name.casefold()] = outlet.ref
            found.setdefault(site_of(feed.url), outlet.ref)
            sites.setdefault(site_of(feed.url), set()).add(outlet.id)
    return {key: ref for key, ref in found.items() if len(sites.get(key, ())) < 2}


def repeated_over(feeds: FeedList, name: str) -> None:
    """Make sure that a list made of two is one.

    Raises:
        FeedListFault: a feed or an outlet is named twice.
    """
    faults = [f"{name}:1: {said}" for _, said in _repeated(feeds)]
    if faults:
        raise FeedListFault(faults)


def _repeated(feeds: FeedList) -> Iterator[tuple[tuple[int | str, ...], str]]:
    outlets: dict[str, int] = {}
    ids: dict[str, str] = {}
    addresses: dict[str, str] = {}
    for number, outlet in enumerate(feeds.outlets):
        if outlet.id in outlets:
            yield ("outlets", number, "id"), f"outlet {outlet.id}: the id is taken by an outlet above"
        outlets[outlet.id] = number
        for place, feed in enumerate(outlet.feeds):
            where = ("outlets", number, "feeds", place)
            if feed.id in ids:
                yield (*where, "id"), f"feed {feed.id}: the id is taken by a feed of {ids[feed.id]}"
            ids[feed.id] = outlet.id
            if feed.url in addresses:
                yield (*where, "url"), f"feed {feed.id}: the address is that of {addresses[feed.url]}"
            addresses[feed.url] = feed.id


def _line(tree: yaml.Node | None, where: Sequence[int | str]) -> int:
    """The line (from 1) on which the part at `where` stands, as far as the tree goes."""
    line, node = 1, tree
    for step in where:
        found: yaml.Node | None = None
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == str(step):
                    line, found = key.start_mark.line + 1, value
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            found = node.value[step]
            line = node.value[step].start_mark.line + 1
        if found is None:
            break
        node = found
    return line


def _where(document: Any, where: Sequence[int | str]) -> str:
    """The place in the words of the file: ids instead of numbers."""
    said: list[str] = []
    node = document
    for step in where:
        try:
            node = node[step]
        except (KeyError, IndexError, TypeError):
            node = None
        said.append(str(node["id"]) if isinstance(step, int) and isinstance(node, dict) and "id" in node else str(step))
    return ".".join(said) or "the whole"


def fault_words(fault: ValidationError) -> list[str]:
    """What is wrong with a feed or an outlet, in the words that the editor of a list reads."""
    return [f"{'.'.join(str(step) for step in error['loc'])}: {_message(error)}".removeprefix(": ") for error in fault.errors()]


def _message(error: Any) -> str:
    if error["type"] == "extra_forbidden":
        return "there is no such field"
    return str(error["msg"]).removeprefix("Value error, ")
