"""An engine's endpoint: takes portrait, voice and options, and returns progress and finally the video."""

from __future__ import annotations

import json
import time
from collections.abc import Generator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.components.api_component import Api

from speech.text import checked_text
from studio.admission import Line
from studio.consent import check_consent
from studio.downloads import settings_json
from studio.events import Finished, Progress
from studio.given_performance import performance_in
from studio.job import Job
from studio.long_jobs import ACCEPT, check_practical
from studio.portrait_edit import KEY, edit_from_object
from studio.presets import load_preset
from studio.run import run
from studio.settings import Settings
from studio.spoken_text import FIELDS, asked_for
from ui.api.job_endpoint import Answer, Asked, job_function
from ui.api.owner import Caller
from ui.api.parameters import PERFORMANCE, SECOND, Parameter, parameters_of
from ui.components.addressed import AddressedFiles, UploadedFile
from ui.components.input_checks import needed_portrait, portrait_and_voice
from ui.components.result import download_files
from ui.event_settings import SILENT
from ui.in_turn import LastValue
from ui.server.addresses import page_address
from ui.uploads_used import note_uploads

SECONDS_BETWEEN_NEWS = 0.2
SECOND_FIELDS = tuple(parameter.name for parameter in SECOND)
PERFORMANCE_FIELDS = tuple(parameter.name for parameter in PERFORMANCE)
REQUEST_FIELDS = (
    "portrait",
    "voice",
    "consent",
    "seed",
    "preset",
    "face_index",
    "audio_track",
    "anchors",
    "owner",
    *SECOND_FIELDS,
    *PERFORMANCE_FIELDS,
    *FIELDS,
    KEY,
    "accept_long",
)
"""The parameters that are not options."""
ABOUT = (
    "Make a talking-head video from a portrait and a voice with the engine {engine}. During the job, the "
    "first output is empty and the second reports the stage, the fraction and the seconds left; at the end, "
    "they are the video and all its settings. Send a file as a public address, as a data: address in base64, "
    "or as the path from the answer of the upload address."
)


def build_endpoint(engine: str, settings: Settings, line: Line) -> None:
    """Add the endpoint, named like the engine, to the current Blocks; it has no visible parts."""
    parameters = parameters_of(engine, settings.presets)
    inputs = [component_of(parameter) for parameter in parameters]
    video = AddressedFiles(label="Video", visible=False)
    facts = gr.JSON(label="Facts", visible=False)
    trigger = gr.Button(visible=False)
    trigger.click(
        endpoint_function(engine, settings, parameters, line),
        inputs,
        [video, facts],
        api_name=engine,
        **SILENT,
        concurrency_limit=None,  # the page's own line decides
    )


def endpoint_function(engine: str, settings: Settings, parameters: tuple[Parameter, ...], line: Line) -> Any:
    """The generator behind an endpoint; its signature and docstring come from the parameters."""

    def work(
        job: Job, asked: Asked, caller: Caller, progress: Any, request: Any
    ) -> Generator[Answer | LastValue[Answer], None, None]:
        if asked.get("accept_long") is not True:
            check_practical([job], settings, ACCEPT)
        with closing(run(job, settings, owner=caller.owner)) as events:
            last_news = 0.0
            for event in events:
                if isinstance(event, Progress) and time.monotonic() - last_news >= SECONDS_BETWEEN_NEWS:
                    last_news = time.monotonic()
                    progress((round(100 * event.shown), 100), desc=event.stage, unit="percent")
                    yield None, news_of(event)
                elif isinstance(event, Finished):
                    recorded = job.performance.file if job.performance is not None else None
                    uploads = (job.portrait, job.voice, job.second_voice, recorded)
                    note_uploads(event.result.job_id, uploads, settings)
                    out = download_files(event.result, caller.owner, settings, page_address(request))
                    facts = json.loads(settings_json(event.result))
                    yield LastValue((out.player, facts | caller.answer(out.job_id)))

    return job_function(
        engine,
        ABOUT.format(engine=engine),
        parameters,
        settings,
        line,
        waits,
        lambda asked: make_job(engine, asked, settings),
        work,
    )


def make_job(engine: str, given: Mapping[str, Any], settings: Settings) -> Job:
    """Make a job from a program's request.

    Raises ConsentMissing without consent, and InputError or OptionError for missing or invalid values.
    """
    check_consent(given["consent"])
    spoken = asked_for(given)
    sound: Path | None
    file = given.get("performance")
    performance = performance_in(given, Path(file) if file else None)
    if spoken is None and performance is not None and not given["voice"]:
        portrait, sound = needed_portrait(given["portrait"]), None
    elif spoken is None:
        portrait, sound = portrait_and_voice(given["portrait"], given["voice"])
    else:
        checked_text(spoken.text, settings.text_characters)
        portrait, sound = needed_portrait(given["portrait"]), given["voice"] or None
    preset = given.get("preset")
    begun = load_preset(engine, preset, settings.presets).values if preset else {}
    options = {
        name: value for name, value in given.items() if name not in REQUEST_FIELDS and value is not None
    }
    return Job.model_validate(
        {
            "engine": engine,
            "portrait": portrait,
            "voice": sound,
            "spoken": spoken,
            "options": begun | options,
            "preset": preset,
            "seed": given["seed"] or 0,
            "face_index": given["face_index"] or 0,
            "audio_track": given["audio_track"],
            "anchors": given.get("anchors") or None,
            KEY: edit_from_object(given.get(KEY)),
            "performance": performance,
            **{name: given[name] for name in SECOND_FIELDS if given.get(name) not in (None, "")},
        }
    )


def waits(ahead: int) -> dict[str, Any]:
    """The news of a waiting job. ahead: the number of jobs before it."""
    return {"stage": "waiting", "fraction": 0.0, "seconds_left": None, "ahead": ahead}


def news_of(event: Progress) -> dict[str, Any]:
    """The news of a running job."""
    left = None if event.seconds_left is None else round(event.seconds_left, 1)
    news = {"stage": event.stage, "fraction": round(event.fraction, 4), "seconds_left": left}
    return news if event.stage_fraction is None else news | {"stage_fraction": round(event.stage_fraction, 4)}


def component_of(parameter: Parameter) -> gr.components.Component:
    """The invisible component that takes a parameter."""
    if parameter.schema:
        return Api(parameter.default, parameter.described, label=parameter.title)
    return UploadedFile(label=parameter.title, visible=False)
