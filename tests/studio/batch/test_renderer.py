"""A renderer of Ray Serve whose client leaves."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any, cast

import pytest

from engines.cost import CostModel
from studio.provenance.signing import Signer
from studio.serving.renderer import RendererReplica
from studio.serving.request import VideoRequest
from tests.fake_engine import FakeOptions, FakeWorld, registered, spec_for


def test_a_client_that_leaves_while_its_video_is_signed_leaves_no_video(
    world: FakeWorld,
    portrait_file: Path,
    voice_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    signing, go_on = threading.Event(), threading.Event()
    sign = Signer.__call__

    def held(signer: Signer, path: Path) -> None:
        sign(signer, path)
        signing.set()
        go_on.wait(60)

    monkeypatch.setattr(Signer, "__call__", held)
    monkeypatch.setenv("JOYSTUDIO_OUTPUTS", str(tmp_path))
    order = VideoRequest(portrait_file.read_bytes(), voice_file.read_bytes(), {"engine": "fake"})
    renderer = RendererReplica(["fake"])

    async def leave() -> None:
        events = cast("AsyncGenerator[dict[str, Any]]", renderer.render(order, str(tmp_path / "a.mp4")))

        async def listen() -> None:
            async for _ in events:
                pass

        client = asyncio.create_task(listen())
        assert await asyncio.to_thread(signing.wait, 60)
        client.cancel()
        with pytest.raises(asyncio.CancelledError):
            await client
        await events.aclose()

    asyncio.run(leave())
    go_on.set()
    renderer._thread.shutdown()  # waits for the work and for its end
    assert signing.is_set()
    assert [path.name for path in tmp_path.iterdir() if ".sqlite" not in path.name] == []


def test_a_full_disk_is_the_servers_fault_and_a_bad_portrait_is_not(
    world: FakeWorld, portrait_file: Path, voice_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOYSTUDIO_OUTPUTS", str(tmp_path))
    renderer = RendererReplica(["fake"])
    (tmp_path / "taken").write_text("a file in the place of a folder")

    async def last(portrait: bytes, video: Path) -> dict[str, Any]:
        order = VideoRequest(portrait, voice_file.read_bytes(), {"engine": "fake"})
        return [event async for event in renderer.render(order, str(video))][-1]

    picture = portrait_file.read_bytes()
    for portrait, video, fault in (
        (picture, tmp_path / "taken" / "a.mp4", True),
        (b"no picture", tmp_path / "a.mp4", False),
    ):
        told = asyncio.run(last(portrait, video))
        assert (bool(told["error"]), told["fault"]) == (True, fault)
    renderer._thread.shutdown()


def test_hours_of_work_are_refused_unless_they_are_accepted(
    portrait_file: Path, voice_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOYSTUDIO_OUTPUTS", str(tmp_path))
    cost = CostModel(
        steps=1, stretch=1.0, step_gflop=1e9, frame_gflop=0, gpu_start=1, gpu_step=1, gpu_frame=1
    )
    portrait, voice = portrait_file.read_bytes(), voice_file.read_bytes()

    async def last(renderer: RendererReplica, *, accept_long: bool) -> dict[str, Any]:
        order = VideoRequest(portrait, voice, {"engine": "slow"}, accept_long)
        return [event async for event in renderer.render(order, str(tmp_path / "a.mp4"))][-1]

    with registered(spec_for("slow", FakeOptions, FakeWorld().engine(), cost=cost)):
        renderer = RendererReplica(["slow"])
        refused = asyncio.run(last(renderer, accept_long=False))
        assert "send accept_long=true" in refused["error"]
        assert not refused["fault"]
        assert not (tmp_path / "a.mp4").exists()
        assert asyncio.run(last(renderer, accept_long=True))["state"] == "done"
        renderer._thread.shutdown()
