"""What is different on a Hugging Face Space."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engines import registry
from engines.joyhallo.options import JoyHalloOptions
from engines.joyvasa.options import JoyVasaOptions
from studio.hosting import spaces as space
from studio.hosting.gpu_time import gpu_seconds
from studio.hosting.spaces import engine_for, preload_networks, prepare
from studio.settings import Settings
from tests.fake_engine import FakeWorld


def test_nothing_happens_elsewhere(tmp_path: Path, settings: Settings, world: FakeWorld) -> None:
    environment: dict[str, str] = {}
    prepare(environment, tmp_path)
    assert environment == {}
    assert preload_networks(settings) == []
    assert engine_for("fake", "cpu") is registry.load("fake", "cpu")


def test_mounted_storage_is_used(tmp_path: Path) -> None:
    environment = {"SPACE_ID": "somebody/studio", "JOYSTUDIO_OUTPUTS": "/elsewhere"}
    prepare(environment, tmp_path)
    assert environment == {
        "SPACE_ID": "somebody/studio",
        "JOYSTUDIO_OUTPUTS": "/elsewhere",
        "JOYSTUDIO_WEIGHTS": str(tmp_path / "weights"),
        "JOYSTUDIO_KEYS": str(tmp_path / "keys"),
    }


@pytest.mark.parametrize("kind", ["absent", "file"])
def test_storage_that_is_not_mounted_is_left_alone(tmp_path: Path, kind: str) -> None:
    if kind == "file":
        (tmp_path / "file").write_text("")
    environment = {"SPACE_ID": "somebody/studio"}
    prepare(environment, tmp_path / kind)
    assert environment == {"SPACE_ID": "somebody/studio"}


@pytest.mark.parametrize(("value", "lent"), [("true", True), ("1", True), ("false", False), ("", False)])
def test_zero_gpu_is_asked_as_its_package_asks(value: str, lent: bool) -> None:
    assert space.on_zero_gpu({"SPACES_ZERO_GPU": value}) is lent


def test_the_time_on_a_gpu_follows_steps_voice_and_engine(world: FakeWorld) -> None:
    def seconds(engine: str, options: Any, voice: float, **more: Any) -> int:
        return gpu_seconds(engine, options, voice, **more)

    vasa, hallo = JoyVasaOptions(), JoyHalloOptions()
    assert 20 < seconds("joyvasa", vasa, 5) < 60
    assert seconds("joyvasa", vasa, 5) < seconds("joyvasa", vasa, 50)
    few, many = (JoyVasaOptions(inference_steps=steps) for steps in (10, 500))
    assert seconds("joyvasa", few, 20) < seconds("joyvasa", vasa, 20) < seconds("joyvasa", many, 20)
    assert seconds("joyvasa", many, 20, sampled=False) < seconds("joyvasa", few, 20)
    assert seconds("joyhallo", hallo, 10) > seconds("joyvasa", vasa, 10)
    small = JoyHalloOptions(resolution=256)
    assert seconds("joyhallo", small, 10) < seconds("joyhallo", hallo, 10)
    assert isinstance(seconds("fake", vasa, 0.2), int)


def test_every_engine_with_networks_has_its_costs() -> None:
    assert all(spec.cost for spec in registry.specs() if spec.weights)
