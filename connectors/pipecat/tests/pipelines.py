"""Real pipelines around one service, whose frames a test sends and sees."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import wraps
from typing import Any, TypeVar

from pipecat.frames.frames import EndFrame, Frame, InterruptionFrame, TTSAudioRawFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineWorker
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.workers.runner import WorkerRunner

from fake_server import FakeServer, fake_server

F = TypeVar("F", bound=Frame)


class Tap(FrameProcessor):
    """Notes what passes it in one direction."""

    def __init__(self, direction: FrameDirection) -> None:
        super().__init__()
        self.seen: asyncio.Queue[Frame] = asyncio.Queue()
        self._direction = direction

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if direction == self._direction:
            self.seen.put_nowait(frame)
        await self.push_frame(frame, direction)

    async def next(self, kind: type[F]) -> F:
        """The next frame of this type; the ones before it are forgotten."""
        while True:
            frame = await self.seen.get()
            if isinstance(frame, kind):
                return frame

    def rest(self) -> list[Frame]:
        """All that has come by now."""
        return [self.seen.get_nowait() for _ in range(self.seen.qsize())]


class Bot:
    """A running pipeline. before: sees what goes upstream. after: what comes out of the service."""

    def __init__(self, worker: PipelineWorker, before: Tap, after: Tap) -> None:
        self._worker, self.before, self.after = worker, before, after

    async def send(self, *frames: Frame) -> None:
        """Send frames into the service."""
        for frame in frames:
            await self._worker.queue_frame(frame)

    async def end(self) -> None:
        """End the pipeline as a bot does that has said goodbye."""
        await self.send(EndFrame())


@asynccontextmanager
async def running(service: FrameProcessor, *more: FrameProcessor) -> AsyncIterator[Bot]:
    """A pipeline of this service and what follows it; ends with the block."""
    before, after = Tap(FrameDirection.UPSTREAM), Tap(FrameDirection.DOWNSTREAM)
    worker = PipelineWorker(
        Pipeline([before, service, after, *more]), cancel_on_idle_timeout=False, enable_rtvi=False
    )
    started = asyncio.Event()

    @worker.event_handler("on_pipeline_started")
    async def begun(*_: Any) -> None:
        started.set()

    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(worker)
    run = asyncio.create_task(runner.run())
    try:
        await started.wait()
        yield Bot(worker, before, after)
    finally:
        await worker.cancel()
        await run


def speech(seconds: float, level: int = 1000, rate: int = 24000, context_id: str | None = "reply") -> Frame:
    """Sound as a voice service makes it."""
    sound = level.to_bytes(2, "little", signed=True) * round(seconds * rate)
    return TTSAudioRawFrame(sound, rate, 1, context_id=context_id)


def levels(frame: TTSAudioRawFrame) -> set[int]:
    """The values of the samples of a sound."""
    return set(memoryview(frame.audio).cast("h"))


def with_fake(test: Callable[[FakeServer], Awaitable[None]]) -> Callable[[], None]:
    """Run a test with a server of its own, no longer than it may take."""

    @wraps(test)
    def run() -> None:
        async def with_server() -> None:
            async with asyncio.timeout(30), fake_server() as server:
                await test(server)

        asyncio.run(with_server())

    del run.__wrapped__  # pytest would look for a fixture
    return run


__all__ = ["Bot", "InterruptionFrame", "Tap", "levels", "running", "speech", "with_fake"]
