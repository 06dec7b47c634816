"""What a dub keeps of its source's file besides pictures and sound: subtitles, chapters and metadata."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from av.subtitles.subtitle import SubtitleSet

from media.documents.quoting import quoted
from media.dubbing.facts import SourceFacts, SubtitleLine
from media.dubbing.lengths import DubSchedule
from media.dubbing.source import DubSource
from media.dubbing.track_names import loses, track_metadata
from media.messages import Message, said

MILLISECOND = Fraction(1, 1000)
_OF_THE_FILE = frozenset(
    ("major_brand", "minor_version", "compatible_brands", "encoder", "duration", "handler_name")
)
"""Metadata that says how a file is stored, not what it shows."""
_STYLE = {
    "Name": "Default", "Fontname": "Arial", "Fontsize": "16", "PrimaryColour": "&Hffffff",
    "SecondaryColour": "&Hffffff", "OutlineColour": "&H0", "BackColour": "&H0", "Bold": "0", "Italic": "0",
    "Underline": "0", "StrikeOut": "0", "ScaleX": "100", "ScaleY": "100", "Spacing": "0", "Angle": "0",
    "BorderStyle": "1", "Outline": "1", "Shadow": "0", "Alignment": "2", "MarginL": "10", "MarginR": "10",
    "MarginV": "10", "Encoding": "0",
}  # fmt: skip
_HEADER = "\n".join(
    (
        "[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]",
        f"Format: {', '.join(_STYLE)}",
        f"Style: {','.join(_STYLE.values())}",
        "\n[Events]",
        "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n",
    )
).encode()
"""FFmpeg's encoders of text expect lines of Advanced SubStation Alpha, under such a header."""


def kept_metadata(facts: SourceFacts) -> dict[str, str]:
    """The metadata that describes the video."""
    return {name: text for name, text in facts.metadata.items() if name.lower() not in _OF_THE_FILE}


def kept_chapters(facts: SourceFacts, schedule: DubSchedule) -> list[dict[str, Any]]:
    """The chapters that begin before the end of the dub, as for PyAV's `set_chapters`."""
    kept = []
    for number, chapter in enumerate(facts.chapters):
        start, end = (
            round(max(Fraction(0), time) * schedule.stretch / MILLISECOND)
            for time in (chapter.start, chapter.end)
        )
        end = min(end, round(schedule.duration / MILLISECOND))
        if start < end:
            about = {"id": number, "start": start, "end": end, "time_base": MILLISECOND}
            kept.append(about | {"metadata": {"title": chapter.title} if chapter.title else {}})
    return kept


class KeptSubtitles:
    """Writes the text of the source's subtitles alongside the frames."""

    def __init__(
        self,
        container: Any,
        kind: str,
        source: DubSource,
        schedule: DubSchedule,
        notes: list[Message],
    ) -> None:
        """kind: FFmpeg's name of the container. notes: gets what cannot be kept."""
        self._container = container
        self._stretch, self._end = schedule.stretch, schedule.duration
        self._tracks: list[tuple[Any, list[SubtitleLine]]] = []
        self._last: dict[int, int] = {}
        pictures = sum(not one.text for one in source.facts.subtitles)
        if pictures:
            notes.append(
                said(
                    "1 subtitle track is pictures and not text; it is not in the dub."
                    if pictures == 1
                    else "{count} subtitle tracks are pictures and not text; they are not in the dub.",
                    count=pictures,
                )
            )
        for one in source.facts.subtitles:
            if one.text:
                lines = sorted(source.cues(one.track), key=lambda line: line.start, reverse=True)
                codec = (
                    "mov_text" if kind != "matroska" else "ass" if one.codec in ("ass", "ssa") else "subrip"
                )
                stream = container.add_stream(codec)
                stream.codec_context.subtitle_header = _HEADER
                stream.codec_context.time_base = stream.time_base = MILLISECOND
                stream.metadata.update(track_metadata(kind, one.language, one.title))
                if loses(kind, one.language):
                    notes.append(
                        said(
                            "The language {language} of subtitle track {track} is not in the dub: MP4 files "
                            "know languages by codes of three letters.",
                            language=quoted(one.language),
                            track=one.track,
                        )
                    )
                self._tracks.append((stream, lines))

    def advance(self, until: Fraction) -> None:
        """Write the lines that begin before a time of the dub."""
        for stream, lines in self._tracks:
            while lines and lines[-1].start * self._stretch < until:
                self._write(stream, lines.pop())

    def finish(self) -> None:
        """Write the rest, up to the end of the dub."""
        self.advance(self._end)

    def _write(self, stream: Any, line: SubtitleLine) -> None:
        start, end = (
            round(min(max(Fraction(0), time * self._stretch), self._end) / MILLISECOND)
            for time in (line.start, line.end)
        )
        start = max(start, self._last.get(stream.index, -1) + 1)  # no two lines may begin together
        if start >= end:
            return
        self._last[stream.index] = start
        given = SubtitleSet.create(line.dialogue.encode("utf-8"), 0, end - start, start * 1000)
        packet = stream.codec_context.encode_subtitle(given)
        packet.stream, packet.time_base = stream, MILLISECOND
        packet.pts = packet.dts = start
        packet.duration = end - start
        self._container.mux(packet)
