"""Text as pixels: wrapped, centred, white with a dark outline, in any script that a font covers."""

from __future__ import annotations

import unicodedata

import numpy as np

from studio.clips.fonts import Fonts

INK, OUTLINE = (255, 255, 255, 255), (0, 0, 0, 230)
LINE = 1.3
"""Height of a line, in heights of the letters."""
OUTLINE_PART = 0.09
_CLOSING = frozenset("，。、；：！？）》〉」』】〕’”…,.;:!?)]}%")
"""Characters that do not begin a line."""


def text_picture(text: str, width: int, size: int, fonts: Fonts) -> np.ndarray:
    """(h, w, 4) uint8 RGBA: a text centred in at most `width` pixels, with letters of `size` pixels."""
    from PIL import Image, ImageDraw

    stroke = _stroke(size)
    lines = lines_of(text, width, size, fonts)
    widths = [_length(line, size, fonts) for line in lines]
    height = round(LINE * size)
    picture = Image.new(
        "RGBA", (round(max(widths)) + 4 * stroke, height * len(lines) + 2 * stroke), (0, 0, 0, 0)
    )
    draw = ImageDraw.Draw(picture)
    for row, (line, length) in enumerate(zip(lines, widths, strict=True)):
        x = (picture.width - length) / 2
        baseline = stroke + height * row + size
        for number, run in fonts.runs(line):
            font = fonts.sized(number, size)
            draw.text((x, baseline), run, INK, font, anchor="ls", stroke_width=stroke, stroke_fill=OUTLINE)
            x += font.getlength(run)
    return np.asarray(picture)


def lines_of(text: str, width: int, size: int, fonts: Fonts) -> list[str]:
    """A text in lines of at most `width` pixels, including their outline."""
    room = width - 2 * _stroke(size)
    return [piece for line in text.split("\n") for piece in wrapped(line, room, size, fonts)]


def wrapped(line: str, width: float, size: int, fonts: Fonts) -> list[str]:
    """A line in as many lines as it needs: broken at spaces, between Chinese characters, and last inside a
    word.
    """
    lines: list[str] = []
    current = ""
    for piece in _pieces(line):
        if not current or _length((current + piece).rstrip(), size, fonts) <= width:
            current += piece
        else:
            lines.append(current.rstrip())
            current = piece.lstrip()
        while _length(current.rstrip(), size, fonts) > width and len(current.rstrip()) > 1:
            fits = _fitting(current, width, size, fonts)
            lines.append(current[:fits])
            current = current[fits:]
    return [*lines, current.rstrip()] if current.strip() or not lines else lines


def over(frame: np.ndarray, picture: np.ndarray, left: int, top: int) -> np.ndarray:
    """A copy of an (H, W, 3) or (H, W, 4) frame with an (h, w, 4) image on it, clipped to the frame."""
    result = frame.copy()
    x0, y0 = max(0, left), max(0, top)
    x1, y1 = min(frame.shape[1], left + picture.shape[1]), min(frame.shape[0], top + picture.shape[0])
    if x1 <= x0 or y1 <= y0:
        return result
    part = picture[y0 - top : y1 - top, x0 - left : x1 - left].astype(np.uint16)
    alpha = part[:, :, 3:]
    if frame.shape[2] == 4:
        result[y0:y1, x0:x1] = _over_clear(part, result[y0:y1, x0:x1])
        return result
    below = result[y0:y1, x0:x1].astype(np.uint16)
    result[y0:y1, x0:x1] = ((part[:, :, :3] * alpha + below * (255 - alpha) + 127) // 255).astype(np.uint8)
    return result


def _over_clear(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """One (h, w, 4) RGBA image over another (Porter and Duff 1984), not multiplied by their opacity."""
    up, down = above[:, :, 3:] / 255, below[:, :, 3:] / 255
    down = down * (1 - up)
    opacity = up + down
    colour = (above[:, :, :3] * up + below[:, :, :3] * down) / np.maximum(opacity, 1e-6)
    return np.rint(np.concatenate([colour, 255 * opacity], axis=2)).astype(np.uint8)


def _stroke(size: int) -> int:
    return max(1, round(OUTLINE_PART * size))


def _pieces(line: str) -> list[str]:
    """Unbreakable pieces: words with the space after them, Chinese characters with closing punctuation."""
    pieces: list[str] = []
    for sign in line:
        wide = unicodedata.east_asian_width(sign) in "WF"
        begins = (
            not pieces
            or (pieces[-1][-1] == " " and sign != " ")
            or ((wide or unicodedata.east_asian_width(pieces[-1][-1]) in "WF") and sign != " ")
        )
        joins = sign in _CLOSING or unicodedata.category(sign) in ("Mn", "Me", "Cf")
        if begins and not (pieces and joins):
            pieces.append(sign)
        else:
            pieces[-1] += sign
    return pieces


def _fitting(text: str, width: float, size: int, fonts: Fonts) -> int:
    """The number of characters of a too long text that fit, at least one."""
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _length(text[:middle], size, fonts) <= width else (low, middle - 1)
    return low


def _length(text: str, size: int, fonts: Fonts) -> float:
    return sum(float(fonts.sized(number, size).getlength(run)) for number, run in fonts.runs(text))
