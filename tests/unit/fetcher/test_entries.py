"""What becomes of each entry, told as stories of feeds that meet the same articles again and again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from schemas.article_fetched import OutletRef
from schemas.vocabulary import EntryNote, FeedScope, FetchReason
from services.fetcher.core.entries import (
    DROPPED,
    WANTED,
    Candidate,
    FeedFacts,
    Known,
    Verdict,
    candidates,
    decide,
    fetched,
    revision_of,
    settled,
    wants_page,
)
from services.fetcher.core.keywords import Finder, matched
from services.fetcher.core.parsed import ParsedEntry
from tests.unit.fetcher.samples import NOON, a_candidate, a_feed, an_entry, feed_of, finds

LACHIN = cast("Finder", finds("Lachin"))
ONE, OTHER = a_feed("one"), a_feed("other")
WORLD = a_feed("world", scope=FeedScope.WORLD)


class Store:
    """What the tables would hold after each poll, as far as the decision sees it."""

    def __init__(self) -> None:
        self.known: dict[str, Known] = {}
        self.sent: list[tuple[str, str]] = []

    def poll(self, feed: FeedFacts, *entries: ParsedEntry, find: Finder = LACHIN) -> list[FetchReason]:
        verdicts = decide(candidates(entries, feed, NOON), feed, self.known, find)
        for verdict in verdicts:
            self._keep(feed, verdict)
        return [verdict.reason for verdict in verdicts]

    def _keep(self, feed: FeedFacts, verdict: Verdict) -> None:
        one = verdict.candidate
        if one is None or verdict.reason not in WANTED | DROPPED:
            return
        assert verdict.previous == (self.known[one.article_id].fingerprint if one.article_id in self.known else None)
        self.known[one.article_id] = Known(feed.id, one.fingerprint, verdict.reason)
        if verdict.reason in WANTED:
            self.sent.append((one.url, one.text))


def test_a_new_article_is_published_once() -> None:
    store = Store()
    assert store.poll(ONE, an_entry()) == [FetchReason.PUBLISHED]
    assert store.poll(ONE, an_entry()) == [FetchReason.UNCHANGED]
    assert len(store.sent) == 1


def test_a_changed_text_is_a_revision_of_the_same_article() -> None:
    store = Store()
    store.poll(ONE, an_entry(text="Two were wounded."))
    assert store.poll(ONE, an_entry(text="Five were wounded.")) == [FetchReason.REVISED]
    assert len(store.known) == 1


def test_a_changed_title_is_no_new_article() -> None:
    store = Store()
    store.poll(ONE, an_entry(title="Fire near Lachin"))
    assert store.poll(ONE, an_entry(title="Fire near Lachin: two wounded")) == [FetchReason.REVISED]
    assert len(store.known) == 1


def test_a_changed_guid_or_a_tracking_parameter_changes_nothing() -> None:
    store = Store()
    store.poll(ONE, an_entry(guid="a"))
    again = an_entry("http://www.wire.example/news/1/?utm_source=rss", guid="b")
    assert store.poll(ONE, again) == [FetchReason.UNCHANGED]


def test_the_same_article_through_two_feeds_is_one_and_does_not_flap() -> None:
    store = Store()
    short, long = an_entry(text="Two were wounded."), an_entry(text="Two were wounded. The ministry said so on Tuesday.")
    assert store.poll(ONE, short) == [FetchReason.PUBLISHED]
    for _ in range(3):
        assert store.poll(OTHER, long) == [FetchReason.KNOWN_ELSEWHERE]
        assert store.poll(ONE, short) == [FetchReason.UNCHANGED]
    assert len(store.sent) == 1


def test_the_same_article_twice_in_one_body_is_one() -> None:
    entries = feed_of("tracking-parameters.xml").entries
    assert Store().poll(ONE, *entries) == [FetchReason.PUBLISHED, FetchReason.REPEATED]


def test_a_world_feed_is_cut_down_to_the_region() -> None:
    store = Store()
    far, near = an_entry("https://wire.example/far", title="Rain in Lisbon", text="It rained."), an_entry()
    assert store.poll(WORLD, far, near) == [FetchReason.NO_KEYWORD, FetchReason.PUBLISHED]
    assert store.poll(WORLD, far, near) == [FetchReason.UNCHANGED, FetchReason.UNCHANGED]


def test_a_doubtful_name_without_company_is_put_aside_with_a_reason_of_its_own() -> None:
    store = Store()
    find = cast("Finder", finds("Georgia", "Tbilisi"))
    storm = an_entry("https://wire.example/storm", title="Storm nears Georgia and Florida", text="Residents were told to leave.")
    assert store.poll(WORLD, storm, find=find) == [FetchReason.NO_COMPANY]
    assert store.poll(WORLD, replace(storm, text="Georgia: the crowd in Tbilisi stays."), find=find) == [FetchReason.PUBLISHED]


def test_a_regional_feed_passes_whole() -> None:
    assert Store().poll(ONE, an_entry(title="Rain in Lisbon", text="It rained.")) == [FetchReason.PUBLISHED]


def test_what_was_dropped_is_taken_when_its_text_names_the_region() -> None:
    store = Store()
    store.poll(WORLD, an_entry(title="Shots on a border", text="More soon."))
    assert store.poll(WORLD, an_entry(title="Shots on a border", text="More soon, from Lachin.")) == [FetchReason.PUBLISHED]


def test_what_a_world_feed_dropped_is_taken_from_a_regional_one() -> None:
    store = Store()
    plain = an_entry(title="Shots on a border", text="More soon.")
    assert store.poll(WORLD, plain) == [FetchReason.NO_KEYWORD]
    assert store.poll(ONE, plain) == [FetchReason.PUBLISHED]
    assert store.poll(WORLD, plain) == [FetchReason.KNOWN_ELSEWHERE]
    assert store.poll(ONE, plain) == [FetchReason.UNCHANGED]


def test_an_article_that_was_shown_is_followed_even_where_it_names_nothing_any_more() -> None:
    store = Store()
    store.poll(WORLD, an_entry())
    assert store.poll(WORLD, an_entry(title="Fire", text="Corrected.")) == [FetchReason.REVISED]


@pytest.mark.parametrize(
    ("name", "became"),
    [
        ("missing-link.xml", [FetchReason.NO_LINK, FetchReason.PUBLISHED]),
        ("missing-title-and-text.xml", [FetchReason.NO_TEXT, FetchReason.PUBLISHED]),
        ("missing-title.xml", [FetchReason.PUBLISHED]),
        ("missing-text.xml", [FetchReason.PUBLISHED]),
        ("missing-date.xml", [FetchReason.PUBLISHED]),
        ("one-guid-on-all-items.xml", [FetchReason.PUBLISHED] * 3),
    ],
)
def test_what_is_missing_drops_only_what_cannot_be_told(name: str, became: list[FetchReason]) -> None:
    assert Store().poll(ONE, *feed_of(name).entries) == became


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("missing-title.xml", EntryNote.NO_TITLE),
        ("missing-text.xml", EntryNote.NO_TEXT),
        ("missing-date.xml", EntryNote.DATE_MISSING),
    ],
)
def test_what_is_missing_in_a_kept_entry_is_noted(name: str, note: EntryNote) -> None:
    (entry,) = feed_of(name).entries
    assert note in a_candidate(entry).notes


def test_dates_of_the_same_moment_are_one_moment() -> None:
    found = candidates(feed_of("dates-of-the-same-moment.xml").entries, a_feed(), NOON)
    assert {one.published_at for one in found if isinstance(one, Candidate)} == {datetime(2023, 9, 19, 10, 0, tzinfo=UTC)}
    assert len(found) == 10


def test_dates_that_nobody_can_believe_are_none_and_never_now() -> None:
    found = [one for one in candidates(feed_of("dates-that-nobody-can-believe.xml").entries, a_feed(), NOON) if isinstance(one, Candidate)]
    assert [one.published_at for one in found] == [None] * 5
    assert [one.notes[0] for one in found] == [
        EntryNote.DATE_MISSING,
        EntryNote.DATE_ABSURD,
        EntryNote.DATE_FUTURE,
        EntryNote.DATE_UNREADABLE,
        EntryNote.DATE_UNREADABLE,
    ]


def test_a_feed_that_calls_its_own_time_utc_is_read_in_its_own_time() -> None:
    # Noon in Greenwich is four in the afternoon in Yerevan: the newest entry says that it comes in three hours.
    new, old = feed_of("dates-of-a-clock-that-calls-itself-utc.xml").entries
    right = an_entry("https://wire.example/right", date="Tue, 19 Sep 2023 15:30:00 +0400")
    found = [one for one in candidates([new, old, right], a_feed(), NOON) if isinstance(one, Candidate)]
    assert [one.published_at for one in found] == [
        datetime(2023, 9, 19, hour, minute, tzinfo=UTC) for hour, minute in ((11, 0), (5, 0), (11, 30))
    ]
    assert [one.notes for one in found] == [(EntryNote.ZONE_WRONG,), (EntryNote.ZONE_WRONG,), ()]


def test_a_feed_whose_utc_can_be_believed_is_believed() -> None:
    found = candidates([an_entry(date="Tue, 19 Sep 2023 11:55:00 GMT")], a_feed(), NOON)
    assert [one.published_at for one in found if isinstance(one, Candidate)] == [datetime(2023, 9, 19, 11, 55, tzinfo=UTC)]


def test_dates_in_words_of_the_region_are_one_moment() -> None:
    found = candidates(feed_of("dates-in-words-of-the-region.xml").entries, a_feed(), NOON)
    assert {one.published_at for one in found if isinstance(one, Candidate)} == {datetime(2023, 9, 19, 10, 0, tzinfo=UTC)}
    assert len(found) == 18


def test_what_a_date_leaves_out_is_not_taken_from_today() -> None:
    found = candidates(feed_of("dates-that-lean-on-today.xml").entries, a_feed(), datetime.now(UTC))
    assert [one.published_at for one in found if isinstance(one, Candidate)] == [None] * 10


def test_posts_of_one_page_stay_apart_and_places_on_it_do_not() -> None:
    found = candidates(feed_of("links-that-differ-by-an-anchor.xml").entries, a_feed(), NOON)
    assert len({one.article_id for one in found if isinstance(one, Candidate)}) == 3
    assert [one.url for one in found if isinstance(one, Candidate)][2] == "https://wire.example/live"


def test_items_that_all_have_the_link_of_the_site_stay_apart_by_their_guid() -> None:
    entries = feed_of("one-link-on-all-items.xml").entries
    store = Store()
    assert store.poll(ONE, *entries) == [FetchReason.PUBLISHED] * 3
    assert store.poll(ONE, *reversed(entries)) == [FetchReason.UNCHANGED] * 3
    assert [url for url, _ in store.sent] == ["https://wire.example/news/1", "https://wire.example/", "https://wire.example/"]


def test_what_stands_under_a_headline_in_a_feed_of_links_is_no_text() -> None:
    candidate = a_candidate(an_entry(text="Another outlet: another story. A third one: a third."), a_feed(content="links"))
    assert (candidate.text, EntryNote.NO_TEXT in candidate.notes) == ("", True)


def test_an_aggregators_publisher_that_is_in_the_list_is_that_outlet() -> None:
    (entry,) = feed_of("aggregator-with-source.xml").entries
    herald = OutletRef(id="herald", name="The Herald", family="herald-group", country="GEO")
    for key in ("herald.example", "example herald"):
        feed = replace(a_feed(aggregator=True), publishers={key: herald})
        assert a_candidate(entry, feed).outlet == herald


def test_an_undated_article_is_the_same_at_every_poll() -> None:
    entry = an_entry(date="")
    assert a_candidate(entry, now=NOON) == a_candidate(entry, now=NOON + timedelta(days=3))


def test_the_publisher_of_an_aggregators_entry_is_the_true_one() -> None:
    (entry,) = feed_of("aggregator-with-source.xml").entries
    candidate = a_candidate(entry, a_feed(aggregator=True))
    assert (candidate.outlet.name, candidate.outlet.family) == ("Example Herald", "example-herald")
    assert candidate.title == "Convoy reaches Stepanakert"


@pytest.mark.parametrize(
    ("policy", "text", "wanted"),
    [
        ("never", "", False),
        ("always", "x" * 5000, True),
        ("when_short", "", True),
        ("when_short", "x" * 599, True),
        ("when_short", "x" * 600, False),
        ("when_short", "x" * 900 + "…", True),
    ],
)
def test_the_page_is_read_when_the_feed_says_too_little(policy: str, text: str, wanted: bool) -> None:
    assert wants_page(a_candidate(an_entry(text=text)), ONE, policy, 600) is wanted


def test_pages_behind_an_aggregators_redirect_are_never_read() -> None:
    assert not wants_page(a_candidate(), a_feed(content="links"), "always", 600)


def test_the_pages_text_takes_the_place_of_the_feeds_and_its_names_are_passed_on() -> None:
    feed = ONE
    (verdict,) = decide([a_candidate(an_entry(title="Fire", text=""))], feed, {}, LACHIN)
    assert verdict.candidate is not None
    read = Verdict(verdict.reason, verdict.candidate.with_page("Fire\n\nTwo were wounded near Lachin."))
    done = settled(read, feed, LACHIN).candidate
    assert done is not None
    assert (done.text, done.text_source, done.keywords) == ("Two were wounded near Lachin.", "page", ("lachin",))
    # What the feed shows is compared with what it showed, not with the page.
    assert done.fingerprint == verdict.candidate.fingerprint


def test_the_event_tells_of_the_article_as_it_is_stored() -> None:
    candidate = a_candidate()
    event = fetched(candidate, a_feed(), NOON)
    assert event.revision == revision_of(candidate.title, candidate.text)
    assert (event.fetched_at, event.published_at) == (NOON, datetime(2023, 9, 19, 10, 0, tzinfo=UTC))
    assert (event.outlet.family, event.feed_id, event.text_source, event.language_hint) == ("wire", "wire-en", "feed", "en")


def test_neighbours_alone_do_not_make_a_text_one_of_the_region() -> None:
    find = cast("Finder", _coded({"Moscow": "RUS.GOV", "Yerevan's ministry": "ARM.GOV"}))
    assert not matched(find, FeedScope.WORLD, "Moscow speaks", "").kept
    assert matched(find, FeedScope.WORLD, "Moscow speaks", "Yerevan's ministry answers").kept


def _coded(codes: Mapping[str, str]) -> object:
    from tests.unit.fetcher.samples import Mentioned, Named

    def find(text: str) -> Sequence[Mentioned]:
        return [Mentioned(Named(name, watched=False), name, code) for name, code in codes.items() if name in text]

    return find
