"""One line on a terminal that shows how far a job is."""

from __future__ import annotations

import shutil
from typing import TextIO

from studio.events import Progress


class ProgressLine:
    """Writes progress over itself on a terminal, and nothing at all elsewhere."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._shown = stream.isatty()
        self._dirty = False

    def show(self, progress: Progress) -> None:
        """Draw the bar of a job anew."""
        self.show_text(progress.stage, progress.fraction, progress.seconds_left)

    def show_text(self, what: str, fraction: float, seconds_left: float | None) -> None:
        """Draw the bar of any work anew."""
        if not self._shown:
            return
        columns = shutil.get_terminal_size().columns
        self._write("\r\x1b[K" + described(what, fraction, seconds_left)[: max(0, columns - 1)])
        self._dirty = True

    def clear(self) -> None:
        """Remove the line, so that whatever comes next begins on an empty one."""
        if self._dirty:
            self._write("\r\x1b[K")
            self._dirty = False

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except OSError:  # the terminal was closed; what it showed is not the work
            self._shown = False


def describe(progress: Progress, width: int = 24) -> str:
    """The line's text, as in `rendering  [######----]  60 %  0:04 left`."""
    return described(progress.stage, progress.fraction, progress.seconds_left, width)


def described(what: str, fraction: float, seconds_left: float | None, width: int = 24) -> str:
    """The same of any work."""
    filled = round(fraction * width)
    line = f"{what:<9} [{'#' * filled}{'-' * (width - filled)}] {fraction:4.0%}"
    return line if seconds_left is None else f"{line}  {clock(seconds_left)} left"


def clock(seconds: float) -> str:
    """Seconds as m:ss or h:mm:ss, rounded up so that it does not say 0:00 while there is work left."""
    whole = -int(-seconds // 1)
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"
