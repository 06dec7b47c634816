"""Videos to prepare and to train with."""

from __future__ import annotations

import wave
from pathlib import Path

import pytest
from PIL import Image

from media.voice import open_voice
from studio.events import Finished
from studio.job import Job
from studio.run import run
from studio.settings import Settings

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
RATE = 16_000
SECONDS = (1.2, 1.4, 1.6, 1.8, 2.0, 2.2, 2.4, 2.5)


@pytest.fixture(scope="session")
def talking_videos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of eight talking videos `00.mp4` to `07.mp4` and nothing else: 1.2 to 2.5 s, 160 pixels wide
    and high with a face of about 70, 25 frames per second.
    """
    folder = tmp_path_factory.mktemp("talking-videos")
    aside = tmp_path_factory.mktemp("talking-voices")
    voices = [open_voice(path).samples for path in sorted((EXAMPLES / "voices").glob("*.wav"))]
    with Image.open(EXAMPLES / "portraits" / "astronaut.png") as image:
        image.crop((110, 0, 350, 240)).resize((160, 160), Image.Resampling.LANCZOS).save(aside / "face.png")
    settings = Settings(outputs=aside, history=aside / "history.sqlite")
    for number, seconds in enumerate(SECONDS):
        spoken = voices[number % len(voices)]
        start = number // len(voices) * RATE
        cut = aside / f"{number:02}.wav"
        with wave.open(str(cut), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            samples = spoken[start : start + round(seconds * RATE)]
            file.writeframes((samples * 32_767).clip(-32_768, 32_767).astype("<i2").tobytes())
        job = Job(
            portrait=aside / "face.png",
            voice=cut,
            output=folder / f"{number:02}.mp4",
            seed=number,
        )
        *_, last = run(job, settings)
        assert isinstance(last, Finished)
    return folder
