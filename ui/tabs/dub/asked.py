"""What a visitor asks a dub for, as it is stored in case of a restart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from media.errors import VideoError
from studio.consent import check_consent
from studio.dubbing.job import DubJob
from studio.job import checked_seed
from studio.settings import Settings
from studio.spoken_text import SpokenText
from studio.waiting_tasks import TaskRequest
from ui.components.input_checks import sound_of
from ui.components.typed_text import SpokenFile, typed_text
from ui.tabs.dub.screen import BY_HAND, DEFAULT, POINT, ChosenPoint

NO_VIDEO = "There is no video yet. Upload a video of a person."
NO_POINT = "No face is chosen yet. Click on a face in the still, or choose the largest face."


def needed_video(video: str | None) -> Path:
    """The video's file. Raises VideoError if there is none."""
    if not video:
        raise VideoError(NO_VIDEO)
    return Path(video)


def dub_wish(engines: Sequence[str], names: Sequence[tuple[str, str]]) -> Callable[..., TaskRequest]:
    """What to store of a click, from the values of the components.

    engines: those with a choice of presets, in order. names: engine and name of each option.
    """

    def wish(
        video: str | None,
        voice: str | None,
        seed: float | None,
        spoken: SpokenFile | None,
        text: str | None,
        language: str,
        speaker: str,
        speed: float,
        consent: bool,
        engine: str,
        sync_mode: str,
        who: str,
        point: ChosenPoint | None,
        max_turn: float,
        fade: float,
        *more: Any,
    ) -> TaskRequest:
        """It checks nothing."""
        # The text of the voice, if the voice was spoken on the page: the text may have changed since.
        said = spoken.wish.model_dump(mode="json") if spoken is not None and spoken.path == voice else None
        values: list[Any] = [seed, said, [text, language, speaker, speed], consent]
        presets, options = dict(zip(engines, more, strict=False)), more[len(engines) :]
        chosen = {name: value for (of, name), value in zip(names, options, strict=True) if of == engine}
        values += [engine, sync_mode, who, point.within(video) if point else "", max_turn, fade, chosen]
        values.append(presets.get(engine))
        files = {"video": video, "voice": voice}
        return TaskRequest(values, {name: Path(path) for name, path in files.items() if path})

    return wish


def dub_asked(wish: TaskRequest, settings: Settings) -> DubJob:
    """Read a stored click, and check it. Raises the errors of a dub's inputs."""
    seed, said, typed, consent, *asked = wish.values
    engine, sync_mode, who, point, max_turn, fade, options, *preset = asked
    check_consent(consent)
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
            "preset": next((name for name in preset if name != BY_HAND), None),
            "seed": checked_seed(seed),
            "sync_mode": None if sync_mode == DEFAULT else sync_mode,
            "person": point if who == POINT else who,
            "max_turn": max_turn,
            "fade": fade,
        }
    )


def weighed_dub(wish: Callable[..., TaskRequest]) -> Callable[..., Sequence[DubJob]]:
    """Makes the dub of a click for its time only, from video, sound and the values of `DubScreen.asked`.

    wish: of `dub_wish`.
    """

    def jobs(video: Path, sound: Path | SpokenText, *asked: Any) -> Sequence[DubJob]:
        *_, engine, sync_mode, who, _, _, _, options, _ = wish(
            str(video), None, 0, None, None, "", "", 1.0, True, *asked
        ).values
        given = {"voice": sound} if isinstance(sound, Path) else {"spoken": sound}
        mode = None if sync_mode == DEFAULT else sync_mode
        person = "largest" if who == POINT else who
        job = DubJob(engine=engine, video=video, options=options, sync_mode=mode, person=person, **given)
        return [job]

    return jobs


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)
