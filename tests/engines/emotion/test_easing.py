"""An emotion comes, changes and goes without a jump."""

from __future__ import annotations

from itertools import pairwise

import pytest

from engines.emotion.easing import MOST_PER_FRAME, EasedEmotion
from engines.emotion.shapes import NO_EXPRESSION, expression_of


@pytest.mark.parametrize("fps", [12, 25, 60])
def test_it_begins_as_the_portrait_and_jumps_nowhere(fps: int) -> None:
    eased = EasedEmotion({"happy": 1.0}, fps)
    shapes = [eased.step().shapes for _ in range(fps // 4)]
    eased.lead_to({"angry": 1.0})  # on the way
    shapes += [eased.step().shapes for _ in range(fps)]
    assert not any(shapes[0].values())
    assert shapes[-1] == expression_of({"angry": 1.0}).shapes
    for before, after in pairwise(shapes):
        names = {*before, *after}
        assert max(abs(after.get(n, 0.0) - before.get(n, 0.0)) for n in names) <= MOST_PER_FRAME


def test_it_has_come_after_half_a_second() -> None:
    eased = EasedEmotion({"sad": 0.5}, 25)
    shown = [eased.step() for _ in range(14)]
    assert shown[-1].shapes == expression_of({"sad": 0.5}).shapes
    assert eased.step() is shown[-1]


def test_neutral_is_nothing_at_all() -> None:
    eased = EasedEmotion({}, 25)
    assert eased.step() is NO_EXPRESSION
    eased.lead_to({"happy": 1.0})
    for _ in range(20):
        eased.step()
    eased.lead_to({})
    assert [eased.step() for _ in range(20)][-1] is NO_EXPRESSION
