"""The text of a source's subtitles, line by line."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import av

from media.dubbing.facts import SourceFacts, SubtitleLine

MOST_CUES = 50_000
"""Lines of one subtitle track; a film has some thousand."""
USUAL_SECONDS = Fraction(3)
"""How long a line without an end is shown."""
_LONGEST = 4000


def read_cues(container: Any, facts: SourceFacts, track: int) -> Iterator[SubtitleLine]:
    """The lines of a track of text, in the order of the file. track: its number from 1."""
    begin = facts.origin * facts.clock
    stream = container.streams.subtitles[track - 1]
    count = 0
    for packet in container.demux(stream):
        if packet.pts is None or not packet.size:
            continue
        try:
            lines = stream.codec_context.decode2(packet)
        except av.error.FFmpegError:
            continue
        start = packet.pts * packet.time_base - begin
        lasts = Fraction(packet.duration or 0) * packet.time_base or USUAL_SECONDS
        for line in lines or ():
            if count >= MOST_CUES:
                return
            if line.type in (b"ass", b"text") and lasts > 0:
                count += 1
                text = line.ass or line.text
                yield SubtitleLine(
                    start=start, end=start + lasts, dialogue=text.decode("utf-8", "replace")[:_LONGEST]
                )
