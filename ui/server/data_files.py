"""Files that language models send inside a call, as `data:` addresses in base64 (RFC 2397).

They become uploads: Gradio's own function would write them to a folder that it chooses when it is imported,
where no limit counts them and nothing removes them.
"""

from __future__ import annotations

import base64
import re
from pathlib import Path

from gradio_client.utils import get_extension

from media.documents.quoting import reason_of
from media.errors import LineFull, OutputError
from studio.settings import Settings
from ui.server.given_files import BROKEN
from ui.server.upload_ledger import Ledger
from ui.uploads import place_for

_HEAD = re.compile(r"data:[\w.+-]+/[\w.+-]+(?:;[\w.+=-]+)*;base64,", re.ASCII)


class DataFiles:
    """Stores them. ledger: what all visitors have uploaded; these files are added to it."""

    def __init__(self, settings: Settings, ledger: Ledger) -> None:
        self._settings, self._ledger = settings, ledger

    def stored(self, text: str, sender: str) -> str:
        """The path of a new upload. BROKEN for a text that cannot be decoded, followed by the bytes of a file
        that is too large, which is not decoded at all.

        sender: the network address. Raises LineFull if too much has arrived within the hour, and OutputError
        if the file cannot be written. Leaves no file then.
        """
        if (head := _HEAD.match(text[:200])) is None:
            return BROKEN
        size = (len(text) - head.end()) * 3 // 4 - text[-2:].count("=")
        if size > self._settings.max_upload_mb * 1_000_000:
            return f"{BROKEN}{size}"
        if why := self._ledger.refusal(sender, size):
            raise LineFull(why)
        try:
            content = base64.b64decode(text[head.end() :])
        except ValueError:
            return BROKEN
        if not content:
            return BROKEN
        self._ledger.note(sender, len(content))
        return str(_written(content, f"file.{get_extension(head[0]) or 'bin'}"))


def _written(content: bytes, name: str) -> Path:
    try:
        with place_for(name) as path:
            try:
                path.write_bytes(content)
            except OSError:
                path.unlink(missing_ok=True)
                raise
            return path
    except OSError as error:
        raise OutputError(
            "The server has no room for the file ({reason}). Try again later.", reason=reason_of(error)
        ) from None
