"""`feeds add|remove|import|export`: the user's own list of feeds, changed and carried elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import ValidationError

from schemas.vocabulary import FeedScope, OffReason
from services.fetcher.adapters.feedfile import load_feeds, packaged, save
from services.fetcher.core.addresses import absolute
from services.fetcher.core.feededits import NEW, with_feed, with_outlets, without_feed
from services.fetcher.core.feedlist import Feed, FeedList, FeedListFault, Outlet, fault_words, read_list, repeated_over
from services.fetcher.core.opml import read_opml, slug, write_opml
from services.fetcher.settings import FetcherSettings
from services.standalone.commanding import DONE, FAULTS, WRONG_USE

Say = Callable[[str], None]
SETTING = "CAUCASUS_WATCH_FEEDS_FILE"


@dataclass(frozen=True, slots=True)
class NewFeed:
    """A feed as it was asked for on the command line; what is empty was left out."""

    url: str
    outlet: str = ""
    id: str = ""
    scope: FeedScope = FeedScope.WORLD
    language: str = ""
    country: str = ""
    orientation: str = ""
    timezone: str = ""
    interval: int | None = None


class _Own:
    """The user's file, and the list that it comes to."""

    def __init__(self, file: Path | None) -> None:
        """Raises FeedListFault where it is named nowhere or is wrong."""
        path = file or FetcherSettings.load().feeds_file
        if path is None:
            raise FeedListFault([f"there is no list of your own: name a file by --file FILE, and set {SETTING} to it for the fetcher"])
        self.path = path
        self.exists = path.exists()
        self.text = path.read_text(encoding="utf-8") if self.exists else NEW
        self.own = read_list(self.text, str(path))
        self.all = load_feeds(path) if self.exists else packaged()

    def with_these(self, outlets: tuple[Outlet, ...]) -> str:
        """The text with these outlets, line by line where the file has them already."""
        text = self.text
        own = {outlet.id: {feed.id for feed in outlet.feeds} for outlet in self.own.outlets}
        for outlet in outlets:
            for feed in outlet.feeds if outlet.id in own else ():
                if feed.id not in own[outlet.id]:
                    text = with_feed(text, str(self.path), outlet.id, feed)
        new = tuple(outlet for outlet in outlets if outlet.id not in own)
        return with_outlets(text, str(self.path), new) if new else text

    def save(self, text: str) -> None:
        """Write it, where the list that comes of it is one."""
        own = read_list(text, str(self.path))
        if own.extends is not None:
            repeated_over(own.over(packaged()), str(self.path))
        save(self.path, text)


def add_feed(wish: NewFeed, file: Path | None, say: Say) -> int:
    """Add one feed; 0, 1 where it is in the list already, 2 where what was asked for is none.

    Raises:
        SettingsFault: a setting is wrong.
    """
    address = absolute(wish.url)
    if address is None:
        say(f"{wish.url!r} is no address of a feed: write http://… or https://…, without user name and password")
        return WRONG_USE
    try:
        mine = _Own(file)
        known = next((feed for _, feed in mine.all.feeds() if feed.url == address), None)
        if known is not None:
            state = "" if known.enabled else f"; it is off ({known.reason}): give it another entry in {mine.path} to switch it on"
            say(f"it is in the list already, as {known.id}{state}")
            return FAULTS
        feed_id = _add(mine, wish, address)
    except FeedListFault as fault:
        say(str(fault))
        return WRONG_USE
    except ValidationError as fault:
        say("\n".join(fault_words(fault)))
        return WRONG_USE
    say(f"{feed_id} is in {mine.path}; `caucasus-watch feeds check {feed_id}` explains it" + _hint(mine.path))
    return DONE


def _add(mine: _Own, wish: NewFeed, address: str) -> str:
    outlets = {outlet.id: outlet for outlet in mine.all.outlets}
    host = (urlsplit(address).hostname or "").removeprefix("www.")
    name = wish.outlet or host
    known = outlets.get(wish.outlet)
    outlet_id = known.id if known else slug(name) or slug(host) or "feed"
    if known is None and outlet_id in outlets:
        raise FeedListFault([f"there is an outlet {outlet_id} already: write --outlet {outlet_id} to add to it, or another name"])
    ids = {feed.id for _, feed in mine.all.feeds()}
    feed = Feed(
        id=wish.id or _free(f"{outlet_id}-{wish.language}" if wish.language else outlet_id, ids),
        url=address,
        language=wish.language or None,
        scope=wish.scope,
        interval=wish.interval,
    )
    if any(outlet.id == outlet_id for outlet in mine.own.outlets):
        mine.save(with_feed(mine.text, str(mine.path), outlet_id, feed))
        return feed.id
    if known is not None:
        # An outlet of the package's list is taken over whole: the one of the same id takes its place.
        outlet = known.model_copy(update={"feeds": (*known.feeds, feed)})
    else:
        given = {"country": wish.country, "orientation": wish.orientation, "timezone": wish.timezone}
        outlet = Outlet.model_validate(
            {"id": outlet_id, "name": name, "feeds": (feed,)} | {field: value for field, value in given.items() if value}
        )
    mine.save(with_outlets(mine.text, str(mine.path), (outlet,)))
    return feed.id


def remove_feed(name: str, file: Path | None, say: Say) -> int:
    """Take a feed out; 0, 1 where there is none of that name, 2 where the list is wrong.

    Raises:
        SettingsFault: a setting is wrong.
    """
    try:
        mine = _Own(file)
        found = next(((outlet, feed) for outlet, feed in mine.all.feeds() if name in {feed.id, feed.url}), None)
        if found is None:
            say(f"there is no feed {name} in the list: `caucasus-watch feeds list --all` shows all of them")
            return FAULTS
        outlet, feed = found
        base = {one.id: one for one in packaged().outlets} if mine.own.extends is not None else {}
        of_package = outlet.id in base and any(one.id == feed.id for one in base[outlet.id].feeds)
        if of_package and not feed.enabled and feed.reason is OffReason.CHOSEN:
            say(f"{feed.id} is switched off already")
            return DONE
        if of_package:
            off = feed.model_copy(update={"enabled": False, "reason": OffReason.CHOSEN})
            changed = outlet.model_copy(update={"feeds": tuple(off if one.id == feed.id else one for one in outlet.feeds)})
            mine.save(with_outlets(mine.text, str(mine.path), (changed,)))
            say(f"{feed.id} of the package's list is switched off in {mine.path}" + _hint(mine.path))
        else:
            mine.save(without_feed(mine.text, str(mine.path), feed.id))
            say(f"{feed.id} is out of {mine.path}; its history stays in the database")
    except FeedListFault as fault:
        say(str(fault))
        return WRONG_USE
    return DONE


def import_feeds(source: str, scope: FeedScope, file: Path | None, say: Say) -> int:
    """Add the feeds of an OPML file; 0, 1 where the file has faults, 2 where the list is wrong or the file cannot be read.

    Raises:
        SettingsFault: a setting is wrong.
    """
    name = "standard input" if source == "-" else source
    try:
        data = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
    except OSError as fault:
        say(f"{name}: it cannot be read: {fault.strerror}")
        return WRONG_USE
    try:
        given = read_opml(data, name, scope=scope)
    except FeedListFault as fault:
        say(str(fault))
        return FAULTS
    try:
        mine = _Own(file)
        fresh = _fresh(given, mine.all)
        known = {feed.id for _, feed in mine.all.feeds()}
        count = sum(feed.id not in known for outlet in fresh for feed in outlet.feeds)
        if fresh:
            mine.save(mine.with_these(fresh))
    except FeedListFault as fault:
        say(str(fault))
        return WRONG_USE
    passed = sum(len(outlet.feeds) for outlet in given.outlets) - count
    say(f"{count} feeds are now in {mine.path}; {passed} were in the list already" + (_hint(mine.path) if count else ""))
    return DONE


def _fresh(given: FeedList, known: FeedList) -> tuple[Outlet, ...]:
    """The outlets with what the list does not have; under other ids where theirs are taken by something else."""
    addresses = {feed.url for _, feed in known.feeds()}
    ids = {feed.id for _, feed in known.feeds()}
    outlets = {outlet.id: outlet for outlet in known.outlets}
    named = {outlet.name: outlet for outlet in known.outlets}
    fresh: dict[str, Outlet] = {}
    for outlet in given.outlets:
        feeds = []
        for feed in outlet.feeds:
            if feed.url not in addresses:
                feeds.append(feed.model_copy(update={"id": _free(feed.id, ids)}))
                ids.add(feeds[-1].id)
        if not feeds:
            continue
        same = named.get(outlet.name)
        if same is not None:
            same = fresh.get(same.id, same)
            fresh[same.id] = same.model_copy(update={"feeds": (*same.feeds, *feeds)})
        else:
            free = _free(outlet.id, {*outlets, *fresh})
            fresh[free] = outlet.model_copy(update={"id": free, "feeds": tuple(feeds)})
    return tuple(fresh.values())


def export_feeds(target: str, *, every: bool, say: Say) -> int:
    """Write the list as OPML; 0, or 2 where the list is wrong or the file cannot be written.

    Raises:
        SettingsFault: a setting is wrong.
    """
    try:
        listed = load_feeds(FetcherSettings.load().feeds_file)
    except FeedListFault as fault:
        say(str(fault))
        return WRONG_USE
    if not every:
        on = (outlet.model_copy(update={"feeds": tuple(feed for feed in outlet.feeds if feed.enabled)}) for outlet in listed.outlets)
        listed = FeedList(outlets=tuple(outlet for outlet in on if outlet.feeds))
    text = write_opml(listed)
    if target == "-":
        # The document says that it is UTF-8, whatever the terminal speaks.
        sys.stdout.buffer.write(text.encode())
        return DONE
    try:
        Path(target).write_text(text, encoding="utf-8")
    except OSError as fault:
        say(f"{target}: it cannot be written: {fault.strerror}")
        return WRONG_USE
    say(f"{sum(1 for _ in listed.feeds())} feeds are in {target}")
    return DONE


def _free(wished: str, taken: set[str]) -> str:
    if wished not in taken:
        return wished
    return next(name for number in range(2, len(taken) + 3) if (name := f"{wished[:57]}-{number}") not in taken)


def _hint(path: Path) -> str:
    """What is still to be done where the fetcher does not read the file."""
    set_to = FetcherSettings.load().feeds_file
    return (
        "" if set_to is not None and set_to.resolve() == path.resolve() else f"\nset {SETTING}={path.resolve()} for the fetcher to read it"
    )
