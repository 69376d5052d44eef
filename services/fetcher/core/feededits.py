"""Changes to a user's list of feeds as text, so that comments and order stay: the file is the user's, not ours.

Only where the text has a form that cannot be changed by a few lines (everything on one line, say) is it written anew.
"""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from services.fetcher.core.feedlist import Feed, FeedList, Outlet, read_list, written

NEW = "# Your own feeds, on top of those of the package; `caucasus-watch feeds list --all` shows both.\nextends: package\noutlets: []\n"


def with_outlets(text: str, name: str, outlets: tuple[Outlet, ...]) -> str:
    """The text of the list with these outlets in it, each in the place of one of the same id.

    Raises:
        FeedListFault: the text is no list, or is none with these any more.
    """
    wanted = _replaced(read_list(text, name), outlets)
    known = {outlet.id for outlet in read_list(text, name).outlets}
    if not known & {outlet.id for outlet in outlets}:
        appended = _appended(text, outlets)
        if appended is not None and read_list(appended, name) == wanted:
            return appended
    return _anew(text, name, wanted)


def with_feed(text: str, name: str, outlet_id: str, feed: Feed) -> str:
    """The text with one more feed of an outlet that it holds.

    Raises:
        FeedListFault: the same.
    """
    listed = read_list(text, name)
    outlet = next(one for one in listed.outlets if one.id == outlet_id)
    wanted = _replaced(listed, (outlet.model_copy(update={"feeds": (*outlet.feeds, feed)}),))
    found = _feeds_node(text, outlet_id)
    if found is not None and not found.flow_style and found.value:
        lines = text.splitlines(keepends=True)
        last = found.value[-1]
        at = _end_line(last)
        column = found.start_mark.column
        line = f"{' ' * column}- {_flow(feed.model_dump(mode='json', exclude_defaults=True))}\n"
        changed = "".join([*lines[:at], line, *lines[at:]])
        if read_list(changed, name) == wanted:
            return changed
    return _anew(text, name, wanted)


def without_feed(text: str, name: str, feed_id: str) -> str:
    """The text without the feed; without its outlet where it was the last one.

    Raises:
        FeedListFault: the same.
    """
    listed = read_list(text, name)
    wanted = listed.model_copy(
        update={
            "outlets": tuple(
                outlet.model_copy(update={"feeds": tuple(feed for feed in outlet.feeds if feed.id != feed_id)})
                for outlet in listed.outlets
                if any(feed.id != feed_id for feed in outlet.feeds)
            )
        }
    )
    for first, last in _places(text, feed_id):
        lines = text.splitlines(keepends=True)
        changed = "".join([*lines[:first], *lines[last:]])
        if "outlets:" in changed and _same(changed, name, wanted):
            return changed
    return _anew(text, name, wanted)


def _same(text: str, name: str, wanted: FeedList) -> bool:
    try:
        return read_list(text, name) == wanted
    except ValueError:
        return False


def _replaced(listed: FeedList, outlets: tuple[Outlet, ...]) -> FeedList:
    fresh = {outlet.id: outlet for outlet in outlets}
    kept = tuple(fresh.pop(outlet.id, outlet) for outlet in listed.outlets)
    return listed.model_copy(update={"outlets": (*kept, *fresh.values())})


def _anew(text: str, name: str, wanted: FeedList) -> str:
    """The whole list written again, under the comments that the text begins with."""
    head: list[str] = []
    for line in text.splitlines(keepends=True):
        if not line.startswith("#") and line.strip():
            break
        head.append(line)
    changed = "".join(head) + written(wanted)
    # What is written must be a list again: an id or address that is taken is told with its line.
    read_list(changed, name)
    return changed


def _appended(text: str, outlets: tuple[Outlet, ...]) -> str | None:
    """The outlets at the end, where the list of outlets is the last thing in the text."""
    node = _value(yaml.compose(text, Loader=yaml.SafeLoader), "outlets")
    if not isinstance(node, yaml.SequenceNode):
        return None
    body = yaml.safe_dump(
        [outlet.model_dump(mode="json", exclude_defaults=True) for outlet in outlets],
        allow_unicode=True,
        sort_keys=False,
        width=160,
        default_flow_style=None,
    )
    if node.flow_style:
        if node.value:
            return None
        begin, end = node.start_mark.index, node.end_mark.index
        return text[:begin].rstrip(" ") + "\n" + body + text[end:].lstrip("\n")
    indent = " " * node.start_mark.column
    return text.rstrip("\n") + "\n" + "".join(f"{indent}{line}\n" for line in body.splitlines())


def _feeds_node(text: str, outlet_id: str) -> yaml.SequenceNode | None:
    outlets = _value(yaml.compose(text, Loader=yaml.SafeLoader), "outlets")
    for outlet in outlets.value if isinstance(outlets, yaml.SequenceNode) else ():
        identity = _value(outlet, "id")
        if identity is not None and identity.value == outlet_id:
            feeds = _value(outlet, "feeds")
            return feeds if isinstance(feeds, yaml.SequenceNode) else None
    return None


def _places(text: str, feed_id: str) -> Iterator[tuple[int, int]]:
    """The lines (half-open) that hold the feed, and those that hold its outlet."""
    outlets = _value(yaml.compose(text, Loader=yaml.SafeLoader), "outlets")
    if not isinstance(outlets, yaml.SequenceNode) or outlets.flow_style:
        return
    for outlet in outlets.value:
        feeds = _value(outlet, "feeds")
        if not isinstance(feeds, yaml.SequenceNode):
            continue
        for feed in feeds.value:
            identity = _value(feed, "id")
            if identity is not None and identity.value == feed_id:
                if not feeds.flow_style:
                    yield feed.start_mark.line, _end_line(feed)
                yield outlet.start_mark.line, _end_line(outlet)


def _end_line(node: yaml.Node) -> int:
    """The line behind the last one of the node: a block ends where the next thing begins, past comments that are not its own."""
    while isinstance(node, yaml.MappingNode | yaml.SequenceNode) and not node.flow_style and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    end: int = node.end_mark.line
    return end + 1


def _value(node: yaml.Node | None, key: str) -> yaml.Node | None:
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((value for name, value in node.value if name.value == key), None)


def _flow(values: dict[str, object]) -> str:
    return yaml.safe_dump(values, allow_unicode=True, sort_keys=False, width=10_000, default_flow_style=True).strip()
