"""The saved motion of a job: read, checked against the new job, and saved next to the new video."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engines import registry
from engines.base import EngineOptions
from engines.saved_motion import SavedMotion, load_motion
from media.errors import InputError, OptionError, OutputError
from studio.job import Job
from studio.options import list_options, make_options

if TYPE_CHECKING:
    from media.voice import Voice

ENDING = ".motion.safetensors"


def motion_path(video: Path) -> Path:
    """Where a video's motion is saved: next to it, under its name."""
    return video.with_suffix(ENDING)


@dataclass(frozen=True)
class Settled:
    """What a job renders: its options, with the saved motion's where those are already decided."""

    options: EngineOptions
    motion: SavedMotion | None = None
    notes: tuple[str, ...] = ()


def settle(job: Job, speech: Voice) -> Settled:
    """Read the motion that a job names, and adapt the options to it.

    Raises InputError for a file that is not a motion or has another engine or length, OptionError if the
    engine does not save motions.
    """
    if job.motion is None:
        return Settled(job.options)
    if not registry.spec_of(job.engine).keeps_motion:
        raise OptionError(
            "The engine {engine} does not save motion. Leave out the motion file.", engine=job.engine
        )
    motion = load_motion(job.motion)
    if motion.engine != job.engine:
        raise InputError(
            "{name} was made by the engine {engine}, not by {job_engine}. Render it with that engine.",
            name=job.motion.name,
            engine=motion.engine or "(unknown)",
            job_engine=job.engine,
        )
    frames = speech.frames(job.options.fps)
    if motion.frames != frames:
        raise InputError(
            "{name} moves for {frames} frames, but the voice lasts {voice_frames}. Use the voice for which "
            "it was made.",
            name=job.motion.name,
            frames=motion.frames,
            voice_frames=frames,
        )
    kept = motion.facts.get("options")
    decided = _decided(job, kept if isinstance(kept, dict) else {})
    asked = {name: getattr(job.options, name) for name in decided}
    options = make_options(job.engine, job.options.model_dump() | decided)
    notes = [
        f"The kept motion has {name} {value}; {asked[name]} would need a new one."
        for name, value in decided.items()
        if value != asked[name]
    ]
    if motion.facts.get("speech_sha256") != speech.sha256:
        notes.append("The saved motion was made for another voice of the same length.")
    return Settled(options, motion, tuple(notes))


def keep_motion(motion: SavedMotion, facts: dict[str, Any], options: EngineOptions, video: Path) -> Path:
    """Write a job's motion next to its video, with the options that decided it. Raises OutputError."""
    from media.output_file import OutputFile, explain_output_error

    engine = str(facts["engine"])
    sampled = {o.name: getattr(options, o.name) for o in list_options(engine) if o.sampled}
    target = motion_path(video)
    file = OutputFile(target)
    try:
        replace(motion, facts={**facts, "options": sampled}).save(file.path)
    except OSError as error:
        file.discard()
        raise explain_output_error(error, target) from None
    except BaseException:
        file.discard()
        raise
    file.keep()
    return target


def try_to_keep(
    motion: SavedMotion, facts: dict[str, Any], options: EngineOptions, video: Path
) -> tuple[Path | None, str]:
    """As `keep_motion`, but without errors, as a finished video matters more: a path, or None and a
    sentence.
    """
    try:
        return keep_motion(motion, facts, options, video), ""
    except OutputError as error:
        return None, f"The video is finished but its motion could not be kept: {error}"


def _decided(job: Job, kept: dict[str, Any]) -> dict[str, Any]:
    return {o.name: kept[o.name] for o in list_options(job.engine) if o.sampled and o.name in kept}
