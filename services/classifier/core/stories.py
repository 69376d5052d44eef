"""Which story an article belongs to, across languages.

Each open story is given points for and against the article (see `comparison`). The best story above the policy's bar
takes the article; else it begins a story of its own. A wrong split repeats first figures to a desk, a wrong merge
suppresses them, so the points are tuned to both on annotated stories mixed with one another. An article that speaks
strongly for two stories which are alike themselves shows that they are one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import inf
from uuid import UUID, uuid5

from schemas.vocabulary import StoryReason
from services.classifier.core.comparison import NOWHERE, StoryPolicy, compared, quiet
from services.classifier.core.profiles import FIGURES_KEPT, Figure, Gazetteer, StoryArticle, StoryProfile, Weights, added

_STORIES = UUID("6d4f6f0e-5c0f-5d0b-9a53-0d0f8a1c7f11")
"""Namespace of story ids: a story's id follows from the id of its first article."""
NAMES_KEPT = 60
PLACES_KEPT = 40


@dataclass(frozen=True, slots=True)
class Assignment:
    """The story of an article; `points` says what spoke for it (and, for a new story, for the nearest other one)."""

    story_id: str
    new: bool
    score: float
    reason: StoryReason
    points: Mapping[str, float] = field(default_factory=dict)
    nearest: str | None = None
    rivals: tuple[str, ...] = ()
    """Other stories that the article speaks strongly for, the strongest first."""


def story_id_of(article_id: str) -> str:
    """The id of the story that this article begins."""
    return str(uuid5(_STORIES, article_id))


def assign(
    stories: Sequence[StoryProfile],
    article: StoryArticle,
    policy: StoryPolicy | None = None,
    *,
    gazetteer: Gazetteer | None = None,
    alike: Mapping[str, float] | None = None,
    copy_in: str | None = None,
) -> Assignment:
    """The story of `article` among those open.

    `alike` gives, per story, the highest likeness of words between the article and one of the story's articles of the
    same language; `copy_in` the story of the article that this one is a copy of.
    """
    policy = policy or StoryPolicy()
    if copy_in is not None:
        return Assignment(copy_in, new=False, score=policy.bar, reason=StoryReason.COPY)
    best: _Found | None = None
    strong: list[_Found] = []
    for story in stories:
        if quiet(story, article) > policy.window:
            continue
        points = compared(
            story,
            article,
            policy,
            gazetteer=gazetteer if gazetteer is not None else NOWHERE,
            likeness=(alike or {}).get(story.story_id, 0.0),
            beyond=min(best.score, policy.one) if best else -inf,
        )
        found = _Found(sum(points.values()), story, points)
        if best is None or found.rank < best.rank:
            best = found
        if found.score >= policy.one:
            strong.append(found)
    if best is not None and best.score >= policy.bar:
        return Assignment(
            best.story.story_id,
            new=False,
            score=best.score,
            reason=StoryReason.ALIKE_WORDS if best.points.get("words", 0) >= policy.bar else StoryReason.ALIKE_CODES,
            points=best.points,
            rivals=tuple(found.story.story_id for found in sorted(strong, key=lambda found: found.rank) if found is not best),
        )
    return Assignment(
        story_id_of(article.article_id),
        new=True,
        score=best.score if best else 0.0,
        reason=StoryReason.NEW,
        points=best.points if best else {},
        nearest=best.story.story_id if best else None,
    )


@dataclass(frozen=True, slots=True)
class _Found:
    score: float
    story: StoryProfile
    points: Mapping[str, float]

    @property
    def rank(self) -> tuple[float, datetime, str]:
        """Of equal stories the one that began first, so that the order in which they are read does not matter."""
        return (-self.score, self.story.began_at, self.story.story_id)


def are_one(one: StoryProfile, other: StoryProfile, policy: StoryPolicy, *, gazetteer: Gazetteer) -> bool:
    """Whether two stories are alike enough to be one, when each is looked at as an article of the other."""
    return all(
        sum(compared(story, _as_article(article, story), policy, gazetteer=gazetteer).values()) >= policy.one
        for story, article in ((one, other), (other, one))
    )


def merged(one: StoryProfile, other: StoryProfile) -> StoryProfile:
    """Both as one story, under the id of that which began first."""
    first, second = sorted((one, other), key=lambda story: (story.began_at, story.story_id))
    return replace(
        first,
        last_at=max(first.last_at, second.last_at),
        hot_at=max(first.hot_at, second.hot_at),
        parties=added(first.parties, second.parties, 1.0),
        families=added(first.families, second.families, 1.0),
        places=_strongest(added(first.places, second.places, 1.0), PLACES_KEPT),
        figures=_kept([*first.figures, *(figure for figure in second.figures if figure not in first.figures)]),
        names=_strongest(added(first.names, second.names, 1.0), NAMES_KEPT),
        articles=first.articles + second.articles,
    )


def _as_article(story: StoryProfile, other: StoryProfile) -> StoryArticle:
    """The story as an article of the other: at the moment nearest to it."""
    return StoryArticle(
        article_id=story.story_id,
        seen_at=min(max(story.began_at, other.last_at), story.last_at),
        parties=story.parties,
        families=story.families,
        places=story.places,
        figures=frozenset(story.figures),
        names=frozenset(story.names),
    )


def begun(article: StoryArticle, story_id: str | None = None) -> StoryProfile:
    """The story that begins with this article."""
    return StoryProfile(
        story_id=story_id or story_id_of(article.article_id),
        title=article.title,
        began_at=article.seen_at,
        last_at=article.seen_at,
        hot_at=article.seen_at,
        parties=dict(article.parties),
        families=dict(article.families),
        places=dict(article.places),
        figures=_kept(sorted(article.figures)),
        names=dict.fromkeys(sorted(article.names), 1.0),
    )


def joined(story: StoryProfile, article: StoryArticle, policy: StoryPolicy | None = None) -> StoryProfile:
    """The story with this article in it. A late article widens the story's span and fades nothing."""
    policy = policy or StoryPolicy()
    passed = max(timedelta(0), article.seen_at - story.last_at)
    fade = 0.5 ** (passed / policy.half_life)
    return replace(
        story,
        began_at=min(story.began_at, article.seen_at),
        last_at=max(story.last_at, article.seen_at),
        hot_at=max(story.hot_at, article.seen_at) if article.happening else story.hot_at,
        parties=added(story.parties, article.parties, fade),
        families=added(story.families, article.families, fade),
        places=_strongest(added(story.places, article.places, fade), PLACES_KEPT),
        figures=_kept([*(figure for figure in story.figures if figure not in article.figures), *sorted(article.figures)]),
        names=_strongest(added(story.names, dict.fromkeys(article.names, 1.0), fade), NAMES_KEPT),
        articles=story.articles + 1,
    )


def _kept(figures: Iterable[Figure]) -> tuple[Figure, ...]:
    return tuple(figures)[-FIGURES_KEPT:]


def _strongest(weights: Weights, most: int) -> dict[str, float]:
    kept = sorted(weights.items(), key=lambda item: (-item[1], item[0]))[:most]
    return dict(sorted(kept))
