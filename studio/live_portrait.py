"""Writes a job's saved motion as LivePortrait's motion template."""

from __future__ import annotations

from pathlib import Path

from engines.saved_motion import load_motion
from media.errors import InputError
from media.output_file import OutputFile, explain_output_error
from studio.motion import ENDING

TEMPLATE = ".pkl"
NAME = "liveportrait"
"""The format's name."""


def is_template(output: Path, format: str | None) -> bool:
    """Whether a motion template is asked for."""
    return format == NAME or (format is None and output.suffix.casefold() == TEMPLATE)


def write_template(motion: Path, target: Path) -> int:
    """Write the template, and return its number of frames.

    Raises InputError for a file that is not a motion of JoyVASA, and OutputError.
    """
    from engines.joyvasa.motion.live_portrait import write_live_portrait

    if not motion.name.endswith(ENDING):
        raise InputError(
            "{name} is not a saved motion. A motion template is written from the {ending} file that a job of "
            "the engine joyvasa saves next to its video.",
            name=motion.name,
            ending=ENDING,
        )
    saved = load_motion(motion)
    file = OutputFile(target)
    try:
        with file.path.open("r+b") as stream:
            frames = write_live_portrait(stream, saved)
        file.keep()
    except OSError as error:
        raise explain_output_error(error, target) from None
    finally:
        file.discard()
    return frames
