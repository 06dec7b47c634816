"""Two seconds of a job, small and soon: how a change of its options looks."""

from __future__ import annotations

import tempfile
from collections.abc import Generator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from engines import registry
from engines.base import EngineOptions
from engines.saved_motion import load_motion
from studio.estimate import Estimate, estimate
from studio.events import Finished
from studio.hosting.spaces import on_zero_gpu
from studio.job import Job
from studio.loop_voice import SECONDS, VoiceCut, write_voices
from studio.options import list_options
from studio.run import run
from studio.settings import Settings

LONGEST_SIDE = 384
"""Pixels. A loop is shown beside another one."""
SOON = 5.0
"""Seconds of work after which a loop would not be an answer to a slider any more."""


def small(settings: Settings) -> Settings:
    """The settings for a loop's size."""
    side = min(settings.max_side, LONGEST_SIDE)
    return settings.model_copy(update={"max_side": side})


def loop_time(job: Job, settings: Settings, motion: Path | None = None) -> Estimate:
    """The time that a loop of a job takes on this machine. motion: as for `make_loop`."""
    portrait = job.portrait if isinstance(job.portrait, Path) else None
    # A borrowed GPU starts for each job.
    loaded = registry.is_loaded(job.engine, settings.device) and not on_zero_gpu()
    return estimate(
        job.engine,
        job.options,
        SECONDS * (2 if job.two_voices else 1),
        portrait=portrait,
        settings=small(settings),
        sampled=motion is None,
        loaded=loaded,
    )


def follows_motion(kept: Job | None, job: Job, options: EngineOptions) -> bool:
    """Whether a kept motion is the one that a job with these options would sample.

    kept: the job of a finished video with its motion.
    """
    if kept is None or kept.motion is None or not kept.motion.is_file() or kept.engine != job.engine:
        return False
    same = Job.model_fields.keys() - {"options", "preset", "motion", "output"}
    if any(getattr(kept, name) != getattr(job, name) for name in same):
        return False
    decided = [one.name for one in list_options(job.engine) if one.sampled]
    decided += ["animation_mode", "fps"]
    return all(getattr(kept.options, name) == getattr(options, name) for name in decided)


def make_loop(
    job: Job, settings: Settings, motion: Path | None = None, cut: VoiceCut | None = None
) -> Generator[bytes, None, None]:
    """Render two seconds of a job as an MP4: no bytes after each step, and all of them at the end.

    motion: of a finished video of the same job, from whose beginning the loop is rendered; without it, the
    loudest two seconds of each voice are taken. cut: keeps them for the next loop. Nothing else is kept or
    listed. Closing the generator ends the work. Raises the errors of `studio.run`.
    """
    from media.voice import SAMPLE_RATE

    with tempfile.TemporaryDirectory(prefix="joystudio-loop-") as name:
        folder = Path(name)
        samples = (cut or VoiceCut()).of(job, settings, from_start=motion is not None)
        frames = max(1, round(samples.shape[1] / SAMPLE_RATE * job.options.fps))
        kept = None if motion is None else _beginning(motion, frames, folder / "loop.motion.safetensors")
        short = job.model_copy(
            update={
                "spoken": None, "audio_track": None, "motion": kept, "output": folder / "loop.mp4",
                **write_voices(samples, folder, job),
            }
        )  # fmt: skip
        with closing(run(short, small(settings), remembered=False)) as events:
            for event in events:
                yield event.result.path.read_bytes() if isinstance(event, Finished) else b""


def _beginning(motion: Path, frames: int, path: Path) -> Path | None:
    """The first frames of a motion, in a file of their own; None if it is shorter."""
    whole = load_motion(motion)
    if whole.frames < frames:  # of a short voice, whose other sampling rate was rounded the other way
        return None
    replace(whole, arrays={name: array[:frames] for name, array in whole.arrays.items()}).save(path)
    return path
