"""Files of this machine that programs name by their path, in the folder that its owner has opened to them."""

from __future__ import annotations

import shutil
from pathlib import Path
from urllib.parse import unquote, urlsplit

from media.documents.quoting import LONG, quoted, reason_of
from media.errors import InputError, OutputError
from studio.settings import Settings
from ui.server.given_files import BROKEN


def local_file(text: str, settings: Settings) -> Path:
    """The file that a path or a `file:` address names. Raises InputError.

    Outside the owner's folder, the refusal does not tell whether there is a file.
    """
    if text.startswith(BROKEN):
        size = text.removeprefix(BROKEN)
        if size.isdecimal() and len(size) < 20:
            check_size(int(size), settings)
        raise InputError(
            'A file that begins with "data:" is not readable. Send data:image/png;base64, or '
            "data:audio/wav;base64, and then the file in base64, or upload the file."
        )
    folder = settings.readable_folder
    try:
        path = Path(unquote(urlsplit(text).path) if text.startswith("file:") else text).expanduser()
        inside = folder is not None and path.resolve().is_relative_to(folder.expanduser().resolve())
        if folder is not None and inside and path.is_file():
            return path.resolve()
    except (OSError, ValueError, RuntimeError):  # no file can have this name
        inside = False
    if inside:
        raise InputError(
            'There is no file at "{path}" on this machine; check the path.', path=quoted(text, LONG)
        )
    if folder is None:
        raise InputError(
            '"{text}" is not a file of this server. Upload the file and send the path from the answer, or '
            "send a public address or a data: address in base64.",
            text=quoted(text, LONG),
        )
    raise InputError(
        '"{text}" is not in the folder that the owner of this machine has opened to programs '
        "(JOYSTUDIO_LOCAL_FILES). Upload the file and send the path from the answer, or send a public "
        "address.",
        text=quoted(text, LONG),
    )


def check_size(size: int, settings: Settings) -> None:
    """Raise InputError for more bytes than a file may have."""
    if size > settings.max_upload_mb * 1_000_000:
        raise InputError(
            "The file has {size:.1f} MB or more; a file may have {most} MB. Send a smaller one.",
            size=size / 1e6,
            most=settings.max_upload_mb,
        )


def copied(path: Path, folder: Path, settings: Settings) -> Path:
    """A copy of a file in a new folder, as an upload would be. Raises InputError or OutputError.

    A copy, because uploads are deleted with the last video made from them.
    """
    try:
        check_size(path.stat().st_size, settings)
        folder.mkdir(parents=True)
        return Path(shutil.copyfile(path, folder / path.name))
    except OSError as error:
        raise OutputError(
            "The server has no room for the file ({reason}). Try again later.", reason=reason_of(error)
        ) from None
