"""Videos that several tests edit; none changes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.studio.clips.sources import bursts, face_at, levels, make_video


@pytest.fixture(scope="session")
def clock(tmp_path_factory: pytest.TempPathFactory, keys: Path) -> Path:
    """3 s of 96x64 pixels, whose brightness and tone change at every second."""
    path = tmp_path_factory.mktemp("clips") / "clock.mp4"
    return make_video(path, levels((96, 64)), sound=bursts(3.0))


@pytest.fixture(scope="session")
def wide(tmp_path_factory: pytest.TempPathFactory, keys: Path) -> Path:
    """A head of 180 pixels at the right of a wide frame of 640x360, with a tone."""
    path = tmp_path_factory.mktemp("clips") / "wide.mp4"
    return make_video(path, face_at((640, 360), 430, 180), seconds=1.6, sound=bursts(1.6))


@pytest.fixture(scope="session")
def chinese_font(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A font with a block of its own width for each of a few Chinese signs, so that no machine needs one."""
    from fontTools.fontBuilder import FontBuilder
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    signs = "你好世界，。"
    glyphs = [".notdef", *(f"uni{ord(sign):04X}" for sign in signs)]
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(glyphs)
    builder.setupCharacterMap({ord(sign): name for sign, name in zip(signs, glyphs[1:], strict=True)})
    shapes = {}
    for number, name in enumerate(glyphs):
        pen = TTGlyphPen(None)
        pen.moveTo((100, 0))
        for corner in ((100, 800), (300 + 100 * number, 800), (300 + 100 * number, 0)):
            pen.lineTo(corner)
        pen.closePath()
        shapes[name] = pen.glyph()
    builder.setupGlyf(shapes)
    builder.setupHorizontalMetrics(dict.fromkeys(glyphs, (1000, 100)))
    builder.setupHorizontalHeader(ascent=880, descent=-120)
    builder.setupNameTable({"familyName": "Blocks", "styleName": "Regular"})
    builder.setupOS2(sTypoAscender=880, sTypoDescender=-120, usWinAscent=880, usWinDescent=120)
    builder.setupPost()
    path = tmp_path_factory.mktemp("fonts") / "blocks.ttf"
    builder.save(path)
    return path
