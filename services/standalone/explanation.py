"""`explain`: one article with its claims marked, and for each why it was read so; in the terminal or as one page."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from rich.console import Console
from rich.table import Table
from rich.text import Text

from schemas.reading import Article, CasualtyClaim, CeasefireStatement, Evidence, Reading

Kind = Literal["casualty", "ceasefire", "background"]
STYLES: dict[Kind, str] = {"casualty": "black on yellow", "ceasefire": "black on cyan", "background": "black on bright_black"}
COLOURS: dict[Kind, str] = {"casualty": "#ffe08a", "ceasefire": "#9fe3f0", "background": "#d5d5d5"}


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of title or text that a tag points at."""

    field: str
    start: int
    end: int
    kind: Kind
    number: int


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: what is claimed, by whom, and why it was read so."""

    number: int
    kind: Kind
    what: str
    claimant: str
    when: str
    why: str
    confidence: float


def figure(claim: CasualtyClaim) -> str:
    """The figure in words: "at least 34 killed, NKR, civilian"."""
    if claim.low is None and claim.high is None:
        number = "an unstated number"
    elif claim.low == claim.high:
        number = f"{'about ' if claim.bound == 'about' else ''}{claim.low}"
    elif claim.high is None:
        number = f"{str(claim.bound).replace('_', ' ')} {claim.low}"
    elif claim.low is None:
        number = f"up to {claim.high}"
    else:
        number = f"{claim.low} to {claim.high}"
    marks = [
        claim.side or "side not told",
        *([] if claim.group == "all" else [str(claim.group)]),
        *(["share of a larger figure"] if claim.subset else []),
    ]
    return f"{number} {claim.effect}, {', '.join(marks)}"


def _why(tag: CasualtyClaim | CeasefireStatement) -> str:
    return "; ".join([*([tag.rule] if tag.rule else []), *tag.reasons])


def _order(evidence: Evidence) -> tuple[bool, int]:
    return evidence.field == "text", evidence.start


def rows_of(reading: Reading) -> tuple[Sequence[Row], Sequence[Mark]]:
    """The table's rows and the stretches they point at, in the order of the text."""
    tags: list[CasualtyClaim | CeasefireStatement] = sorted([*reading.casualties, *reading.ceasefire], key=lambda tag: _order(tag.evidence))
    rows, marks = [], []
    for number, tag in enumerate(tags, start=1):
        told: Kind = "casualty" if isinstance(tag, CasualtyClaim) else "ceasefire"
        kind: Kind = told if tag.current else "background"
        what = figure(tag) if isinstance(tag, CasualtyClaim) else f"ceasefire {tag.status.replace('_', ' ')}"
        rows.append(
            Row(number, kind, what, tag.claimant or "the outlet itself", "now" if tag.current else "background", _why(tag), tag.confidence)
        )
        marks.append(Mark(tag.evidence.field, tag.evidence.start, tag.evidence.end, kind, number))
    return rows, marks


def pieces(text: str, marks: Iterable[Mark]) -> list[tuple[str, Mark | None]]:
    """The text cut at its marks; where two overlap the later one begins where the earlier ends."""
    found: list[tuple[str, Mark | None]] = []
    at = 0
    for mark in sorted(marks, key=lambda one: (one.start, one.end)):
        start, end = max(at, mark.start), min(len(text), mark.end)
        if start >= end:
            continue
        found += [(text[at:start], None), (text[start:end], mark)]
        at = end
    return [piece for piece in [*found, (text[at:], None)] if piece[0]]


def show(article: Article, reading: Reading, console: Console) -> None:
    """Print the article with its marks, and the table of claims."""
    rows, marks = rows_of(reading)
    for field, text in (("title", article.title), ("text", article.text)):
        line = Text(style="bold" if field == "title" else "")
        for piece, mark in pieces(text, [mark for mark in marks if mark.field == field]):
            line.append(piece, style=STYLES[mark.kind] if mark else "")
            if mark:
                line.append(f"[{mark.number}]", style="bold")
        console.print(line)
        console.print()
    console.print(_head(reading), style="dim", highlight=False)
    if not rows:
        console.print("No casualty claim and no ceasefire statement.")
        return
    table = Table(header_style="dim", expand=False)
    for name in ("", "claim", "according to", "time", "sure", "why"):
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(str(row.number), Text(row.what), row.claimant, row.when, f"{row.confidence:.2f}", Text(row.why, style="dim"))
    console.print(table)


def _head(reading: Reading) -> str:
    actors = ", ".join(tag.code for tag in reading.actors) or "none"
    events = ", ".join(str(tag.type) for tag in reading.event_types) or "none"
    concern = "concerns the region" if reading.relevant else "does not concern the region"
    left_out = f"; not read to its end: {', '.join(reading.notes)}" if reading.notes else ""
    return f"language {reading.language}; {concern}; actors: {actors}; events: {events}; rules {reading.rules_version}{left_out}"


PAGE = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; color: #1a1a1a; background: #fff }}
mark {{ padding: 0 .15em; border-radius: .2em }} sup {{ font-weight: bold }} p {{ white-space: pre-wrap; overflow-wrap: anywhere }}
table {{ border-collapse: collapse; width: 100%; font-size: .875rem }} th, td {{ text-align: left; vertical-align: top; padding: .3rem .5rem; border-bottom: 1px solid #ddd }}
.wide {{ overflow-x: auto }} .dim {{ color: #666 }}
</style></head><body><h1>{marked_title}</h1><p>{marked_text}</p><p class="dim">{head}</p><div class="wide"><table>
<thead><tr><th></th><th>claim</th><th>according to</th><th>time</th><th>sure</th><th>why</th></tr></thead><tbody>
{rows}
</tbody></table></div></body></html>
"""


def page(article: Article, reading: Reading) -> str:
    """The same as one HTML page; everything that the article says is escaped."""
    rows, marks = rows_of(reading)

    def marked(field: str, text: str) -> str:
        return "".join(
            f'<mark style="background:{COLOURS[mark.kind]}">{html.escape(piece)}</mark><sup>{mark.number}</sup>'
            if mark
            else html.escape(piece)
            for piece, mark in pieces(text, [mark for mark in marks if mark.field == field])
        )

    cells = "\n".join(
        "<tr>"
        + "".join(
            f"<td>{html.escape(cell)}</td>"
            for cell in (str(row.number), row.what, row.claimant, row.when, f"{row.confidence:.2f}", row.why)
        )
        + "</tr>"
        for row in rows
    )
    return PAGE.format(
        language=html.escape(reading.language),
        title=html.escape(article.title or article.id),
        marked_title=marked("title", article.title),
        marked_text=marked("text", article.text),
        head=html.escape(_head(reading)),
        rows=cells,
    )
