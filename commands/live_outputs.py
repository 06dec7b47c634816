"""Where the command `live` puts what it makes: a file, or the standard output."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING

from commands.live_voice import in_thread
from commands.pipes import StandardOutput
from media.documents.paths import given_path

if TYPE_CHECKING:
    from studio.live import LiveFrame, LiveSession

    Follow = Callable[[LiveFrame], Awaitable[None]]
WINDOW, CAMERA = "window", "virtual-camera"


async def to_pipe(session: LiveSession, follow: Follow | None = None) -> None:
    """Write to the standard output, until the voice or its player ends. follow: called with each frame."""
    with StandardOutput() as pipe:

        async def end_with_player() -> None:
            await pipe.gone.wait()
            await session.shutdown()

        ending = asyncio.create_task(end_with_player())
        try:
            await _write(session, pipe, follow, cancelled=pipe.leave)
        finally:
            ending.cancel()
            await asyncio.gather(ending, return_exceptions=True)


async def to_file(session: LiveSession, output: str, follow: Follow | None = None) -> None:
    """Write a file. Without a voice, there is none. follow: called with each frame."""
    from av.error import FFmpegError

    from media.output_file import OutputFile, explain_output_error

    file = OutputFile(given_path(output))
    try:
        written = await _write(session, str(file.path), follow)
    except (OSError, FFmpegError) as error:
        file.discard()
        raise explain_output_error(error, file.target) from error
    except BaseException:
        file.discard()
        raise
    if written:
        file.keep()
    else:
        file.discard()


async def _write(
    session: LiveSession,
    target: str | StandardOutput,
    follow: Follow | None,
    *,
    cancelled: Callable[[], None] = lambda: None,
) -> bool:
    """Write the frames of the voice. Returns whether there was one; without it, nothing is written."""
    from media.live_stream import LiveStream

    stream: LiveStream | None = None
    picture = session.get_first_frame()
    with ExitStack() as open_until_the_end:
        async for frame in session.run():
            if frame.rgb_image is not None:
                picture = frame.rgb_image
            if stream is None:
                height, width = picture.shape[:2]
                made = LiveStream(target, (width, height), session.settings.FPS, frame.sample_rate)
                stream = open_until_the_end.enter_context(made)
            if follow is not None:
                await follow(frame)
            await in_thread(partial(stream.add, picture, frame.samples), cancelled=cancelled)
            if frame.end_of_speech:
                break
    return stream is not None
