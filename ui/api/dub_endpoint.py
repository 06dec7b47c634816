"""The endpoint that dubs: takes a video and a voice, and returns progress and finally the new video."""

from __future__ import annotations

import json
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import gradio as gr

from engines.registry import DEFAULT_ENGINE
from media.errors import OptionError
from speech.text import checked_text
from studio.admission import Line
from studio.consent import STATEMENT, check_consent
from studio.downloads import settings_json
from studio.dubbing.events import DubFinished
from studio.dubbing.job import DUB_FIELDS, DubJob
from studio.dubbing.presets import dub_presets
from studio.dubbing.recorded import recorded
from studio.dubbing.run import run_dub
from studio.events import Progress
from studio.long_jobs import ACCEPT, check_practical
from studio.presets import load_preset
from studio.settings import Settings
from studio.spoken_text import asked_for
from ui.api.endpoint import component_of, news_of, waits
from ui.api.job_endpoint import Answer, Asked, job_function
from ui.api.owner import ABOUT as OWNER_ABOUT
from ui.api.owner import OWNER, Caller
from ui.api.parameters import LONG, TEXT, TRACK, Parameter
from ui.components.addressed import AddressedFiles
from ui.components.dub_words import acting_options
from ui.components.input_checks import needed_voice
from ui.components.result import download_files
from ui.event_settings import SILENT
from ui.in_turn import LastValue
from ui.server.addresses import page_address
from ui.tabs.dub.asked import needed_video
from ui.uploads_used import note_uploads

NAME = "dub"
SECONDS_BETWEEN_NEWS = 0.2
ABOUT = (
    "Give a video of a person new lips for another voice. During the job, the first output is empty and the "
    "second reports the stage, the fraction and the seconds left; at the end, they are the video and all its "
    "settings, with a report about the frames under dub. Send a file as a public address, as a data: address "
    "in base64, or as the path from the answer of the upload address."
)


def dub_parameters(engines: Sequence[str], presets: Path) -> tuple[Parameter, ...]:
    """Video and voice, what a dub is asked for, and the options that act in one."""
    fields = DubJob.model_json_schema()["properties"]
    given = [
        Parameter("video", "Video", "A video of a person: MP4, MOV, WebM, GIF and others.", {}),
        Parameter("voice", "Voice", "A recording of one person who speaks, or a video with sound.", {}),
        Parameter("consent", "Consent", f"Must be true. It states: {STATEMENT}", {"type": "boolean"}, False),
        *(_field(name, fields[name]) for name in DUB_FIELDS),
        Parameter("seed", "Seed", fields["seed"]["description"], {"type": "integer", "minimum": 0}, 0),
    ]
    if named := sorted({one.name for engine in engines for one in dub_presets(engine, presets)}):
        what = "A named set of options of the engine; those that are given as well go before it."
        given.append(Parameter("preset", "Preset", what, {"type": "string", "enum": named}))
    given.append(Parameter("audio_track", "Audio track", TRACK, {"type": "integer", "minimum": 1}))
    choice = {"type": "string", "enum": list(engines)}
    given.append(Parameter("engine", "Engine", "The engine that paints.", choice, engines[0]))
    acting = [f"{', '.join(one.name for one in acting_options(name))} of {name}" for name in engines]
    about = f"Options of the engine that act in a dub, by name: {'; '.join(acting)}."
    given.append(Parameter("options", "Options", about, {"type": "object"}))
    accept = Parameter("accept_long", "Accept a long job", LONG, {"type": "boolean"}, False)
    return (*given, Parameter("owner", "Owner", OWNER_ABOUT, OWNER), *TEXT, accept)


def _field(name: str, schema: Mapping[str, Any]) -> Parameter:
    kinds = [schema, *schema.get("anyOf", ())]
    words = ("type", "enum", "minimum", "maximum", "maxLength")
    kept = {word: one[word] for one in kinds for word in words if word in one and one[word] != "null"}
    default = schema.get("default")
    return Parameter(name, name.replace("_", " ").capitalize(), schema["description"], kept, default)


def build_dub_endpoint(engines: Sequence[str], settings: Settings, line: Line) -> None:
    """Add `/dub` to the current Blocks; it has no visible parts."""
    parameters = dub_parameters(engines, settings.presets)
    video = AddressedFiles(label="Video", visible=False)
    facts = gr.JSON(label="Facts", visible=False)
    gr.Button(visible=False).click(
        dub_function(settings, parameters, line),
        [component_of(parameter) for parameter in parameters],
        [video, facts],
        api_name=NAME,
        **SILENT,
        concurrency_limit=None,  # the page's own line decides
    )


def dub_function(settings: Settings, parameters: tuple[Parameter, ...], line: Line) -> Any:
    """The generator behind the endpoint; its signature and docstring come from the parameters."""

    def work(
        job: DubJob, asked: Asked, caller: Caller, progress: Any, request: Any
    ) -> Generator[Answer | LastValue[Answer], None, None]:
        if asked.get("accept_long") is not True:
            check_practical([job], settings, ACCEPT)
        last_news = 0.0
        with closing(run_dub(job, settings)) as events:
            for event in events:
                if isinstance(event, DubFinished):
                    result = recorded(event.result, job, settings, caller.owner)
                    note_uploads(result.job_id, (job.video, job.voice), settings)
                    out = download_files(result, caller.owner, settings, page_address(request))
                    facts = json.loads(settings_json(result))
                    yield LastValue((out.player, facts | caller.answer(out.job_id)))
                elif isinstance(event, Progress) and time.monotonic() - last_news >= SECONDS_BETWEEN_NEWS:
                    last_news = time.monotonic()
                    progress((round(100 * event.fraction), 100), desc=event.stage, unit="percent")
                    yield None, news_of(event)

    return job_function(
        NAME, ABOUT, parameters, settings, line, waits, lambda asked: make_dub_job(asked, settings), work
    )


def make_dub_job(given: Mapping[str, Any], settings: Settings) -> DubJob:
    """Make a dub from a program's request.

    Raises ConsentMissing without consent, and InputError or OptionError for missing or invalid values.
    """
    check_consent(given["consent"])
    video, spoken = needed_video(given["video"]), asked_for(given)
    if spoken is None:
        voice: str | None = needed_voice(given["voice"])
    else:
        checked_text(spoken.text, settings.text_characters)
        voice = given["voice"] or None
    engine, preset = str(given.get("engine") or DEFAULT_ENGINE), given.get("preset")
    begun = load_preset(engine, preset, settings.presets).values if preset else {}
    options = given.get("options") or {}
    if not isinstance(options, Mapping):
        raise OptionError("The options are an object such as {example}.", example='{"smoothing": 0.3}')
    return DubJob.model_validate(
        {
            "engine": engine,
            "video": video,
            "voice": voice,
            "spoken": spoken,
            "options": {**begun, **options},
            "preset": preset,
            "seed": given["seed"] or 0,
            "audio_track": given["audio_track"],
            **{name: given[name] for name in DUB_FIELDS if given.get(name) is not None},
        }
    )
