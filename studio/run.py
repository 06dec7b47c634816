"""The pipeline of one job: open, load, animate, write, record."""

from __future__ import annotations

import secrets
import time
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from engines.base import Note, Step
from engines.saved_motion import SavedMotion
from media.errors import EngineError, OutOfMemory
from studio.decoding import decoding_for
from studio.destination import choose_destination, unless_interrupted
from studio.events import Chunk, Event, Finished, Progress, Result, Started
from studio.in_use import holding
from studio.job import Job
from studio.motion import motion_path, try_to_keep
from studio.opened import OpenedJob, open_inputs
from studio.progress import TimeLeft
from studio.provenance.origin import metadata
from studio.provenance.signing import Signer
from studio.settings import Settings
from studio.stopping import check_wanted

if TYPE_CHECKING:
    from engines.base import Frames, Work
    from media.partial_frames import PartialFrames


_FAULT = "This is a fault of the engine; please report it."


@dataclass
class _Left:
    """What an engine yields besides its frames."""

    notes: list[str] = field(default_factory=list)
    motion: SavedMotion | None = None


def run(
    job: Job, settings: Settings | None = None, *, owner: str = "", remembered: bool = True
) -> Generator[Event, None, None]:
    """Make one video. Yields Progress, Started, Chunks and Progress in turn, and Finished.

    Closing the generator cancels the job: the partial file is removed, and the engine stays loaded. An error
    does the same. To stop a last step that runs in another thread, see `studio.stopping`. Raises a
    JoyStudioError for everything that a user can correct. Jobs share only the loaded engine, so several may
    run in threads at once. owner: the video's owner in the history. remembered: False for a video that the
    history does not list.
    """
    settings = settings or Settings()
    decoding_for(settings).start()  # its process starts while this one imports what it needs
    try:
        with holding(*job.files.values()):
            yield from _run(job, settings, owner, remembered)
    except MemoryError as error:
        raise OutOfMemory(
            "The machine ran out of memory at a longest side of {max_side} pixels. Close other programs, or "
            "set JOYSTUDIO_MAX_SIDE to a smaller number.",
            max_side=settings.max_side,
        ) from error


def _run(job: Job, settings: Settings, owner: str, remembered: bool) -> Generator[Event, None, None]:
    began = time.monotonic()
    job_id = secrets.token_hex(8)
    destination = choose_destination(job, job_id, settings)
    opened = yield from open_inputs(job, settings)

    fps, speech = job.options.fps, opened.speech
    total = speech.frames(fps)
    yield Started(job_id, total, fps, opened.size, opened.notes)

    from media.sound.sample_store import release_pages  # late: listing presets imports no decoder or encoder
    from media.video import VideoWriter

    first_chunk = 0.0
    left, pace = _Left(), TimeLeft()
    origin = opened.origin(job)
    facts = origin.facts()
    seal = Signer(facts, settings)
    with (
        VideoWriter(
            destination,
            opened.size,
            fps,
            sound=speech,
            quality=settings.quality,
            frames=total,
            metadata=metadata(facts),
            seal=lambda path: _sealed(path, seal),
        ) as writer,
        closing(_frames(job, opened, total, left)) as work,
    ):
        done = 0
        for piece in work:
            if isinstance(piece, Step):
                yield Progress("sampling", *pace.at(piece.fraction))
                continue
            writer.write(piece)
            first_chunk = first_chunk or time.monotonic() - began
            release_pages(speech.samples)
            yield Chunk(piece, done)
            done += len(piece)
            yield Progress("rendering", *pace.at(done / total))
        yield Progress("finishing", 1.0, 0.0)

    with unless_interrupted(destination, *([] if job.motion else [motion_path(destination)])):
        lacking: tuple[str, ...] = ("signature",) if seal.failed else ()
        motion, notes = job.motion, (*opened.notes, *left.notes, *([seal.note] if seal.note else []))
        if left.motion is not None and motion is None:
            about = origin.motion_facts()
            motion, trouble = try_to_keep(left.motion, about, opened.settled.options, destination)
            lacking += ("motion",) if trouble else ()
            notes += (trouble,) if trouble else ()
        seconds = time.monotonic() - began
        result = Result.of(
            origin,
            job_id=job_id,
            path=destination,
            frames=total,
            fps=fps,
            size=opened.size,
            duration=speech.duration,
            seconds=round(seconds, 3),
            first_chunk_seconds=round(first_chunk, 3),
            realtime_factor=round(seconds / speech.duration, 4),
            portrait=job.portrait.name if isinstance(job.portrait, Path) else "",
            speech=job.voice_name,
            notes=notes,
            motion=motion,
            signed=seal.done,
            device=settings.device,
            incomplete=lacking,
        )
        check_wanted()
        if remembered:
            from studio.gallery.history import with_history  # late: after the first frames

            result = with_history(result, settings.history, settings.outputs, owner)
    yield Finished(result)


def _sealed(path: Path, seal: Signer) -> None:
    """Sign a video that is still wanted. Raises Cancelled for one that is not, before or after signing."""
    check_wanted()
    seal(path)
    check_wanted()


def _frames(
    job: Job, opened: OpenedJob, total: int, left: _Left
) -> Generator[Frames | PartialFrames | Step, None, None]:
    """The engine's work, checked against the contract: `total` frames of the announced size, uint8 RGB.

    Notes and a saved motion go into `left`.
    """
    width, height = opened.size
    done = 0
    with _stopping(opened.animate(job)) as work:
        for piece in work:
            if isinstance(piece, Step):
                yield piece
                continue
            if isinstance(piece, Note):
                left.notes.append(piece.text)
                continue
            if isinstance(piece, SavedMotion):
                left.motion = piece
                continue
            if piece.dtype != "uint8" or piece.ndim != 4 or piece.shape[1:] != (height, width, 3):
                raise EngineError(
                    "The engine {engine} gave frames of {dtype} {shape} where uint8 (n, {height}, {width}, "
                    "3) was asked for. {fault}",
                    engine=job.engine,
                    dtype=piece.dtype,
                    shape=piece.shape,
                    height=height,
                    width=width,
                    fault=_FAULT,
                )
            done += len(piece)
            if done > total:
                break
            if len(piece):
                yield piece
    if done != total:
        count = "more" if done > total else f"only {done}"
        raise EngineError(
            "The engine {engine} gave {count} of {total} frames. {fault}",
            engine=job.engine,
            count=count,
            total=total,
            fault=_FAULT,
        )


@contextmanager
def _stopping(work: Iterator[Work]) -> Iterator[Iterator[Work]]:
    """Stop an engine's work as soon as its reader leaves; an iterator that cannot be closed is ignored."""
    try:
        yield work
    finally:
        if isinstance(work, Generator):
            work.close()
