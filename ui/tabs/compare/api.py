"""The compare tab's function for programs: typed, and reports its progress."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Generator
from contextlib import aclosing, closing
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.components.api_component import Api

from media.errors import OptionError
from studio.admission import Line
from studio.comparison.columns import Column, parse_column
from studio.comparison.folders import ComparisonFolder, new_comparison
from studio.comparison.jobs import column_jobs
from studio.consent import STATEMENT, check_consent
from studio.job import checked_seed
from studio.long_jobs import ACCEPT, check_practical
from studio.settings import Settings
from ui.api.owner import OWNER, Caller, caller_of
from ui.api.parameters import LONG
from ui.components.addressed import AddressedFiles, UploadedFile
from ui.components.input_checks import portrait_and_voice
from ui.errors import as_answer
from ui.event_settings import SILENT
from ui.in_turn import LastValue, in_turn, visitor_of
from ui.server.addresses import Addresses, page_address
from ui.tabs.compare.run import fraction_of
from ui.uploads_used import note_uploads

COMPARE = "compare"
SECONDS_BETWEEN_NEWS = 0.2
COLUMNS: dict[str, Any] = {
    "type": "array",
    "items": {"type": "string"},
    "minItems": 1,
    "description": "What to compare, such as preview, preview:lively or joyvasa:balanced,cfg_scale=3.",
}
SEED: dict[str, Any] = {
    "type": "integer",
    "minimum": 0,
    "description": "Of every column. The same seed, the same videos.",
}
TRACK: dict[str, Any] = {
    "type": "integer",
    "minimum": 1,
    "description": "Which audio track of the voice, from 1; without it, the one most like a voice.",
}
CONSENT: dict[str, Any] = {"type": "boolean", "description": f"Must be true. It states: {STATEMENT}"}
ACCEPT_LONG: dict[str, Any] = {"type": "boolean", "description": f"{LONG} It counts all columns."}

Answer = tuple[list[str] | None, dict[str, Any]]
"""The files, and news: stage, column, fraction 0..1 of everything, seconds left in the column, and the
columns that failed, with the reasons.
"""


def add_compare_api(settings: Settings, line: Line) -> None:
    """Add `/compare` to the current Blocks; it has no visible parts."""
    inputs = [
        UploadedFile(label="Portrait", visible=False),
        UploadedFile(label="Voice", visible=False),
        Api(None, COLUMNS, label="Columns"),
        Api(0, SEED, label="Seed"),
        Api(False, CONSENT, label="Consent"),
        Api(None, OWNER, label="Owner"),
        Api(None, TRACK, label="Audio track"),
        Api(False, ACCEPT_LONG, label="Accept a long job"),
    ]
    files = AddressedFiles(label="Files", file_count="multiple", visible=False)
    news = gr.JSON(label="News", visible=False)
    gr.Button(visible=False).click(
        compare_endpoint(settings, line),
        inputs,
        [files, news],
        api_name=COMPARE,
        **SILENT,
        concurrency_limit=None,  # the page's own line decides
    )


def compare_endpoint(settings: Settings, line: Line) -> Any:
    """The generator behind the endpoint."""

    bar = gr.Progress()

    def work(
        asked: tuple[list[Column], Path, Path, int, int | None],
        caller: Caller,
        progress: Any,
        request: Any,
        *,
        accept_long: bool,
    ) -> Generator[Answer | LastValue[Answer], None, None]:
        if not accept_long:
            columns, portrait, voice, _, track = asked
            jobs = column_jobs(columns, portrait, voice, settings.presets, audio_track=track)
            check_practical(jobs, settings, ACCEPT)
        yield None, _news("opening", 0.0)
        with (
            new_comparison(caller.owner, settings) as made,
            closing(_follow(*asked, made, settings)) as answers,
        ):
            note_uploads(made.id, asked[1:3], settings)
            addresses = Addresses(settings, page_address(request))
            for files, news in answers:
                progress((round(100 * news["fraction"]), 100), desc=news["stage"], unit="percent")
                if files:
                    whole = [addresses.comparison(made, name) for name in files]
                    yield LastValue((whole, news | caller.answer(made.id)))
                else:
                    yield None, news

    async def compare(
        portrait: str,
        voice: str,
        columns: list[str],
        seed: int = 0,
        consent: bool = False,
        owner: str | None = None,
        audio_track: int | None = None,
        accept_long: bool = False,
        progress: Any = bar,
        request: gr.Request = None,
    ) -> AsyncIterator[Answer]:
        """Make videos from one portrait and one voice in several ways, and compare them.

        During the job, the first output is empty and the second reports the stage, the column, the fraction
        and the seconds left. At the end, the first has every file: each video, all side by side, a page that
        plays them in sync, tables, and a zip of everything.

        Args:
            portrait: An image with a face.
            voice: A recording of one person who speaks.
            columns: What to compare, such as preview, preview:lively or joyvasa:balanced,cfg_scale=3.
            seed: Of every column.
            consent: Must be true: you have the right to use this face and this voice.
            owner: The token of the files' owner; see `/delete`.
            audio_track: Which audio track of the voice, from 1.
            accept_long: Whether to start if all columns together are expected to take over half an hour.
        """
        try:
            check_consent(consent)
            if not isinstance(columns, list) or not all(isinstance(text, str) for text in columns):
                raise OptionError('The columns are a list of texts, such as ["preview", "preview:lively"].')
            given = await asyncio.to_thread(
                lambda: [parse_column(text, settings.presets) for text in columns]
            )
            picture, sound = portrait_and_voice(portrait, voice)
            caller, asked = caller_of(owner), (given, picture, sound, checked_seed(seed), audio_track)
            answers = in_turn(
                line,
                visitor_of(request, caller.owner if owner else None, settings),
                lambda ahead: (None, _news("waiting", 0.0) | {"ahead": ahead}),
                work(asked, caller, progress, request, accept_long=accept_long is True),
            )
            async with aclosing(answers):
                async for answer in answers:
                    yield answer
        except Exception as error:
            raise as_answer(error) from None

    return compare


def _follow(
    columns: list[Column],
    portrait: Path,
    voice: Path,
    seed: int,
    audio_track: int | None,
    made: ComparisonFolder,
    settings: Settings,
) -> Generator[Answer, None, None]:
    """Run the comparison, with the names of its files at the end; closing ends it."""
    from studio.comparison.run import ColumnDone, ColumnProgress, Compared, Finishing, compare

    failed: dict[str, str] = {}
    last_news = 0.0
    with closing(
        compare(
            columns,
            portrait,
            voice,
            made.path,
            seed=seed,
            settings=settings,
            remembered=False,
            audio_track=audio_track,
        )
    ) as events:
        for event in events:
            if isinstance(event, ColumnDone):
                if event.error:
                    failed[event.column.title] = event.error
            elif isinstance(event, Compared):
                files = [path.name for path in (*event.files, event.archive)]
                yield files, _news("done", 1.0, failed=failed)
            elif (now := time.monotonic()) - last_news >= SECONDS_BETWEEN_NEWS:
                last_news, fraction = now, fraction_of(event, len(columns))
                if isinstance(event, ColumnProgress):
                    title = event.column.title
                    yield None, _news(event.stage, fraction, title, event.seconds_left, failed=failed)
                elif isinstance(event, Finishing):
                    yield None, _news(event.what, fraction, failed=failed)


def _news(
    stage: str,
    fraction: float,
    column: str = "",
    seconds_left: float | None = None,
    failed: dict[str, str] | None = None,
) -> dict[str, Any]:
    left = None if seconds_left is None else round(seconds_left, 1)
    progress = {"stage": stage, "column": column, "fraction": round(fraction, 4), "seconds_left": left}
    return progress | {"failed": dict(failed or {})}
