"""The folder of a batch: one batch at a time works in it, and what a killed one left behind is removed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from media.errors import OutputError
from media.file_lock import lock_file
from media.output_file import sweep
from studio.batch.listing import VIDEOS
from studio.outputs_ready import try_to_write

LOCK = ".batch.lock"
PATIENCE = 5.0
"""Seconds in which a worker that was ended gives up what it was writing."""


@contextmanager
def batch_folder(out: Path) -> Iterator[Path]:
    """The folder, made and locked, without unfinished files at the beginning and at the end.

    The lock ends with the process, however that ends. Raises OutputError when the folder cannot be used,
    and when another batch is at work in it.
    """
    with ExitStack() as held:
        try:
            (out / VIDEOS).mkdir(parents=True, exist_ok=True)
            held.enter_context(lock_file(out / LOCK))
        except BlockingIOError:
            raise OutputError(
                'Another batch is running in "{out}". Wait for it, or choose another folder.', out=out
            ) from None
        except OSError as error:
            raise OutputError(
                'The folder "{out}" cannot be created ({reason}); choose another.',
                out=out,
                reason=error.strerror,
            ) from error
        _sweep(out)
        try_to_write(out / VIDEOS)
        try:
            yield out
        finally:
            _sweep(out, PATIENCE)


def _sweep(out: Path, patience: float = 0.0) -> None:
    """Remove what was never finished. What another program is writing into the folder stays."""
    groups = (place for place in (out / VIDEOS).iterdir() if place.is_dir())
    for place in (out, out / VIDEOS, *groups):
        sweep(place, patience=patience)
