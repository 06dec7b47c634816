"""`live`: a portrait speaks while its voice is still arriving, from a pipe or a file into a stream."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import ExitStack
from typing import IO, TYPE_CHECKING, Annotated, Any

import typer

from commands.option_flags import typed
from engines.registry import DEFAULT_ENGINE
from media.documents.paths import given_path
from media.errors import OutputError

if TYPE_CHECKING:
    from studio.live import LiveSession

PIPE = "-"
SUFFIX = ".mkv"
_PIECE = 0.02  # seconds that are read at a time


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
        portrait, engine=DEFAULT_ENGINE, options=options, seed=seed, paced=False, look_ahead_ms=look_ahead
    )
    async with session:
        for note in session.notes:
            print(f"note: {note}", file=sys.stderr)
        faults: list[Exception] = []
        pushing = asyncio.create_task(_push(session, voice, rate, faults))
        try:
            await _write(session, output)
        finally:
            pushing.cancel()
            await asyncio.gather(pushing, return_exceptions=True)
        if faults:
            raise faults[0]


async def _push(session: LiveSession, voice: str, rate: int, faults: list[Exception]) -> None:
    """Push the voice to its end. A fault ends the session."""
    try:
        async for pcm, its_rate in _pipe(rate) if voice == PIPE else _file(voice):
            await session.push_audio(pcm, its_rate)
        await session.flush()
    except Exception as error:
        faults.append(error)
        await session.shutdown()


async def _pipe(rate: int) -> AsyncIterator[tuple[bytes, int]]:
    size = 2 * max(1, round(_PIECE * rate))
    while piece := await asyncio.to_thread(sys.stdin.buffer.read, size):
        yield piece, rate


async def _file(voice: str) -> AsyncIterator[tuple[bytes, int]]:
    import numpy as np

    from media.sound.mono import MonoMix
    from studio.decoding import decoding_for
    from studio.settings import Settings

    sound, blocks = await asyncio.to_thread(decoding_for(Settings()).open_sound, given_path(voice))
    mix = MonoMix(sound)
    try:
        while (block := await asyncio.to_thread(next, blocks, None)) is not None:
            pcm = np.rint(np.clip(mix.add(block), -1.0, 1.0) * 32767.0).astype("<i2")
            yield pcm.tobytes(), sound.rate
    finally:
        blocks.close()


async def _write(session: LiveSession, output: str) -> None:
    """Write the frames of the voice. Without any, nothing is written."""
    from media.live_stream import LiveStream
    from media.output_file import OutputFile

    file = None if output == PIPE else OutputFile(given_path(output))
    target: str | IO[bytes] = str(file.path) if file else sys.stdout.buffer
    stream: LiveStream | None = None
    picture = session.get_first_frame()
    try:
        with ExitStack() as open_until_the_end:
            async for frame in session.run():
                if frame.rgb_image is not None:
                    picture = frame.rgb_image
                if stream is None:
                    height, width = picture.shape[:2]
                    made = LiveStream(target, (width, height), session.settings.FPS, frame.sample_rate)
                    stream = open_until_the_end.enter_context(made)
                await asyncio.to_thread(stream.add, picture, frame.samples)
                if frame.end_of_speech:
                    break
    except BaseException:
        if file:
            file.discard()
        raise
    if file:
        if stream is None:
            file.discard()
        else:
            file.keep()
