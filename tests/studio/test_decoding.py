"""Every job decodes in separate processes unless the settings or the command line say otherwise."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from commands import render as one_video
from media.errors import PerformanceError, PortraitError
from studio.batch.attempt import Fault, JobWorker
from studio.crop_view import view_crop
from studio.decoding import decoding_for
from studio.estimate import USUAL_PIXELS, estimate
from studio.job import Job
from studio.options import make_options
from studio.portrait_view import view_portrait
from studio.run import run
from studio.settings import Settings
from tests.conftest import ASTRONAUT

TOO_MUCH = r"cannot be decoded: it needs more than 16 MB of memory"
"""What only a child can say: this process has no such bound."""


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A valid picture that takes 36 MB to decode."""
    path = tmp_path_factory.mktemp("large") / "large.png"
    with Image.open(ASTRONAUT) as image:
        image.convert("RGB").resize((3000, 3000), Image.Resampling.NEAREST).save(path, compress_level=1)
    return path


@pytest.fixture
def tight(tmp_path: Path) -> Settings:
    return Settings(outputs=tmp_path / "outputs", decode_memory_mb=16)


def test_a_job(large: Path, portrait_file: Path, voice_file: Path, tight: Settings) -> None:
    with pytest.raises(PortraitError, match=TOO_MUCH):
        list(run(Job(portrait=large, voice=voice_file), tight))
    with pytest.raises(PortraitError, match="^The uploaded portrait " + TOO_MUCH):
        list(run(Job(portrait=large.read_bytes(), voice=voice_file), tight))
    assert list(run(Job(portrait=portrait_file, voice=voice_file), tight))  # small ones are fine


def test_a_performance(portrait_file: Path, tight: Settings, tmp_path: Path) -> None:
    take = tmp_path / "take.csv"
    take.write_text("time,JawOpen\n0,0\n1,1\n" + 20_000_000 * " ")
    reason = r'The performance "take\.csv" cannot be read: it needs more than 16 MB'
    with pytest.raises(PerformanceError, match=reason):
        list(run(Job(portrait=portrait_file, performance={"file": take}), tight))


def test_a_line_of_a_list(large: Path, voice_file: Path, tight: Settings) -> None:
    fault = JobWorker(tight, {}).make(Job(portrait=large, voice=voice_file))
    assert isinstance(fault, Fault)
    assert fault.hopeless
    assert "16 MB" in fault.reason


def test_views(large: Path, tight: Settings) -> None:
    with pytest.raises(PortraitError, match=TOO_MUCH):
        view_portrait(large, settings=tight)
    with pytest.raises(PortraitError, match=TOO_MUCH):
        view_crop("joyvasa", large, make_options("joyvasa"), settings=tight)


def test_the_estimate_knows_a_pictures_size(large: Path, portrait_file: Path, tight: Settings) -> None:
    def seconds(portrait: Path | None) -> float:
        return estimate("preview", make_options("preview"), 60.0, portrait=portrait, settings=tight).seconds

    assert seconds(portrait_file) < seconds(None) < seconds(large)
    assert seconds(Path(__file__)) == seconds(None)
    assert USUAL_PIXELS == 512 * 512


def test_the_command_line_decodes_in_its_own_process_unless_set(
    large: Path, voice_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOYSTUDIO_DECODE_MEMORY_MB", "16")
    monkeypatch.setenv("JOYSTUDIO_MAX_SIDE", "128")
    monkeypatch.setenv("JOYSTUDIO_OUTPUTS", str(tmp_path))
    job = Job(portrait=large, voice=voice_file, output=tmp_path / "a.mp4")
    assert one_video.make_video(job).path.is_file()
    monkeypatch.setenv("JOYSTUDIO_DECODE", "isolated")
    with pytest.raises(PortraitError, match=TOO_MUCH):
        one_video.make_video(job)


def test_the_largest_picture_is_a_setting(large: Path, tmp_path: Path) -> None:
    for decode in ("isolated", "direct"):
        settings = Settings(outputs=tmp_path, max_picture_mpixels=8.9, decode=decode)
        with pytest.raises(PortraitError, match=r"3000x3000 = 9 million pixels; at most 8\.9 million are"):
            view_portrait(large, settings=settings)
    photograph = tmp_path / "photograph.jpg"
    with Image.open(large) as image:
        image.save(photograph)
    settings = Settings(outputs=tmp_path, max_picture_mpixels=8.9, max_side=512)
    assert view_portrait(photograph, settings=settings).width == pytest.approx(
        3000
    )  # it is decoded at a half


def test_the_same_settings_share_a_helper(settings: Settings) -> None:
    assert decoding_for(settings) is decoding_for(settings.model_copy(update={"quality": 3}))
    assert decoding_for(settings) is not decoding_for(settings.model_copy(update={"decode_seconds": 3.0}))
    assert np.isclose(decoding_for(settings).limits.max_pixels, 1e6 * settings.max_picture_mpixels)  # type: ignore[attr-defined]
