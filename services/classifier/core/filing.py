"""Where an article that was read is filed: whether it is a copy, and the story it belongs to.

The files are the open stories and the recent articles. The service fills them from the database, `replay` from the
articles before; what decides is the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import overload

from schemas.reading import Reading
from schemas.vocabulary import ClassifyReason, StoryReason
from services.classifier.core.candidates import Candidates
from services.classifier.core.cleaning import zones_of
from services.classifier.core.comparison import StoryPolicy
from services.classifier.core.copies import Known, Likeness, Shelf, Signature, copy_of, origin_of, signature, told
from services.classifier.core.names import names_of
from services.classifier.core.profiles import Gazetteer, Place, StoryArticle, StoryProfile, story_article
from services.classifier.core.stories import Assignment, are_one, assign, begun, joined, merged
from services.region import Region

MOST_HEADS = 2_000_000_000
"""More people than have ever been hurt by anything: a figure beyond is no count of heads, and no database holds it."""


@dataclass(frozen=True, slots=True)
class Read:
    """An article that was read: what filing needs of it. `seen_at` is its published time, or when it was fetched."""

    reading: Reading
    title: str
    seen_at: datetime
    signature: Signature = ()
    names: tuple[str, ...] = ()
    origin: str | None = None
    blank: bool = False
    """Whether it had neither title nor text."""


@dataclass(frozen=True, slots=True)
class Filed:
    """Where the article went, and why. `story` is the story with the article in it, None for an article that has none."""

    reason: ClassifyReason
    assignment: Assignment | None = None
    story: StoryProfile | None = None
    copy_of: str | None = None
    likeness: float = 0.0
    """Likeness of words to the most alike of the recent articles."""
    absorbed: tuple[str, ...] = ()
    """Stories that this article showed to be the same as its own: their ids are aliases from now on."""

    @property
    def story_id(self) -> str | None:
        """The story, where there is one."""
        return self.story.story_id if self.story else None


@dataclass(slots=True)
class Files:
    """The open stories and the recent articles. Filing an article changes them, so that the next one sees it."""

    gazetteer: Gazetteer
    stories: dict[str, StoryProfile] = field(default_factory=dict)
    shelf: Shelf = field(default_factory=Shelf)
    policy: StoryPolicy = field(default_factory=StoryPolicy)
    candidates: Candidates | None = None
    """Made from the stories unless those of former files are given, which saves making them."""
    aliases: dict[str, str] = field(default_factory=dict)
    """Ids of stories that were found to be others since these files were opened, and what they are now."""

    def __post_init__(self) -> None:
        """Index the stories."""
        self.candidates = self.candidates or Candidates(self.gazetteer)
        self.candidates.follow(self.stories)

    def file(self, read: Read, *, story_before: str | None = None, revised: bool = False) -> Filed:
        """File an article. `story_before` is the story of its former revision, which it keeps; `revised` that there was one."""
        if read.blank:
            return Filed(ClassifyReason.NO_TEXT)
        if not read.reading.relevant:
            self.shelf.drop(read.reading.id)
            return Filed(ClassifyReason.NOT_RELEVANT)
        article = story_article(read.reading, seen_at=read.seen_at, title=read.title, gazetteer=self.gazetteer, names=read.names)
        known = Known(
            article_id=read.reading.id,
            language=read.reading.language,
            signature=read.signature,
            told=told(read.reading),
            seen_at=read.seen_at,
        )
        alike = self.shelf.alike(known)
        original = copy_of(known, alike)
        assignment = self._assigned(article, alike, original, story_before)
        rivals = self._same(assignment)
        story, absorbed = self._merged(self._put(article, assignment), rivals)
        self.shelf.put(_placed(known, story.story_id, original))
        return Filed(
            reason=_reason(read.reading, copied=original is not None, revised=revised),
            assignment=assignment,
            story=story,
            copy_of=original,
            likeness=alike[0].similarity if alike else 0.0,
            absorbed=absorbed,
        )

    @overload
    def today(self, story_id: str) -> str: ...
    @overload
    def today(self, story_id: str | None) -> str | None: ...
    def today(self, story_id: str | None) -> str | None:
        """The id of the story that this one is now."""
        return self.aliases.get(story_id, story_id) if story_id is not None else None

    def forget_before(self, moment: datetime) -> None:
        """Let go of the stories that were quiet since, and of the articles seen before."""
        self.stories = {story_id: story for story_id, story in self.stories.items() if story.last_at >= moment}
        self._index.follow(self.stories)
        self.shelf.forget_before(moment)

    @property
    def _index(self) -> Candidates:
        assert self.candidates is not None  # noqa: S101 - made when the files are
        return self.candidates

    def _assigned(self, article: StoryArticle, alike: list[Likeness], original: str | None, story_before: str | None) -> Assignment:
        story_before = self.today(story_before)
        if story_before is not None and story_before in self.stories:
            return Assignment(story_before, new=False, score=self.policy.bar, reason=StoryReason.SAME_ARTICLE)
        in_stories: dict[str, float] = {}
        copied_in = None
        for likeness in alike:
            story_id = self.today(likeness.known.story_id)
            if story_id is None or story_id not in self.stories:
                continue
            in_stories.setdefault(story_id, likeness.similarity)
            if likeness.copy and copied_in is None and original is not None:
                copied_in = story_id
        return assign(
            self._index.of(article, in_stories), article, self.policy, gazetteer=self.gazetteer, alike=in_stories, copy_in=copied_in
        )

    def _put(self, article: StoryArticle, assignment: Assignment) -> StoryProfile:
        before = self.stories.get(assignment.story_id)
        # An article that began a story and comes again as a new revision finds the story there.
        story = joined(before, article, self.policy) if before is not None else begun(article, assignment.story_id)
        self._keep(story)
        return story

    def _keep(self, story: StoryProfile) -> None:
        self.stories[story.story_id] = story
        self._index.put(story)

    def _same(self, assignment: Assignment) -> list[str]:
        """Those of the stories that the article fits as well which are the same as its own.

        They are compared as they were before it: a round-up would make alike what it names together.
        """
        return [
            rival
            for rival in assignment.rivals
            if are_one(self.stories[assignment.story_id], self.stories[rival], self.policy, gazetteer=self.gazetteer)
        ]

    def _merged(self, story: StoryProfile, rivals: list[str]) -> tuple[StoryProfile, tuple[str, ...]]:
        """The story with these in it, and the ids that are no more."""
        absorbed: list[str] = []
        for rival in rivals:
            both = merged(story, self.stories[rival])
            gone = rival if both.story_id == story.story_id else story.story_id
            absorbed.append(gone)
            del self.stories[gone]
            self._index.drop(gone)
            self.aliases = {alias: both.story_id if today == gone else today for alias, today in self.aliases.items()} | {
                gone: both.story_id
            }
            self._keep(both)
            story = both
        return story, tuple(absorbed)


def prepared(reading: Reading, *, title: str, text: str, seen_at: datetime, outlet: str = "") -> Read:
    """What filing needs of an article and its reading; only the kept zones of the text are compared with those of others."""
    claims = tuple(claim for claim in reading.casualties if max(claim.low or 0, claim.high or 0) <= MOST_HEADS)
    body = "\n".join(text[zone.start : zone.end] for zone in zones_of(title, text) if zone.kept)
    return Read(
        reading=reading if len(claims) == len(reading.casualties) else reading.model_copy(update={"casualties": claims}),
        title=title,
        seen_at=seen_at,
        signature=signature(f"{title}\n{body}"),
        names=names_of(body, reading.language) if reading.relevant else (),
        origin=origin_of(text, outlet=outlet),
        blank=not title.strip() and not text.strip(),
    )


class RegionPlaces:
    """The places of the region as stories need them."""

    def __init__(self, region: Region) -> None:
        """Of that region."""
        self._region = region
        self._known: dict[str, Place | None] = {}

    def get(self, place_id: str, /) -> Place | None:
        """The place, None where the id is unknown."""
        if place_id not in self._known:
            try:
                entry = self._region.entry(place_id)
            except KeyError:
                self._known[place_id] = None
            else:
                self._known[place_id] = Place(entry.place_kind or "", *(entry.at or (0.0, 0.0)), body=entry.body)
        return self._known[place_id]


def _placed(known: Known, story_id: str, original: str | None) -> Known:
    return Known(
        article_id=known.article_id,
        language=known.language,
        signature=known.signature,
        told=known.told,
        seen_at=known.seen_at,
        story_id=story_id,
        root=original or known.article_id,
    )


def _reason(reading: Reading, *, copied: bool, revised: bool) -> ClassifyReason:
    if copied:
        return ClassifyReason.COPY
    if reading.language == "und":
        return ClassifyReason.UNKNOWN_LANGUAGE
    return ClassifyReason.REVISED if revised else ClassifyReason.CLASSIFIED
