"""The drawings of presets, also for engines whose options have other meanings."""

from __future__ import annotations

from typing import Literal

import pytest

from engines.base import EngineOptions
from studio.presets import Preset
from ui.components.preset_pictures import picture, preset_pictures


class ForeignOptions(EngineOptions):
    """Options of the usual names, as an engine of another package may have them."""

    expression: Literal["calm", "lively"] = "calm"
    head_motion: float | None = None
    mouth_opening: bool = False
    inference_steps: Literal["few", "many"] = "few"


class UsualOptions(EngineOptions):
    head_motion: float = 1.0


def preset(options: EngineOptions) -> Preset:
    return Preset("foreign", "usual", "", {}, options)


@pytest.mark.parametrize("change", [{}, {"expression": "lively"}, {"inference_steps": "many"}])
def test_an_option_that_is_no_number_is_drawn_as_usual(change: dict[str, str]) -> None:
    foreign, usual = preset(ForeignOptions.model_validate(change)), preset(UsualOptions())
    assert picture(foreign, 0) == picture(usual, 0) != picture(preset(UsualOptions(head_motion=0)), 0)
    assert preset_pictures([foreign], "#foreign-preset").count("label:nth-of-type") == 2
