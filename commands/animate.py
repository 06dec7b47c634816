"""`animate`: a portrait, and a voice or a text, become a video."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from commands.desk_flags import Background, Crop, Shape, Turn, portrait_edit
from commands.job_flags import AsJson, AudioTrack, Preset, Seed, Text
from commands.option_flags import anchor_points, typed
from commands.render import Yes, ask_before_long, make_video, tell
from commands.speech_flags import Language, SpeechEngine, SpeechVoice, Speed, spoken_text
from engines.registry import DEFAULT_ENGINE
from media.errors import OptionError

if TYPE_CHECKING:
    from studio.given_performance import GivenPerformance


def animate(
    portrait: Annotated[
        str | None, typer.Argument(metavar="PORTRAIT", help="An image with a face.", show_default=False)
    ] = None,
    voice: Annotated[
        str | None,
        typer.Argument(metavar="VOICE", help="An audio or video file with a voice.", show_default=False),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help=("The .mp4 file to write. Default: a new name in outputs/."),
        ),
    ] = None,
    second_voice: Annotated[
        str | None,
        typer.Option(
            "--second-voice",
            metavar="FILE",
            help="The voice of a second face of the portrait, so that two people speak in one video.",
        ),
    ] = None,
    stereo_voices: Annotated[
        bool,
        typer.Option(
            "--stereo-voices",
            help="The left channel of VOICE is the left face's voice, and the right channel the right one's.",
        ),
    ] = False,
    second_start: Annotated[
        str | None,
        typer.Option(
            "--second-start",
            metavar="SECONDS",
            help="When the second voice begins. Default: when the first ends; 0: both together.",
        ),
    ] = None,
    second_face: Annotated[
        str | None,
        typer.Option(
            "--second-face",
            metavar="INTEGER",
            help="Which face has the second voice. Default: the largest other one.",
        ),
    ] = None,
    text: Text = None,
    language: Language = None,
    speech_engine: SpeechEngine = None,
    speech_voice: SpeechVoice = None,
    speed: Speed = None,
    engine: Annotated[
        str | None,
        typer.Option(
            "--engine", metavar="NAME", help=f"The engine to use; see `engines`. Default: {DEFAULT_ENGINE}."
        ),
    ] = None,
    preset: Preset = None,
    seed: Seed = None,
    face_index: Annotated[
        str | None,
        typer.Option(
            "--face-index", metavar="INTEGER", help="Which face to animate. Default: 0, the largest."
        ),
    ] = None,
    anchors: Annotated[
        tuple[str, str, str] | None,
        typer.Option(
            "--anchors",
            metavar="X,Y X,Y X,Y",
            help="An animal's left eye, right eye and mouth, in pixels of the portrait.",
        ),
    ] = None,
    turn: Turn = None,
    crop: Crop = None,
    shape: Shape = None,
    background: Background = None,
    audio_track: AudioTrack = None,
    performance: Annotated[
        str | None,
        typer.Option(
            "--performance",
            metavar="FILE",
            help="A recorded performance that drives the face: Live Link Face CSV, Audio2Face JSON or CSV, "
            ".vrma, Rhubarb cues and others; for joyvasa, a motion template of LivePortrait (.pkl). "
            "With VOICE, or alone.",
        ),
    ] = None,
    rate: Annotated[
        str | None,
        typer.Option(
            "--rate",
            metavar="NUMBER",
            help="Frames per second of the performance, for files that do not say it: 30 or 30000/1001.",
        ),
    ] = None,
    angles: Annotated[
        str | None,
        typer.Option(
            "--angles",
            metavar="auto|deg|rad",
            help="The unit of the performance's head angles. Default: auto.",
        ),
    ] = None,
    mouth: Annotated[
        str | None,
        typer.Option(
            "--mouth",
            metavar="file|voice",
            help="What moves the mouth: the performance, or VOICE while the performance moves the rest. "
            "Default: file.",
        ),
    ] = None,
    motion: Annotated[
        str | None,
        typer.Option(
            "--motion",
            metavar="FILE",
            help="Render the motion that an earlier job saved next to its video, without sampling it again.",
        ),
    ] = None,
    config: Annotated[
        str | None,
        typer.Option(
            "--config",
            metavar="FILE",
            help="Make all videos listed in a file like JoyHallo's inference.yaml.",
        ),
    ] = None,
    yes: Yes = False,
    as_json: AsJson = False,
    **flags: Any,
) -> None:
    """Make a talking video from a portrait and a voice, or from a portrait and a text.

    Put `--` before file names that begin with a dash.
    """
    if config is not None:
        spoken = (text, language, speech_engine, speech_voice, speed)
        edits = (turn, crop, shape, background)
        second = (second_voice, stereo_voices, second_start, second_face)
        given = (portrait, output, anchors, motion, face_index, audio_track)
        recorded = (performance, rate, angles, mouth)
        _only_with_config(*given, *spoken, *edits, *second, *recorded)
        raise typer.Exit(_animate_all(config, engine, preset, seed, typed(flags), as_json, yes=yes))
    if portrait is None or (voice is None and text is None and performance is None):
        raise OptionError(
            "Give a portrait and a voice or --text, or a file that names portraits and voices with --config."
        )
    from studio.job import Job
    from studio.presets import load_preset

    engine = engine or DEFAULT_ENGINE
    values = load_preset(engine, preset).values if preset else {}
    job = Job(
        engine=engine,
        portrait=Path(portrait),
        voice=Path(voice) if voice is not None else None,
        spoken=spoken_text(text, language, speech_engine, speech_voice, speed),
        options=values | typed(flags),
        preset=preset,
        seed=seed or 0,
        face_index=face_index or 0,
        anchors=anchor_points(anchors),
        portrait_edit=portrait_edit(turn, crop, shape, background),
        audio_track=audio_track,
        second_voice=Path(second_voice) if second_voice is not None else None,
        stereo_voices=stereo_voices,
        second_start=second_start,
        second_face=second_face,
        motion=Path(motion) if motion else None,
        performance=_performance(performance, rate, angles, mouth),
        output=Path(output) if output else None,
    )
    if not yes:
        ask_before_long([job])
    raise typer.Exit(tell(make_video(job), as_json=as_json, motion_is_new=not motion))


def _performance(
    file: str | None, rate: str | None, angles: str | None, mouth: str | None
) -> GivenPerformance | None:
    """The performance that the flags describe. Raises OptionError for a flag about a missing one."""
    how = {"rate": rate, "angles": angles, "mouth": mouth}
    wish = {name: value for name, value in how.items() if value is not None}
    if file is None:
        if wish:
            raise OptionError(
                "--rate, --angles and --mouth are for a recorded performance. Give one with --performance, "
                "or leave them out."
            )
        return None
    from studio.given_performance import GivenPerformance

    return GivenPerformance.model_validate({"file": file, **wish})


def _only_with_config(*given: object) -> None:
    if any(value is not None and value is not False for value in given):  # "" was typed, too
        raise OptionError(
            "The --config file names the portraits, voices and outputs. Leave out these arguments, "
            "--text and what belongs to it, the flags of a second voice, --anchors, --face-index, "
            "--audio-track, --motion, --performance, --turn, --crop, --shape and --background."
        )


def _animate_all(
    config: str,
    engine: str | None,
    preset: str | None,
    seed: str | None,
    options: dict[str, Any],
    as_json: bool,
    *,
    yes: bool,
) -> int:
    from commands.config_file import animate_all

    return animate_all(
        Path(config),
        engine=engine,
        preset=preset,
        typed=options,
        seed=seed,
        as_json=as_json,
        yes=yes,
    )
