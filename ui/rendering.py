"""Runs a job for the page: a generator over `studio.run` that ends the work when it is closed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import gradio as gr

from media.errors import PortraitError, SpeechError
from studio.events import Finished, Progress
from studio.job import Job
from studio.run import run
from studio.settings import Settings
from ui.errors import as_toast
from ui.portrait_picker import Picked
from ui.progress import message_bar, progress_bar
from ui.result import copy_for_visitor, facts_html

SECONDS_BETWEEN_UPDATES = 0.1
"""How often the bar moves. More would only keep the browser busy."""

Update = tuple[Any, Any, Any, Any]
"""New values of the video, the facts, the bar and the session's file."""


def animate_function(engine: str, settings: Settings, cache: str) -> Callable[..., Iterator[Update]]:
    """The page's main function for one engine; `cache` is the folder the page may serve files from."""

    def animate(
        portrait: str | None,
        voice: str | None,
        seed: float | None,
        picked: Picked | None,
        preset: str | None,
        **options: Any,
    ) -> Iterator[Update]:
        """Make a talking-head video from a portrait and a voice; the last update carries the video."""
        # Leaves at once, so that the page knows this generator before any work begins and can close it.
        yield gr.skip(), gr.skip(), progress_bar("opening", 0.0), gr.skip()
        try:
            job = make_job(engine, portrait, voice, seed, picked, preset, options)
            last, stage = 0.0, ""
            with closing(run(job, settings)) as events:
                for event in events:
                    if isinstance(event, Finished):
                        result = event.result
                        video = copy_for_visitor(result, cache)
                        bar = message_bar("Done", "done", 1.0)
                        yield video, facts_html(result), bar, video
                    elif isinstance(event, Progress):
                        now = time.monotonic()
                        if event.stage != stage or now - last >= SECONDS_BETWEEN_UPDATES:
                            last, stage = now, event.stage
                            bar = progress_bar(event.stage, event.fraction, event.seconds_left)
                            yield gr.skip(), gr.skip(), bar, gr.skip()
        except Exception as error:
            toast = as_toast(error)
            yield gr.skip(), gr.skip(), message_bar("Not finished; see the message.", "failed"), gr.skip()
            raise toast from None

    return animate


def make_job(
    engine: str,
    portrait: str | None,
    voice: str | None,
    seed: float | None,
    picked: Picked | None,
    preset: str | None,
    options: dict[str, Any],
) -> Job:
    """Make a job of what the page sent. Raises InputError for what is missing or cannot be."""
    if not portrait:
        raise PortraitError(
            "There is no portrait yet. Upload one, take one with the camera or pick an example."
        )
    if not voice:
        raise SpeechError("There is no voice yet. Upload a recording, speak one or pick an example.")
    # A choice belongs to the picture and the mode it was made in; after a quick change it is stale.
    fits = picked is not None and (picked.portrait, picked.subject) == (portrait, options["animation_mode"])
    current = picked if fits else None
    return Job(
        engine=engine,
        portrait=Path(portrait),
        speech=Path(voice),
        options=options,
        preset=preset,
        seed=int(seed or 0),
        face_index=current.face_index if current else 0,
        anchors=current.anchors if current else None,
    )
