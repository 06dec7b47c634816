"""The text that was spoken in a visitor's video, from the record of its inputs."""

from __future__ import annotations

import json
from typing import Any

from media.errors import InputError
from studio.gallery.history_file import open_history
from studio.settings import Settings
from studio.spoken_text import SpokenText


def spoken_text_of(job_id: str, settings: Settings) -> SpokenText | None:
    """The text of a video; None if its voice was a recording, or is not recorded.

    Only the video's owner may see it. Raises OutputError if the history cannot be used.
    """
    with open_history(settings.history) as db:
        row = db.execute("SELECT inputs FROM given WHERE job_id = ?", (job_id,)).fetchone()
    try:
        known: dict[str, Any] = json.loads(row[0]) if row else {}
        return spoken_from(known.get("spoken"))
    except (AttributeError, ValueError):  # written by something else
        return None


def spoken_from(fields: Any) -> SpokenText | None:
    """A recorded text, if what speaks it is still there."""
    try:
        return SpokenText.model_validate(fields) if fields else None
    except InputError:
        return None
