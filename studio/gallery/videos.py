"""One visitor's finished videos: to list and to delete. Other visitors' videos do not exist here."""

from __future__ import annotations

from dataclasses import dataclass

from media.documents.quoting import shown
from media.errors import InputError
from studio.gallery.history import History, HistoryEntry
from studio.gallery.visitors import NO_OWNER
from studio.settings import Settings

MOST = 60
"""Largest number of videos shown at once."""


@dataclass(frozen=True)
class Gallery:
    """The videos of one owner; an unknown visitor has none.

    Every method raises OutputError if the history cannot be used, and InputError for a video that does not
    exist or belongs to someone else.
    """

    owner: str
    settings: Settings

    def list(self) -> list[HistoryEntry]:
        """The latest videos whose file still exists, newest first."""
        if self.owner == NO_OWNER:
            return []
        entries = self._history.list(MOST, owner=self.owner)
        return [entry for entry in entries if entry.result.path.is_file()]

    def get(self, job_id: str) -> HistoryEntry:
        """One video by its full id."""
        if self.owner == NO_OWNER:
            raise InputError("This page does not recognise your browser yet. Reload it.")
        entry, owner = self._history.find(job_id) or (None, NO_OWNER)
        if entry is None or owner != self.owner:
            raise InputError(
                "You have no video {job_id}. Give the whole id of one that your gallery or /videos lists.",
                job_id=shown(job_id),
            )
        if not entry.result.path.is_file():
            raise InputError("The video's file no longer exists on this machine. Generate it again.")
        return entry

    def delete(self, job_id: str) -> None:
        """Remove a video with its files, its links and its entry in the history."""
        self.get(job_id)
        self._history.delete(job_id, file=True, owner=self.owner)

    @property
    def _history(self) -> History:
        return History(self.settings.history)
