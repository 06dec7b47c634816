"""Judges a portrait and writes it as an image, for the command `portrait`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engines.base import AnimationMode
from media.desk.edit import PortraitEdit
from media.desk.finding import Finding, Level, worst
from media.errors import OptionError, OutputError
from media.output_file import OutputFile, explain_output_error
from studio.destination import same_file
from studio.settings import Settings

if TYPE_CHECKING:
    from media.portrait import Portrait

OPAQUE = {".jpg": "JPEG", ".jpeg": "JPEG"}
HOLDS_OPACITY = {".png": "PNG", ".webp": "WEBP"}
QUALITY = 95


@dataclass(frozen=True)
class CheckedPortrait:
    """A portrait as a job would animate it, and what is good and bad about it."""

    portrait: Portrait
    findings: tuple[Finding, ...]

    @property
    def light(self) -> Level | None:
        """The level of the worst finding; None if there is no face to judge, as with an animal's points."""
        return worst(self.findings) if self.findings else None


def check_portrait(
    source: Path,
    edit: PortraitEdit,
    *,
    subject: AnimationMode = "human",
    face_index: int = 0,
    anchors: tuple[tuple[float, float], ...] | None = None,
    target: Path | None = None,
    settings: Settings | None = None,
) -> CheckedPortrait:
    """Open a portrait with its changes, and judge it.

    target: the image to be written, which is checked first. Raises PortraitError for an unusable portrait,
    NoFaceError without a face, OptionError for a target that cannot hold the image, and OutputError for one
    that is the portrait itself.
    """
    from media.anchors import Anchors
    from media.desk.quality import judge
    from media.portrait import open_portrait

    if target is not None:
        _check_target(target, source, edit)
    points = Anchors(*anchors) if anchors is not None and len(anchors) == 3 else None
    portrait = open_portrait(
        source,
        subject=subject,
        face_index=face_index,
        anchors=points,
        max_side=(settings or Settings()).max_side,
        edit=edit,
    )
    findings = judge(portrait.image, portrait.faces, portrait.face_index, subject)
    return CheckedPortrait(portrait, tuple(findings))


def write_portrait(checked: CheckedPortrait, target: Path) -> None:
    """Write the image, with its transparency if it has one. Raises OutputError."""
    import numpy as np
    from PIL import Image

    portrait = checked.portrait
    pixels = portrait.image
    if portrait.opacity is not None:
        pixels = np.dstack([pixels, portrait.opacity])
    file = OutputFile(target)
    try:
        kind = (OPAQUE | HOLDS_OPACITY)[target.suffix.lower()]
        Image.fromarray(pixels).save(file.path, kind, quality=QUALITY)
        file.keep()
    except OSError as error:
        raise explain_output_error(error, target) from None
    finally:
        file.discard()


def _check_target(target: Path, source: Path, edit: PortraitEdit) -> None:
    if same_file(target, source):
        raise OutputError(
            "The output {path} is the {what} itself. Choose another name.", path=target, what="portrait"
        )
    ending = target.suffix.lower()
    if ending not in OPAQUE | HOLDS_OPACITY:
        raise OptionError(
            "The edited portrait is written as .png, .jpg or .webp, not as {name}.", name=target.name
        )
    if edit.transparent and ending not in HOLDS_OPACITY:
        raise OptionError(
            "{name} cannot be transparent, because JPEG has no transparency. Write a .png or .webp.",
            name=target.name,
        )
