"""The checker of schemas trips over each kind of breaking change, and over no other."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, Field

from schemas.alert_raised import AlertRaised
from schemas.reading import Reading
from tests.contracts.compatibility import Rule, breaches


def an_object(required: tuple[str, ...] = (), **members: Any) -> dict[str, Any]:
    return {"type": "object", "properties": members, "required": list(required)}


TEXT = {"type": "string"}
COUNT = {"type": "integer"}
MAYBE_COUNT = {"anyOf": [{"type": "integer"}, {"type": "null"}]}

BREAKING = [
    pytest.param(an_object(url=TEXT), an_object(), "url", Rule.REMOVED, id="a member is gone"),
    pytest.param(an_object(low=COUNT), an_object(lowest=COUNT), "low", Rule.RENAMED, id="a member has another name"),
    pytest.param(an_object(), an_object(("side",), side=TEXT), "side", Rule.REQUIRED, id="a new member must be there"),
    pytest.param(an_object(side=TEXT), an_object(("side",), side=TEXT), "side", Rule.REQUIRED, id="a member must now be there"),
    pytest.param(an_object(low=COUNT), an_object(low=TEXT), "low", Rule.NARROWED, id="another type"),
    pytest.param(an_object(low=MAYBE_COUNT), an_object(low=COUNT), "low", Rule.NARROWED, id="null no longer"),
    pytest.param(an_object(low={"type": "number"}), an_object(low=COUNT), "low", Rule.NARROWED, id="whole numbers only"),
    pytest.param(
        an_object(low={"type": ["integer", "null"]}), an_object(low=COUNT), "low", Rule.NARROWED, id="null no longer, told as a list"
    ),
    pytest.param(an_object(a={"enum": ["x", "y"]}), an_object(a={"enum": ["x"]}), "a", Rule.NARROWED, id="a word is gone"),
    pytest.param(an_object(a=TEXT), an_object(a={"type": "string", "enum": ["x"]}), "a", Rule.NARROWED, id="any word, now few"),
    pytest.param(an_object(a={"enum": ["x", "y"]}), an_object(a={"const": "x"}), "a", Rule.NARROWED, id="a list, now one word"),
    pytest.param(an_object(n={**COUNT, "minimum": 0}), an_object(n={**COUNT, "minimum": 1}), "n", Rule.NARROWED, id="a higher least"),
    pytest.param(an_object(n={**COUNT, "maximum": 9}), an_object(n={**COUNT, "maximum": 8}), "n", Rule.NARROWED, id="a lower most"),
    pytest.param(an_object(n=COUNT), an_object(n={**COUNT, "minimum": 0}), "n", Rule.NARROWED, id="a limit where none was"),
    pytest.param(an_object(a=TEXT), an_object(a={**TEXT, "minLength": 8}), "a", Rule.NARROWED, id="a length where none was"),
    pytest.param(an_object(a={**TEXT, "pattern": "a+"}), an_object(a={**TEXT, "pattern": "b+"}), "a", Rule.NARROWED, id="another pattern"),
    pytest.param(an_object(a=TEXT), an_object(a={**TEXT, "format": "date-time"}), "a", Rule.NARROWED, id="a format where none was"),
    pytest.param(
        an_object(all={"type": "array", "items": an_object(url=TEXT)}),
        an_object(all={"type": "array", "items": an_object()}),
        "all[].url",
        Rule.REMOVED,
        id="inside a list",
    ),
    pytest.param(
        an_object(outer=an_object(inner=an_object(url=TEXT))),
        an_object(outer=an_object(inner=an_object())),
        "outer.inner.url",
        Rule.REMOVED,
        id="far inside",
    ),
    pytest.param(an_object(), {**an_object(), "additionalProperties": False}, "the whole", Rule.NARROWED, id="unknown members refused"),
]

HARMLESS = [
    pytest.param(an_object(), an_object(side=TEXT), id="a new member that may be left out"),
    pytest.param(an_object(("side",), side=TEXT), an_object(side=TEXT), id="a member may now be left out"),
    pytest.param(an_object(low=COUNT), an_object(low=MAYBE_COUNT), id="null as well"),
    pytest.param(an_object(low=COUNT), an_object(low={"type": "number"}), id="fractions as well"),
    pytest.param(an_object(a={"enum": ["x"]}), an_object(a={"enum": ["x", "y"]}), id="a further word"),
    pytest.param(an_object(a={"enum": ["x"]}), an_object(a=TEXT), id="any word"),
    pytest.param(an_object(n={**COUNT, "minimum": 1}), an_object(n={**COUNT, "minimum": 0}), id="a lower least"),
    pytest.param(an_object(n={**COUNT, "maximum": 1}), an_object(n=COUNT), id="no limit any more"),
    pytest.param(
        an_object(a={**TEXT, "description": "old"}), an_object(a={**TEXT, "description": "new", "default": ""}), id="other words about it"
    ),
    pytest.param(an_object(a=TEXT), an_object(a={}), id="anything at all"),
]


@pytest.mark.parametrize(("old", "new", "where", "rule"), BREAKING)
def test_a_breaking_change_is_found(old: dict[str, Any], new: dict[str, Any], where: str, rule: Rule) -> None:
    assert [(breach.where, breach.rule) for breach in breaches(old, new)] == [(where, rule)]


@pytest.mark.parametrize(("old", "new"), HARMLESS)
def test_a_harmless_change_passes(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert breaches(old, new) == ()


def test_a_breach_says_where_and_what() -> None:
    (breach,) = breaches(an_object(low=COUNT), an_object(lowest=COUNT))
    assert str(breach) == "low: renamed: it is gone, and lowest looks like it"


def test_references_are_followed_even_where_they_come_back_to_themselves() -> None:
    def tree(**members: Any) -> dict[str, Any]:
        node = an_object(left={"$ref": "#/$defs/Node"}, right={"$ref": "#/$defs/Node"}, **members)
        return {**an_object(root={"$ref": "#/$defs/Node"}), "$defs": {"Node": node}}

    assert breaches(tree(name=TEXT), tree(name=TEXT)) == ()
    assert [breach.where for breach in breaches(tree(name=TEXT), tree())] == ["root.name"]


@pytest.mark.parametrize("model", [AlertRaised, Reading])
def test_a_model_is_compatible_with_itself(model: type[BaseModel]) -> None:
    assert breaches(model.model_json_schema(), model.model_json_schema()) == ()


def test_the_changes_that_people_make_to_models() -> None:
    class Before(BaseModel):
        effect: str
        low: int | None = None
        confidence: float = 1.0

    class After(BaseModel):
        effect: str
        lowest: int | None = None
        confidence: float = Field(default=1.0, le=1)
        side: str

    assert [(breach.where, breach.rule) for breach in breaches(Before.model_json_schema(), After.model_json_schema())] == [
        ("low", Rule.RENAMED),
        ("confidence", Rule.NARROWED),
        ("side", Rule.REQUIRED),
    ]
