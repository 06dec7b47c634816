"""Videos that wait to be fetched: each under a token that nobody can guess, and not for long."""

from __future__ import annotations

import contextlib
import hashlib
import re
import secrets
import time
from pathlib import Path

from media.errors import InputError

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


class KeptVideos:
    """A folder of videos. Their file names do not tell the tokens, so neither does a list of the folder."""

    def __init__(self, folder: Path, hours: float) -> None:
        """hours: until a video is deleted, counted from its end."""
        self._folder, self._seconds = folder, hours * 3600

    def new(self) -> tuple[str, Path]:
        """A token, and the file that it will lead to. Removes what is too old."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for path in self._folder.glob("*.mp4"):
            with contextlib.suppress(OSError):  # somebody else removes it, too
                if self._is_old(path):
                    path.unlink()
        token = secrets.token_urlsafe(32)
        return token, self._path(token)

    def find(self, token: str) -> Path:
        """The video of a token. Raises InputError where there is none, or no longer."""
        path = self._path(token) if _TOKEN.fullmatch(token) else None
        if path is None or not path.is_file() or self._is_old(path):
            raise InputError("There is no video here, or no longer: it was deleted or its time is over.")
        return path

    def delete(self, token: str) -> None:
        """Delete the video of a token. Raises InputError as `find` does."""
        self.find(token).unlink(missing_ok=True)

    def _path(self, token: str) -> Path:
        return self._folder / f"{hashlib.sha256(token.encode()).hexdigest()}.mp4"

    def _is_old(self, path: Path) -> bool:
        return time.time() - path.stat().st_mtime > self._seconds
