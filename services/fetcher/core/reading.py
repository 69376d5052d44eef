"""What an answer to a poll means before anything is parsed: an end by itself, or a body of which so much is to be read. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from schemas.vocabulary import FetchReason, PollReason
from services.fetcher.core.answers import Answer, Refusal, is_challenge
from services.fetcher.core.cutting import CUT_TYPE, Cut, cut_feed
from services.fetcher.core.entries import WANTED, Verdict
from services.fetcher.core.parsed import MOST_ENTRIES, ParsedFeed, ParseFailure
from services.fetcher.core.schedule import Wishes
from services.fetcher.core.standing import Outcome, Standing


@dataclass(frozen=True, slots=True)
class ToRead:
    """A body to be parsed. With `cut` it is only a part of what came: `known` entries of it were seen before."""

    body: bytes
    content_type: str
    whole: Answer
    cut: Cut | None = None
    known: int = 0

    @property
    def digests(self) -> tuple[bytes, ...] | None:
        """The hashes of all entries of what came, where it could be cut."""
        return tuple(piece.digest for piece in self.cut.entries[:MOST_ENTRIES]) if self.cut is not None else None


def met(got: Answer | Refusal, before: Standing, waited: float) -> Outcome | Answer:
    """What the answer means by itself, `waited` seconds after it was asked for; the answer where its body is a new one."""
    if isinstance(got, Refusal):
        wishes = Wishes(retry_after=got.retry_after)
        return Outcome(got.reason, got.status, got.detail, size=got.size, wishes=wishes, waited=waited)
    if got.body is None or got.body_hash == before.body_hash:
        return _of(got, Outcome(PollReason.UNCHANGED, waited=waited))
    return got


def to_read(got: Answer, before: Standing, waited: float) -> Outcome | ToRead:
    """What of the body must be read; the outcome where none of its entries is new."""
    body = got.body or b""
    cut = cut_feed(body, got.content_type)
    if cut is None:
        return ToRead(body, got.content_type, got)
    seen = before.seen()
    pieces = cut.entries[:MOST_ENTRIES]
    unseen = [place for place, piece in enumerate(pieces) if piece.digest not in seen]
    if not unseen and pieces:
        read = ToRead(b"", CUT_TYPE, got, cut, known=len(pieces))
        return _of(got, Outcome(PollReason.UNCHANGED, waited=waited, entries=len(cut.entries), digests=read.digests))
    if len(unseen) == len(pieces):
        return ToRead(body, got.content_type, got, cut)
    return ToRead(cut.only(unseen), CUT_TYPE, got, cut, known=len(pieces) - len(unseen))


def agrees(read: ToRead, parsed: ParsedFeed | ParseFailure) -> bool:
    """Whether the parse of a part found what the cut had found; where not, the whole must be parsed."""
    if read.cut is None or read.known == 0:
        return True
    wanted = min(len(read.cut.entries), MOST_ENTRIES) - read.known
    return isinstance(parsed, ParsedFeed) and len(parsed.entries) == wanted


def whole_of(read: ToRead) -> ToRead:
    """The same with nothing left out, and no trust in the cut."""
    return ToRead(read.whole.body or b"", read.whole.content_type, read.whole)


def not_a_feed(read: ToRead, failure: ParseFailure, waited: float) -> Outcome:
    """What a body that is no feed means: a shield's page has a name of its own."""
    challenged = failure.reason is PollReason.HTML_PAGE and is_challenge(read.body)
    reason = PollReason.CHALLENGE if challenged else failure.reason
    wishes = Wishes(retry_after=read.whole.retry_after)
    return Outcome(reason, read.whole.status, failure.detail, size=len(read.whole.body or b""), wishes=wishes, waited=waited)


def brought(read: ToRead, parsed: ParsedFeed, verdicts: Sequence[Verdict], waited: float) -> Outcome:
    """What a body that was read has brought."""
    total = len(read.cut.entries) if read.cut is not None else len(parsed.entries) + parsed.cut
    reason = PollReason.FRESH if any(verdict.reason in WANTED for verdict in verdicts) else PollReason.UNCHANGED
    if total == 0:
        reason = PollReason.EMPTY
    new = sum(verdict.candidate is not None and verdict.previous is None for verdict in verdicts)
    outcome = Outcome(reason, entries=total, new=new, digests=read.digests, waited=waited, wishes=Wishes(ttl=parsed.ttl))
    return _of(read.whole, outcome)


def unread(read: ToRead, parsed: ParsedFeed) -> dict[FetchReason, int]:
    """How many entries of the body were not read, and why."""
    over = max(0, len(read.cut.entries) - MOST_ENTRIES) if read.cut is not None else parsed.cut
    return {FetchReason.UNCHANGED: read.known, FetchReason.TOO_MANY: over}


def _of(answer: Answer, outcome: Outcome) -> Outcome:
    """The outcome with what the answer's head says."""
    return replace(
        outcome,
        status=answer.status,
        detail=f"moved for good to {answer.moved_to}" if answer.moved_to else "",
        size=len(answer.body or b""),
        wishes=replace(outcome.wishes, retry_after=answer.retry_after, fresh_for=answer.fresh_for),
        validators=answer.validators if answer.body is not None else None,
        body_hash=answer.body_hash,
        whole=answer.body is not None,
        moved_to=answer.moved_to,
    )
