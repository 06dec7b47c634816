"""The work behind a list of pairs: its lines become jobs with the visitor's own uploads, made in order."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import gradio as gr

from engines.registry import DEFAULT_ENGINE
from media.documents.quoting import quoted
from media.documents.text import decoded
from media.errors import DocumentError, InputError
from media.messages import said
from studio.batch.listing import JobLine, read_lines
from studio.dubbing.job import DubJob
from studio.events import Result
from studio.gallery.takes import take_of
from studio.gallery.videos import Gallery
from studio.gallery.visitors import new_token, owner_of_token
from studio.gallery.zipping import MOST
from studio.job import Job
from studio.long_jobs import expected_together, long_words
from studio.settings import Settings
from studio.waiting_jobs import with_files
from studio.waiting_tasks import KeptTask, TaskRequest
from ui.components.filled import filled
from ui.components.line_work import line_work
from ui.components.progress import NOT_FINISHED, ended_bar, message_bar, unattended_bar, work_bar
from ui.errors import as_toast, sentence_of
from ui.in_turn import LastValue
from ui.server.addresses import Addresses
from ui.server.given_files import uploaded_file
from ui.uploads import uploads_folder
from ui.visitor_job import Showing

LISTS = (".csv", ".jsonl", ".ndjson")
LARGEST = 200_000
"""Bytes of a list: a call has at most 0.5 MB, with the names of the uploads."""
MOST_FILES = 3 * MOST
"""Portraits, voices and second voices."""
SECONDS_BETWEEN_UPDATES = 0.2

Update = tuple[Any, Any]
"""New values of the bar and of the table."""


@dataclass(frozen=True)
class PairRow:
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


def table_html(rows: list[PairRow], zip_address: str = "") -> str:
    """The table of a list, if there is one."""
    return filled("pair_table.html", rows=rows, zip=zip_address) if rows else ""


def pairs_wish(name: Any, content: bytes | None, files: Any) -> TaskRequest:
    """A dropped list, as it is stored in case of a restart.

    name, content: of its file. files: the path of each upload, by file name; other files of the server are
    left out. Raises InputError for a list that cannot be decoded: its names would be wrong.
    """
    try:
        text = None if content is None or len(content) > LARGEST else decoded(content)
    except DocumentError as error:
        raise InputError(
            'The list "{path}" cannot be read: {reason}.', path=quoted(str(name)), reason=error
        ) from error
    return TaskRequest([name, text], _uploads(files))


def read_pairs(wish: TaskRequest) -> list[JobLine]:
    """The lines of a dropped list. They may name its uploads only, never files of the server.

    Opens none of them. Raises InputError for a list that cannot be used, or that has too many lines.
    """
    name, text = wish.values
    suffix = Path(name).suffix.lower() if isinstance(name, str) else ""
    if suffix not in LISTS or not isinstance(text, str):
        raise InputError(
            "There is no list. Choose a .csv or .jsonl file of at most {most} kB together with its portraits "
            "and voices.",
            most=LARGEST // 1000,
        )
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"list{suffix}"
        path.write_text(text, encoding="utf-8", errors="replace")
        lines = read_lines(path, Path(folder), engine=DEFAULT_ENGINE, files=wish.files)
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


def rows_of(lines: list[JobLine]) -> list[PairRow]:
    """The table before the work."""
    return [
        PairRow(line.number, line.name)
        if line.job
        else PairRow(line.number, line.name, "failed", line.reason)
        for line in lines
    ]


def pairs_work(settings: Settings) -> Callable[..., Generator[Update | LastValue[Update], None, None]]:
    """The work that makes the videos of a list."""

    def make(
        kept: KeptTask, owner: str | None, request: gr.Request
    ) -> Generator[Update | LastValue[Update], None, None]:
        """Make every video; one that fails does not stop the others. A list that takes too long is refused in
        its turn: every voice has to be opened for that. After a restart, finished videos are not made again.
        """
        owner = owner or owner_of_token(new_token())
        rows = list[PairRow]()
        try:
            lines = read_pairs(kept.wish)
            there = _still_there(kept.made, owner, settings)
            rows = [
                PairRow(row.number, row.name, "done", "Done") if str(row.number) in there else row
                for row in rows_of(lines)
            ]
            yield work_bar("Making the list", "", 0.0), table_html(rows)
            missing = [line for line in lines if str(line.number) not in there]
            jobs: list[Job | DubJob] = [
                *(with_files(job, kept) for line in missing if isinstance(job := line.job, Job)),
                *(with_files(job, kept) for line in missing if isinstance(job := line.job, DubJob)),
            ]
            if why := _refusal(jobs, settings):
                rows = []
                raise InputError(why)
            for place, line in enumerate(lines):
                if line.job is None or line not in missing:
                    continue
                for row in _one(line, owner, settings, kept):
                    rows[place] = row
                    ended = sum(one.state in ("done", "failed") for one in rows)
                    right = f"{ended} / {len(rows)}"
                    yield work_bar("Making the list", right, ended / len(rows)), table_html(rows)
            ids = [kept.made[str(row.number)] for row in rows if row.state == "done"]
            zip_address = Addresses(settings).zip(owner, ids) if ids else ""
            yield LastValue((message_bar("Done", "done", 1.0), table_html(rows, zip_address)))
        except Exception as error:
            toast = as_toast(error)
            yield LastValue((message_bar(NOT_FINISHED, "failed"), table_html(rows)))
            raise toast from None

    return make


def _still_there(made: Mapping[str, str], owner: str, settings: Settings) -> set[str]:
    """The numbers of the lines whose videos are in the visitor's gallery, from the ids of the made ones."""
    gallery, found = Gallery(owner, settings), set[str]()
    for line, job_id in made.items():
        with suppress(InputError):  # deleted since
            take_of(gallery, job_id)
            found.add(line)
    return found


def _refusal(jobs: list[Job | DubJob], settings: Settings) -> str:
    """Why the list takes too long, as a sentence, or ""."""
    found = expected_together(jobs, settings)
    return "" if found is None or found.practical else long_words(jobs, found)


def _one(line: JobLine, owner: str, settings: Settings, kept: KeptTask) -> Generator[PairRow, None, None]:
    """Make one video. Yields its row as it changes, and notes its id."""
    assert line.job is not None
    last, row = 0.0, PairRow(line.number, line.name, "running")
    yield replace(row, words=said("{percent} %", percent=0))
    try:
        with closing(line_work(line.job, kept, owner, settings)) as steps:
            for step in steps:
                if isinstance(step, Result):
                    kept.note(str(line.number), step.job_id)
                elif time.monotonic() - last >= SECONDS_BETWEEN_UPDATES:
                    last = time.monotonic()
                    yield replace(row, words=said("{percent} %", percent=round(100 * step)))
    except Exception as error:  # an error in the program costs one line of a list, not the list
        yield replace(row, state="failed", words=sentence_of(error))
        return
    yield replace(row, state="done", words="Done")
