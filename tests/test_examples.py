from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml

from media.portrait import Anchors, open_portrait
from media.speech import open_speech

EXAMPLES = Path(__file__).parent.parent / "examples"
PORTRAITS = sorted(path for path in (EXAMPLES / "portraits").iterdir() if path.suffix != ".yaml")
VOICES = sorted((EXAMPLES / "voices").iterdir())


def test_there_is_something_to_show() -> None:
    assert len(PORTRAITS) >= 3
    assert any("mandarin" in path.name for path in VOICES)
    assert any("english" in path.name for path in VOICES)


@pytest.mark.parametrize(
    "path", [path for path in PORTRAITS if path.stem != "cat"], ids=lambda path: path.name
)
def test_portrait_opens_with_one_face(path: Path) -> None:
    portrait = open_portrait(path)
    assert len(portrait.faces) == 1
    assert portrait.faces[0].score > 0.8


def test_cat_opens_with_the_points_that_it_brings() -> None:
    sidecar = yaml.safe_load((EXAMPLES / "portraits" / "cat.yaml").read_text(encoding="utf-8"))
    left, right, mouth = ((float(x), float(y)) for x, y in sidecar["anchors"])
    anchors = Anchors(left, right, mouth)
    mode = sidecar["animation_mode"]
    portrait = open_portrait(EXAMPLES / "portraits" / "cat.png", subject=mode, anchors=anchors)
    assert portrait.anchors == anchors
    spoken_of = (EXAMPLES / "CREDITS.md").read_text(encoding="utf-8")
    assert "--anchors " + " ".join(f"{x:.0f},{y:.0f}" for x, y in anchors) in spoken_of


@pytest.mark.parametrize("path", VOICES, ids=lambda path: path.name)
def test_voice_opens(path: Path) -> None:
    speech = open_speech(path)
    assert 3 <= speech.duration <= 8
    assert -3.2 < speech.peak_dbfs < -2.8


def test_one_voice_has_real_pauses() -> None:
    samples = open_speech(EXAMPLES / "voices" / "english-man-with-pauses.wav").samples
    loud = np.abs(samples[: len(samples) // 160 * 160]).reshape(-1, 160).max(axis=1) > 0.01
    edges = np.flatnonzero(np.diff(np.concatenate([[1], loud, [1]])))
    silences = (edges[1::2] - edges[::2]) / 100
    assert (silences > 0.5).sum() >= 2


def test_every_file_has_its_credit() -> None:
    credits = (EXAMPLES / "CREDITS.md").read_text(encoding="utf-8")
    for path in (*PORTRAITS, *VOICES):
        assert f"`{path.parent.name}/{path.name}`" in credits


def test_they_are_small() -> None:
    total = sum(path.stat().st_size for path in EXAMPLES.rglob("*") if path.is_file())
    assert total < 1.6e6
