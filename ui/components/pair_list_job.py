"""The work behind a list of pairs: its lines become jobs with the visitor's own uploads, made in order."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import gradio as gr

from engines.registry import DEFAULT_ENGINE
from media.errors import InputError
from media.messages import said
from studio.batch.listing import JobLine, read_lines
from studio.events import Finished, Progress
from studio.gallery.visitors import new_token, owner_of_token
from studio.gallery.zipping import MOST
from studio.long_jobs import expected_together, long_job_words
from studio.run import run
from studio.settings import Settings
from ui.components.filled import filled
from ui.components.progress import NOT_FINISHED, ended_bar, message_bar, unattended_bar, work_bar
from ui.errors import as_toast, sentence_of
from ui.given_inputs import note_given
from ui.in_turn import Last
from ui.server.addresses import Addresses
from ui.server.given_files import uploaded_file
from ui.uploads import uploads_folder
from ui.uploads_used import note_uploads
from ui.visitor_jobs import Showing

LISTS = (".csv", ".jsonl", ".ndjson")
LARGEST = 200_000
"""Bytes of a list: a call has at most 0.5 MB, with the names of the uploads."""
MOST_FILES = 3 * MOST
"""Portraits, voices and second voices."""
SECONDS_BETWEEN_UPDATES = 0.2

Update = tuple[Any, Any]
"""New values of the bar and of the table."""


@dataclass(frozen=True)
class Row:
    """A line in the table. state: waiting, running, done or failed. words: the state, or the reason."""

    number: int
    name: str
    state: str = "waiting"
    words: str = "waiting"


def moved(bar: Any) -> Update:
    """An update of the bar only."""
    return bar, gr.skip()


def _standing(before: Update | None, update: Update) -> Update:
    bar, table = update
    return bar, (before[1] if before and table == gr.skip() else table)


SHOWING: Showing[Update] = Showing(
    _standing,
    bar=lambda update: str(update[0]),
    cancelled=moved(ended_bar(cancelled=True, words="Cancelled. The finished videos are in the gallery.")),
    unattended=lambda minutes: moved(unattended_bar(minutes)),
)
"""How the page shows such a list."""


def table_html(rows: list[Row], zip_address: str = "") -> str:
    """The button and, if there is a list, its table."""
    return filled("pair_list.html", rows=rows, zip=zip_address)


def read_pairs(name: Any, text: Any, files: Any, settings: Settings) -> list[JobLine]:
    """The lines of a dropped list. name, text: of its file. files: the path of each upload, by file name.

    Lines may name these uploads only, never files of the server. Opens none of them. Raises InputError for a
    list that cannot be used, or that has too many lines.
    """
    suffix = Path(name).suffix.lower() if isinstance(name, str) else ""
    if suffix not in LISTS or not isinstance(text, str) or len(text) > LARGEST:
        raise InputError(
            "There is no list. Choose a .csv or .jsonl file of at most {most} kB together with its portraits "
            "and voices.",
            most=LARGEST // 1000,
        )
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"list{suffix}"
        path.write_text(text, encoding="utf-8", errors="replace")
        lines = read_lines(path, Path(folder), engine=DEFAULT_ENGINE, files=_uploads(files))
    if len(lines) > MOST:
        raise InputError(
            "The list has {count} lines; the page makes at most {most} videos of one list. Divide it.",
            count=len(lines),
            most=MOST,
        )
    return [
        line if line.job is None else replace(line, job=line.job.model_copy(update={"output": None}))
        for line in lines
    ]


def _uploads(files: Any) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for name, given in files.items() if isinstance(files, Mapping) else ():
        path = uploaded_file(given, uploads_folder()) if isinstance(given, str) else None
        if path is not None:
            found[str(name)] = path
    return found


def rows_of(lines: list[JobLine]) -> list[Row]:
    """The table before the work."""
    return [
        Row(line.number, line.name) if line.job else Row(line.number, line.name, "failed", line.reason)
        for line in lines
    ]


def pairs_function(settings: Settings) -> Callable[..., Generator[Update | Last[Update], None, None]]:
    """The function that makes the videos of a list."""

    def make(
        lines: list[JobLine], owner: str | None, request: gr.Request
    ) -> Generator[Update | Last[Update], None, None]:
        """Make every video; one that fails does not stop the others. A list that takes too long is refused in
        its turn: every voice has to be opened for that.
        """
        owner = owner or owner_of_token(new_token())
        rows, made = rows_of(lines), list[str]()
        try:
            yield work_bar("Making the list", "", 0.0), table_html(rows)
            if why := _refusal(lines, settings):
                rows = []
                raise InputError(why)
            for place, line in enumerate(lines):
                if line.job is None:
                    continue
                for row in _one(line, owner, settings, made):
                    rows[place] = row
                    ended = sum(one.state in ("done", "failed") for one in rows)
                    right = f"{ended} / {len(rows)}"
                    yield work_bar("Making the list", right, ended / len(rows)), table_html(rows)
            zip_address = Addresses(settings).zip(owner, made) if made else ""
            yield Last((message_bar("Done", "done", 1.0), table_html(rows, zip_address)))
        except Exception as error:
            toast = as_toast(error)
            yield Last((message_bar(NOT_FINISHED, "failed"), table_html(rows)))
            raise toast from None

    return make


def _refusal(lines: list[JobLine], settings: Settings) -> str:
    """Why the list takes too long, as a sentence, or ""."""
    jobs = [line.job for line in lines if line.job is not None]
    found = expected_together(jobs, settings)
    return "" if found is None or found.practical else long_job_words(found, len(jobs))


def _one(line: JobLine, owner: str, settings: Settings, made: list[str]) -> Generator[Row, None, None]:
    """Make one video. Yields its row as it changes, and adds its id to `made`."""
    assert line.job is not None
    job, last = line.job, 0.0
    row = Row(line.number, line.name, "running")
    yield replace(row, words=said("{percent} %", percent=0))
    try:
        with closing(run(job, settings, owner=owner)) as events:
            for event in events:
                if isinstance(event, Finished):
                    result = event.result
                elif isinstance(event, Progress) and time.monotonic() - last >= SECONDS_BETWEEN_UPDATES:
                    last = time.monotonic()
                    yield replace(row, words=said("{percent} %", percent=round(100 * event.fraction)))
        note_uploads(result.job_id, (job.portrait, job.voice, job.second_voice), settings)
        note_given(result, job, settings)
    except Exception as error:  # an error in the program costs one line of a list, not the list
        yield replace(row, state="failed", words=sentence_of(error))
        return
    made.append(result.job_id)
    yield replace(row, state="done", words="Done")
