"""Articles as JSON lines, from files or standard input: the form that `classify` and `replay` take."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from pydantic import ValidationError

from schemas.reading import Article

MEND = "an article is one JSON object a line with id, url, title, text, published_at (ISO 8601) and outlet"


class LineFault(ValueError):  # noqa: N818 - it names the fault; the command prints it and goes on with the next line
    """A line that holds no article; the message names the file, the line and the mend."""


def _time(value: Any) -> tuple[datetime | None, str | None]:
    """The outlet's time, and a remark where it had to be taken otherwise than it stands."""
    if value in (None, ""):
        return None, "no published_at: it will be read, but raises no alert"
    try:
        stamp = datetime.fromisoformat(str(value).strip())
    except ValueError:
        return None, f"published_at {value!r} is no ISO 8601 time: taken as unknown"
    if stamp.tzinfo is None:
        return stamp.replace(tzinfo=UTC), f"published_at {value!r} has no zone: taken as UTC"
    return stamp, None


def article_of(line: str, where: str, remark: Callable[[str], None]) -> Article:
    """The article in one line; `where` names the line in messages.

    Raises:
        LineFault: no JSON object, or no id and no url to name it by.
    """
    try:
        document = json.loads(line)
    except ValueError as fault:
        raise LineFault(f"{where}: no JSON ({fault}); {MEND}") from fault
    if not isinstance(document, dict):
        raise LineFault(f"{where}: a JSON {type(document).__name__}, no object; {MEND}")
    name = document.get("id") or document.get("url")
    if not name:
        raise LineFault(f"{where}: neither id nor url; {MEND}")
    stamp, doubt = _time(document.get("published_at"))
    if doubt:
        remark(f"{where}: {doubt}")
    fields = {key: "" if document.get(key) is None else str(document[key]) for key in ("url", "title", "text", "outlet") if key in document}
    try:
        return Article.model_validate({**fields, "id": str(name), "published_at": stamp})
    except ValidationError as fault:
        raise LineFault(f"{where}: {fault.errors()[0]['msg']}; {MEND}") from fault


def _lines(stream: TextIO, name: str) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(stream, start=1):
        if line.strip():
            yield line, f"{name}:{number}"


def articles_from(files: Sequence[str], remark: Callable[[str], None], fault: Callable[[str], None]) -> Iterator[Article]:
    """The articles of `files` in order ('-' is standard input). Bad lines and files are told to `fault` and passed over."""
    for name in files:
        try:
            with nullcontext(sys.stdin) if name == "-" else Path(name).open(encoding="utf-8") as stream:
                for line, where in _lines(stream, "stdin" if name == "-" else name):
                    try:
                        yield article_of(line, where, remark)
                    except LineFault as error:
                        fault(str(error))
        except OSError as error:
            fault(f"{name}: {error.strerror}; give a file of JSON lines, or - for standard input")
        except UnicodeDecodeError as error:
            fault(f"{name}: not UTF-8 ({error.reason} at byte {error.start}); the rest of the file is not read")
