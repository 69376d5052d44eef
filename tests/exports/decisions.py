"""docs/decisions.md, made from the rules of the decision, the policy, and the table of cases that the tests hold them to."""

from __future__ import annotations

import inspect
from pathlib import Path

from schemas.reading import CasualtyClaim, CeasefireStatement
from schemas.vocabulary import Group
from services.alerter.core import tolls
from services.alerter.core.policy import Policy, SeverityRule
from services.alerter.core.wording import Wording
from tests.exports import ROOT
from tests.unit.alerter.cases import TABLE, Row, Said

PAGE = ROOT / "docs" / "decisions.md"

OPENING = """\
# What a desk is told, and what not

Made from the code by `./run docs`; a test holds it current. The rules stand in `services/alerter/core/tolls.py` and `truces.py`, the
limits in `services/alerter/data/policy.yaml` (put your own in its place with `CAUCASUS_WATCH_POLICY_FILE`), and every case below is a test.

An article that is a copy, that has no date to be believed or one far ahead, that concerns another region, or that was decided
before, has no say. Of the rest each claim is judged by itself, in the order of the text, and seeing what those before it changed. Every
verdict has one of the reasons below; it stands in the table `decisions`, in the metric `caucasus_watch_alerter_verdicts_total` and in the log.

## The rules of figures

They are asked in this order, and the first that has a finding decides. People are compared as one where `ARM` and `NKR` are told.
"""

SEVERITIES = """\
## How loudly

The first rule that fits decides; a story that grows passes from one to the next. `own` is a claim of a body on its own people, `rival`
one of its adversary, `third` somebody else's, `outlet` nobody's but the outlet's.

| where | severity |
|---|---|
"""

CASES = """\
## The table of cases

Each article of *known* came an hour before the next. `AZE.MIL` is the body's own word, `NKR.MIL` its adversary's.
"""

_WORDS = Wording.packaged("en")


def exports() -> dict[Path, str]:
    """The page and the text that it must have."""
    policy = Policy.packaged()
    lines = [OPENING]
    lines += [f"{number}. **{name(rule)}** {first_line(rule)}" for number, rule in enumerate(tolls.RULES, start=1)]
    lines += ["", SEVERITIES.rstrip("\n")]
    lines += [f"| {condition(rule)} | {rule.severity} |" for rule in policy.severity]
    lines += ["", CASES]
    for title, rows in TABLE.items():
        lines += [f"### {title}", "", "| case | known | comes | outcome |", "|---|---|---|---|", *(cells(row) for row in rows), ""]
    return {PAGE: "\n".join(lines).rstrip() + "\n"}


def name(rule: object) -> str:
    """The rule's name, as words."""
    return f"{getattr(rule, '__name__', '')}.".replace("_", " ")


def first_line(rule: object) -> str:
    """What the rule says of itself, as one paragraph."""
    return " ".join((inspect.getdoc(rule) or "").split())


def condition(rule: SeverityRule) -> str:
    """Where a rule of severity fits."""
    parts = [
        f"{label} {' or '.join(f'`{value}`' for value in values)}"
        for label, values in (
            ("status", rule.status),
            ("reason", rule.reason),
            ("effect", rule.effect),
            ("claimed by", rule.claims),
            ("side", rule.side),
        )
        if values
    ]
    if rule.at_least:
        parts.append(f"at least {rule.at_least}")
    return ", ".join(parts) or "everything else"


def cells(row: Row) -> str:
    """A case as a line of the table."""
    marks = (
        (f"published {row.hours - len(row.known) + 1:+g} h from the last known" if row.hours is not None and row.known else "")
        or (f"decided {row.decided_after:g} h after it was published" if row.decided_after > 1 else "")
        or ("a copy" if row.copy else "")
    )
    comes = "; ".join(map(words, row.said)) or "nothing"
    known = " → ".join(map(words, row.known)) or "nothing"
    return (
        f"| {row.name} | {known} | {comes}{f' ({marks})' if marks else ''} | {', '.join(f'`{one}`' for one in row.outcome.split(', '))} |"
    )


def words(said: Said) -> str:
    """What is said, in few words."""
    sure = "" if said.confidence > 0.7 else ", less sure" if said.confidence > 0.5 else ", not sure"
    now = "" if said.current else ", of the past"
    if isinstance(said, CeasefireStatement):
        return f"truce {_WORDS.status(said.status)}{now}{sure}"
    assert isinstance(said, CasualtyClaim)
    number = "dozens" if said.bound == "vague" else _WORDS.figure(said.low, said.high, said.bound)
    kind = _WORDS.form.joint[said.effect] if said.joint else said.effect
    among = "of them " if said.subset else "more " if said.addition else ""
    group = "" if said.group in {Group.ALL, Group.MILITARY} else f"{said.group} "
    everyone = " in all" if said.group is Group.ALL and said.side == "AZE" else ""
    side = "" if said.side == "AZE" else f" of {said.side or 'no side'}"
    return f"{number} {among}{group}{kind}{side}{everyone} ({said.claimant or 'the outlet'}{now}{sure})"
