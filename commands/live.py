"""`live`: a portrait speaks while its voice is still arriving, from a pipe or a file into a stream."""

from __future__ import annotations

import asyncio
import math
import sys
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from commands.live_voice import PIPE, in_thread, voice_from
from commands.option_flags import typed
from commands.pipes import StandardOutput
from engines.registry import DEFAULT_ENGINE
from media.documents.paths import given_path
from media.documents.quoting import shown
from media.errors import LiveEnded, OutputError, SpeechError

if TYPE_CHECKING:
    from studio.live import LiveSession

SUFFIX = ".mkv"


def live(
    portrait: Annotated[str, typer.Argument(metavar="PORTRAIT", help="An image with a face.")],
    voice: Annotated[
        str,
        typer.Option(
            "--input",
            "-i",
            metavar="FILE",
            help="An audio or video file with a voice; - reads mono PCM of 16 bit from the standard input.",
        ),
    ] = PIPE,
    rate: Annotated[
        int, typer.Option("--rate", metavar="HZ", help="Samples per second of the standard input.")
    ] = 16000,
    output: Annotated[
        str,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="The .mkv file to write; - writes the same to the standard output, for a player or ffmpeg.",
        ),
    ] = PIPE,
    look_ahead: Annotated[
        int,
        typer.Option(
            "--look-ahead", metavar="MS", help="Sound after a frame that the lips wait for, 0 to 1000."
        ),
    ] = 80,
    seed: Annotated[
        int, typer.Option("--seed", metavar="NUMBER", help="The head's movements and the blinks.")
    ] = 0,
    **flags: Any,
) -> None:
    """Make a portrait speak while its voice is still arriving.

    Pictures and sound come out as a Matroska stream, as soon as the sound is there. It is not signed.
    """
    if output != PIPE and given_path(output).suffix.lower() != SUFFIX:
        path = given_path(output)
        raise OutputError(
            "{path} would be a Matroska file; name it {name}.", path=path, name=path.with_suffix(SUFFIX).name
        )
    asyncio.run(_speak(portrait, voice, rate, output, look_ahead, seed, typed(flags)))


async def _speak(
    portrait: str, voice: str, rate: int, output: str, look_ahead: int, seed: int, options: dict[str, Any]
) -> None:
    from studio.live import LiveSession

    session = await LiveSession.open(
        portrait,
        engine=DEFAULT_ENGINE,
        options=options,
        seed=seed,
        paced=False,
        look_ahead_ms=look_ahead,
        unread_seconds=math.inf,  # a player may pause
    )
    async with session:
        for note in session.notes:
            print(f"note: {note}", file=sys.stderr)
        faults: list[Exception] = []
        pushing = asyncio.create_task(_push(session, voice, rate, faults))
        try:
            await (_to_pipe(session) if output == PIPE else _to_file(session, output))
        finally:
            pushing.cancel()
            await asyncio.gather(pushing, return_exceptions=True)
        if faults:
            raise faults[0]


async def _push(session: LiveSession, voice: str, rate: int, faults: list[Exception]) -> None:
    """Push the voice to its end. A fault ends the session."""
    silent = True
    try:
        async for pcm, its_rate in voice_from(voice, rate):
            silent = silent and not pcm
            await session.push_audio(pcm, its_rate)
        if silent:  # then no frame would ever come
            source = "the standard input" if voice == PIPE else shown(voice)
            raise SpeechError("No sound came from {source}. Check what makes it.", source=source)
        await session.flush()
    except LiveEnded:
        pass  # whatever reads the frames raises the reason
    except Exception as error:
        faults.append(error)
        await session.shutdown()


async def _to_pipe(session: LiveSession) -> None:
    """Write to the standard output, until the voice or its player ends."""
    with StandardOutput() as pipe:

        async def end_with_player() -> None:
            await pipe.gone.wait()
            await session.shutdown()

        ending = asyncio.create_task(end_with_player())
        try:
            await _write(session, pipe, cancelled=pipe.leave)
        finally:
            ending.cancel()
            await asyncio.gather(ending, return_exceptions=True)


async def _to_file(session: LiveSession, output: str) -> None:
    """Write a file. Without a voice, there is none."""
    from av.error import FFmpegError

    from media.output_file import OutputFile, explain_output_error

    file = OutputFile(given_path(output))
    try:
        written = await _write(session, str(file.path))
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
    session: LiveSession, target: str | StandardOutput, *, cancelled: Callable[[], None] = lambda: None
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
            await in_thread(partial(stream.add, picture, frame.samples), cancelled=cancelled)
            if frame.end_of_speech:
                break
    return stream is not None
