"""The flags of the portrait desk, for `animate`, `compare` and `portrait`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from media.desk.edit import PortraitEdit
from studio.portrait_edit import FIELDS, edit_from

Turn = Annotated[
    str | None,
    typer.Option(
        "--turn",
        metavar="DEGREES",
        help="Turn the portrait clockwise first, by 90, 180 or 270 degrees.",
    ),
]
Crop = Annotated[
    tuple[str, str] | None,
    typer.Option(
        "--crop",
        metavar="X,Y X,Y",
        help="Keep a part of the turned portrait: its upper left and lower right corner, in pixels.",
    ),
]
Shape = Annotated[
    str | None,
    typer.Option(
        "--shape",
        metavar="9:16|1:1|16:9",
        help="Keep the largest part of this shape around the largest face. Default: the portrait's shape.",
    ),
]
Background = Annotated[
    str | None,
    typer.Option(
        "--background",
        metavar="blur|#RRGGBB",
        help="Blur what is behind the person, or put a colour in its place. Default: leave it.",
    ),
]


def portrait_edit(
    turn: str | None, crop: tuple[str, str] | None, shape: str | None, background: str | None
) -> PortraitEdit:
    """The changes that were typed. Raises OptionError."""
    corners: Any = " ".join(crop) if crop else None
    return edit_from(dict(zip(FIELDS, (turn, corners, shape, background), strict=True)))
