from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from engines import registry
from engines.base import EngineOptions
from media.errors import OptionError
from studio.options import list_options, make_options, markdown_table, options_of_model
from tests.fake_engine import FakeOptions, FakeWorld


def test_options_are_read_from_the_model() -> None:
    options = {o.name: o for o in options_of_model(FakeOptions)}
    assert [o.kind for o in options.values()] == [
        "choice",
        "integer",
        "integer",
        "number",
        "switch",
        "choice",
    ]
    strength = options["strength"]
    assert (strength.minimum, strength.maximum, strength.step, strength.default) == (0, 2, 0.25, 1.0)
    assert strength.flag == "--strength"
    assert strength.range == "0 to 2"
    assert options["mood"].choices == ("calm", "lively")
    assert options["mood"].advanced
    assert not strength.advanced
    assert options["mood"].title == "Mood"
    assert options["mirror"].range == "on or off"


def test_an_option_may_act_in_one_mode_only() -> None:
    class Options(EngineOptions):
        smile: float = Field(0.0, json_schema_extra={"modes": ["human"]})

    assert {o.name: o.modes for o in options_of_model(Options)} == {
        "animation_mode": ("human", "animal"),
        "fps": ("human", "animal"),
        "smile": ("human",),
    }


def test_nothing_given_means_the_defaults(world: FakeWorld) -> None:
    assert make_options("fake") == FakeOptions()
    assert make_options("fake", {}) == FakeOptions()
    mine = FakeOptions(level=3)
    assert make_options("fake", mine) is mine


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"level": 256}, "option level is 256, but takes 0 to 255"),
        ({"level": -1}, "option level is -1, but takes 0 to 255"),
        ({"level": "bright"}, "option level is 'bright', but takes 0 to 255"),
        ({"level": 1.5}, "option level is 1.5, but takes 0 to 255"),
        ({"strength": math.nan}, "option strength is nan, but takes 0 to 2"),
        ({"strength": math.inf}, "option strength is inf, but takes 0 to 2"),
        ({"mood": "sad"}, "option mood is 'sad', but takes calm or lively"),
        ({"mirror": "perhaps"}, "option mirror is 'perhaps', but takes on or off"),
        ({"level": "9" * 200}, "option level is '999.*\\.\\.\\., but takes 0 to 255"),
        ({"nonsense": 1}, "engine fake has no option nonsense; it has animation_mode, fps, level"),
        ({"mouth_opening": 1}, "belongs to preview.* Leave it out or choose that engine"),
    ],
)
def test_invalid_values_are_reported_with_the_range(
    world: FakeWorld, values: dict[str, object], message: str
) -> None:
    with pytest.raises(OptionError, match=message):
        make_options("fake", values)


def test_an_unknown_engine_is_reported_with_the_existing_ones() -> None:
    with pytest.raises(OptionError, match=r"no engine called 'previwe'\. Available: preview"):
        make_options("previwe", {})


def test_options_of_another_engine_are_refused(world: FakeWorld) -> None:
    with pytest.raises(OptionError, match="a different engine"):
        make_options("preview", FakeOptions())


@given(value=st.floats())
def test_a_number_is_taken_exactly_when_it_is_in_range(value: float) -> None:
    inside = 0.0 <= value <= 2.0
    try:
        options = registry.options_of("preview").model_validate({"mouth_opening": value})
    except ValueError:
        assert not inside
    else:
        assert inside
        assert options.model_dump()["mouth_opening"] == value


def test_the_table_has_a_line_for_every_option_and_keeps_its_columns(world: FakeWorld) -> None:
    lines = markdown_table("fake").splitlines()
    assert len(lines) == 2 + len(FakeOptions.model_fields)
    assert "| `--strength` | `1.0` | 0 to 2 | How \\| much. |" in lines


@pytest.mark.parametrize("engine", registry.SHIPPED)
def test_every_option_that_ships_has_words_and_a_default_in_its_range(engine: str) -> None:
    for option in list_options(engine):
        assert option.help.endswith("."), option.name
        assert option.kind == "switch" or option.range, option.name
        assert make_options(engine, {option.name: option.default}) == make_options(engine)


def test_models_cannot_be_changed_behind_a_jobs_back() -> None:
    options = make_options("preview")
    assert isinstance(options, EngineOptions)
    with pytest.raises(ValueError, match="frozen"):
        options.fps = 30  # type: ignore[misc]


def test_a_field_with_one_value_is_no_option() -> None:
    assert registry.options_of("joyvasa").model_fields["fps"].default == 25
    assert "fps" not in [option.name for option in list_options("joyvasa")]
    assert "fps" in [option.name for option in list_options("preview")]
