"""Estimates how long a dub takes on this machine."""

from __future__ import annotations

from statistics import median

from engines import registry
from engines.base import EngineOptions
from media.dubbing.lengths import SyncMode
from studio.dubbing.view import VideoView
from studio.estimate import NETWORK_SHARE, Estimate, earlier_videos
from studio.hosting.gpu_time import gpu_work
from studio.options import make_options
from studio.processor import processor_speed
from studio.settings import Settings
from studio.weights_report import report_weights

_FRAME, _MEGAPIXEL = 0.010, 0.007
"""Seconds on two ordinary cores for following and painting the face of a frame, and for each million of its
pixels."""
_FACE, _DEEP = 0.008, 1.7
"""Seconds for each further face, and how much longer pixels of more than 8 bits take, most of it encoding."""
_TELLING = 5.0
"""Seconds of work from which an earlier dub tells the speed: the start of the program takes some."""


def estimate_dub(
    engine: str,
    options: EngineOptions,
    video: VideoView,
    voice: float,
    *,
    sync_mode: SyncMode | None = None,
    faces: int = 1,
    settings: Settings | None = None,
) -> Estimate:
    """The time that a dub will take. voice: seconds. faces: to be dubbed in each frame.

    If the device has made dubs with this engine and the same kind of weights, random or real, their times are
    scaled to the work of this one, as for other videos.
    """
    settings = settings or Settings()
    report = report_weights(engine)
    random_weights = report is not None and report.random_weights
    tiny = report is not None and report.tiny
    seconds, frames = dub_length(video, voice, sync_mode)
    pixels = video.size[0] * video.size[1] * (_DEEP if video.depth > 8 else 1.0)
    work = _work(engine, options, min(seconds, voice), frames, pixels, settings.device, tiny, faces)
    earlier = [
        (
            one.seconds,
            _work(
                engine,
                make_options(engine),
                one.duration,
                one.frames,
                one.size[0] * one.size[1],
                one.device,
                tiny,
            ),
        )
        for one in earlier_videos(settings, dubs=True)
        if (one.engine, one.device, one.random_weights) == (engine, settings.device, random_weights)
        and (one.dub or {}).get("person") != "all"  # it is not stored how many faces there were
    ]
    rates = [took / expected for took, expected in earlier if expected >= _TELLING]
    networks = registry.spec_of(engine).cost is not None
    return Estimate(work * (median(rates) if rates else 1.0), bool(rates), settings.device, networks)


def dub_length(video: VideoView, voice: float, sync_mode: SyncMode | None) -> tuple[float, int]:
    """Seconds and number of frames of a dub. voice: seconds."""
    if sync_mode == "remap":
        return voice, max(1, round(video.seconds * video.fps))
    seconds = min(voice, video.seconds) if sync_mode == "cut_off" else max(voice, video.seconds)
    return seconds, max(1, round(seconds * video.fps))


def _work(
    engine: str,
    options: EngineOptions,
    voice: float,
    frames: int,
    pixels: float,
    device: str,
    tiny: bool,
    faces: int = 1,
) -> float:
    """Seconds that the dub should take; once there are earlier ones, only proportions matter."""
    base = 1.0 + frames * (_FRAME + _FACE * (faces - 1) + _MEGAPIXEL * pixels / 1e6)
    cost = registry.spec_of(engine).cost
    if cost is None:
        return base
    if device.startswith("cuda"):
        sampling = gpu_work(engine, options, voice) - cost.gpu_frame * voice * options.fps
        painted = faces * frames
        return base + sampling + cost.gpu_frame * (1 + cost.dub_gflop / max(cost.frame_gflop, 1.0)) * painted
    steps = getattr(options, "inference_steps", 0) or cost.steps
    step, frame = cost.tiny if tiny and cost.tiny else (cost.step_gflop, cost.frame_gflop + cost.dub_gflop)
    operations = step * steps * max(1, -(-voice // cost.stretch)) + frame * frames * faces
    return base + operations / (NETWORK_SHARE * processor_speed())
