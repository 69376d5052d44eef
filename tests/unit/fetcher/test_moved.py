"""Articles that come back under another address, told as what a feed held before and holds now."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import cast

from schemas.vocabulary import FetchReason
from services.fetcher.core.entries import Candidate, Known, candidates, decide
from services.fetcher.core.keywords import Finder
from services.fetcher.core.moved import APART, Earlier, recognised
from services.fetcher.core.parsed import ParsedEntry
from tests.unit.fetcher.samples import NOON, a_feed, an_entry, finds

ONE, OTHER = a_feed("one"), a_feed("other")
TEXT = "Shots were fired near Lachin on Tuesday night, the ministry says; two soldiers were wounded and are being treated in the town's hospital."
OLD = "https://wire.example/news/fire-near-lachin"
NEW = "https://wire.example/news/two-wounded-near-lachin"


def entry(link: str, title: str, text: str = TEXT, *, guid: str = "", minutes: int = 0) -> ParsedEntry:
    moment = (NOON - timedelta(hours=2) + timedelta(minutes=minutes)).isoformat()
    return an_entry(link, title=title, text=text, guid=guid, date=moment)


def seen(*entries: ParsedEntry) -> list[Candidate]:
    return [one for one in candidates(entries, ONE, NOON) if isinstance(one, Candidate)]


def had(one: Candidate, feed_id: str = "one") -> Earlier:
    known = Known(feed_id, one.fingerprint, FetchReason.PUBLISHED)
    return Earlier(one.article_id, one.url, one.title, one.published_at, one.guid, one.mark, known)


def ids(before: list[ParsedEntry], now: list[ParsedEntry], *, still: str = "") -> list[bool]:
    """Whether each entry of now is an article that the feed had before; `still`: an address in the part that is not parsed."""
    earlier = [had(one) for one in seen(*before)]
    body = "".join(f"<link>{one.link}</link>" for one in now) + still
    found, _ = recognised(seen(*now), {}, earlier, body.encode())
    return [isinstance(one, Candidate) and one.article_id in {old.article_id for old in earlier} for one in found]


def test_the_same_text_under_another_title_and_address_is_the_same_article() -> None:
    assert ids([entry(OLD, "Fire near Lachin")], [entry(NEW, "Two soldiers hurt in clashes", minutes=30)]) == [True]


def test_the_feeds_own_name_with_the_same_moment_is_enough_where_title_and_text_are_new() -> None:
    before, now = entry(OLD, "Fire near Lachin", guid="wire-17"), entry(NEW, "Two soldiers hurt", "All is quiet now.", guid="wire-17")
    assert ids([before], [now]) == [True]


def test_a_name_that_counts_the_entries_of_the_body_is_no_name() -> None:
    before, now = entry(OLD, "Fire near Lachin", guid="1"), entry(NEW, "Wine harvest begins", "Grapes.", guid="1", minutes=60)
    assert ids([before], [now]) == [False]


def test_one_name_for_all_entries_is_no_name() -> None:
    before = [entry(OLD, "Fire near Lachin", "Short.", guid="x")]
    now = [entry(NEW, "Rain", "Rain.", guid="x"), entry(f"{NEW}-2", "Snow", "Snow.", guid="x")]
    assert ids(before, now) == [False, False]


def test_the_same_moment_and_most_of_the_title_are_the_same_article() -> None:
    before, now = entry(OLD, "Fire near Lachin", "Two hurt."), entry(NEW, "Fire near Lachin: two wounded", "Three hurt.")
    assert ids([before], [now]) == [True]


def test_the_same_moment_alone_is_no_sign() -> None:
    assert ids([entry(OLD, "Fire near Lachin", "Two hurt.")], [entry(NEW, "Wine harvest begins", "Grapes.")]) == [False]


def test_a_short_text_may_stand_under_many_titles() -> None:
    assert ids([entry(OLD, "Fire near Lachin", "Read more.")], [entry(NEW, "Wine harvest", "Read more.", minutes=5)]) == [False]


def test_an_article_that_the_feed_still_has_has_not_moved() -> None:
    assert ids([entry(OLD, "Fire")], [entry(NEW, "Two hurt"), entry(OLD, "Fire")]) == [False, True]
    assert ids([entry(OLD, "Fire")], [entry(NEW, "Two hurt")], still=f"<link>{OLD}?utm_source=rss</link>") == [False]


def test_yesterdays_summary_in_the_same_words_is_another_article() -> None:
    later = int(APART.total_seconds() / 60) + 1
    assert ids([entry(OLD, "Summary", minutes=-later)], [entry(NEW, "Summary")]) == [False]


def test_in_doubt_between_two_it_is_neither() -> None:
    assert ids([entry(OLD, "Fire"), entry(f"{OLD}-2", "Shots")], [entry(NEW, "Two hurt")]) == [False]


def test_one_that_has_moved_is_known_by_its_new_address_from_then_on() -> None:
    (first,), (again,) = seen(entry(OLD, "Fire near Lachin")), seen(entry(NEW, "Two hurt", "Another text."))
    moved = replace(had(first), url=again.url)
    found, known = recognised([again], {}, [moved], b"")
    assert [one.article_id for one in found if isinstance(one, Candidate)] == [first.article_id]
    assert set(known) == {first.article_id}


def test_what_has_come_back_is_a_revision_and_in_another_feed_known() -> None:
    (first,), (again,) = seen(entry(OLD, "Fire near Lachin")), seen(entry(NEW, "Two hurt near Lachin"))
    found, known = recognised([again], {}, [had(first)], b"")
    find = cast("Finder", finds("Lachin"))
    (revised,), (elsewhere,) = decide(found, ONE, known, find), decide(found, OTHER, known, find)
    assert (revised.reason, elsewhere.reason) == (FetchReason.REVISED, FetchReason.KNOWN_ELSEWHERE)
    assert revised.candidate is not None
    assert (revised.candidate.article_id, revised.candidate.url) == (first.article_id, again.url)


def test_a_feed_with_much_behind_it_is_asked_for_what_is_alike_only() -> None:
    before = [entry(f"{OLD}-{n}", f"Story {n}", f"{n} {TEXT}", guid=f"g-{n}", minutes=-n) for n in range(300)]
    now = [entry(f"{NEW}-{n}", f"Other {n}", f"other {n} {TEXT}", guid=f"h-{n}", minutes=n + 1) for n in range(300)]
    body = Watched(b"<rss/>")
    found, known = recognised(seen(*now), {}, [had(one) for one in seen(*before)], body)
    assert (len(found), known, body.looks) == (300, {}, 0)


class Watched(bytes):
    """A body that counts how often an address is looked for in it."""

    looks = 0

    def __contains__(self, key: object) -> bool:
        self.looks += key != b"\x00"
        return super().__contains__(key)  # type: ignore[operator]  # It is looked for as in any body.
