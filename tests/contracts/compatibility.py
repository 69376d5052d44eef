"""Whether readers of one JSON Schema can take what was written under an older one.

Messages outlive a release: they wait in Kafka, in outboxes and in other people's programs. A later schema may therefore
add members that may be left out, and widen what a member may hold. It breaks somebody when it

- *removed* a member (a new one of the same form beside it is called out: *renamed*),
- *required* a member that older messages lack,
- *narrowed* what a member may hold: another type, null no longer, a word of a list taken away, a tighter limit.

Whether the meaning of a member stayed no schema tells; a reviewer must.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Schema = Mapping[str, Any]


class Rule(StrEnum):
    """What a change breaks."""

    REMOVED = "removed"
    RENAMED = "renamed"
    REQUIRED = "required"
    NARROWED = "narrowed"


@dataclass(frozen=True, slots=True)
class Breach:
    """One breaking change: where (dots between members, [] for the items of a list), which rule, and what happened."""

    where: str
    rule: Rule
    what: str

    def __str__(self) -> str:
        """As a failing test prints it."""
        return f"{self.where}: {self.rule}: {self.what}"


# Keyword -> whether a new limit lets through all that the old one did.
LIMITS: Mapping[str, Callable[[Any, Any], bool]] = {
    "minimum": lambda old, new: new <= old,
    "exclusiveMinimum": lambda old, new: new <= old,
    "minLength": lambda old, new: new <= old,
    "minItems": lambda old, new: new <= old,
    "maximum": lambda old, new: new >= old,
    "exclusiveMaximum": lambda old, new: new >= old,
    "maxLength": lambda old, new: new >= old,
    "maxItems": lambda old, new: new >= old,
    # Whether one pattern lets through all that another did cannot be told; a change of it is taken for a narrowing.
    "pattern": lambda old, new: new == old,
    "format": lambda old, new: new == old,
    "multipleOf": lambda old, new: new == old,
}


def breaches(old: Schema, new: Schema) -> tuple[Breach, ...]:
    """Every way in which `new` breaks those who hold to `old`, in the order of the members."""
    return tuple(_Comparison(old, new).of(old, new, ""))


class _Comparison:
    """One comparison of two whole schemas; keeps where their definitions stand."""

    def __init__(self, old: Schema, new: Schema) -> None:
        self._old = old.get("$defs", {})
        self._new = new.get("$defs", {})
        self._open: set[tuple[str, str]] = set()

    def of(self, old: Schema, new: Schema, where: str) -> Iterator[Breach]:
        """The breaches at `where` and below it."""
        references = (str(old.get("$ref")), str(new.get("$ref")))
        if "$ref" in old and references in self._open:
            return
        self._open.add(references)
        was = self._alternatives(old, self._old)
        now = self._alternatives(new, self._new)
        for one in was:
            found = [list(self._of_one(one, other, where)) for other in now]
            if not all(found):
                continue
            same_kind = [breach for breach, other in zip(found, now, strict=True) if _kind(one) == _kind(other)]
            if same_kind:
                yield from min(same_kind, key=len)
            else:
                yield Breach(where or "the whole", Rule.NARROWED, f"{_kind(one)} is no longer allowed")
        self._open.discard(references)

    def _alternatives(self, schema: Schema, definitions: Mapping[str, Schema]) -> list[Schema]:
        """What `schema` allows, one plain schema each: references followed, `anyOf` and lists of types taken apart."""
        if "$ref" in schema:
            return self._alternatives(definitions[schema["$ref"].rpartition("/")[2]], definitions)
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema:
                return [plain for part in schema[keyword] for plain in self._alternatives(part, definitions)]
        if isinstance(schema.get("type"), list):
            return [{**schema, "type": one} for one in schema["type"]]
        return [schema]

    def _of_one(self, old: Schema, new: Schema, where: str) -> Iterator[Breach]:
        if not _takes_kind(old, new):
            yield Breach(where or "the whole", Rule.NARROWED, f"was {_kind(old)}, is {_kind(new)}")
            return
        yield from self._of_words(old, new, where)
        yield from self._of_limits(old, new, where)
        yield from self._of_members(old, new, where)
        if "items" in new:
            yield from self.of(old.get("items", {}), new["items"], f"{where}[]")

    def _of_words(self, old: Schema, new: Schema, where: str) -> Iterator[Breach]:
        was, now = _words(old), _words(new)
        if now is None:
            return
        if was is None:
            yield Breach(where, Rule.NARROWED, f"any word was allowed, now only {', '.join(map(str, now))}")
            return
        gone = [word for word in was if word not in now]
        if gone:
            yield Breach(where, Rule.NARROWED, f"no longer allowed: {', '.join(map(str, gone))}")

    def _of_limits(self, old: Schema, new: Schema, where: str) -> Iterator[Breach]:
        for keyword, lets_through in LIMITS.items():
            if keyword not in new:
                continue
            if keyword not in old:
                yield Breach(where, Rule.NARROWED, f"{keyword} {new[keyword]} is new")
            elif not lets_through(old[keyword], new[keyword]):
                yield Breach(where, Rule.NARROWED, f"{keyword} was {old[keyword]}, is {new[keyword]}")

    def _of_members(self, old: Schema, new: Schema, where: str) -> Iterator[Breach]:
        was: Mapping[str, Schema] = old.get("properties", {})
        now: Mapping[str, Schema] = new.get("properties", {})
        added = [name for name in now if name not in was]
        for name, member in was.items():
            at = f"{where}.{name}" if where else name
            if name in now:
                yield from self.of(member, now[name], at)
                continue
            alike = [other for other in added if not list(self.of(member, now[other], at))]
            if alike:
                yield Breach(at, Rule.RENAMED, f"it is gone, and {' or '.join(alike)} looks like it")
            else:
                yield Breach(at, Rule.REMOVED, "it is gone")
        for name in new.get("required", ()):
            if name not in old.get("required", ()):
                at = f"{where}.{name}" if where else name
                yield Breach(at, Rule.REQUIRED, "older messages may lack it" if name in was else "older messages lack it")
        if new.get("additionalProperties") is False and old.get("additionalProperties") is not False:
            yield Breach(where or "the whole", Rule.NARROWED, "unknown members are no longer passed over")


def _kind(schema: Schema) -> str:
    if "type" in schema:
        return str(schema["type"])
    words = _words(schema)
    return "string" if words and all(isinstance(word, str) for word in words) else "anything"


def _takes_kind(old: Schema, new: Schema) -> bool:
    was, now = _kind(old), _kind(new)
    return now in {was, "anything"} or (was, now) == ("integer", "number")


def _words(schema: Schema) -> list[Any] | None:
    if "const" in schema:
        return [schema["const"]]
    return list(schema["enum"]) if "enum" in schema else None
