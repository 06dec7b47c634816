from __future__ import annotations

from pathlib import Path

import pytest

from engines import registry
from media.errors import OptionError
from studio.presets import list_presets, load_preset


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "preview").mkdir()
    return tmp_path


def write(folder: Path, text: str) -> None:
    (folder / "preview" / "mine.yaml").write_text(text, encoding="utf-8")


@pytest.mark.parametrize("engine", registry.SHIPPED)
def test_every_preset_that_ships_is_sound(engine: str) -> None:
    presets = list_presets(engine)
    assert presets[0].name == registry.options_of(engine).default_preset
    assert all(preset.description.endswith(".") for preset in presets)
    assert len({preset.options for preset in presets}) == len(presets)


@pytest.mark.parametrize("engine", registry.SHIPPED)
def test_the_default_preset_is_the_models_default(engine: str) -> None:
    model = registry.options_of(engine)
    assert load_preset(engine, model.default_preset).options == model()


def test_values_go_over_the_defaults(folder: Path) -> None:
    write(folder, "description: Mine.\noptions: {mouth_opening: 1.5, animation_mode: animal}")
    preset = load_preset("preview", "mine", folder)
    assert preset.values == {"mouth_opening": 1.5, "animation_mode": "animal"}
    assert preset.options.animation_mode == "animal"
    assert preset.options.fps == 25


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "options: {mouth_opening: 9}",
            "mine.yaml cannot be used. The option mouth_opening is 9, but takes 0 to 2",
        ),
        ("options: {bla: 9}", "no option bla"),
        ("options: [1, 2]", "must have"),
        ("just text", "must have"),
        ("options:\n  fps: 25\n  fps: 30\n", 'cannot be read: it gives "fps" on line 2 and again on line 3'),
        ("", "must have"),
        ("options: {a: [", "cannot be read"),
        ("options: !!python/object/apply:os.getcwd []", "cannot be read"),
    ],
)
def test_a_broken_preset_is_reported(folder: Path, text: str, message: str) -> None:
    write(folder, text)
    with pytest.raises(OptionError, match=message) as caught:
        load_preset("preview", "mine", folder)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["nothing", "../mine", "../../secret", "/etc/passwd", "", "mine.yaml"])
def test_a_preset_that_does_not_exist_is_reported_with_those_that_do(folder: Path, name: str) -> None:
    write(folder, "options: {}")
    (folder / "mine.yaml").write_text("options: {}")
    with pytest.raises(OptionError, match="it has mine"):
        load_preset("preview", name, folder)


def test_an_engine_that_does_not_exist_is_reported(folder: Path) -> None:
    with pytest.raises(OptionError, match="no engine"):
        list_presets("nothing", folder)
