"""Data files of the alerter: YAML of a declared form, every fault named with its file and line."""

from __future__ import annotations

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


def parse(text: str, form: type[Form], name: str) -> Form:
    """The content of the file `name`.

    Raises:
        DataFault: it is no YAML, or not of the form; every fault has its line.
    """
    try:
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
        document = yaml.safe_load(text)
    except yaml.YAMLError as fault:
        mark = getattr(fault, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise DataFault([f"{name}:{line}: this is no YAML: {getattr(fault, 'problem', None) or fault}"]) from fault
    try:
        return form.model_validate({} if document is None else document)
    except ValidationError as fault:
        raise DataFault([_line(error["loc"], error["msg"], tree, name) for error in fault.errors()]) from fault


def _line(where: tuple[int | str, ...], message: str, tree: yaml.Node | None, name: str) -> str:
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
