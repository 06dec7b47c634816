"""Which options act in a dub: the options model of each engine says it."""

from __future__ import annotations

from typing import ClassVar

import pytest

from engines import registry
from engines.base import EngineOptions
from engines.dub_options import unused_in_dubs
from engines.spec import EngineSpec

DUBBING = [spec.name for spec in registry.specs() if spec.dubs]


class OwnOptions(EngineOptions):
    """Its `expression` acts in a dub, unlike that of the shipped engines."""

    unused_in_dubs: ClassVar[tuple[str, ...]] = ("shadow",)
    expression: float = 1.0
    shadow: float = 0.5


@pytest.mark.parametrize("engine", DUBBING)
def test_only_options_that_exist_are_named(engine: str) -> None:
    assert unused_in_dubs(engine) <= set(registry.options_of(engine).model_fields)


def test_an_option_of_the_same_name_may_act_with_one_engine_only() -> None:
    assert "smoothing" not in unused_in_dubs("preview")
    assert "smoothing" in unused_in_dubs("joyvasa")  # it is the head's there, and a video has its own


def test_an_engine_of_another_package_says_it_for_itself() -> None:
    spec = EngineSpec(name="own", title="Own", about="Own.", options=OwnOptions, engine="own:Own", dubs=True)
    registry.register(spec)
    try:
        assert unused_in_dubs("own") == {"shadow", "animation_mode", "fps"}
    finally:
        registry.unregister("own")
