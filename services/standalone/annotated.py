"""Folders of annotated articles: one YAML file an article, and `replay.yaml` with the alerts that a desk must get."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from schemas.reading import Article
from schemas.vocabulary import CeasefireStatus, Effect

BUNDLED = Path(__file__).parent / "data" / "september-2023"
"""The demo's own story."""


class StoryFault(ValueError):  # noqa: N818 - it names the fault, the command prints it and ends
    """A folder that cannot be told as a story; the message names the file and the mend."""


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class AnnotatedArticle(_Document):
    """An article with its outlet, language and time; what is annotated in it stays in the file, for the scorer."""

    id: str
    lang: str
    published_at: datetime
    outlet: str
    url: str
    title: str
    text: str

    @field_validator("published_at")
    @classmethod
    def _aware(cls, value: datetime) -> datetime:
        if value.tzinfo is None:
            raise ValueError("needs a zone: 2023-09-19T12:00:00Z")
        return value

    def article(self) -> Article:
        """The article as the reader takes it."""
        return Article(id=self.id, url=self.url, title=self.title, text=self.text, published_at=self.published_at, outlet=self.outlet)


class ExpectedAlert(_Document):
    """An alert that a desk must get, at the article that brings it. `low` holds the high end where the low one is open."""

    at: str
    kind: Literal["casualty", "ceasefire"]
    effect: Effect | None = None
    side: str | None = None
    low: int | None = None
    high: int | None = None
    status: CeasefireStatus | None = None
    why: str = ""


class Replay(_Document):
    """One story told over time, in order of arrival."""

    name: str
    articles: tuple[str, ...]
    expected_alerts: tuple[ExpectedAlert, ...] = ()
    optional_alerts: tuple[ExpectedAlert, ...] = ()

    @field_validator("expected_alerts", "optional_alerts", mode="before")
    @classmethod
    def _none_is_empty(cls, value: Any) -> Any:
        return value or ()


class Story(_Document):
    """The articles of one replay in order of arrival, and what is expected of them."""

    replay: Replay
    articles: tuple[AnnotatedArticle, ...] = Field(min_length=1)
    judged: bool = True
    """False where the folder names no expected alerts: there is nothing to hold the outcome against."""


def _parsed(path: Path) -> list[Any]:
    try:
        return [document for document in yaml.load_all(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader) if document]
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as fault:
        raise StoryFault(f"{path}: cannot be read as YAML: {fault}") from fault


def articles_of(folder: Path) -> Mapping[str, AnnotatedArticle]:
    """Every annotated article below `folder`, by id.

    Raises:
        StoryFault: a file is no annotated article, or an id stands twice.
    """
    found: dict[str, AnnotatedArticle] = {}
    for path in sorted(folder.rglob("*.yaml")):
        if path.name == "replay.yaml":
            continue
        for document in _parsed(path):
            try:
                article = AnnotatedArticle.model_validate(document)
            except ValidationError as fault:
                first = fault.errors()[0]
                where = ".".join(map(str, first["loc"]))
                raise StoryFault(
                    f"{path}: {where}: {first['msg']}; an annotated article has id, lang, published_at, outlet, url, title, text"
                ) from fault
            if article.id in found:
                raise StoryFault(f"{path}: the id {article.id} stands twice below {folder}")
            found[article.id] = article
    return found


def replays_of(folder: Path) -> Sequence[Replay]:
    """Every replay below `folder`, in the order of the files.

    Raises:
        StoryFault: a replay is not of the form.
    """
    replays: list[Replay] = []
    for path in sorted(folder.rglob("replay.yaml")):
        for document in _parsed(path):
            try:
                replays.append(Replay.model_validate(document))
            except ValidationError as fault:
                first = fault.errors()[0]
                raise StoryFault(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from fault
    return replays


def story_of(folder: Path, name: str | None = None) -> Story:
    """The story in `folder`: the replay called `name`, else the first one, else all articles in order of time.

    Raises:
        StoryFault: the folder holds no article, no replay of that name, or a replay that names an article it lacks.
    """
    if not folder.is_dir():
        raise StoryFault(f"{folder} is no folder; --from takes a folder of annotated articles (one YAML file each)")
    articles = articles_of(folder)
    if not articles:
        raise StoryFault(f"{folder} holds no annotated article (*.yaml with id, lang, published_at, outlet, url, title, text)")
    replays = replays_of(folder)
    if name is not None:
        replays = [replay for replay in replays if replay.name == name]
        if not replays:
            raise StoryFault(f"{folder} holds no replay called {name!r}")
    if not replays:
        ordered = sorted(articles.values(), key=lambda article: article.published_at)
        return Story(
            replay=Replay(name=folder.name, articles=tuple(article.id for article in ordered)), articles=tuple(ordered), judged=False
        )
    replay = replays[0]
    missing = [article_id for article_id in replay.articles if article_id not in articles]
    if missing:
        raise StoryFault(f"{folder}: the replay {replay.name} names articles that are not there: {', '.join(missing)}")
    return Story(replay=replay, articles=tuple(articles[article_id] for article_id in replay.articles))
