"""What of an answer is read: nothing, the entries never seen, or all of it."""

from __future__ import annotations

from dataclasses import replace

import xxhash

from schemas.article_fetched import OutletRef
from schemas.vocabulary import FetchReason, PollReason
from services.fetcher.core.answers import Answer, Refusal, Validators
from services.fetcher.core.entries import FeedFacts, candidates, decide
from services.fetcher.core.parsed import ParsedFeed, ParseFailure
from services.fetcher.core.parsing import parse_feed
from services.fetcher.core.reading import ToRead, agrees, brought, met, not_a_feed, to_read, unread, whole_of
from services.fetcher.core.schedule import Rhythm
from services.fetcher.core.standing import Outcome, Standing, remembering
from tests.unit.fetcher.samples import NOON

URL = "https://wire.example/rss"
NEW = Standing(URL, URL, Rhythm(300))
FEED = FeedFacts("wire", OutletRef(id="wire", name="Wire"))


def rss(*numbers: int, title: str = "Wire") -> bytes:
    items = "".join(f"<item><title>Report {n}</title><link>https://wire.example/{n}</link></item>" for n in numbers)
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>{title}</title>{items}</channel></rss>'.encode()


def answer(body: bytes | None, status: int = 200) -> Answer:
    digest = xxhash.xxh3_128_hexdigest(body) if body is not None else None
    return Answer(status, body, URL, "application/rss+xml", Validators('"v"'), digest, fresh_for=60)


def after(*numbers: int) -> Standing:
    """How the feed stands once these have been read."""
    body = rss(*numbers)
    read = to_read(answer(body), NEW, 0.1)
    assert isinstance(read, ToRead)
    return replace(NEW, body_hash=answer(body).body_hash, remembered=remembering(b"", read.digests or ()))


def parsed(read: ToRead) -> ParsedFeed:
    found = parse_feed(read.body, content_type=read.content_type, address=URL)
    assert isinstance(found, ParsedFeed)
    return found


def of_body(got: Answer, before: Standing) -> ToRead:
    assert met(got, before, 0.1) is got
    read = to_read(got, before, 0.1)
    assert isinstance(read, ToRead)
    return read


def test_a_refusal_and_an_unchanged_body_are_ends_by_themselves() -> None:
    refused = met(Refusal(PollReason.RATE_LIMITED, 429, retry_after=60), NEW, 0.1)
    assert isinstance(refused, Outcome)
    assert (refused.reason, refused.wishes.retry_after) == (PollReason.RATE_LIMITED, 60)
    for got in (answer(None, 304), answer(rss(1, 2))):
        same = met(got, after(1, 2), 0.1)
        assert isinstance(same, Outcome)
        assert (same.reason, same.wishes.fresh_for, same.whole) == (PollReason.UNCHANGED, 60, got.body is not None)


def test_only_entries_never_seen_are_read() -> None:
    read = of_body(answer(rss(4, 3, 2)), after(3, 2, 1))
    assert [entry.title for entry in parsed(read).entries] == ["Report 4"]
    assert agrees(read, parsed(read))
    assert unread(read, parsed(read)) == {FetchReason.UNCHANGED: 2, FetchReason.TOO_MANY: 0}


def test_a_changed_entry_is_read_again() -> None:
    body = rss(2, 1).replace(b"Report 1", b"Report 1, corrected")
    assert [entry.title for entry in parsed(of_body(answer(body), after(2, 1))).entries] == ["Report 1, corrected"]


def test_where_only_what_stands_around_the_entries_has_changed_nothing_is_read() -> None:
    same = to_read(answer(rss(2, 1, title="Wire, at noon")), after(2, 1), 0.1)
    assert isinstance(same, Outcome)
    assert (same.reason, same.entries, same.new) == (PollReason.UNCHANGED, 2, 0)


def test_what_cannot_be_cut_is_read_whole() -> None:
    read = of_body(answer(rss(2, 1).replace(b"</channel>", b"<broken></channel>")), after(2, 1))
    assert (read.cut, read.digests, read.body == rss(2, 1)) == (None, None, False)


def test_a_parse_that_does_not_find_what_the_cut_had_found_is_made_again_of_the_whole() -> None:
    read = of_body(answer(rss(3, 2, 1)), after(1))
    short = replace(parsed(read), entries=parsed(read).entries[:1])
    assert not agrees(read, short)
    assert not agrees(read, ParseFailure(PollReason.NOT_A_FEED))
    assert len(parsed(whole_of(read)).entries) == 3


def test_what_was_brought_counts_all_that_came_and_what_is_new() -> None:
    read = of_body(answer(rss(3, 2, 1)), after(1))
    found = parsed(read)
    verdicts = decide(candidates(found.entries, FEED, NOON), FEED, {}, lambda _: ())
    outcome = brought(read, found, verdicts, 0.1)
    assert (outcome.reason, outcome.entries, outcome.new, len(outcome.digests or ())) == (PollReason.FRESH, 3, 2, 3)


def test_a_page_of_a_shield_is_no_mere_page() -> None:
    page = b"<html><title>Just a moment...</title></html>"
    for body, reason in ((page, PollReason.CHALLENGE), (b"<html><title>News</title></html>", PollReason.HTML_PAGE)):
        read = of_body(answer(body), NEW)
        assert not_a_feed(read, ParseFailure(PollReason.HTML_PAGE), 0.1).reason is reason
