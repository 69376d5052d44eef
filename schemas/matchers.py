"""Matchers over the labels of an alert, in Alertmanager's grammar: `severity="critical"`, `side!~"ARM|NKR"`.

Routes and silences are written with them. A label that an alert does not have is the empty text, as in Alertmanager;
an expression must fit the whole value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Literal

from schemas.alert_raised import AlertRaised

Operator = Literal["=", "!=", "=~", "!~"]

LABELS: Mapping[str, str] = {
    "kind": "casualty or ceasefire; watch for what the service says of itself",
    "reason": "why a desk must know: first_figure, raised, lowered, disputed, ceasefire_agreed, ...",
    "severity": "info, notice, warning or critical",
    "effect": "killed, wounded, missing, captured or displaced; empty for a truce",
    "side": "whose people, by body code: ARM, AZE, NKR, ...; empty where nothing says so",
    "group": "who among them: military, civilian, ..., all; empty for a truce",
    "bound": "how the words limit the figure: exact, at_least, ...; empty for a truce",
    "number": "the highest number that the words name; empty where they name none",
    "claimant": "who vouches for it, body and sector: AZE.MIL; empty where the outlet says it itself",
    "body": "the claimant's body alone: AZE",
    "status": "what is said of the truce: agreed, in_force, ...; empty for a figure",
    "outlet": "name of the outlet that published it",
    "story": "id of the story",
    "alert": "id of the alert",
    "watch": "rule of a watch on the service itself; empty for news",
}
"""The labels that alerts have, and what each holds."""

LONGEST_VALUE = 100
"""Characters of a value that expressions look at."""
_LONGEST = 500
_LONGEST_EXPRESSION = 200
_REPETITIONS = 4
_HEAD = re.compile(r"""\s*(?P<name>"(?:[^"\\]|\\.)*"|[^\s"{}!=~,]+)\s*(?P<op>=~|!~|!=|=)\s*""")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_BARE = re.compile(r"""[^\s"'`{}!=~,\\]+""")
_ESCAPES = {"n": "\n", '"': '"', "\\": "\\"}
_REPEAT = re.compile(r"(?<!\\)[*+{]")
_REPEATED_GROUP = re.compile(r"(?<!\\)\)[*+{]")


class MatcherFault(ValueError):  # noqa: N818 - it is what the person reads
    """A text is no matcher; the message says what is wrong and how it is written."""


@dataclass(frozen=True, slots=True)
class Matcher:
    """One condition on one label."""

    name: str
    op: Operator
    value: str
    _expression: re.Pattern[str] | None = field(default=None, compare=False, repr=False)

    @classmethod
    def of(cls, text: str) -> Matcher:
        """The one matcher in the text.

        Raises:
            MatcherFault: it holds none, or several.
        """
        found = _parsed(text)
        if len(found) != 1:
            raise MatcherFault(f'{text!r} holds {len(found)} matchers where one is wanted; write it as severity="critical"')
        return found[0]

    def fits(self, labels: Mapping[str, str]) -> bool:
        """Whether the labels meet it."""
        value = labels.get(self.name, "")
        if self._expression is None:
            return (value == self.value) is (self.op == "=")
        return (self._expression.fullmatch(value[:LONGEST_VALUE]) is not None) is (self.op == "=~")

    def __str__(self) -> str:
        quoted = self.value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f'{self.name}{self.op}"{quoted}"'


def matchers_of(text: str | Iterable[str]) -> tuple[Matcher, ...]:
    """The matchers in a text (`{a="b", c=~"d.*"}`, braces or none) or in each of several.

    Raises:
        MatcherFault: one of them is none; also where a label is unknown or an expression wrong.
    """
    texts = [text] if isinstance(text, str) else list(text)
    return tuple(matcher for one in texts for matcher in _parsed(one))


def matches(matchers: Iterable[Matcher], labels: Mapping[str, str]) -> bool:
    """Whether the labels meet every one; of none, always."""
    return all(matcher.fits(labels) for matcher in matchers)


def labels_of(alert: AlertRaised) -> Mapping[str, str]:
    """The labels of an alert, every name of `LABELS` among them; empty texts for what it does not have."""
    numbers = [number for number in (alert.low, alert.high) if number is not None]
    return {
        "kind": alert.kind,
        "reason": alert.reason,
        "severity": alert.severity,
        "effect": alert.effect or "",
        "side": alert.side or "",
        "group": alert.group or "",
        "bound": alert.bound or "",
        "number": str(max(numbers)) if numbers else "",
        "claimant": alert.claimant or "",
        "body": (alert.claimant or "").partition(".")[0],
        "status": alert.status or "",
        "outlet": alert.outlet,
        "story": alert.story_id,
        "alert": alert.alert_id,
        "watch": alert.watch or "",
    }


def _parsed(text: str) -> list[Matcher]:
    if len(text) > _LONGEST:
        raise MatcherFault(f"a text of {len(text)} characters is too long for matchers; the limit is {_LONGEST}")
    inner = text.strip()
    if inner.startswith("{") != inner.endswith("}"):
        raise MatcherFault(f'{text!r} has one brace of two; write {{a="b", c="d"}}, or neither of them')
    if inner.startswith("{"):
        inner = inner[1:-1]
    found: list[Matcher] = []
    at = 0
    while inner[at:].strip():
        matcher, at = _one(inner, at)
        found.append(matcher)
        rest = inner[at:].lstrip()
        if not rest:
            break
        if not rest.startswith(","):
            raise MatcherFault(f"{rest[:40]!r} follows {matcher}: put a comma between two matchers")
        at = len(inner) - len(rest) + 1
    return found


def _one(text: str, at: int) -> tuple[Matcher, int]:
    head = _HEAD.match(text, at)
    if head is None:
        raise MatcherFault(f'{text[at:].strip()[:60]!r} is no matcher; write a label, one of = != =~ !~, and a value: severity="critical"')
    name = _unescaped(head["name"][1:-1]) if head["name"].startswith('"') else head["name"]
    if name not in LABELS:
        near = get_close_matches(name, LABELS, n=1)
        hint = f"; did you mean {near[0]}?" if near else f"; there are {', '.join(LABELS)}"
        raise MatcherFault(f"alerts have no label {name!r}{hint}")
    at = head.end()
    if quoted := _QUOTED.match(text, at):
        value, at = _unescaped(quoted[1]), quoted.end()
    elif bare := _BARE.match(text, at):
        value, at = bare[0], bare.end()
    elif at >= len(text) or text[at] == ",":
        value = ""
    else:
        raise MatcherFault(f"the value of {name} begins with {text[at : at + 20]!r}; put it in double quotes")
    op: Operator = head["op"]  # type: ignore[assignment]  # The expression allows these four only.
    return Matcher(name, op, value, _expression(value) if op in {"=~", "!~"} else None), at


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[0]), text)


def _expression(text: str) -> re.Pattern[str]:
    """The expression; those whose search could take for ever are refused: repeated groups, and many repetitions."""
    if len(text) > _LONGEST_EXPRESSION:
        raise MatcherFault(f"an expression of {len(text)} characters is too long; the limit is {_LONGEST_EXPRESSION}")
    if _REPEATED_GROUP.search(text) or len(_REPEAT.findall(text)) > _REPETITIONS:
        raise MatcherFault(f"the expression {text!r} repeats too much: at most {_REPETITIONS} of * + {{}}, and none behind a group")
    if re.search(r"\\[1-9]|\(\?[^:]", text):
        raise MatcherFault(f"the expression {text!r} looks back or around; use | . * + ? [] and plain groups")
    try:
        return re.compile(text)
    except re.error as fault:
        raise MatcherFault(f"{text!r} is no expression: {fault}") from fault
