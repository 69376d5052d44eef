"""Stories: listed, and one with its ledger, figures, claims, articles and timeline."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from services.desk.adapters import stories
from services.desk.api.alerts import After, AtMost
from services.desk.api.door import TheDesk, Viewer
from services.desk.core.forms import ArticlePage, ClaimPage, FigurePage, StoryInFull, StoryPage, Timeline
from services.desk.core.pages import Cursor
from services.desk.core.refusals import Refusal, Refused

router = APIRouter(prefix="/stories", tags=["stories"])

StoryId = Annotated[str, Path(description="Id of the story, or one that it had before it was merged", max_length=60)]


@router.get("", summary="List stories, those last written of first")
async def list_stories(
    desk: TheDesk,
    _: Viewer,
    q: Annotated[str, Query(description="Words of the title", max_length=200)] = "",
    after: After = None,
    limit: AtMost = 50,
) -> StoryPage:
    """A page of stories."""
    if "\x00" in q:
        raise Refused(Refusal.NOT_VALID, "a text holds a nought character", "take it out")
    async with desk.work() as connection:
        return await stories.page(connection, words=q, at_most=limit, after=Cursor.of(after) if after else None)


@router.get("/{story_id}", summary="Show a story with its ledger")
async def show_story(desk: TheDesk, _: Viewer, story_id: StoryId) -> StoryInFull:
    """What is known now by effect and people, from each claimant, and the turns of the truce."""
    async with desk.work() as connection:
        return await stories.in_full(connection, story_id)


@router.get("/{story_id}/figures", summary="Every figure that the ledger took")
async def story_figures(desk: TheDesk, _: Viewer, story_id: StoryId) -> FigurePage:
    """Oldest first; withdrawn ones are marked."""
    async with desk.work() as connection:
        return await stories.figures(connection, story_id)


@router.get("/{story_id}/claims", summary="Every claim of its articles")
async def story_claims(desk: TheDesk, _: Viewer, story_id: StoryId) -> ClaimPage:
    """As the rules of today read the articles' present texts."""
    async with desk.work() as connection:
        return await stories.claims_of(connection, story_id)


@router.get("/{story_id}/articles", summary="Its articles")
async def story_articles(desk: TheDesk, _: Viewer, story_id: StoryId) -> ArticlePage:
    """With what the alerter decided on each."""
    async with desk.work() as connection:
        return await stories.articles_of(connection, story_id)


@router.get("/{story_id}/timeline", summary="What happened in it")
async def story_timeline(desk: TheDesk, _: Viewer, story_id: StoryId) -> Timeline:
    """Alerts raised, hands laid on, tellings made."""
    async with desk.work() as connection:
        return await stories.timeline(connection, story_id)
