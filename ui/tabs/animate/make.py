"""Makes jobs from the page's inputs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from media.desk.edit import PLAIN
from media.errors import InputError
from studio.given_performance import GivenPerformance
from studio.job import Job, checked_seed
from studio.options import make_options
from studio.spoken_text import SpokenText
from ui.components.input_checks import current_pick, needed_portrait, portrait_and_sound
from ui.components.portrait_picker import Picked
from ui.components.typed_text import SpokenFile


def make_job(
    engine: str,
    portrait: str | None,
    voice: str | None,
    seed: float | None,
    picked: Picked | None,
    preset: str | None,
    options: dict[str, Any],
    spoken: SpokenFile | None = None,
    typed: SpokenText | None = None,
    two: Mapping[str, Any] | None = None,
    recorded: GivenPerformance | None = None,
) -> Job:
    """Make a job from the page's inputs.

    two: the values of a second voice. recorded: a performance, with which a voice may be missing. Raises
    InputError for missing or invalid values.
    """
    if recorded is not None and recorded.mouth == "file" and not voice and typed is None:
        picture, sound = needed_portrait(portrait), None
    else:
        picture, sound = portrait_and_sound(portrait, voice, spoken, typed)
    current, mode = current_pick(picked, portrait), options["animation_mode"]
    return Job(
        engine=engine,
        portrait=picture,
        voice=sound if isinstance(sound, Path) else None,
        spoken=sound if isinstance(sound, SpokenText) else None,
        options=options,
        preset=preset,
        seed=checked_seed(seed),
        face_index=current.face_for(mode) if current else 0,
        anchors=current.anchors_for(mode) if current else None,
        portrait_edit=current.edit if current else PLAIN,
        performance=recorded,
        **(two or {}),
    )


def make_job_again(kept: Job | None, preset: str | None, options: dict[str, Any]) -> Job:
    """Make the job that renders a saved motion with other options. Raises InputError if there is none.

    Portrait, face and mode stay those of the saved job, because its motion belongs to them; `studio.run`
    keeps the options that the motion has decided.
    """
    if kept is None or kept.motion is None:
        raise InputError("There is no motion to render again yet. Generate a video first.")
    mode = kept.options.animation_mode
    checked = make_options(kept.engine, options | {"animation_mode": mode})
    return kept.model_copy(update={"options": checked, "preset": preset})
