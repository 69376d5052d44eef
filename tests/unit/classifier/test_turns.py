from __future__ import annotations

import pytest

from services.classifier.core.forms import Pattern
from services.classifier.core.turns import compiled
from tests.unit.classifier.reader import claims_in


def test_an_editor_s_pattern_claims_what_no_frame_knows() -> None:
    [claim] = claims_in("Surgeons in Baku are fighting for the lives of five boys.")
    assert (claim.effect.value, claim.low, claim.rule) == ("wounded", 5, "pattern:fighting-for-lives")


def test_a_pattern_stands_before_the_frames() -> None:
    [claim] = claims_in("The commander boasted of sending five soldiers to their deaths.")
    assert claim.rule == "pattern:sent-to-his-death"


def test_a_neighbour_of_the_pattern_claims_nothing() -> None:
    assert claims_in("The commander boasted of sending five soldiers to their barracks.") == ()


def test_a_pattern_without_a_number_or_an_effect_is_refused() -> None:
    with pytest.raises(ValueError, match="needs an effect and one N"):
        compiled(Pattern(name="empty", match="words alone"))
