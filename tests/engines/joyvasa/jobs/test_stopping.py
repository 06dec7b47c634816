"""A job that is stopped, or does not fit on a device, leaves nothing behind; the next one works."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor

from engines import registry
from engines.joyvasa.fast.rendering import FrameRenderer
from media.errors import OutOfMemory
from studio.events import Chunk, Progress
from studio.run import run
from studio.settings import Settings
from tests.engines.joyvasa.jobs.conftest import Cli, files_in, finish, job

Voice = Callable[[float], Path]


@pytest.mark.parametrize(("stage", "count"), [("sampling", 3), ("rendering", 4)])
def test_a_job_is_stopped_in_the_middle(
    weights_root: Path, voice: Voice, settings: Settings, portrait_file: Path, stage: str, count: int
) -> None:
    events = run(job(portrait_file, voice(4.04), inference_steps=5), settings)
    seen: list[Progress] = []
    chunks = 0
    for event in events:
        chunks += isinstance(event, Chunk)
        if isinstance(event, Progress) and event.stage == stage:
            seen.append(event)
        if len(seen) == count:
            break
    assert 0 < seen[-1].fraction < 1
    assert (chunks == 0) == (stage == "sampling")  # in the first window no picture is there yet
    assert files_in(settings.outputs) != []  # the video has been begun
    events.close()
    assert files_in(settings.outputs) == []

    loaded = registry.load("joyvasa")
    assert finish(job(portrait_file, voice(0.3)), settings).frames == 8
    assert registry.load("joyvasa") is loaded


def device_with_room_for(frames: int, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Makes every renderer fail like a GPU without room for more frames. Returns the tried batches."""
    tried: list[int] = []
    render = FrameRenderer.render

    def narrow(self: FrameRenderer, source: object, kp_driving: Tensor) -> Tensor:
        tried.append(len(kp_driving))
        if len(kp_driving) > frames:
            raise torch.cuda.OutOfMemoryError("CUDA out of memory.")
        return render(self, source, kp_driving)

    monkeypatch.setattr(FrameRenderer, "render", narrow)
    return tried


def test_a_full_device_gets_half_as_many_frames_at_once(
    weights_root: Path,
    voice: Voice,
    settings: Settings,
    portrait_file: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried = device_with_room_for(3, monkeypatch)
    assert finish(job(portrait_file, voice(0.3), batch_size=8, smoothing=0), settings).frames == 8
    assert tried == [8, 4, 2, 2, 2, 2]


def test_a_device_without_room_for_one_frame_is_reported(
    weights_root: Path,
    voice: Voice,
    settings: Settings,
    portrait_file: Path,
    in_shell: Cli,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as full:
        tried = device_with_room_for(0, full)
        with pytest.raises(OutOfMemory, match="Not even one frame fits"):
            finish(job(portrait_file, voice(0.3), batch_size=4, smoothing=0), settings)
        assert tried == [4, 2, 1]
        code, _, err = in_shell(portrait_file, voice(0.3))
        assert code == 2
        assert err.splitlines()[-1].startswith("error: Not even one frame fits into the GPU's memory.")
    assert files_in(settings.outputs) == []
    assert finish(job(portrait_file, voice(0.3)), settings).frames == 8
