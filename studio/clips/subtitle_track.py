"""Subtitles on the frames of a clip: the right text at the right time, drawn once for each cue."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from media.documents.quoting import LONG, quoted
from media.documents.subtitles import SUBTITLES, Cue, read_subtitles
from media.errors import DocumentError, InputError
from media.messages import said
from studio.clips.fonts import Fonts, fonts_for
from studio.clips.text_picture import LINE, lines_of, over, text_picture

WIDEST, HIGHEST = 0.9, 0.5
"""Largest width and height of a subtitle, as fractions of the frame's."""
MARGIN = 0.06
"""Space below the text, as a fraction of the frame's height."""
SMALLEST = 10
"""Pixels: smaller letters are unreadable."""
_SHRINK = 0.9


class SubtitleTrack:
    """The cues of a file, ready to be drawn on frames of one size."""

    def __init__(self, cues: Sequence[Cue], size: tuple[int, int], percent: float, fonts: Fonts) -> None:
        """size: (width, height) of the frames. percent: height of the letters, of the shorter side."""
        self.cues = tuple(cues)
        self._starts = [cue.start for cue in self.cues]
        self._size, self._fonts = size, fonts
        self._letters = max(SMALLEST, round(percent / 100 * min(size)))
        self._longest = max(cue.end - cue.start for cue in self.cues)
        self._drawn: tuple[str, np.ndarray] | None = None

    def text_at(self, time: float) -> str:
        """The text at a time in seconds; if cues overlap, the earlier one is above.

        Raises InputError if more text is shown at once than one cue may have.
        """
        begun = bisect_right(self._starts, time)
        first = bisect_right(self._starts, time - self._longest - 1e-6)
        shown = [cue.text for cue in self.cues[first:begun] if cue.end > time]
        if (signs := sum(map(len, shown))) > SUBTITLES.text:
            raise InputError(
                "{count} subtitles with {length} characters are shown together at {time:.1f} s; at most "
                "{most} are allowed. Correct their times.",
                count=len(shown),
                length=signs,
                time=time,
                most=SUBTITLES.text,
            )
        return "\n".join(shown)

    def on(self, clip: Any) -> Any:
        """A moviepy.VideoClip with the subtitles on its frames."""
        return clip.transform(lambda get_frame, time: self.drawn(get_frame(time), time))

    def drawn(self, frame: np.ndarray, time: float) -> np.ndarray:
        """An (H, W, 3) frame with the subtitles at that time. Raises InputError if they do not fit."""
        text = self.text_at(time)
        if not text:
            return frame
        if self._drawn is None or self._drawn[0] != text:
            self._drawn = (text, self._picture(text))
        picture = self._drawn[1]
        width, height = self._size
        top = height - round(MARGIN * height) - picture.shape[0]
        return over(frame, picture, (width - picture.shape[1]) // 2, top)

    def _picture(self, text: str) -> np.ndarray:
        width, height = round(WIDEST * self._size[0]), HIGHEST * self._size[1]
        letters = self._letters
        while (lines := len(lines_of(text, width, letters, self._fonts))) * LINE * letters > height:
            if letters == SMALLEST:
                raise InputError(
                    'The subtitle "{text}" needs {lines} lines, which fill more than half of a frame of '
                    "{width}x{height} pixels. Divide it into several.",
                    text=quoted(text, 40),
                    lines=lines,
                    width=self._size[0],
                    height=self._size[1],
                )
            letters = max(SMALLEST, round(_SHRINK * letters) - 1)
        return text_picture(text, width, letters, self._fonts)


def open_subtitles(path: Path, font: Path | None) -> tuple[list[Cue], Fonts]:
    """Read a file of subtitles and find fonts for it. Raises InputError."""
    cues = read_cues(path)
    return cues, fonts_for("".join(cue.text for cue in cues), font)


def read_cues(path: Path) -> list[Cue]:
    """Read a file of subtitles. Raises InputError."""
    if not path.is_file():
        raise InputError('There are no subtitles at "{path}"; check the path.', path=quoted(str(path), LONG))
    try:
        return read_subtitles(path)
    except DocumentError as error:
        raise InputError(
            'The subtitles "{name}" cannot be used: {reason}. They must be a SubRip (.srt) or WebVTT (.vtt) '
            "file.",
            name=quoted(path.name),
            reason=error,
        ) from None


def too_late(cues: Sequence[Cue], seconds: float) -> str:
    """A note on cues that begin after the video's end, or ""."""
    late = sum(cue.start >= seconds for cue in cues)
    if not late:
        return ""
    return said(
        "{late} of {cues} subtitles begin after the video's end at {seconds:.1f} s and are not shown.",
        late=late,
        cues=len(cues),
        seconds=seconds,
    )
