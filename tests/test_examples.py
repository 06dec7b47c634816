from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from media.portrait import Anchors, open_portrait
from media.voice import open_voice
from studio.presets import load_preset
from ui.components.examples import example_portraits

EXAMPLES = Path(__file__).parent.parent / "examples"
PORTRAITS = sorted(path for path in (EXAMPLES / "portraits").iterdir() if path.suffix != ".yaml")
ANIMALS = ("cat", "dog")
VOICES = sorted((EXAMPLES / "voices").iterdir())


def test_there_is_something_to_show() -> None:
    assert len(PORTRAITS) >= 3
    assert any("mandarin" in path.name for path in VOICES)
    assert any("english" in path.name for path in VOICES)


@pytest.mark.parametrize(
    "path", [path for path in PORTRAITS if path.stem not in ANIMALS], ids=lambda path: path.name
)
def test_portrait_opens_with_one_face(path: Path) -> None:
    portrait = open_portrait(path)
    assert len(portrait.faces) == 1
    assert portrait.faces[0].score > 0.8


@pytest.mark.parametrize("name", ANIMALS)
def test_an_animal_opens_with_the_points_that_it_brings(name: str) -> None:
    example = next(one for one in example_portraits() if one.path.stem == name)
    left, right, mouth = example.points
    anchors = Anchors(left, right, mouth)
    portrait = open_portrait(example.path, subject=example.animation_mode, anchors=anchors)
    assert portrait.anchors == anchors
    spoken_of = (EXAMPLES / "CREDITS.md").read_text(encoding="utf-8")
    assert "--anchors " + " ".join(f"{x:.0f},{y:.0f}" for x, y in anchors) in spoken_of


def test_every_portrait_is_ready_with_a_voice_and_presets_that_exist() -> None:
    examples, voices = example_portraits(), {voice.stem for voice in VOICES}
    assert len(examples) >= 6
    assert {example.voice for example in examples} == voices  # and no voice is left without a portrait
    for example in examples:
        for engine in ("preview", "joyvasa"):
            preset = load_preset(engine, example.presets[engine])
            assert preset.options.animation_mode == example.animation_mode


@pytest.mark.parametrize("path", VOICES, ids=lambda path: path.name)
def test_voice_opens(path: Path) -> None:
    speech = open_voice(path)
    assert 3 <= speech.duration <= 8
    assert -3.2 < speech.peak_dbfs < -2.8


def test_one_voice_has_real_pauses() -> None:
    samples = open_voice(EXAMPLES / "voices" / "english-man-with-pauses.wav").samples
    loud = np.abs(samples[: len(samples) // 160 * 160]).reshape(-1, 160).max(axis=1) > 0.01
    edges = np.flatnonzero(np.diff(np.concatenate([[1], loud, [1]])))
    silences = (edges[1::2] - edges[::2]) / 100
    assert (silences > 0.5).sum() >= 2


def test_every_file_has_its_credit() -> None:
    credits = (EXAMPLES / "CREDITS.md").read_text(encoding="utf-8")
    for path in (*PORTRAITS, *VOICES, *(EXAMPLES / "clips").iterdir()):
        assert f"`{path.parent.name}/{path.name}`" in credits


def test_they_are_small() -> None:
    total = sum(path.stat().st_size for path in EXAMPLES.rglob("*") if path.is_file())
    assert total < 2.4e6
