"""Finds fonts on this machine for the script of a text; nothing is downloaded."""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from media.documents.quoting import quoted, reason_of
from media.errors import InputError
from media.messages import said

ENDINGS = (".ttf", ".ttc", ".otf", ".otc")
PREFERRED = (
    "dejavusans.ttf", "notosans-regular", "arial.ttf", "helvetica.ttc", "segoeui.ttf", "liberationsans-reg",
    "notosanscjk-regular", "notosanssc-regular", "sourcehansans", "pingfang.ttc", "msyh.ttc", "wqy-microhei",
    "wqy-zenhei", "hiragino", "simsun", "droidsansfallback", "arial unicode",
)  # fmt: skip
"""Beginnings of file names, in lower case, in order of preference: plain sans-serif fonts."""
NO_SHAPES = "lastresort"
"""Fonts with a box for every character: the name of such a font on macOS and in matplotlib."""
MOST_FONTS = 3000
"""Largest number of font files to examine; a desktop has some hundred."""
_NAMED = 12
"""Number of missing characters that a message quotes."""
_INVISIBLE = ("Cc", "Cf", "Zs", "Zl", "Zp", "Mn", "Me")


@dataclass(frozen=True)
class Fonts:
    """The fonts that a text needs, the most used one first.

    files: in order of preference. of: the font of each character, by its index in `files`.
    """

    files: tuple[Path, ...]
    of: dict[str, int]

    def runs(self, line: str) -> list[tuple[int, str]]:
        """A line in runs of one font each; marks without a glyph stay with the preceding characters."""
        pieces: list[tuple[int, str]] = []
        for sign in line:
            number = self.of.get(sign, pieces[-1][0] if pieces else 0)
            if pieces and pieces[-1][0] == number:
                pieces[-1] = (number, pieces[-1][1] + sign)
            else:
                pieces.append((number, sign))
        return pieces

    def sized(self, number: int, size: int) -> Any:
        """A font for Pillow, with letters of `size` pixels."""
        return _sized(self.files[number], size)


def fonts_for(text: str, given: Path | None = None) -> Fonts:
    """Fonts that together have a glyph for every character.

    given: a font file to prefer. Raises InputError if it cannot be read, or if no font on this machine has a
    character; the message names the characters.
    """
    needed = {sign for sign in text if unicodedata.category(sign) not in _INVISIBLE}
    missing = set(needed)
    files: list[Path] = []
    of: dict[str, int] = {}
    if given is not None:
        signs_of_given(given)
    for file in (*filter(None, (given,)), *font_files()):
        if not missing and files:
            break
        found = missing & _signs(file)
        if found or (file == given) or (not needed and not files and _signs(file)):
            of |= dict.fromkeys(found, len(files))
            files.append(file)
            missing -= found
    if missing or not files:
        raise InputError(_no_font(sorted(missing)))
    return Fonts(tuple(files), of)


def signs_of_given(path: Path) -> frozenset[str]:
    """The characters of a font that a user named. Raises InputError for a file that is not a font."""
    try:
        return _read_signs(path)
    except Exception as error:  # fontTools raises whatever its tables cause
        reason = reason_of(error, 120)
        raise InputError(
            'The font "{path}" cannot be read: {reason}. Choose a TrueType or OpenType file.',
            path=quoted(str(path)),
            reason=reason,
        ) from None


def font_files() -> tuple[Path, ...]:
    """Every font file of this machine, the preferred ones first."""
    return _font_files(tuple(map(str, _folders())))


@lru_cache(maxsize=4)
def _font_files(folders: tuple[str, ...]) -> tuple[Path, ...]:
    found: dict[Path, None] = {}
    for folder in folders:
        for path in _walk(folder):
            found[path] = None
            if len(found) >= MOST_FONTS:
                break
    return tuple(sorted(found, key=lambda path: (_rank(path.name.lower()), str(path))))


def _rank(name: str) -> int:
    return next((k for k, known in enumerate(PREFERRED) if name.startswith(known)), len(PREFERRED))


def _walk(folder: str) -> Iterator[Path]:
    for inner, _, names in os.walk(folder):
        for name in sorted(names):
            if name.lower().endswith(ENDINGS) and not name.lower().startswith(NO_SHAPES):
                yield Path(inner, name)


def _folders() -> Iterator[Path]:
    """The font folders of this system, and of a package that contains fonts."""
    home = Path("~").expanduser()
    if sys.platform == "win32":
        yield Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts"
        yield home / "AppData/Local/Microsoft/Windows/Fonts"
    elif sys.platform == "darwin":
        yield from (Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts")
    else:
        yield from map(Path, ("/usr/share/fonts", "/usr/local/share/fonts"))
        yield from (home / ".fonts", home / ".local/share/fonts")
    spec = find_spec("matplotlib")  # MediaPipe installs it, with DejaVu Sans inside
    if spec is not None and spec.origin:
        yield Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf"


@lru_cache(maxsize=MOST_FONTS)
def _signs(path: Path) -> frozenset[str]:
    """The characters that a font has glyphs for; none for a file that cannot be read."""
    try:
        return _read_signs(path)
    except Exception:  # fontTools raises whatever its tables cause
        return frozenset()


def _read_signs(path: Path) -> frozenset[str]:
    from fontTools.ttLib import TTFont
    from PIL import ImageFont

    with TTFont(path, fontNumber=0, lazy=True) as font:
        signs = frozenset(map(chr, font.getBestCmap() or {}))
    ImageFont.truetype(path, 16)  # FreeType, which draws it, must read it, too
    return signs


@lru_cache(maxsize=64)
def _sized(path: Path, size: int) -> Any:
    from PIL import ImageFont

    return ImageFont.truetype(path, size)


def _no_font(missing: Iterable[str]) -> str:
    signs = list(missing)
    some = " ".join(quoted(sign) for sign in signs[:_NAMED]) + (" ..." if len(signs) > _NAMED else "")
    if not signs:
        return (
            "This machine has no font to draw text with. Install one or, on the command line, name a font "
            "file with --font."
        )
    return said(
        "No font on this machine has {count} of the characters: {characters}. Install a font for their "
        "script, such as fonts-noto-cjk for Chinese, or name a font file with --font on the command line.",
        count=len(signs),
        characters=some,
    )
