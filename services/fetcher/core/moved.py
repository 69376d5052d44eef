"""Articles that have come back under another address: outlets that make the address of the title change both together. Pure.

An address that a feed never had is that of an article which it brought a short while ago where that article's own address
is gone from the body, and where either the feed's name for the entry is the same, or the text, or the moment of publication
with most of the title. In doubt it is a new article: two articles in one would hide a figure, one in two tells it twice.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import unquote, urlsplit

from schemas.vocabulary import FetchReason
from services.fetcher.core.entries import Candidate, Known

WITHIN = timedelta(days=3)
"""For so long an article may come back; outlets give new titles within hours."""
APART = timedelta(days=1)
"""Dates of publication that are further apart are those of two articles, such as yesterday's summary and today's."""
ALIKE = 0.5
"""The share of the words of two titles that both must have."""
WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Earlier:
    """An article as the store has it. `guid` is its feed's name for it, `mark` that of its text; both may be empty."""

    article_id: str
    url: str
    title: str
    published_at: datetime | None
    guid: str
    mark: str
    known: Known


Found = Candidate | FetchReason


def recognised(
    found: Sequence[Found], known: Mapping[str, Known], earlier: Sequence[Earlier], body: bytes
) -> tuple[tuple[Found, ...], dict[str, Known]]:
    """The same candidates, those that have come back with the id that they had; and what the store has of all.

    `known` are those that are known by their addresses. `body` is all that the feed holds now, parsed or not.
    """
    ids = {one.article_id for one in found if isinstance(one, Candidate)}
    by_sign: dict[object, list[Earlier]] = {}
    for before in earlier if _readable(body) else ():
        if before.article_id not in ids:
            for sign in _signs(before):
                by_sign.setdefault(sign, []).append(before)
    by_address = {one.url: one for one in earlier}
    guids = Counter(one.guid for one in found if isinstance(one, Candidate) and one.guid)
    guids.update(one.guid for one in earlier if one.guid and one.article_id in ids)
    taken: dict[str, Known] = {}
    result: list[Found] = []
    for one in found:
        if not isinstance(one, Candidate) or one.article_id in known:
            result.append(one)
            continue
        near = {other.article_id: other for sign in _signs(one) for other in by_sign.get(sign, ())}.values()
        alike = [other for other in near if _same(one, other, named=guids[one.guid] == 1) and not _stands_in(other.url, body)]
        same = by_address.get(one.url) or _the_one(alike)
        if same is None or same.article_id in taken:
            result.append(one)
            continue
        taken[same.article_id] = same.known
        result.append(replace(one, article_id=same.article_id))
    return tuple(result), {**known, **taken}


def _signs(one: Candidate | Earlier) -> tuple[object, ...]:
    """What two articles that may be one have in common, the one thing or the other."""
    return tuple(sign for sign in (one.guid and ("guid", one.guid), one.mark and ("mark", one.mark), one.published_at) if sign)


def _the_one(found: Sequence[Earlier]) -> Earlier | None:
    """The article, where only one comes into question."""
    return found[0] if len(found) == 1 else None


def _same(one: Candidate, before: Earlier, *, named: bool) -> bool:
    """`named`: whether no other entry of the body has the candidate's guid."""
    dated = one.published_at is not None and before.published_at is not None
    if one.published_at is not None and before.published_at is not None and abs(one.published_at - before.published_at) > APART:
        return False
    same_text = bool(one.mark) and one.mark == before.mark
    same_moment = dated and one.published_at == before.published_at
    alike = _alike(one.title, before.title)
    if named and one.guid and one.guid == before.guid:
        # Some feeds number their entries anew each time: the name alone says nothing.
        return same_text or same_moment or alike
    return same_text or (same_moment and alike)


def _alike(title: str, other: str) -> bool:
    words, others = set(WORD.findall(title.casefold())), set(WORD.findall(other.casefold()))
    return len(words & others) >= max(2.0, ALIKE * len(words | others))


def _stands_in(url: str, body: bytes) -> bool:
    """Whether the feed still has that address, in any of its forms: its path is enough, and to be found too often does no harm."""
    parts = urlsplit(url)
    whole = f"{parts.path.rstrip('/')}{f'?{parts.query}' if parts.query else ''}"
    forms = {whole, unquote(whole), whole.replace("&", "&amp;")}
    return any(form.encode() in body for form in forms)


def _readable(body: bytes) -> bool:
    """Whether addresses can be looked for in it as they are: it is neither packed nor in characters of two bytes."""
    return not body.startswith(b"\x1f\x8b") and b"\x00" not in body[:200]
