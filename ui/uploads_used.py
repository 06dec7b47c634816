"""Records the uploads of a video, so that they are deleted with it."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Sequence
from pathlib import Path

import gradio as gr

from media.errors import OutputError
from studio.gallery.history_file import open_history
from studio.in_use import in_use
from studio.settings import Settings
from ui.uploads_sweep import own_uploads

_LEFT = "SELECT job_id FROM results UNION SELECT id FROM comparisons"


def note_uploads(job_id: str, paths: Sequence[object], settings: Settings) -> None:
    """Record the inputs of a video or a comparison that were uploaded to this server.

    paths: of portrait and voice; an example is not an upload. If the history cannot be written, the uploads
    are deleted after `keep_hours`.
    """
    folder = own_uploads()
    if folder is None:
        return
    ours = [(job_id, str(path)) for path in paths if isinstance(path, Path) and folder in path.parents]
    with contextlib.suppress(OutputError), open_history(settings.history) as db:
        db.executemany("INSERT INTO uploads VALUES (?, ?)", ours)


def forget_uploads(job_id: str, settings: Settings, *, keep: Collection[str] = ()) -> frozenset[str]:
    """Remove the uploads of a deleted video, except those that another video also uses.

    keep: files that the page itself needs, such as examples. Returns the removed paths. An upload that a
    waiting or running job reads stays for `keep_hours`. Raises OutputError if the history cannot be used.
    """
    folder = own_uploads()
    with open_history(settings.history) as db:
        made_from = {row[0] for row in db.execute("SELECT path FROM uploads WHERE job_id = ?", (job_id,))}
        db.execute(f"DELETE FROM uploads WHERE job_id NOT IN ({_LEFT})")  # a constant
        db.execute(f"DELETE FROM given WHERE job_id NOT IN ({_LEFT})")
        needed = {row[0] for row in db.execute("SELECT path FROM uploads")}
    removed = set()
    for text in made_from - needed - set(keep):
        path = Path(text)
        if folder is None or folder not in path.parents or in_use(path):
            continue
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
            removed.add(text)
    return frozenset(removed)


def files_of_page(page: gr.Blocks) -> frozenset[str]:
    """Files that the page's own components show, such as examples."""
    kept: set[str] = set()
    for component in page.blocks.values():
        kept |= getattr(component, "keep_in_cache", set())
    return frozenset(kept)
