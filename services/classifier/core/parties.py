"""The bodies that an article is about: who is whose foe, and whose people a body's people are."""

from __future__ import annotations

from collections import Counter
from datetime import date

from services.classifier.core.discourse import REPUBLICS, Discourse, code_of
from services.classifier.core.document import Document
from services.region import Mention

FOES: dict[str, tuple[str, ...]] = {
    "AZE": ("NKR", "ARM"),
    "ARM": ("AZE",),
    "NKR": ("AZE",),
    "GEO": ("OSS", "ABK", "RUS"),
    "OSS": ("GEO",),
    "ABK": ("GEO",),
    "RUS": ("REB", "CHE", "GEO", "UKR"),
    "CHE": ("RUS",),
    "REB": ("RUS",),
}

REBELS_FOES = frozenset({"RUS", *REPUBLICS})
"""Bodies whose foe is a band of militants where the article speaks of such and of no other foe."""


def side_of_body(body: str | None) -> str | None:
    """The side whose people a body's people are."""
    return "RUS" if body in REPUBLICS else body


class Parties:
    """Which bodies the article is about, for telling who a side's foe is."""

    def __init__(self, document: Document, day: date | None) -> None:
        """Count the bodies that the article names."""
        self.counted: Counter[str] = Counter()
        for mentions in document.mentions.values():
            for mention in mentions:
                code = code_of(mention, day)
                if code:
                    self.counted[code.split(".")[0]] += 1
        self.militants = any(tag.kind in {"rebels", "bandits"} for tags in document.tags for tag in tags)
        """Whether the article speaks of militants at all."""
        self.conflict = any(self.counted[body] > 1 and any(self.counted[foe] > 1 for foe in FOES.get(body, ())) for body in ("AZE", "GEO"))
        """Whether the article tells of two foes: then nobody is hurt by default on the side named most."""

    def foe_of(self, body: str | None) -> str | None:
        """The foe of `body` that the article names most often, None where it names none."""
        foes = FOES.get(body or "", ())
        named = [foe for foe in foes if self.counted[foe]]
        if body in REBELS_FOES and self.militants and not self.counted["GEO"]:
            # Whom Russia fights in its own south is REB, whatever republic they come from.
            return "REB"
        return max(named, key=lambda foe: (self.counted[foe], -foes.index(foe))) if named else None


def body_of(mention: Mention, state: Discourse) -> str | None:
    """The body that a mention names, unless it is one that has no people of its own in a war."""
    code = code_of(mention, state.day)
    body = code.split(".")[0] if code else None
    return body if body not in {"UNO", "OSCE", "EUR", "ICRC", "NGO", "NATO", "CSTO"} else None
