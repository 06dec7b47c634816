"""Draws the page's icon: `python -m scripts.make_favicon`."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw

ICON = Path(__file__).resolve().parents[1] / "ui" / "assets" / "favicon.ico"
SIDE = 512
SIZES = (16, 32, 48, 128)
TEAL, WHITE = "#0f766e", "#ffffff"


def draw() -> Image.Image:
    """A speaking face on teal, (SIDE, SIDE) RGBA."""
    icon = Image.new("RGBA", (SIDE, SIDE))
    pen = ImageDraw.Draw(icon)
    pen.rounded_rectangle((0, 0, SIDE - 1, SIDE - 1), radius=112, fill=TEAL)
    pen.ellipse((72, 64, 440, 448), fill=WHITE)
    for x in (192, 320):
        pen.ellipse((x - 30, 172, x + 30, 232), fill=TEAL)
    pen.chord((156, 196, 356, 404), 0, 180, fill=TEAL)
    return icon


def main() -> None:
    """Write it in the sizes of tabs, bookmarks and start screens."""
    draw().save(ICON, sizes=[(side, side) for side in SIZES])
    print(ICON)


if __name__ == "__main__":
    main()
