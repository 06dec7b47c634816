"""What a visitor asks a dub for, as it is stored in case of a restart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from media.errors import OptionError, VideoError
from studio.consent import check_consent
from studio.dubbing.job import DubJob
from studio.job import checked_seed
from studio.settings import Settings
from studio.spoken_text import SpokenText
from studio.waiting_tasks import TaskRequest
from ui.components.input_checks import sound_of
from ui.components.typed_text import SpokenFile, typed_text
from ui.tabs.dub.screen import DEFAULT, POINT

NO_VIDEO = "There is no video yet. Upload a video of a person."
NO_POINT = "No face is chosen yet. Click on a face in the still, or choose the largest face."


def needed_video(video: str | None) -> Path:
    """The video's file. Raises VideoError if there is none."""
    if not video:
        raise VideoError(NO_VIDEO)
    return Path(video)


def dub_wish(names: Sequence[tuple[str, str]]) -> Callable[..., TaskRequest]:
    """What to store of a click, from the values of the components. names: engine and name of
    each option."""

    def wish(
        video: str | None,
        voice: str | None,
        seed: float | None,
        spoken: SpokenFile | None,
        text: str | None,
        language: str,
        speaker: str,
        speed: float,
        who_speaks: str | None,
        consent: bool,
        engine: str,
        sync_mode: str,
        who: str,
        point: str,
        max_turn: float,
        fade: float,
        *options: Any,
    ) -> TaskRequest:
        """It checks nothing."""
        # The text of the voice, if the voice was spoken on the page: the text may have changed since.
        said = spoken.wish.model_dump(mode="json") if spoken is not None and spoken.path == voice else None
        values = [seed, said, [text, language, speaker, speed], who_speaks, consent]
        chosen = {name: value for (of, name), value in zip(names, options, strict=True) if of == engine}
        values += [engine, sync_mode, who, point, max_turn, fade, chosen]
        files = {"video": video, "voice": voice}
        return TaskRequest(values, {name: Path(path) for name, path in files.items() if path})

    return wish


def dub_asked(wish: TaskRequest, settings: Settings) -> DubJob:
    """Read a stored click, and check it. Raises the errors of a dub's inputs."""
    seed, said, typed, who_speaks, consent, *asked = wish.values
    engine, sync_mode, who, point, max_turn, fade, options = asked
    check_consent(consent)
    if who_speaks not in (None, "one"):
        raise OptionError("A dub has one voice. Choose “One person” under “Two people”.")
    video, voice = (_text(wish.files.get(name)) for name in ("video", "voice"))
    if who == POINT and not point:
        raise VideoError(NO_POINT)
    spoken = SpokenFile(voice, SpokenText.model_validate(said)) if said and voice else None
    sound = sound_of(voice, spoken, typed_text(*typed))
    return DubJob.model_validate(
        {
            "engine": engine,
            "video": needed_video(video),
            "voice": sound if isinstance(sound, Path) else None,
            "spoken": sound if isinstance(sound, SpokenText) else None,
            "options": options,
            "seed": checked_seed(seed),
            "sync_mode": None if sync_mode == DEFAULT else sync_mode,
            "person": point if who == POINT else who,
            "max_turn": max_turn,
            "fade": fade,
        }
    )


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)
