"""MoviePy, imported when the first edit begins: it is large, and the lean installation lacks it."""

from __future__ import annotations

import os
from types import ModuleType

from media.errors import InputError

MISSING = (
    "Editing finished videos needs the package moviepy, which is not installed. Install it with "
    "`pip install -r requirements.txt`."
)
_DOTENV_SWITCH = "PYTHON_DOTENV_DISABLED"


def moviepy() -> ModuleType:
    """The package. Raises InputError if it is not installed or finds no FFmpeg.

    On import, MoviePy reads a file `.env` from every folder above its own, such as this project's, into the
    environment of the process. The environment belongs to the machine's owner: python-dotenv's switch turns
    that off for the import.
    """
    before = os.environ.get(_DOTENV_SWITCH)
    os.environ[_DOTENV_SWITCH] = "1"
    try:
        import moviepy as package
    except ImportError as error:
        if (error.name or "").partition(".")[0] in (
            "moviepy",
            "imageio",
            "imageio_ffmpeg",
            "proglog",
            "decorator",
        ):
            raise InputError(MISSING) from None
        raise
    except (OSError, RuntimeError) as error:
        raise InputError(
            "MoviePy cannot start FFmpeg ({reason}). Install the package imageio-ffmpeg again, or name a "
            "program in the variable FFMPEG_BINARY.",
            reason=error,
        ) from None
    finally:
        if before is None:
            del os.environ[_DOTENV_SWITCH]
        else:
            os.environ[_DOTENV_SWITCH] = before
    return package
