"""`live`: a portrait speaks while its voice is still arriving, and is written or shown."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from commands.live_outputs import CAMERA
from commands.live_voice import PIPE
from commands.option_flags import typed
from commands.render import INCOMPLETE
from engines.registry import DEFAULT_ENGINE
from media.documents.paths import given_path
from media.errors import OptionError, OutputError, VoiceError

if TYPE_CHECKING:
    from commands.live_speech import LiveRequest

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
    microphone: Annotated[
        bool, typer.Option("--microphone", help="Take the voice of the microphone instead.")
    ] = False,
    microphone_name: Annotated[
        str | None,
        typer.Option(
            "--microphone-name", metavar="NAME", help="Which microphone: its name, or a part of it."
        ),
    ] = None,
    rate: Annotated[
        int, typer.Option("--rate", metavar="HZ", help="Samples per second of the standard input.")
    ] = 16000,
    output: Annotated[
        str,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="The .mkv file to write; - writes the same to the standard output, for a player or ffmpeg; "
            "window shows it; virtual-camera shows it in video calls.",
        ),
    ] = PIPE,
    speaker_name: Annotated[
        str | None,
        typer.Option(
            "--speaker-name", metavar="NAME", help="Which speaker plays the voice of a window or a camera."
        ),
    ] = None,
    mark: Annotated[
        bool | None,
        typer.Option(
            "--mark/--no-mark",
            help='Draw the letters "AI" into the pictures; without either, a virtual camera does.',
            show_default=False,
        ),
    ] = None,
    look_ahead: Annotated[
        int,
        typer.Option(
            "--look-ahead", metavar="MS", help="Sound after a frame that the lips wait for, 0 to 1000."
        ),
    ] = 80,
    vmc: Annotated[
        str | None,
        typer.Option(
            "--vmc",
            metavar="HOST:PORT",
            help="Send mouth, blinks, eyes and head to a VTuber program (VMC protocol), such as "
            "127.0.0.1:39539.",
        ),
    ] = None,
    vmc_shapes: Annotated[
        str,
        typer.Option(
            "--vmc-shapes",
            metavar="NAME",
            help="What it gets: vrm, the five vowels and blinks of any VRM model, or arkit, the 52 blend "
            'shapes of a model with "Perfect Sync".',
        ),
    ] = "vrm",
    live_link: Annotated[
        str | None,
        typer.Option(
            "--live-link",
            metavar="HOST:PORT",
            help="Send 52 blend shapes, head and eyes to Unreal Engine as Live Link Face, such as "
            "127.0.0.1:11111.",
        ),
    ] = None,
    live_link_name: Annotated[
        str, typer.Option("--live-link-name", metavar="NAME", help="The subject that Unreal Engine shows.")
    ] = "JoyStudio",
    engine: Annotated[
        str, typer.Option("--engine", metavar="NAME", help="One that can follow a voice as it comes.")
    ] = DEFAULT_ENGINE,
    seed: Annotated[
        int, typer.Option("--seed", metavar="NUMBER", help="The head's movements and the blinks.")
    ] = 0,
    **flags: Any,
) -> None:
    """Make a portrait speak while its voice is still arriving.

    Pictures and sound come out as a Matroska stream, in a window or through a virtual camera, as soon as the
    sound is there; --vmc and --live-link move an avatar in other programs with them. Nothing is signed.
    Ctrl-C ends the voice of a microphone or the standard input and keeps what was made; the second Ctrl-C
    cancels.
    """
    from commands.live_speech import LiveRequest, speak
    from studio.live.curve_senders import CurveTargets

    speech = LiveRequest(
        portrait=portrait,
        voice=voice,
        rate=rate,
        microphone=microphone_name or ("" if microphone else None),
        output=output,
        speaker=speaker_name,
        marked=output == CAMERA if mark is None else mark,
        look_ahead=look_ahead,
        engine=engine,
        seed=seed,
        options=typed(flags),
        curves=CurveTargets(vmc=vmc, live_link=live_link, shapes=vmc_shapes, subject=live_link_name),
    )
    _check(speech)
    broken_off = asyncio.run(speak(speech))
    if broken_off is not None:
        print(f"error: {' '.join(str(broken_off).split())}", file=sys.stderr)
        raise typer.Exit(INCOMPLETE)


def _check(speech: LiveRequest) -> None:
    """Refuse what could only fail, before the portrait is read. Raises JoyStudioError."""
    from media.devices.sdl import sdl
    from media.devices.virtual_camera import camera_package
    from studio.live.curve_senders import check_curves
    from studio.live.pushed import checked_rate

    checked_rate(speech.rate)
    speech.curves.check()
    if speech.curves:
        check_curves(speech.engine)
    if speech.shown or speech.microphone is not None:
        sdl()
    if speech.output == CAMERA:
        camera_package()
    if speech.speaker is not None and not speech.shown:
        raise OptionError("--speaker-name is for --output window and --output virtual-camera.")
    if speech.output == PIPE:
        if sys.stdout is not None and sys.stdout.isatty():
            raise OutputError(
                "The standard output is a terminal, which shows no video. Name a file with --output, choose "
                "--output window, or pipe the output into a player."
            )
    elif not speech.shown and given_path(speech.output).suffix.lower() != SUFFIX:
        path = given_path(speech.output)
        raise OutputError(
            "{path} would be a Matroska file; name it {name}.", path=path, name=path.with_suffix(SUFFIX).name
        )
    if speech.microphone is not None:
        if speech.voice != PIPE:
            raise OptionError("The voice comes from a microphone or from --input, not from both.")
    elif speech.voice == PIPE and sys.stdin is not None and sys.stdin.isatty():
        raise VoiceError(
            "The standard input is a terminal, which has no voice. Name a file with --input, use "
            "--microphone, or pipe the sound into the command."
        )
