"""The options and the presets that ship."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from engines.joyvasa.motion.edits import MotionEdits
from engines.joyvasa.options import JoyVasaOptions
from studio.options import options_of_model

FOLDER = Path(__file__).parents[3] / "presets" / "joyvasa"
NAMES = {"balanced", "expressive", "subtle", "animal", "fast", "reference"}


def options_in(name: str) -> dict[str, Any]:
    document = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    assert document.keys() == {"description", "options"}
    assert document["description"].endswith(".")
    return document["options"]


def test_the_presets_are_the_documented_ones() -> None:
    assert {path.stem for path in FOLDER.glob("*.yaml")} == NAMES


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_preset_fits_the_model_and_says_nothing_that_is_the_default(name: str) -> None:
    values = options_in(name)
    options = JoyVasaOptions(**values)
    plain = JoyVasaOptions()
    assert [key for key in values if getattr(options, key) == getattr(plain, key)] == []


def test_the_presets_differ() -> None:
    assert len({JoyVasaOptions(**options_in(name)) for name in NAMES}) == len(NAMES)


def test_the_originals_faults_are_on_in_the_reference_alone() -> None:
    faults = ("is_smooth_motion", "original_timing", "original_noise", "original_retargeting")
    for name in NAMES:
        options = JoyVasaOptions(**options_in(name))
        assert {getattr(options, fault) for fault in faults} == {name == "reference"}


@pytest.mark.parametrize("option", options_of_model(JoyVasaOptions), ids=lambda option: option.name)
def test_every_option_is_explained_and_kept_in_its_range(option: Any) -> None:
    assert option.help.endswith(".")
    assert option.kind != "text" or option.suggestions or option.written
    if option.kind in ("number", "integer"):
        assert option.minimum <= option.default <= option.maximum
        assert option.step
        for wrong in (option.minimum - 1, option.maximum + 1):
            with pytest.raises(ValidationError):
                JoyVasaOptions(**{option.name: wrong})


def test_every_slider_of_the_motion_has_an_option_of_its_name() -> None:
    assert set(MotionEdits.__dataclass_fields__) <= set(JoyVasaOptions.model_fields)
