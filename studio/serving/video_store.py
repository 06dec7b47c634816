"""Videos that wait for their download: each under a token that cannot be guessed, for a limited time."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
from pathlib import Path

from media.errors import InputError
from studio.clock import MARGIN, SureClock, brought_back, is_over

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


class NoVideo(InputError):
    """A token has no video, or no longer."""


class VideoStore:
    """A folder of videos. Their file names do not reveal the tokens, so a listing does not, either."""

    def __init__(self, folder: Path, hours: float, clock: SureClock | None = None) -> None:
        """hours: how long a video stays after it is made. clock: decides when its file is deleted."""
        self._folder, self._seconds = folder, hours * 3600
        self._clock = clock or SureClock(min(MARGIN, self._seconds))

    def new(self) -> tuple[str, Path]:
        """A new token and its file. Removes videos that are certainly too old."""
        self._folder.mkdir(parents=True, exist_ok=True)
        now = self._clock.now()
        if now is not None:
            for path in self._folder.glob("*.mp4"):
                with contextlib.suppress(OSError):  # another process may remove it, too
                    self._clear(path, now)
        token = secrets.token_urlsafe(32)
        return token, self._path(token)

    def find(self, token: str) -> Path:
        """The video of a token. Raises NoVideo if there is none, or no longer."""
        path = self._path(token) if _TOKEN.fullmatch(token) else None
        if path is None or not path.is_file() or is_over(self._end(path)):
            raise NoVideo("This video does not exist: it was deleted or its time has ended.")
        return path

    def delete(self, token: str) -> None:
        """Delete the video of a token. Raises NoVideo as `find` does."""
        self.find(token).unlink(missing_ok=True)

    def _path(self, token: str) -> Path:
        return self._folder / f"{hashlib.sha256(token.encode()).hexdigest()}.mp4"

    def _clear(self, path: Path, now: float) -> None:
        """Delete a video that has certainly expired; one made while the clock was ahead gets its time from
        now on.
        """
        made = path.stat().st_mtime
        if now >= made + self._seconds:
            path.unlink()
        elif (earlier := brought_back(made, MARGIN, now)) < made:
            os.utime(path, (earlier, earlier))

    def _end(self, path: Path) -> float:
        return path.stat().st_mtime + self._seconds
