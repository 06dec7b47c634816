"""The options and the presets that ship."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from engines.base import Engine
from engines.joyhallo.options import JoyHalloOptions
from media.errors import OptionError
from studio.options import make_options, options_of_model
from tests.fake_engine import registered, spec_for

FOLDER = Path(__file__).parents[3] / "presets" / "joyhallo"
STEPS = {"paper": 40, "balanced": 20, "fast": 15, "draft": 8}
EXACT = {"scheduler": "ddim", "guidance_share": 1.0, "cache_interval": 1, "reuse_motion": False}
"""Where everything that changes the result to save time is off."""


def options_in(name: str) -> dict[str, Any]:
    document = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    assert document.keys() == {"description", "options"}
    assert document["description"].endswith(".")
    return document["options"]


def test_the_presets_are_the_documented_ones() -> None:
    assert {path.stem for path in FOLDER.glob("*.yaml")} == set(STEPS)
    assert JoyHalloOptions.default_preset in STEPS


@pytest.mark.parametrize("name", STEPS)
def test_a_preset_fits_the_model_and_says_nothing_that_is_the_default(name: str) -> None:
    values = options_in(name)
    options = JoyHalloOptions(**values)
    plain = JoyHalloOptions()
    assert [key for key in values if getattr(options, key) == getattr(plain, key)] == []
    assert options.inference_steps == STEPS[name]


@pytest.mark.parametrize("name", STEPS)
def test_only_the_draft_approximates(name: str) -> None:
    options = JoyHalloOptions(**options_in(name))
    changed = [key for key, exact in EXACT.items() if getattr(options, key) != exact]
    assert bool(changed) == (name == "draft")
    text = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))["description"]
    assert ("; approximate." in text) == (name == "draft")


def test_the_defaults_are_the_originals() -> None:
    options = JoyHalloOptions()
    assert (options.inference_steps, options.cfg_scale, options.fps) == (40, 3.5, 25)
    assert (options.face_expand_ratio, options.lip_expand_ratio) == (1.2, 2.0)
    assert (options.pose_weight, options.face_weight, options.lip_weight) == (1.0, 1.0, 1.0)
    assert {key: getattr(options, key) for key in EXACT} == EXACT


@pytest.mark.parametrize("option", options_of_model(JoyHalloOptions), ids=lambda option: option.name)
def test_every_option_is_explained_and_kept_in_its_range(option: Any) -> None:
    assert option.help.endswith(".")
    assert option.kind != "text"
    if option.kind in ("number", "integer"):
        assert option.minimum <= option.default <= option.maximum
        assert option.step
        for wrong in (option.minimum - 1, option.maximum + 1):
            with pytest.raises(ValidationError):
                JoyHalloOptions(**{option.name: wrong})


@pytest.mark.parametrize("wrong", [{"resolution": 300}, {"animation_mode": "animal"}, {"scheduler": "heun"}])
def test_values_that_the_networks_cannot_use_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        JoyHalloOptions(**wrong)


def test_a_size_between_two_steps_is_reported_with_the_step() -> None:
    with registered(spec_for("hallo", JoyHalloOptions, Engine)):
        for wrong in (300, 1024):
            with pytest.raises(OptionError, match="takes 128 to 512") as caught:
                make_options("hallo", {"resolution": wrong})
            assert ("in steps of 64" in str(caught.value)) == (wrong == 300)
