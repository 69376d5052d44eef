"""The JSON Schemas (draft 2020-12) of the events and of what the command reads and prints."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from schemas.alert_raised import AlertRaised
from schemas.article_classified import ArticleClassified
from schemas.article_fetched import ArticleFetched
from schemas.reading import Article, Reading
from schemas.topics import TYPES
from tests.exports import ROOT

FOLDER = ROOT / "schemas" / "json"
RELEASED = FOLDER / "released"

MODELS: dict[str, type[BaseModel]] = {
    "article_fetched": ArticleFetched,
    "article_classified": ArticleClassified,
    "alert_raised": AlertRaised,
    "article": Article,
    "reading": Reading,
}
"""Name of the file -> the model that it tells of."""


class Plain(GenerateJsonSchema):
    """Without the titles that only repeat the name of a member."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - the name is pydantic's
        """Never: the name of the member says it."""
        return False


def schema_of(model: type[BaseModel]) -> JsonSchemaValue:
    """What a reader of `model` accepts; a member that may be left out has its default written down."""
    body = model.model_json_schema(schema_generator=Plain)
    event_type = TYPES.get(model.__name__)
    return {
        "$schema": GenerateJsonSchema.schema_dialect,
        "$id": f"urn:caucasus-watch:{event_type or model.__name__.lower()}",
        **body,
    }


def exports() -> dict[Path, str]:
    """Each file of schemas/json with the text that it must have."""
    return {FOLDER / f"{name}.json": json.dumps(schema_of(model), ensure_ascii=False, indent=2) + "\n" for name, model in MODELS.items()}


def release() -> None:
    """Keep the present schemas as those of the last release, which later ones are compared with."""
    RELEASED.mkdir(exist_ok=True)
    for path in exports():
        shutil.copyfile(path, RELEASED / path.name)
