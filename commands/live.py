"""`live`: a portrait speaks while its voice is still arriving, from a pipe or a file into a stream."""

from __future__ import annotations

import asyncio
import math
import sys
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from commands.live_outputs import to_file, to_pipe
from commands.live_voice import PIPE, Voice, opened_voice
from commands.option_flags import typed
from commands.render import INCOMPLETE
from commands.signals import first_signal_calls
from engines.registry import DEFAULT_ENGINE
from media.documents.paths import given_path
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
    Ctrl-C ends a voice from the standard input and keeps what was made; the second Ctrl-C cancels.
    """
    _check(voice, rate, output)
    broken_off = asyncio.run(_speak(portrait, voice, rate, output, look_ahead, seed, typed(flags)))
    if broken_off is not None:
        print(f"error: {' '.join(str(broken_off).split())}", file=sys.stderr)
        raise typer.Exit(INCOMPLETE)


def _check(voice: str, rate: int, output: str) -> None:
    """Refuse what could only fail, before the portrait is read. Raises OutputError and SpeechError."""
    from studio.live.pushed import checked_rate

    checked_rate(rate)
    if output != PIPE and given_path(output).suffix.lower() != SUFFIX:
        path = given_path(output)
        raise OutputError(
            "{path} would be a Matroska file; name it {name}.", path=path, name=path.with_suffix(SUFFIX).name
        )
    if output == PIPE and sys.stdout is not None and sys.stdout.isatty():
        raise OutputError(
            "The standard output is a terminal, which shows no video. Name a file with --output, or pipe "
            "the output into a player."
        )
    if voice == PIPE and sys.stdin is not None and sys.stdin.isatty():
        raise SpeechError(
            "The standard input is a terminal, which has no voice. Name a file with --input, or pipe "
            "the sound into the command."
        )


async def _speak(
    portrait: str, source: str, rate: int, output: str, look_ahead: int, seed: int, options: dict[str, Any]
) -> SpeechError | None:
    """Speak the voice to its end. Returns why it broke off, if it did after a part that was spoken."""
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
    async with session, opened_voice(source, rate) as voice:
        for note in session.notes:
            print(f"note: {note}", file=sys.stderr)
        with first_signal_calls(partial(_end, voice.end)) if voice.end else nullcontext():
            pushing = asyncio.create_task(_push(session, voice))
            try:
                await (to_pipe(session) if output == PIPE else to_file(session, output))
            finally:
                pushing.cancel()
                await asyncio.gather(pushing, return_exceptions=True)
        return None if pushing.cancelled() else pushing.result()


def _end(end: Callable[[], None]) -> None:
    print("The voice ends here. Press Ctrl-C again to cancel.", file=sys.stderr)
    end()


async def _push(session: LiveSession, voice: Voice) -> SpeechError | None:
    """Push the voice to its end. Returns why it broke off, if it did after a part, which is spoken.

    Raises SpeechError, after the end of the session, if no sound came, as then no frame would ever come.
    """
    pushed = 0
    try:
        async for pcm in voice.pieces:
            await session.push_audio(pcm, voice.rate)
            pushed += len(pcm)
        if not pushed:
            raise SpeechError("No sound came from {source}. Check what makes it.", source=voice.name)
        await session.flush()
    except LiveEnded:
        pass  # whatever reads the frames raises the reason
    except SpeechError as error:
        if not pushed:
            await session.shutdown()
            raise
        await session.flush()
        return SpeechError(
            "The voice broke off after {seconds:.1f} seconds, which were spoken. {reason}",
            seconds=pushed / 2 / voice.rate,
            reason=error.message,
        )
    except Exception:
        await session.shutdown()
        raise
    return None
