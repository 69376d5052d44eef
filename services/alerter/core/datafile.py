"""Data files of the alerter: YAML of a declared form, every fault named with its file and line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches
from importlib.resources import files
from typing import TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

Form = TypeVar("Form", bound=BaseModel)


class DataForm(BaseModel):
    """The form of a data file or of a part of it: frozen, and a name that it does not know is a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class DataFault(ValueError):  # noqa: N818 - it is what the editor of the file reads, one fault a line
    """What is wrong with a data file, all of it: one line each, `name:line: where: fault`."""

    def __init__(self, faults: list[str]) -> None:
        """Keep the lines; the message is all of them."""
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


def packaged(path: str) -> str:
    """The text of a data file that ships with the service."""
    return files("services.alerter").joinpath("data", *path.split("/")).read_text(encoding="utf-8")


def packaged_names(folder: str) -> tuple[str, ...]:
    """The names, without their ending, of the YAML files in a data folder."""
    found = (item.name for item in files("services.alerter").joinpath("data", *folder.split("/")).iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in found if name.endswith(".yaml")))


Where = tuple[int | str, ...]
"""The way to a part of a document: names and numbers from the top."""

LARGEST = 1_000_000
"""Characters of a data file."""
_DEEPEST = 60
_MOST_NODES = 50_000


def parse(text: str, form: type[Form], name: str, *, check: Callable[[Form], Iterable[tuple[Where, str]]] | None = None) -> Form:
    """The content of the file `name`; `check` finds what is wrong beyond the form, each fault with the way to it.

    Raises:
        DataFault: it is no YAML, or not of the form; every fault has its line.
    """
    if len(text) > LARGEST:
        raise DataFault([f"{name}:1: the file has {len(text)} characters; at most {LARGEST} are read"])
    try:
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
        if faults := [f"{name}:{line}: {fault}" for line, fault in _tree_faults(tree)]:
            raise DataFault(faults)
        document = yaml.safe_load(text)
    except yaml.YAMLError as fault:
        mark = getattr(fault, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise DataFault([f"{name}:{line}: this is no YAML: {getattr(fault, 'problem', None) or fault}"]) from fault
    except (ValueError, RecursionError) as fault:
        if isinstance(fault, DataFault):
            raise
        raise DataFault([f"{name}:1: this is no YAML that can be read: {fault}"]) from fault
    try:
        content = form.model_validate({} if document is None else document)
    except ValidationError as fault:
        errors = fault.errors()
        # That a list is empty once its wrong parts are gone says nothing new.
        told = [one for one in errors if one["type"] != "too_short" or not any(_below(other["loc"], one["loc"]) for other in errors)]
        raise DataFault([_line(one["loc"], _said(one["type"], one["msg"], one["loc"], form), tree, name) for one in told]) from fault
    if faults := [_line(where, message, tree, name) for where, message in (check(content) if check else ())]:
        raise DataFault(faults)
    return content


def _tree_faults(tree: yaml.Node | None) -> list[tuple[int, str]]:
    """What a reader of YAML passes over: a name given twice, and a part that holds itself by an alias."""
    faults: list[tuple[int, str]] = []
    count, broken = 0, False

    def walk(node: yaml.Node, above: tuple[int, ...]) -> None:
        nonlocal count, broken
        count += 1
        if count > _MOST_NODES or len(above) > _DEEPEST:
            broken = True
            faults.append(
                (node.start_mark.line + 1, "from here on the document is too large or too deep, aliases counted as what they stand for")
            )
        elif id(node) in above:
            broken = True
            faults.append((node.start_mark.line + 1, "this part holds itself: an alias (*name) points at what it stands in"))
        else:
            faults.extend(_given_twice(node))
        for part in _parts(node) if not broken else ():
            walk(part, (*above, id(node)))

    if tree is not None:
        walk(tree, ())
    return faults


def _given_twice(node: yaml.Node) -> Iterator[tuple[int, str]]:
    names: set[str] = set()
    for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
        if str(key.value) in names:
            yield key.start_mark.line + 1, f"{key.value} is given twice here; keep one of the two"
        names.add(str(key.value))


def _parts(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [value for _, value in node.value]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _below(where: Where, above: Where) -> bool:
    return len(where) > len(above) and where[: len(above)] == above


def _said(kind: str, message: str, where: Where, form: type[BaseModel]) -> str:
    """The library's message; for a name that the form does not have, with the one that was probably meant."""
    if kind != "extra_forbidden":
        return message
    near = get_close_matches(str(where[-1]), _names(form), n=1)
    return "there is no such name here" + (f"; did you mean {near[0]}?" if near else "")


def _names(form: type[BaseModel]) -> set[str]:
    """Every name that the form and its parts know."""
    schema = form.model_json_schema()
    parts = [schema, *schema.get("$defs", {}).values()]
    return {name for part in parts for name in part.get("properties", {})}


def _line(where: Where, message: str, tree: yaml.Node | None, name: str) -> str:
    line = 1
    node = tree
    for step in where:
        found: yaml.Node | None = None
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == str(step):
                    line, found = key.start_mark.line + 1, value
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            found = node.value[step]
            line = node.value[step].start_mark.line + 1
        if found is None:
            break
        node = found
    return f"{name}:{line}: {'.'.join(map(str, where)) or 'the whole'}: {message.removeprefix('Value error, ')}"
