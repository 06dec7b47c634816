"""Pictures of every size and voices of every length make videos of the right size and length."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from commands import inference
from engines.joyvasa.face.source import Finisher
from engines.joyvasa.fast.rendering import FrameRenderer
from media.video import VideoReader
from studio.events import Chunk, Finished
from studio.run import run
from studio.settings import Settings
from tests.engines.joyvasa.jobs.conftest import ASTRONAUT, CAT, CAT_POINTS, Cli, finish, job
from tests.engines.joyvasa.jobs.peak_memory import grey, paint_nothing
from tests.packets import packets

Voice = Callable[[float], Path]

PACKET = 1024 / 16_000
"""Seconds of sound that AAC writes at once; the last packet is filled up with silence."""


def picture(width: int, height: int) -> bytes:
    """The astronaut, cut to the shape and brought to the size, as a JPEG."""
    with Image.open(ASTRONAUT) as image:
        side = min(512 / width, 512 / height)
        cut = image.convert("RGB").crop((0, 0, round(width * side), round(height * side)))
        out = io.BytesIO()
        cut.resize((width, height), Image.Resampling.BILINEAR).save(out, "JPEG", quality=92)
        return out.getvalue()


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ((256, 256), (256, 256)),
        ((512, 512), (512, 512)),
        ((1024, 1024), (1024, 1024)),
        ((301, 517), (300, 516)),
        ((4000, 3000), (1280, 960)),
    ],
)
def test_the_video_has_the_pictures_size(
    weights_root: Path, voice: Voice, settings: Settings, given: tuple[int, int], made: tuple[int, int]
) -> None:
    result = finish(job(picture(*given), voice(0.3)), settings)
    assert result.size == made
    frames = list(VideoReader(result.path))
    assert len(frames) == result.frames == 8
    assert frames[0].shape == (made[1], made[0], 3)
    assert any("reduced from 4000x3000" in note for note in result.notes) == (given[0] == 4000)


@pytest.fixture
def unpainted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Grey pictures: painting is the same for every frame, and slow."""
    monkeypatch.setattr(FrameRenderer, "render", paint_nothing)
    monkeypatch.setattr(Finisher, "on_device", grey)


@pytest.mark.usefixtures("unpainted")
@pytest.mark.parametrize("seconds", [0.3, 4.0, 4.04])
def test_the_video_is_as_long_as_the_voice(
    weights_root: Path, voice: Voice, settings: Settings, portrait_file: Path, seconds: float
) -> None:
    *events, last = run(job(portrait_file, voice(seconds)), settings)
    assert isinstance(last, Finished)
    result = last.result
    assert result.frames == len(list(VideoReader(result.path))) == round(seconds * 25)
    assert 0 <= heard(result.path) - seconds <= PACKET
    # Pictures leave before the last window is sampled, where there is more than one.
    order = [getattr(event, "stage", type(event)) for event in events]
    last_step = len(order) - 1 - order[::-1].index("sampling")
    assert (order.index(Chunk) < last_step) == (seconds >= 4)


@pytest.mark.usefixtures("unpainted")
def test_a_minute_and_a_second(
    weights_root: Path, voice: Voice, settings: Settings, portrait_file: Path
) -> None:
    result = finish(job(portrait_file, voice(61.0), batch_size=16), settings)
    assert result.frames == sum(1 for _ in VideoReader(result.path)) == 1525
    assert 0 <= heard(result.path) - 61 <= PACKET


def heard(path: Path) -> float:
    rate, samples = VideoReader(path).read_sound()
    assert np.abs(samples).max() > 0.05
    return len(samples) / rate


def test_both_modes_say_that_weights_are_random(
    weights_root: Path, voice: Voice, settings: Settings, portrait_file: Path
) -> None:
    animal = job(CAT, voice(0.3), animation_mode="animal", anchors=CAT_POINTS)
    for chosen in (job(portrait_file, voice(0.3)), animal):
        result = finish(chosen, settings)
        assert result.random_weights
        assert any("random weights" in note for note in result.notes)
        assert json.loads(VideoReader(result.path).metadata["comment"])["random_weights"] is True


def test_the_same_job_gives_the_same_video(
    weights_root: Path, voice: Voice, settings: Settings, portrait_file: Path
) -> None:
    one, again, other = (
        packets(finish(job(portrait_file, voice(0.3), seed=seed), settings).path) for seed in (1, 1, 2)
    )
    assert one == again
    assert one != other


def test_a_shell_makes_people_and_animals_talk(
    weights_root: Path, voice: Voice, in_shell: Cli, portrait_file: Path, tmp_path: Path
) -> None:
    points = ("--anchors", "172,115", "319,136", "257,268")
    for arguments in ((portrait_file, voice(0.3)), (CAT, voice(0.3), "--preset", "animal", *points)):
        code, out, err = in_shell(*arguments, "-o", tmp_path / "made.mp4", "--json")
        assert code == 0, err
        made = json.loads(out)
        assert made["frames"] == 8
        assert made["random_weights"] is True
        assert VideoReader(tmp_path / "made.mp4").frames == 8
    code, out, _ = in_shell(portrait_file, voice(0.3))
    assert code == 0
    assert "note: This video was made with random weights" in out


def test_the_originals_command_makes_the_video_too(
    weights_root: Path, voice: Voice, portrait_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOYSTUDIO_OUTPUTS", str(tmp_path / "outputs"))
    monkeypatch.setenv("JOYSTUDIO_DEVICE", "cpu")
    arguments = ["-r", str(portrait_file), "-a", str(voice(0.3)), "-o", str(tmp_path / "animations")]
    assert inference.main([*arguments, "--cfg_scale", "2.0", "--inference_steps", "2"]) == 0
    assert VideoReader(tmp_path / "animations" / "face_0.3.mp4").frames == 8
