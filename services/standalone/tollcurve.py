"""The toll curve of a story as SVG: a line of steps for each claimant and people, held until somebody says otherwise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pygal  # type: ignore[import-untyped]  # the library has no types
from pygal.style import Style  # type: ignore[import-untyped]  # as above

from schemas.vocabulary import Bound, Effect
from services.alerter.core.wording import Wording

MOST_CURVES = 12
"""Lines of one picture: more cannot be told apart. Those that reach highest are shown."""
COLOURS = (
    "#1f5fa8",
    "#c8372d",
    "#2b7a3f",
    "#8a4fb0",
    "#c77c11",
    "#147a86",
    "#6b6b6b",
    "#a8326b",
    "#4b6a00",
    "#32489c",
    "#8c5a2b",
    "#000000",
)
DASHES = ("0", "7,3", "2,3")


@dataclass(frozen=True, slots=True)
class Stated:
    """A figure as it was stated: by whom, of whose people, when."""

    effect: Effect
    side: str | None
    claimant: str | None
    low: int | None
    high: int | None
    bound: Bound
    at: datetime
    outlet: str = ""
    quote: str = ""

    @property
    def number(self) -> int | None:
        """The height of the step: the lower number of a range, the only one of a bound; None where the words are vague."""
        return self.low if self.low is not None else self.high


@dataclass(frozen=True, slots=True)
class Curve:
    """The figures of one claimant on one people, oldest first; a number said again is no step."""

    claimant: str | None
    side: str | None
    steps: tuple[Stated, ...]


def curves(stated: Iterable[Stated], effect: Effect) -> list[Curve]:
    """The curves of one effect, the one that reaches highest first."""
    parts: dict[tuple[str | None, str | None], list[Stated]] = defaultdict(list)
    for figure in sorted(stated, key=lambda one: (one.at, one.number or 0)):
        if figure.effect is not effect or figure.number is None:
            continue
        steps = parts[figure.claimant, figure.side]
        if not steps or steps[-1].number != figure.number:
            steps.append(figure)
    found = [Curve(claimant, side, tuple(steps)) for (claimant, side), steps in parts.items()]
    return sorted(found, key=lambda curve: (-max(step.number or 0 for step in curve.steps), curve.claimant or "", curve.side or ""))


def draw(title: str, drawn: Sequence[Curve], effect: Effect, *, wording: Wording) -> bytes:
    """The picture. It holds no script and loads nothing.

    Raises:
        ValueError: there is nothing to draw.
    """
    if not drawn:
        raise ValueError("there is no figure to draw")
    shown = drawn[:MOST_CURVES]
    end = max(step.at for curve in shown for step in curve.steps)
    begin = min(step.at for curve in shown for step in curve.steps)
    # A last stretch, so that the last step is seen as one.
    after = end + max((end - begin) / 12, (end - begin) or _HOUR)
    after = min(after, end + (end - begin) / 12 + _HOUR)
    chart = pygal.DateTimeLine(
        title=title[:110],
        y_title=wording.form.effects[effect],
        x_title="UTC",
        width=1100,
        height=620,
        x_label_rotation=25,
        x_value_formatter=lambda moment: f"{moment:%d %b %H:%M}",
        value_formatter=lambda number: f"{number:,.0f}",
        range=(0, max(step.number or 0 for curve in shown for step in curve.steps) * 1.05 or 1),
        truncate_legend=-1,
        legend_at_bottom=True,
        legend_at_bottom_columns=2,
        css=["file://style.css", "file://graph.css", "inline:.series .line { stroke-width: 2.5px !important }"],
        dots_size=3,
        style=_style(len(shown)),
        js=[],
        disable_xml_declaration=False,
    )
    for number, curve in enumerate(shown):
        name = f"{wording.side(curve.side)} — {wording.claimant(curve.claimant) or wording.form.unnamed}"
        # Two lines at one height are seen as two.
        chart.add(name, _points(curve, after, wording), stroke_style={"dasharray": DASHES[number % len(DASHES)]})
    chart.add_xml_filter(_without_scripts)
    picture: bytes = chart.render()
    return picture


def _without_scripts(root: Any) -> Any:
    """The picture with titles, which every viewer shows, in place of the library's own script."""
    for parent in list(root.iter()):
        for child in list(parent):
            if _tag(child) == "script":
                parent.remove(child)
        said = {child.get("class"): child for child in parent if _tag(child) == "desc"}
        if "value" in said:
            title = root.makeelement("title", {})
            title.text = " · ".join(str(said[name].text) for name in ("label", "x_label", "value") if name in said and said[name].text)
            for child in said.values():
                parent.remove(child)
            parent.insert(0, title)
    return root


def _tag(element: Any) -> str:
    """The name of an element; a comment has none."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _points(curve: Curve, after: datetime, wording: Wording) -> list[dict[str, Any]]:
    points: list[dict[str, Any]] = []
    height: int | None = None
    for step in curve.steps:
        at = step.at.astimezone(UTC)
        if height is not None:
            points.append({"value": (at, height), "node": {"r": 0}})
        height = step.number
        words = wording.figure(step.low, step.high, step.bound)
        points.append({"value": (at, height), "label": " · ".join(part for part in (words, step.outlet, step.quote[:160]) if part)})
    points.append({"value": (after.astimezone(UTC), height), "node": {"r": 0}})
    return points


def _style(count: int) -> Style:
    return Style(
        background="#ffffff",
        plot_background="#ffffff",
        foreground="#333333",
        foreground_strong="#111111",
        foreground_subtle="#888888",
        guide_stroke_color="#dddddd",
        major_guide_stroke_color="#bbbbbb",
        colors=COLOURS[:count],
        opacity="1",
        font_family="sans-serif",
        title_font_size=18,
        label_font_size=12,
        legend_font_size=13,
        transition="0s",
    )


_HOUR = datetime(2000, 1, 1, 1, tzinfo=UTC) - datetime(2000, 1, 1, tzinfo=UTC)
