"""Lists of feeds as OPML, the form in which feed readers hand them to one another.

What our own lists say of a feed and OPML has no word for is kept in attributes of a name space of our own, so that a list
that was written here reads the same again; others pass over them. Reading is strict: every fault has its line, and a file
with faults gives nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from pydantic import ValidationError

from schemas.vocabulary import FeedScope
from services.fetcher.core.addresses import absolute
from services.fetcher.core.feedlist import Feed, FeedList, FeedListFault, Outlet, fault_words

SPACE = "urn:caucasus-watch:opml:1"
PREFIX = "cw"
SELECTORS = ("page_text", "page_drop")
FEED_FIELDS = ("id", "scope", "interval", "enabled", "reason", "checked", "note", "content")
OUTLET_FIELDS = ("family", "country", "orientation", "timezone", "interval_floor", "interval_ceiling")
LONGEST_ID = 63


@dataclass(frozen=True, slots=True)
class _Outline:
    """One outline with an address, as it stands in the file; `own` are the attributes of our name space."""

    line: int
    attributes: Mapping[str, str]
    own: Mapping[str, str]

    @property
    def label(self) -> str:
        """What readers call it."""
        return " ".join((self.attributes.get("title") or self.attributes.get("text") or "").split())


class _Refused(Exception):  # noqa: N818 - it leaves the parser's call, nothing more
    """The document declares a type or entities: nothing that a list of feeds needs."""


class _Reader:
    """The outlines of a document, with their lines."""

    def __init__(self) -> None:
        self.outlines: list[_Outline] = []
        self.faults: list[tuple[int, str]] = []
        self._open: list[str] = []
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = self._begun
        self._parser.EndElementHandler = self._ended
        self._parser.StartDoctypeDeclHandler = self._typed

    def read(self, data: bytes) -> None:
        self._parser.Parse(data, True)  # noqa: FBT003 - expat knows no names of arguments

    def _begun(self, name: str, attributes: dict[str, str]) -> None:
        line = self._parser.CurrentLineNumber
        tag = name.rpartition(" ")[2].lower()
        if not self._open and tag != "opml":
            self.faults.append((line, f"this is <{tag}>, not <opml>: export the list as OPML"))
        self._open.append(tag)
        if tag == "outline":
            plain = {key.lower(): value for key, value in attributes.items() if " " not in key}
            own = {key.removeprefix(f"{SPACE} "): value for key, value in attributes.items() if key.startswith(f"{SPACE} ")}
            outline = _Outline(line, plain, own)
            if "body" not in self._open:
                self.faults.append((line, "an outline outside <body>"))
            elif plain.get("xmlurl", "").strip():
                self.outlines.append(outline)
            elif plain.get("type", "").lower() == "rss" or "xmlurl" in plain:
                self.faults.append((line, f"{outline.label or 'an outline'}: a feed without its address: add xmlUrl"))

    def _ended(self, _name: str) -> None:
        self._open.pop()

    def _typed(self, _name: str, _system: str | None, _public: str | None, internal: bool) -> None:
        if internal:
            raise _Refused


def read_opml(data: bytes, name: str, *, scope: FeedScope = FeedScope.WORLD) -> FeedList:
    """The feeds in the OPML document `data` of the file `name`.

    Feeds that were written elsewhere come each as an outlet of its own with `scope`; an address that stands there twice
    counts once, as readers file one feed in several folders.

    Raises:
        FeedListFault: it is no OPML, or a feed in it is none; every fault as `file:line: fault`.
    """
    reader = _Reader()
    try:
        reader.read(data)
    except expat.ExpatError as fault:
        raise FeedListFault([f"{name}:{fault.lineno}: this is no XML: {expat.ErrorString(fault.code)}"]) from fault
    except (_Refused, ValueError) as fault:
        raise FeedListFault([f"{name}:1: it declares entities of its own or an unknown encoding: take the <!DOCTYPE> out"]) from fault
    made = _Making(name, scope)
    for outline in reader.outlines:
        made.add(outline)
    faults = sorted({*reader.faults, *made.faults})
    if faults:
        raise FeedListFault([f"{name}:{line}: {said}" for line, said in faults])
    return made.list()


class _Making:
    """Outlets and feeds out of outlines."""

    def __init__(self, name: str, scope: FeedScope) -> None:
        self.faults: list[tuple[int, str]] = []
        self._name = name
        self._scope = scope
        self._outlets: dict[str, dict[str, object]] = {}
        self._feeds: dict[str, list[Feed]] = {}
        self._addresses: set[str] = set()
        self._ids: set[str] = set()

    def add(self, outline: _Outline) -> None:
        address = absolute(outline.attributes["xmlurl"])
        if address is None:
            written = outline.attributes["xmlurl"][:80]
            self.faults.append((outline.line, f"{written!r} is no address of a feed: write http://… or https://…, without a password"))
            return
        if address in self._addresses:
            return
        self._addresses.add(address)
        label = outline.label or urlsplit(address).hostname or address
        outlet = outline.own.get("outlet") or self._free(slug(label) or slug(urlsplit(address).hostname or "") or "feed", self._outlets)
        if outlet not in self._outlets:
            known: dict[str, object] = {field: outline.own[field] for field in OUTLET_FIELDS if outline.own.get(field)}
            known |= {field: tuple(outline.own[field].split("|")) for field in SELECTORS if outline.own.get(field)}
            self._outlets[outlet] = {"id": outlet, "name": outline.own.get("name") or label, **known}
            self._feeds[outlet] = []
        given: dict[str, object] = {field: outline.own[field] for field in FEED_FIELDS if outline.own.get(field)}
        given |= {"covers": tuple(outline.own["covers"].split())} if outline.own.get("covers") else {}
        language = (outline.attributes.get("language") or "").lower().partition("-")[0]
        given |= {"language": language} if language.isalpha() and len(language) in {2, 3} else {}
        feed_id = str(given.get("id") or self._free(outlet, self._ids))
        if feed_id in self._ids:
            self.faults.append((outline.line, f"{feed_id}: the id is taken by a feed above"))
        self._ids.add(feed_id)
        try:
            self._feeds[outlet].append(Feed.model_validate({"scope": self._scope, **given, "id": feed_id, "url": address}))
            Outlet.model_validate({**self._outlets[outlet], "feeds": self._feeds[outlet]})
        except ValidationError as fault:
            self.faults += [(outline.line, f"{label}: {words}") for words in fault_words(fault)]

    def list(self) -> FeedList:
        return FeedList(
            outlets=tuple(Outlet.model_validate({**outlet, "feeds": tuple(self._feeds[key])}) for key, outlet in self._outlets.items())
        )

    @staticmethod
    def _free(wished: str, taken: Mapping[str, object] | set[str]) -> str:
        """The name, or the first free one with a number behind it."""
        if wished not in taken:
            return wished
        return next(name for number in range(2, len(taken) + 3) if (name := f"{wished[: LONGEST_ID - 6]}-{number}") not in taken)


def write_opml(feeds: FeedList, title: str = "caucasus-watch") -> str:
    """The list as an OPML document, one folder for each outlet."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<opml version="2.0" xmlns:{PREFIX}="{SPACE}">',
        f"  <head><title>{_escaped(title)}</title></head>",
        "  <body>",
        *(line for outlet in feeds.outlets for line in _outlet_lines(outlet)),
        "  </body>",
        "</opml>",
    ]
    return "\n".join(lines) + "\n"


def _outlet_lines(outlet: Outlet) -> Iterator[str]:
    yield f"    <outline text={quoteattr(outlet.name)}>"
    of_outlet = outlet.model_dump(mode="json", exclude_defaults=True, include=set(OUTLET_FIELDS))
    of_outlet |= {field: "|".join(getattr(outlet, field)) for field in SELECTORS if getattr(outlet, field)}
    for feed in outlet.feeds:
        label = outlet.name if len(outlet.feeds) == 1 else f"{outlet.name} ({feed.id})"
        own = {"outlet": outlet.id, "name": outlet.name} | of_outlet | {"id": feed.id, "scope": feed.scope}
        own |= feed.model_dump(mode="json", exclude_defaults=True, include=set(FEED_FIELDS) - {"id", "scope"})
        if feed.covers:
            own["covers"] = " ".join(feed.covers)
        plain = {"type": "rss", "text": label, "xmlUrl": feed.url} | ({"language": feed.language} if feed.language else {})
        written = [*_attributes(plain, ""), *_attributes(own, f"{PREFIX}:")]
        yield f"      <outline {' '.join(written)}/>"
    yield "    </outline>"


def _attributes(values: Mapping[str, object], prefix: str) -> Sequence[str]:
    return [f"{prefix}{name}={quoteattr(_plain(value))}" for name, value in values.items()]


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def slug(name: str) -> str:
    """A name as an id: small letters and digits of the Latin alphabet, parted by hyphens; empty where none is left."""
    plain = "-".join("".join(letter if letter.isascii() and letter.isalnum() else " " for letter in name.lower()).split())
    return plain[: LONGEST_ID - 6].strip("-")
