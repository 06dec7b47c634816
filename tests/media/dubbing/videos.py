"""Small videos of every kind, made by PyAV: a soft picture that moves, with a number in its corner."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

RATE = 48_000
CUES = (
    (Fraction(1, 10), Fraction(3, 10), "First line"),
    (Fraction(2, 5), Fraction(3, 5), "Second, with {\\i1}slant{\\i0}"),
)
CHAPTERS = ((Fraction(0), Fraction(1, 2), "Begin"), (Fraction(1, 2), Fraction(1), "End"))


def picture(number: int, size: tuple[int, int]) -> np.ndarray:
    """(H, W, 3) uint8: soft waves that move with the number, which four squares show in binary."""
    width, height = size
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    made = np.stack(
        [
            128 + 70 * np.sin((x + 2 * number) / 11) * np.cos(y / 13),
            128 + 60 * np.cos((x - y + number) / 17),
            110 + 80 * np.sin((y + 3 * number) / 19),
        ],
        -1,
    ).astype(np.uint8)
    side = max(4, min(size) // 8)
    for bit in range(4):
        made[:side, bit * side : (bit + 1) * side] = 235 if number >> bit & 1 else 20
    return made


def number_in(picture: np.ndarray) -> int:
    """The number that the squares of an upright picture show, 0 to 15."""
    side = max(4, min(picture.shape[:2]) // 8)
    return sum(
        (picture[1 : side - 1, bit * side + 1 : (bit + 1) * side - 1].mean() > 128) << bit for bit in range(4)
    )


def write_video(
    path: Path,
    *,
    size: tuple[int, int] = (96, 64),
    frames: int = 12,
    fps: Fraction = Fraction(25),
    ticks: Sequence[int] | None = None,
    clock: Fraction | None = None,
    codec: str = "libx264",
    pixels: str = "yuv420p",
    options: dict[str, str] | None = None,
    gop: int = 5,
    turns: int = 0,
    mirrored: bool = False,
    colours: tuple[int, int, int, int] | None = None,
    interlaced: bool = False,
    sounds: int = 0,
    subtitles: str | None = None,
    chapters: bool = False,
    metadata: dict[str, str] | None = None,
    names: dict[str, str] | None = None,
    pictures: Sequence[np.ndarray] | None = None,
    noise: float = 0.0,
) -> Path:
    """Write it. ticks: of each frame on `clock`, in place of a constant rate. colours: matrix, primaries,
    transfer and range, as numbers. pictures: as stored, (H, W, 3) uint8 RGB. subtitles: the codec.
    names: metadata of all tracks of sound and subtitles.
    """
    rng = np.random.default_rng(0)
    clock = clock or 1 / fps
    ticks = ticks if ticks is not None else [int(number / fps / clock) for number in range(frames)]
    with av.open(str(path), "w") as out:
        out.metadata.update(metadata or {})
        stream: Any = out.add_stream(codec, rate=fps, options={"crf": "10"} | (options or {}))
        stream.width, stream.height = size
        stream.pix_fmt = pixels
        stream.gop_size = gop
        stream.codec_context.time_base = clock
        stream.time_base = clock
        if colours:
            stream.colorspace, stream.color_primaries, stream.color_trc, stream.color_range = colours
        if turns or mirrored:
            stream.set_display_matrix(matrix_of(turns, mirrored))
        voices = [out.add_stream("aac", rate=RATE, layout="mono") for _ in range(sounds)]
        lines: Any = None
        if subtitles:
            lines = out.add_stream(subtitles)
            lines.codec_context.subtitle_header = ASS_HEADER
            lines.codec_context.time_base = lines.time_base = Fraction(1, 1000)
        for track in (*voices, *([lines] if lines else [])):
            track.metadata.update(names or {})
        if chapters:
            out.set_chapters(
                [
                    {
                        "id": number,
                        "start": int(start * 1000),
                        "end": int(end * 1000),
                        "time_base": Fraction(1, 1000),
                        "metadata": {"title": title},
                    }
                    for number, (start, end, title) in enumerate(CHAPTERS)
                ]
            )
        out.start_encoding()
        for number, tick in enumerate(ticks):
            shown = pictures[number] if pictures is not None else picture(number, size)
            if noise:
                shown = np.clip(shown + noise * rng.standard_normal(shown.shape), 0, 255).astype(np.uint8)
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(shown), format="rgb24")
            if pixels != "rgb24":
                frame = frame.reformat(format=pixels, dst_colorspace=1)
            frame.pts, frame.time_base = tick, clock
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
        seconds = float((ticks[-1] + 1) * clock)
        for voice in voices:
            tone = 0.2 * np.sin(np.arange(round(seconds * RATE)) / 20).astype(np.float32)
            piece = av.AudioFrame.from_ndarray(tone[None], format="fltp", layout="mono")
            piece.sample_rate, piece.time_base, piece.pts = RATE, Fraction(1, RATE), 0
            out.mux(voice.encode(piece))
            out.mux(voice.encode(None))
        for start, end, text in CUES if lines else ():
            cue = av.subtitles.subtitle.SubtitleSet.create(
                f"0,0,Default,,0,0,0,,{text}".encode(), 0, int((end - start) * 1000), int(start * 1_000_000)
            )
            packet = lines.codec_context.encode_subtitle(cue)
            packet.stream, packet.time_base = lines, Fraction(1, 1000)
            packet.pts = packet.dts = int(start * 1000)
            packet.duration = int((end - start) * 1000)
            out.mux(packet)
    return path


STYLE = {
    "Name": "Default", "Fontname": "Arial", "Fontsize": "16", "PrimaryColour": "&Hffffff",
    "SecondaryColour": "&Hffffff", "OutlineColour": "&H0", "BackColour": "&H0", "Bold": "0", "Italic": "0",
    "Underline": "0", "StrikeOut": "0", "ScaleX": "100", "ScaleY": "100", "Spacing": "0", "Angle": "0",
    "BorderStyle": "1", "Outline": "1", "Shadow": "0", "Alignment": "2", "MarginL": "10", "MarginR": "10",
    "MarginV": "10", "Encoding": "0",
}  # fmt: skip
ASS_HEADER = "\n".join(
    (
        "[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]",
        f"Format: {', '.join(STYLE)}",
        f"Style: {','.join(STYLE.values())}",
        "\n[Events]",
        "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n",
    )
).encode()


def matrix_of(turns: int, mirrored: bool) -> list[int]:
    """FFmpeg's display matrix of a mirror and quarter turns to the left."""
    a, b, c, d = {0: (1, 0, 0, 1), 1: (0, -1, 1, 0), 2: (-1, 0, 0, -1), 3: (0, 1, -1, 0)}[turns]
    if mirrored:
        a, b = -a, -b
    one = 1 << 16
    return [a * one, b * one, 0, c * one, d * one, 0, 0, 0, 1 << 30]
