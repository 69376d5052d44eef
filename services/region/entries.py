"""What is known of the region, as values: entries of the data and their mentions in a text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Holding:
    """Who holds a place on the ground, from a day until before another; None is open."""

    by: str
    begins: date | None
    ends: date | None

    def covers(self, day: date) -> bool:
        """True where the holder holds the place on that day."""
        return (self.begins is None or self.begins <= day) and (self.ends is None or day < self.ends)


@dataclass(frozen=True, slots=True)
class Office:
    """An office that a person holds in the years from `begins` to `ends`, with the code it speaks for."""

    title: str
    begins: int | None
    ends: int | None
    code: str | None

    def covers(self, day: date) -> bool:
        """True where the person holds the office in the year of that day."""
        return (self.begins is None or self.begins <= day.year) and (self.ends is None or day.year <= self.ends)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that a text can name.

    `kind` is place, person, office, body, armed, group, party, org, church, war, operation, event, agreement, format,
    term, weapon, demonym ("Armenian") or people ("soldiers"). `code` is BODY or BODY.SECTOR where the words alone tell
    it; a bare "defence ministry" has no code but a `sector`.
    """

    id: str
    kind: str
    label: str
    code: str | None = None
    sector: str | None = None
    place_kind: str | None = None
    state: str | None = None
    iso: str | None = None
    at: tuple[float, float] | None = None
    speaks_for: str | None = None
    watched: bool = False
    held: tuple[Holding, ...] = ()
    offices: tuple[Office, ...] = ()
    began: date | None = None
    ended: date | None = None
    need: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    @property
    def body(self) -> str | None:
        """The code before the dot."""
        return self.code.split(".", 1)[0] if self.code else None

    def holder(self, day: date | None) -> str | None:
        """Who holds the place on that day: a body code; the republic or the state where nobody else does."""
        if day is not None:
            for holding in self.held:
                if holding.covers(day):
                    return holding.by
        return _REPUBLICS.get(self.iso or "", self.state) if self.place_kind != "state" else self.code

    def code_on(self, day: date | None) -> str | None:
        """The code of a person by the office held on that day, else the entry's own."""
        if day is not None:
            for office in self.offices:
                if office.code and office.covers(day):
                    return office.code
        return self.code


_REPUBLICS = {"RU-CE": "CHE", "RU-DA": "DAG", "RU-IN": "ING", "RU-KB": "KBR"}
"""Republics that the annotation manual knows as bodies of their own."""


@dataclass(frozen=True, slots=True)
class Mention:
    """One entry named in a text: `stored[start:end] == surface`.

    `tail` is the ending that the text hung on the stem, folded ("in", "'s"); `code` is what the entry, its neighbours and the day
    of the article say together; `language` is the one the name is of; `of` is the country,
    people or place that a body was composed with.
    """

    start: int
    end: int
    entry: Entry
    surface: str
    tail: str = ""
    code: str | None = None
    language: str = ""
    of: Entry | None = None
