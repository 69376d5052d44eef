"""The table of cases: something is known, an article comes, and it is news or not, and why. docs/decisions.md is made from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from schemas.reading import CasualtyClaim, CeasefireStatement
from schemas.vocabulary import Bound
from tests.builders import a_claim, a_truce
from tests.unit.alerter.stories import Story, reasons, verdicts

Said = CasualtyClaim | CeasefireStatement

OWN, RIVAL, OUTLET = "AZE.MIL", "NKR.MIL", None


def of(
    low: int | None,
    claimant: str | None = OWN,
    *,
    bound: Bound = Bound.EXACT,
    high: int | None = None,
    side: str | None = "AZE",
    group: str = "military",
    effect: str = "killed",
    subset: bool = False,
    joint: bool = False,
    addition: bool = False,
    current: bool = True,
) -> CasualtyClaim:
    return a_claim(
        low,
        claimant=claimant,
        bound=bound,
        high=high,
        side=side,
        group=group,
        effect=effect,
        subset=subset,
        joint=joint,
        addition=addition,
        current=current,
    )


def at_least(low: int, claimant: str | None = OWN) -> CasualtyClaim:
    return of(low, claimant, bound=Bound.AT_LEAST)


def up_to(high: int, claimant: str | None = OWN) -> CasualtyClaim:
    return of(None, claimant, high=high, bound=Bound.UP_TO)


def about(low: int, high: int | None = None, claimant: str | None = OWN) -> CasualtyClaim:
    return of(low, claimant, high=high, bound=Bound.ABOUT)


def vague(claimant: str | None = OWN, effect: str = "killed", *, joint: bool = False) -> CasualtyClaim:
    return of(None, claimant, bound=Bound.VAGUE, effect=effect, joint=joint)


def unsure(claim: CasualtyClaim) -> CasualtyClaim:
    return claim.model_copy(update={"confidence": 0.2})


def less_sure(claim: CasualtyClaim) -> CasualtyClaim:
    return claim.model_copy(update={"confidence": 0.6})


@dataclass(frozen=True)
class Row:
    """One case. Each of `known` is an article of its own, an hour after the one before; `comes` is what the last one says."""

    name: str
    known: tuple[Said, ...]
    comes: Said | tuple[Said, ...]
    outcome: str
    """The reasons of the alerts, or of there being none, with commas between."""
    hours: float | None = None
    """When the last article was published, hours after the first; an hour after the last known one where not given."""
    decided_after: float = 0.1
    """Hours from its publication to the decision."""
    copy: bool = False

    @property
    def said(self) -> tuple[Said, ...]:
        """What the last article says."""
        return self.comes if isinstance(self.comes, tuple) else (self.comes,)

    def told(self) -> tuple[Story, str]:
        """The story after the last article, and the outcome."""
        story = Story()
        for one in self.known:
            story.tells(one)
        decision = story.tells(
            *self.said, hours=self.hours, decided_after=timedelta(hours=self.decided_after), copy_of="another" if self.copy else None
        )
        return story, ", ".join(reasons(decision) or [str(one) for one in verdicts(decision)] or [decision.reason])


TABLE: dict[str, tuple[Row, ...]] = {
    "The first figure of an effect and a people": (
        Row("the first figure", (), of(5), "first_figure"),
        Row("the first wounded after the dead", (of(5),), of(9, effect="wounded"), "first_figure"),
        Row("the first of another side", (of(5),), of(2, RIVAL, side="NKR"), "first_figure"),
        Row("the first after no losses", (of(0),), of(4), "first_figure"),
        Row("the first number after dozens", (vague(),), of(24), "first_figure"),
    ),
    "The same number is no news, whoever repeats it and however hedged": (
        Row("25 after at least 25", (at_least(25),), of(25), "known_figure"),
        Row("at least 25 after 25", (of(25),), at_least(25), "known_figure"),
        Row("more than 25 after 25", (of(25),), of(25, bound=Bound.MORE_THAN), "known_figure"),
        Row("about 25 after 25", (of(25),), about(25), "known_figure"),
        Row("25 from another claimant", (of(25),), of(25, RIVAL), "known_figure"),
        Row("25 from the outlet", (of(25),), of(25, OUTLET), "known_figure"),
        Row("25 of all after 25 soldiers", (of(25),), of(25, group="all"), "known_figure"),
        Row("35 after 30 to 40", (about(30, 40),), of(35), "known_figure"),
        Row("203 after about 200", (about(200),), of(203), "known_figure"),
        Row("a number the claimant has left behind", (of(25), of(30)), of(25), "known_figure"),
        Row("more than 25 after at least 25", (at_least(25),), of(25, bound=Bound.MORE_THAN), "known_figure"),
        Row("at least 20 after at least 25", (at_least(25),), at_least(20), "below_known"),
        Row("30 of 30 to 40", (about(30, 40),), of(30), "known_figure"),
        Row("the same number of a share told alone", (of(4, group="children", subset=True),), of(4, group="children"), "known_figure"),
    ),
    "More than anybody knew": (
        Row("26 after at least 25", (at_least(25),), of(26), "raised"),
        Row("the same claimant raises", (of(25),), of(34), "raised"),
        Row("at least 34 after 25", (of(25),), at_least(34), "raised"),
        Row("the outlet says more", (of(25),), of(34, OUTLET), "raised"),
        Row("a third party says more", (of(25),), of(34, "UNO"), "raised"),
        Row("41 after 30 to 40", (about(30, 40),), of(41), "raised"),
        Row("30 to 40 after 28", (of(28),), about(30, 40), "raised"),
        Row("206 after about 200", (about(200),), of(206), "raised"),
        Row("the adversary raises its claim", (of(12), of(200, RIVAL)), of(300, RIVAL), "raised"),
        Row("the body raises its own below the adversary's", (of(12), of(200, RIVAL)), of(15), "raised"),
        Row("the body owns to the adversary's number", (of(12), of(20, RIVAL)), of(20), "raised"),
        Row("losses admitted after a denial", (of(0), of(100, RIVAL)), of(4), "raised"),
        Row("at least 30 after at least 25", (at_least(25),), at_least(30), "raised"),
        Row("more than 120 after 100 of another claimant", (of(100),), of(120, "UNO", bound=Bound.MORE_THAN), "raised"),
        Row("the wounded do not raise the dead", (of(25),), of(80, effect="wounded"), "first_figure"),
        Row("the dead of another side do not raise these", (of(25),), of(30, RIVAL, side="NKR"), "first_figure"),
        Row("the body catches up with an outlet's figure", (of(12), of(20, OUTLET)), of(20), "known_figure"),
    ),
    "Ceilings": (
        Row("up to 80 after 75", (of(75),), up_to(80), "below_known"),
        Row("up to 38 after 30", (of(30),), up_to(38), "raised"),
        Row("up to 20 is the first", (), up_to(20), "first_figure"),
        Row("15 after up to 20, the same claimant", (up_to(20),), of(15), "lowered"),
        Row("25 after up to 20", (up_to(20),), of(25), "raised"),
        Row("up to 80 after 75 from another", (of(75),), up_to(80, RIVAL), "below_known"),
        Row("up to 20 after 25", (of(25),), up_to(20), "lowered"),
    ),
    "Less than was known": (
        Row("the same claimant corrects", (of(8),), of(7), "lowered"),
        Row("missing men are found", (of(6, effect="missing"),), of(2, effect="missing"), "lowered"),
        Row("at least 20 takes nothing back from 25", (of(25),), at_least(20), "below_known"),
        Row("another claimant knows of fewer", (of(25),), of(20, RIVAL), "below_known"),
        Row("the outlet knows of fewer", (of(25),), of(20, OUTLET), "below_known"),
        Row("one night's count is no correction", (of(25),), of(2), "below_known"),
        Row("no losses tonight take no toll back", (of(25),), of(0), "nil_figure"),
        Row("a surgeon's count is not the ministry's", (of(17, "AZE.CVL", effect="wounded"),), of(7, effect="wounded"), "below_known"),
        Row("five soldiers do not lower twelve in all", (of(12, group="all"),), of(11), "below_known"),
        Row("eleven in all lower twelve soldiers", (of(12),), of(11, group="all"), "lowered"),
        Row("30 killed after 25, then 28 again from the same claimant", (of(25), of(30)), of(28), "lowered"),
        Row("the adversary takes its own claim back", (of(12), of(200, RIVAL)), of(150, RIVAL), "lowered"),
        Row("a correction said again", (of(8), of(7)), of(7, OUTLET), "known_figure"),
    ),
    "Vague words": (
        Row("dozens are the first known", (), vague(), "first_figure"),
        Row("an adversary's dozens are no news", (), vague(RIVAL), "vague_figure"),
        Row("dozens after 40", (of(40),), vague(), "vague_figure"),
        Row("dozens after dozens", (vague(),), vague(RIVAL), "vague_figure"),
        Row("dozens killed or hurt after 40 dead", (of(40),), vague(joint=True), "vague_figure"),
        Row("several wounded are no news", (), vague(effect="wounded"), "vague_figure"),
    ),
    "Shares, parts of a people, increments": (
        Row("two children among them", (of(12),), of(2, group="children", subset=True), "subtotal"),
        Row("a share alone, nothing else known", (), of(2, group="civilian", subset=True), "first_figure"),
        Row("a sub-total never lowers", (of(12),), of(11, subset=True), "subtotal"),
        Row("civilians beside soldiers", (of(12),), of(2, group="civilian"), "subtotal"),
        Row("civilians beside fewer soldiers", (of(2),), of(12, group="civilian"), "raised"),
        Row("civilians after civilians", (of(2, group="civilian"),), of(5, group="civilian"), "raised"),
        Row("the first soldiers after civilians", (of(5, group="civilian"),), of(3), "first_figure"),
        Row("policemen and soldiers stand in one row", (of(3, group="police"),), of(4), "raised"),
        Row("four more, no total named", (of(8),), of(4, addition=True), "raised"),
        Row("four more, told again", (of(8), of(4, addition=True)), of(4, RIVAL, addition=True), "known_figure"),
        Row("four more, nothing known", (), of(4, addition=True), "first_figure"),
        Row("its share rises", (of(12), of(2, group="children", subset=True)), of(3, group="children", subset=True), "subtotal"),
        Row("54 more beside the total of 158 that they make", (of(104),), (of(54, addition=True), of(158)), "raised"),
        Row(
            "four more, and the total they are added to is named",
            (of(8),),
            (of(8, current=False), of(4, addition=True)),
            "raised",
        ),
        Row("women and children do not lower the people's count", (of(30, group="all"),), of(11, group="women"), "subtotal"),
    ),
    "Two effects told as one are compared with their like alone": (
        Row("70 killed or wounded after 20 dead", (of(20),), of(70, joint=True), "first_figure"),
        Row("30 dead after 70 killed or wounded", (of(20), of(70, joint=True)), of(30), "raised"),
        Row("70 killed or wounded again", (of(20), of(70, joint=True)), of(70, RIVAL, joint=True), "known_figure"),
        Row("15 killed or wounded after 20 dead", (of(20),), of(15, joint=True), "below_known"),
        Row("80 killed or wounded after 70", (of(20), of(70, joint=True)), of(80, joint=True), "raised"),
        Row("60 killed or wounded take no 70 dead back", (of(70),), of(60, joint=True), "below_known"),
        Row("single wounded beside killed or wounded", (of(70, joint=True),), of(30, effect="wounded"), "first_figure"),
    ),
    "The people of Karabakh are told as Armenians by some": (
        Row("the same dead by the other name", (of(20, "AZE.MIL", side="ARM"),), of(20, "UNO", side="NKR"), "known_figure"),
        Row("more dead by the other name", (of(2, RIVAL, side="NKR"),), of(5, "ARM.MIL", side="ARM"), "raised"),
        Row("fewer by the other name", (of(20, "AZE.MIL", side="ARM"),), of(3, "UNO", side="NKR"), "below_known"),
        Row("an army's own first count", (of(100, "AZE.MIL", side="ARM"),), of(20, RIVAL, side="NKR"), "first_figure"),
        Row("fewer dead by the other name", (of(20, RIVAL, side="NKR"),), of(15, OUTLET, side="ARM"), "below_known"),
        Row("both names in one article are one people", (), (of(20, RIVAL, side="NKR"), of(20, "ARM.MIL", side="ARM")), "first_figure"),
        Row("its adversary's claim by the other name", (of(20, RIVAL, side="NKR"),), of(300, "AZE.MIL", side="ARM"), "disputed"),
    ),
    "Nobody's people in particular: sums over the sides, or the side was not told": (
        Row("a sum, nothing else known", (), of(5, OUTLET, side=None), "first_figure"),
        Row("a sum below one side's count", (of(20),), of(15, OUTLET, side=None), "below_known"),
        Row("a sum above every side's", (of(60),), of(100, OUTLET, side=None), "raised"),
        Row("its own figure raised without its side", (of(12), of(100, RIVAL)), of(13, side=None), "raised"),
        Row("a known number without its side", (of(12),), of(12, side=None), "known_figure"),
        Row("the side told later by the same claimant", (of(12, side=None),), of(12), "known_figure"),
        Row("the side told later by another", (of(12, OUTLET, side=None),), of(12), "first_figure"),
    ),
    "The same high number of two peoples": (
        Row("of another people, less surely", (of(25),), less_sure(of(25, side="NKR")), "known_figure"),
        Row("of another people, as surely", (of(25),), of(25, side="NKR"), "first_figure"),
        Row("of another people, more surely", (less_sure(of(25)),), of(25, side="NKR"), "first_figure"),
        Row("both told in one article", (of(25),), (of(25), less_sure(of(25, side="NKR"))), "first_figure"),
        Row("a low number is often the same by chance", (of(2),), less_sure(of(2, side="NKR")), "first_figure"),
        Row("another number of another people, less surely", (of(25),), less_sure(of(26, side="NKR")), "first_figure"),
        Row("another effect, less surely", (of(25),), less_sure(of(25, side="NKR", effect="wounded")), "first_figure"),
    ),
    "Other times": (
        Row("an older war", (), of(6500, current=False), "background"),
        Row("an older war that is told as if of today", (of(12),), of(30_000, OUTLET, side=None), "background"),
        Row("a great toll that a body vouches for", (of(12),), of(3_000, "UNO", side=None), "raised"),
        Row("a great toll near what is known", (of(800),), of(1_200, OUTLET), "raised"),
    ),
    "Contradiction": (
        Row("the adversary says more", (of(12),), of(200, RIVAL), "disputed"),
        Row("the body says less than its adversary, as its first word", (of(200, RIVAL),), of(12), "below_known"),
        Row("the body says more than its adversary", (of(12, RIVAL),), of(20), "disputed"),
        Row("the adversary repeats what is disputed", (of(12), of(200, RIVAL)), of(200, RIVAL), "known_figure"),
        Row("a third party takes the adversary's side", (of(12), of(200, RIVAL)), of(200, "UNO"), "known_figure"),
    ),
    "Nobody was": (
        Row("no losses, nothing known", (), of(0), "nil_figure"),
        Row("no losses, after an adversary's claim", (of(100, RIVAL),), of(0), "nil_figure"),
        Row("no civilians hurt, after soldiers", (of(5),), of(0, group="civilian"), "nil_figure"),
    ),
    "What has no say": (
        Row("a copy", (of(12),), of(25), "copy", copy=True),
        Row("a reading that is not sure", (of(12),), unsure(of(25)), "low_confidence"),
        Row("an older war beside today's figure", (), (of(6500, current=False), of(5)), "first_figure"),
        Row("the figure before, named as such", (of(25),), (of(25, current=False), of(34)), "raised"),
        Row("an article that claims nothing", (of(12),), (), "nothing_claimed"),
    ),
    "Late and old articles": (
        Row("published long before what is known", (of(12), of(25)), of(30, "UNO"), "late_article", hours=-4),
        Row("another outlet polled a little later", (of(12), of(25)), of(30, "UNO"), "raised", hours=-1),
        Row("the claimant's own earlier word", (of(12), of(25)), of(24), "late_article", hours=0.5),
        Row("outside the alert window", (), of(30), "outside_window", decided_after=72),
        Row("outside the window, though much is known", (of(12),), of(30), "outside_window", decided_after=72),
    ),
    "A truce": (
        Row("agreed", (), a_truce("agreed"), "ceasefire_agreed"),
        Row("agreed, said again", (a_truce("agreed"),), a_truce("agreed"), "known_status"),
        Row("in force, after its agreement", (a_truce("agreed"),), a_truce("in_force"), "known_status"),
        Row("in force, nothing known", (), a_truce("in_force"), "ceasefire_in_force"),
        Row("violated", (a_truce("agreed"),), a_truce("violated"), "ceasefire_violated"),
        Row("violated again", (a_truce("agreed"), a_truce("violated")), a_truce("violated"), "known_status"),
        Row("in force again after a breach", (a_truce("violated"),), a_truce("in_force"), "ceasefire_in_force"),
        Row("collapsed after a breach", (a_truce("agreed"), a_truce("violated")), a_truce("collapsed"), "ceasefire_collapsed"),
        Row("a breach of what has collapsed", (a_truce("collapsed"),), a_truce("violated"), "known_status"),
        Row("agreed anew after its end", (a_truce("agreed"), a_truce("collapsed")), a_truce("agreed"), "ceasefire_agreed"),
        Row("rejected", (), a_truce("rejected"), "ceasefire_rejected"),
        Row("agreed after a rejection", (a_truce("rejected"),), a_truce("agreed"), "ceasefire_agreed"),
        Row("proposed", (), a_truce("proposed"), "minor_status"),
        Row("called for", (), a_truce("called_for"), "minor_status"),
        Row("denied", (a_truce("violated"),), a_truce("denied"), "minor_status"),
        Row("the truce of another year", (), a_truce("agreed", current=False), "background"),
        Row("a truce that is not surely read", (), a_truce("agreed", confidence=0.2), "low_confidence"),
        Row("a breach published before the agreement", (a_truce("agreed"),), a_truce("violated"), "late_article", hours=-1),
        Row("agreed and a figure in one article", (), (of(5), a_truce("agreed")), "first_figure, ceasefire_agreed"),
    ),
}
