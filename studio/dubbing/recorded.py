"""A finished dub in the history: its visitor finds it in the gallery, like every other video."""

from __future__ import annotations

from typing import Any

from studio.dubbing.job import DubJob
from studio.dubbing.result import DubResult
from studio.events import Result
from studio.gallery.history import with_history
from studio.settings import Settings


def recorded(made: DubResult, job: DubJob, settings: Settings, owner: str) -> Result:
    """Record a finished dub and its owner. Returns it as a video, with notes about problems.

    owner: as in `studio.gallery.visitors`.
    """
    return with_history(as_video(made, job, settings), settings.history, settings.outputs, owner)


def as_video(made: DubResult, job: DubJob, settings: Settings) -> Result:
    """A finished dub as the history stores a video. Its source is in the place of the portrait."""
    report = made.report
    return Result(
        job_id=made.job_id,
        path=made.path,
        frames=report.frames,
        fps=max(1, round(report.frames / made.duration)) if made.duration else 1,
        size=made.size,
        duration=made.duration,
        seconds=made.seconds,
        first_chunk_seconds=0.0,
        realtime_factor=made.realtime_factor,
        engine=made.engine,
        preset=made.preset,
        options=dict(made.options),
        seed=made.seed,
        portrait=made.video,
        speech=made.voice,
        portrait_sha256=made.video_sha256,
        speech_sha256=made.voice_sha256,
        random_weights=made.random_weights,
        notes=made.notes,
        signed=made.signed,
        incomplete=made.incomplete,
        device=settings.device,
        generated_voice=dict(made.generated_voice) if made.generated_voice is not None else None,
        dub=_about(made, job),
    )


def _about(made: DubResult, job: DubJob) -> dict[str, Any]:
    """What was asked for, and what became of the frames.

    sync_mode: as asked, None for the default. used_sync_mode: the one in use. dubbed: frames with new lips.
    passed: the others, by reason. cuts: their seconds.
    """
    asked = job.model_dump(mode="json", include={"sync_mode", "person", "max_turn", "fade"})
    report = made.report
    return asked | {
        "used_sync_mode": report.sync_mode,
        "dubbed": report.dubbed,
        "passed": dict(report.passed),
        "cuts": list(report.cuts),
    }
