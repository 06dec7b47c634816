"""`dub`: a video of a person and a new voice, or a text, become the same video with new lips."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from commands.flag_names import as_flags
from commands.job_flags import AsJson, AudioTrack, Preset, Seed, Text
from commands.option_flags import typed
from commands.progress_line import ProgressLine
from commands.render import INCOMPLETE, Yes, ask_before_long, direct
from commands.speech_flags import Language, SpeechEngine, SpeechVoice, Speed, spoken_text
from engines.registry import DEFAULT_ENGINE
from media.documents.paths import given_path
from media.documents.quoting import whole
from media.errors import OptionError

if TYPE_CHECKING:
    from studio.dubbing.job import DubJob
    from studio.dubbing.result import DubResult


def dub(
    video: Annotated[str, typer.Argument(metavar="VIDEO", help="A video of a person.")],
    voice: Annotated[
        str | None,
        typer.Argument(metavar="VOICE", help="A sound or video file with the new voice.", show_default=False),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="The video to write. Default: a new name in outputs/."
        ),
    ] = None,
    text: Text = None,
    language: Language = None,
    speech_engine: SpeechEngine = None,
    speech_voice: SpeechVoice = None,
    speed: Speed = None,
    sync_mode: Annotated[
        str | None,
        typer.Option(
            "--sync-mode",
            metavar="MODE",
            help="If voice and video differ in length: bounce (backwards and forwards again), loop, cut_off, "
            "silence (the shorter voice ends in silence) or remap (the video runs faster or slower). "
            "Default: bounce under a longer voice, silence after a shorter one.",
        ),
    ] = None,
    person: Annotated[
        str | None,
        typer.Option(
            "--person",
            metavar="WHO",
            help="Who speaks: largest, all, or X,Y@T: a point on the face in pixels, or in parts of width "
            "and height, and the second at which it is there. Default: largest.",
        ),
    ] = None,
    max_turn: Annotated[
        str | None,
        typer.Option(
            "--max-turn",
            metavar="DEGREES",
            help="Frames in which the head is turned further stay as they are. [5 to 60; default 30]",
        ),
    ] = None,
    fade: Annotated[
        str | None,
        typer.Option(
            "--fade",
            metavar="SECONDS",
            help="How long the new mouth fades in and out beside frames that stay as they are. [0 to 2; "
            "default 0.12]",
        ),
    ] = None,
    report: Annotated[
        str | None,
        typer.Option(
            "--report", metavar="FILE", help="Write a JSON file about frames, cuts, faces and what was kept."
        ),
    ] = None,
    audio_track: AudioTrack = None,
    engine: Annotated[
        str | None,
        typer.Option("--engine", metavar="NAME", help=f"The engine that paints. Default: {DEFAULT_ENGINE}."),
    ] = None,
    preset: Preset = None,
    seed: Seed = None,
    yes: Yes = False,
    as_json: AsJson = False,
    **flags: Any,
) -> None:
    """Give a video of a person the lips for another voice.

    Every frame and its time stay. Frames without a usable face pass through as they are, and outside of the
    mouth the picture stays the video's own.
    """
    if voice is None and text is None:
        raise OptionError("Give the new voice, or a text to speak with --text.")
    from studio.dubbing.job import DubJob
    from studio.dubbing.result import report_file, write_report
    from studio.presets import load_preset

    engine = engine or DEFAULT_ENGINE
    values = load_preset(engine, preset).values if preset else {}
    wished = {"sync_mode": sync_mode, "person": person, "max_turn": max_turn, "fade": fade}
    job = DubJob(
        engine=engine,
        video=Path(video),
        voice=Path(voice) if voice is not None else None,
        spoken=spoken_text(text, language, speech_engine, speech_voice, speed),
        audio_track=audio_track,
        options=values | typed(flags),
        preset=preset,
        seed=seed or 0,
        output=Path(output) if output else None,
        **{name: value for name, value in wished.items() if value is not None},
    )
    if not yes:
        ask_before_long([job])
    file = report_file(given_path(report), job) if report is not None else None
    try:
        result = _made(job)
        if file is not None:
            write_report(result, file)
    finally:
        if file is not None:
            file.discard()
    raise typer.Exit(_tell(result, as_json=as_json))


def _made(job: DubJob) -> DubResult:
    from studio.dubbing.events import DubFinished
    from studio.dubbing.run import run_dub
    from studio.events import Progress
    from studio.settings import Settings

    line = ProgressLine(sys.stderr)
    try:
        with closing(run_dub(job, direct(Settings()))) as events:
            for event in events:
                if isinstance(event, Progress):
                    line.show(event)
                elif isinstance(event, DubFinished):
                    result = event.result
    finally:
        line.clear()
    return result


def _tell(result: DubResult, *, as_json: bool) -> int:
    code = INCOMPLETE if result.incomplete else 0
    if as_json:
        print(json.dumps(result.as_json()))
        return code
    for note in result.notes:
        print(f"note: {as_flags(note)}")
    for reason, count in result.report.passed.items():
        print(
            f"1 frame stays as it is: {reason}"
            if count == 1
            else f"{count} frames stay as they are: {reason}"
        )
    print(
        f"{whole(result.path)}: {result.report.dubbed} of {result.report.frames} frames dubbed, "
        f"{result.duration:.1f} s of video in {result.seconds:.1f} s, {result.size[0]}x{result.size[1]}"
    )
    return code
