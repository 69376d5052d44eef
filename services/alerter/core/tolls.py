"""Whether a casualty claim changes what a desk knows of a story.

RULES stand in the order in which they are asked; the first that has a finding decides. In short: a figure is new when its
people and effect have none yet, when it passes the highest one known, or when it differs from the last one of the same
claimant. The same number from somebody else, a share, a joint figure beside a single one, a figure of nought, a late
one: never by themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import combinations

from schemas.vocabulary import AlertReason, DecisionReason
from services.alerter.core.figures import Figure, comparable, corrects, falls_below, passes, same_number
from services.alerter.core.ledger import Ledger
from services.alerter.core.policy import Policy, people

WAR_FACTOR = 10
"""A toll this many times as high as any known one, which nobody vouches for, is of another time."""


SELDOM_TWICE = 10
"""From this number on two peoples of one story seldom have the very same toll: more often one of the two was misread."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of a claim or a statement: a reason, and where it alerts why, and against which figure.

    `figure` is given where another figure than the stated one is to be recorded and told: the total that an increment makes.
    """

    reason: DecisionReason
    alert: AlertReason | None = None
    against: Figure | None = None
    figure: Figure | None = None


class Case:
    """One figure, with all that the rules ask about it.

    `beside` are all current figures of its article, itself among them; `bases` the numbers that the article names as
    superseded for the same effect and people.
    """

    def __init__(self, figure: Figure, ledger: Ledger, beside: Sequence[Figure], bases: Sequence[int], policy: Policy) -> None:
        """Look up what the story knows of the same effect and people."""
        self.figure = figure
        self.ledger = ledger
        self.beside = tuple(other for other in beside if other is not figure and other.effect is figure.effect)
        self.bases = bases
        self.policy = policy
        self.known = ledger.of_people(figure.effect, figure.side, joint=figure.joint)
        totals = tuple(other for other in self.known if other.positive)
        # Where a share was told as the only figure, it stands for the total until there is one.
        self.totals = totals or ledger.shares_told(figure.effect, figure.side, joint=figure.joint)
        self.mates = tuple(other for other in self.beside if people(other.side) == people(figure.side))
        self.last = last_of(figure, self.known, policy)
        self.highest = max(self.totals, key=_height, default=None)
        self.minor = figure.group in policy.minor_groups
        self.holders = tuple(other for other in self.totals if same_number(figure, other, policy.rounding))

    @property
    def share(self) -> bool:
        """Whether it counts a part of a people beside a count of more of them in the same article."""
        return self.minor and any(
            mate.total and mate.top >= self.figure.top and mate.group not in self.policy.minor_groups for mate in self.mates
        )

    def claims(self, figure: Figure) -> str:
        """Who claims a figure: own, rival, third or outlet."""
        return self.policy.claims(figure.side, figure.claimant)

    def late(self, known: Sequence[Figure]) -> bool:
        """Whether it is older than what is known, by more than the different paces of polling explain."""
        return bool(known) and self.figure.stated_at < max(other.last_stated_at for other in known) - self.policy.lateness

    def same_voice(self, other: Figure) -> bool:
        """Whether the same claimant speaks, by body for official sectors."""
        return self.figure.claimant is not None and self.policy.voice(other.claimant) == self.policy.voice(self.figure.claimant)


def weigh(case: Case) -> Finding:
    """The finding on the case's figure."""
    return next(finding for rule in RULES if (finding := rule(case)) is not None)


def told_before(case: Case) -> Finding | None:
    """The desk was told this number by the same claimant, as a total or as a share."""
    figure = case.figure
    for other in case.ledger.figures:
        alike = other.told and (other.effect, other.joint, other.addition) == (figure.effect, figure.joint, figure.addition)
        same = people(other.side) == people(figure.side) and case.policy.voice(other.claimant) == case.policy.voice(figure.claimant)
        if alike and same and same_number(figure, other, case.policy.rounding):
            return Finding(DecisionReason.KNOWN_FIGURE, against=other)
    return None


def told_of_another_people(case: Case) -> Finding | None:
    """The desk was told this very number of another people, read more surely; it is told twice only where one article says both."""
    figure = case.figure
    if figure.side is None or figure.number is None or figure.number < SELDOM_TWICE or not figure.total:
        return None

    def twin(other: Figure) -> bool:
        return other.number == figure.number and other.side is not None and people(other.side) != people(figure.side)

    if any(twin(other) for other in case.beside):
        return None
    surer = (other for other in case.ledger.known(figure.effect, joint=figure.joint) if other.told and other.confidence > figure.confidence)
    against = next((other for other in surer if twin(other) and other.article_id != figure.article_id), None)
    return Finding(DecisionReason.KNOWN_FIGURE, against=against) if against else None


def a_share_of_a_total(case: Case) -> Finding | None:
    """Said as "four of them children": it is told with its total, and alone only where nothing else is known."""
    if not case.figure.subset:
        return None
    whole = any(other.total for other in case.beside) or any(other.positive for other in case.ledger.known(case.figure.effect))
    return Finding(DecisionReason.SUBTOTAL) if whole else None


def nobody(case: Case) -> Finding | None:
    """Said as "no casualties": it is kept, so that an admission later can be told from it."""
    if not case.figure.nil:
        return None
    if case.policy.send_nil and not case.known:
        return _alert(AlertReason.CONFIRMED_ZERO)
    return Finding(DecisionReason.NIL_FIGURE)


def no_number(case: Case) -> Finding | None:
    """Said as "dozens": it is told only where no figure is known at all."""
    if case.figure.number is not None:
        return None
    unknown = all(other.nil for other in (*case.known, *case.ledger.of_people(case.figure.effect, case.figure.side)))
    # "The enemy had heavy losses" is said every day; "we had" is not.
    believable = case.figure.side is not None and case.claims(case.figure) != "rival"
    if unknown and believable and case.figure.effect in case.policy.vague_first:
        return _alert(AlertReason.FIRST_FIGURE)
    return Finding(DecisionReason.VAGUE_FIGURE)


def of_a_war(case: Case) -> Finding | None:
    """Said as "the conflict has cost 30,000 lives": so many dead that nobody vouches for, and far above all that is known, are no news of today."""
    figure, limit = case.figure, case.policy.war_toll.get(case.figure.effect)
    if figure.claimant is not None or limit is None or figure.top < limit:
        return None
    near = any(other.top * WAR_FACTOR >= figure.top for other in case.ledger.known(figure.effect, joint=figure.joint))
    return None if near else Finding(DecisionReason.BACKGROUND)


def an_increment(case: Case) -> Finding | None:
    """Said as "four more": it is added only to a total that the same article names; else it is told as what it is, once."""
    figure, last = case.figure, case.last
    if not figure.addition:
        return None
    if any(mate.total and mate.top >= figure.top for mate in case.mates):
        return Finding(DecisionReason.SUBTOTAL)
    if last is not None and last.number in case.bases:
        return _summed(case, last)
    told = [
        other
        for other in case.ledger.figures
        if other.addition and other.heard and other.effect is figure.effect and people(other.side) == people(figure.side)
    ]
    # The total that it makes may be known as well: another article told of the same increment before.
    summed = any(base + (figure.number or 0) == other.number for base in case.bases for other in case.totals)
    if summed or any(same_number(figure, other, case.policy.rounding) for other in told):
        return Finding(DecisionReason.KNOWN_FIGURE)
    if case.late((*case.totals, *told)):
        return Finding(DecisionReason.LATE_ARTICLE)
    return _alert(AlertReason.RAISED if case.totals else AlertReason.FIRST_FIGURE, last or case.highest)


def late(case: Case) -> Finding | None:
    """What was published long before the newest figure is history."""
    return Finding(DecisionReason.LATE_ARTICLE) if case.late(case.known) else None


def nobodys_people(case: Case) -> Finding | None:
    """A sum over the sides, or the side was not told: news where it tops every side's, unless the article tells whose they are."""
    figure, policy = case.figure, case.policy
    if figure.side is not None:
        return None
    parts = [other for other in case.beside if other.side is not None and other.total]
    if any(same_number(figure, part, policy.rounding) for part in parts) or _sum_of_sides(figure, parts):
        return Finding(DecisionReason.KNOWN_FIGURE)
    totals = [other for other in case.ledger.known(figure.effect, joint=figure.joint) if other.positive]
    if not totals:
        return _alert(AlertReason.FIRST_FIGURE)
    if any(same_number(figure, other, policy.rounding) for other in totals):
        return Finding(DecisionReason.KNOWN_FIGURE)
    highest = max(totals, key=_height)
    # A claimant that raises one of its own figures raises that one, though this article does not say whose people they are.
    own = [other for other in totals if case.same_voice(other) and comparable(figure.group, other.group)]
    passed = [other for other in (highest, *sorted(own, key=_height, reverse=True)) if passes(figure, other, policy)]
    return _alert(AlertReason.RAISED, passed[0]) if passed else Finding(DecisionReason.BELOW_KNOWN, against=highest)


def two_effects_as_one(case: Case) -> Finding | None:
    """Said as "30 killed or wounded": it is compared with its like alone, and says nothing beside 30 known dead."""
    if not case.figure.joint:
        return None
    singles = case.ledger.of_people(case.figure.effect, case.figure.side)
    return next(
        (Finding(DecisionReason.BELOW_KNOWN, against=other) for other in singles if not passes(case.figure, other, case.policy)), None
    )


def told_without_its_side(case: Case) -> Finding | None:
    """The same claimant's same number was told before, and now it is said whose people they are."""
    before = (other for other in case.ledger.known(case.figure.effect, joint=case.figure.joint) if other.side is None)
    if any(case.same_voice(other) and same_number(case.figure, other, case.policy.rounding) for other in before):
        return Finding(DecisionReason.KNOWN_FIGURE)
    return None


def the_first(case: Case) -> Finding | None:
    """No figure above nought is known of this effect and people."""
    if case.totals:
        return None
    # What has stood at nought by the same claimant's word is an admission: the alert says so.
    return Finding(DecisionReason.SUBTOTAL) if case.share else _alert(AlertReason.FIRST_FIGURE, case.last)


def the_same_number(case: Case) -> Finding | None:
    """The number is known: no news, whoever repeats it, unless a body owns to what only its adversary had claimed."""
    if not case.holders:
        return None
    if (
        case.last is not None
        and case.claims(case.figure) == "own"
        and passes(case.figure, case.last, case.policy)
        and case.figure.stated_at >= case.last.stated_at
        and all(case.claims(holder) == "rival" for holder in case.holders)
    ):
        return _alert(AlertReason.RAISED, case.last)
    return Finding(DecisionReason.KNOWN_FIGURE, against=case.holders[0])


def above_all(case: Case) -> Finding | None:
    """It passes the highest figure known, whoever had given that."""
    highest, last = case.highest, case.last
    if highest is None or case.share or not passes(case.figure, highest, case.policy):
        return None
    # Only parties that face each other contradict; a hospital or the UN that counts more raises the toll.
    if {case.claims(case.figure), case.claims(highest)} != {"own", "rival"}:
        return _alert(AlertReason.RAISED, highest)
    if last is not None and last.positive:
        return _alert(AlertReason.RAISED, last)
    return _alert(AlertReason.DISPUTED, highest)


def a_part_of_the_people(case: Case) -> Finding | None:
    """Civilians or children beside a count of all or of the forces."""
    if case.minor and (case.share or any(other.group not in case.policy.minor_groups for other in case.totals)):
        return Finding(DecisionReason.SUBTOTAL, against=case.highest)
    return None


def the_same_claimant(case: Case) -> Finding | None:
    """It differs from the claimant's standing figure: up, or taken back; what it said before that is late."""
    last = case.last
    if last is None:
        return None
    if case.figure.stated_at < last.stated_at:
        return Finding(DecisionReason.LATE_ARTICLE, against=last)
    if passes(case.figure, last, case.policy):
        return _alert(AlertReason.RAISED, last)
    more_beside = any(mate.total and mate.top > case.figure.top and case.same_voice(mate) for mate in case.mates)
    if not more_beside and corrects(case.figure.group, last.group) and falls_below(case.figure, last, case.policy):
        return _alert(AlertReason.LOWERED, last)
    return None


def the_first_of_its_forces(case: Case) -> Finding | None:
    """An army's own first count where a kindred code has figures already, or a first one of forces where only civilians had."""
    if case.minor:
        return None
    major = [other for other in case.totals if other.group not in case.policy.minor_groups]
    side, claimant = case.figure.side, case.figure.claimant
    own = claimant is not None and claimant.partition(".")[0] == side
    if not major or (own and all(other.side != side for other in major)):
        return _alert(AlertReason.FIRST_FIGURE)
    return None


def below(case: Case) -> Finding | None:
    """Another's lower figure: kept, and told only where the policy asks."""
    if case.policy.send_rival_below and case.last is None and case.figure.claimant is not None:
        return _alert(AlertReason.DISPUTED, case.highest)
    return Finding(DecisionReason.BELOW_KNOWN, against=case.last or case.highest)


RULES: tuple[Callable[[Case], Finding | None], ...] = (
    told_before,
    told_of_another_people,
    a_share_of_a_total,
    nobody,
    no_number,
    of_a_war,
    an_increment,
    late,
    nobodys_people,
    two_effects_as_one,
    told_without_its_side,
    the_first,
    the_same_number,
    above_all,
    a_part_of_the_people,
    the_same_claimant,
    the_first_of_its_forces,
    below,
)


def last_of(figure: Figure, known: Sequence[Figure], policy: Policy) -> Figure | None:
    """The claimant's standing figure in a comparable group: of the very same sector, else of another official one of its body.

    A figure of nought counts only where the claimant has given no other: "no losses tonight" takes no toll back. Nor
    does a night's count far below the toll.
    """
    if figure.claimant is None:
        return None
    voice = policy.voice(figure.claimant)
    spoken = [
        other
        for other in known
        if other.number is not None and comparable(figure.group, other.group) and policy.voice(other.claimant) == voice
    ]
    exact = [other for other in spoken if other.claimant == figure.claimant]
    candidates = [other for other in exact if other.positive] or [other for other in spoken if other.positive] or exact or spoken
    return _standing(candidates, policy) if candidates else None


def _standing(figures: Sequence[Figure], policy: Policy) -> Figure:
    """What stands after these statements: each later one that raises or takes back the standing figure replaces it."""
    standing, *later = sorted(figures, key=lambda other: (other.stated_at, other.top, other.article_id))
    for other in later:
        if passes(other, standing, policy) or (corrects(other.group, standing.group) and falls_below(other, standing, policy)):
            standing = other
    return standing


def _summed(case: Case, last: Figure) -> Finding:
    """The increment added to the total that its article names."""
    number = (last.number or 0) + (case.figure.number or 0)
    total = replace(case.figure, low=number, high=number if case.figure.high is not None else None, addition=False)
    if any(same_number(total, other, case.policy.rounding) for other in case.totals):
        return Finding(DecisionReason.KNOWN_FIGURE, figure=total)
    if case.late(case.known):
        return Finding(DecisionReason.LATE_ARTICLE, figure=total)
    return Finding(DecisionReason.ALERTED, alert=AlertReason.RAISED, against=last, figure=total)


def _sum_of_sides(figure: Figure, parts: Sequence[Figure]) -> bool:
    return any(one.top + other.top == figure.number for one, other in combinations(parts, 2) if people(one.side) != people(other.side))


def _height(figure: Figure) -> tuple[int, datetime, str]:
    return (figure.top, figure.stated_at, figure.article_id)


def _alert(reason: AlertReason, against: Figure | None = None) -> Finding:
    return Finding(DecisionReason.ALERTED, alert=reason, against=against)
