"""The folder of a batch: used by one batch at a time, and cleaned of what a killed batch left behind."""

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
"""Seconds that an ended worker has to give up the file that it was writing."""


@contextmanager
def batch_folder(out: Path) -> Iterator[Path]:
    """Create and lock the folder; unfinished files are removed at the beginning and at the end.

    The lock ends with the process, however it ends. Raises OutputError if the folder cannot be used or
    another batch runs in it.
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
    """Remove unfinished files, except those that another program is still writing."""
    groups = (place for place in (out / VIDEOS).iterdir() if place.is_dir())
    for place in (out, out / VIDEOS, *groups):
        sweep(place, patience=patience)
