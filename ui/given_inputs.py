"""Records what a visitor's video was made from, so that the page can open it again."""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from media.errors import InputError, OutputError
from studio.gallery.history_file import open_history
from studio.job import Job, Point
from studio.settings import Settings
from studio.spoken_text import SpokenText
from ui.components.examples import FOLDER as EXAMPLES
from ui.uploads import FOLDER


@dataclass(frozen=True)
class Given:
    """The inputs of a video; None for a file that is no longer stored.

    spoken: the text that was spoken instead of a voice.
    face_index and points: as in `ui.components.portrait_picker.Picked`.
    """

    portrait: Path | None = None
    voice: Path | None = None
    spoken: SpokenText | None = None
    face_index: int = 0
    points: tuple[Point, ...] = ()

    @property
    def missing(self) -> str:
        """A sentence about files that are no longer stored; "" if both exist."""
        voice = self.voice or self.spoken
        if self.portrait and voice:
            return ""
        if self.portrait:
            return "The voice of this video is no longer stored. Add it again."
        if voice:
            return "The portrait of this video is no longer stored. Add it again."
        return "The portrait and the voice of this video are no longer stored. Add them again."


def note_given(job_id: str, job: Job, settings: Settings) -> None:
    """Record the inputs of a video. If the history cannot be written, they are not recorded."""
    given = {
        "portrait": str(job.portrait) if isinstance(job.portrait, Path) else "",
        "voice": str(job.voice) if isinstance(job.voice, Path) else "",
        "spoken": job.spoken.model_dump() if job.spoken is not None else None,
        "face_index": job.face_index,
        "points": job.anchors or (),
    }
    with contextlib.suppress(OutputError), open_history(settings.history) as db:
        db.execute("INSERT OR REPLACE INTO given VALUES (?, ?)", (job_id, json.dumps(given)))


def given_of(job_id: str, settings: Settings) -> Given:
    """The inputs of a video, as far as they are recorded and stored. Raises the errors of `open_history`.

    The caller has checked that the video belongs to the visitor.
    """
    with open_history(settings.history) as db:
        row = db.execute("SELECT inputs FROM given WHERE job_id = ?", (job_id,)).fetchone()
    try:
        known: dict[str, Any] = json.loads(row[0]) if row else {}
        points = tuple((float(x), float(y)) for x, y in known.get("points", ()))
        face = int(known.get("face_index", 0))
        spoken = _spoken(known.get("spoken"))
        return Given(_stored(known.get("portrait")), _stored(known.get("voice")), spoken, face, points)
    except (AttributeError, TypeError, ValueError):  # written by something else
        return Given()


def _spoken(fields: Any) -> SpokenText | None:
    """A text, if what speaks it is still there."""
    try:
        return SpokenText.model_validate(fields) if fields else None
    except InputError:
        return None


def _stored(text: str | None) -> Path | None:
    """A file, if it exists and the page may show it: an upload, or an example."""
    if not text:
        return None
    path, named = Path(text), os.environ.get(FOLDER)
    folders = [EXAMPLES, *([Path(named)] if named else [])]
    try:
        real = path.resolve()
        inside = any(real.is_relative_to(folder.resolve()) for folder in folders)
        return path if inside and real.is_file() else None
    except (OSError, ValueError):
        return None
