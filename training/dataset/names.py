"""The name of an item: readable, safe on every file system, and unique."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from pathlib import PurePath

READABLE = 40
"""Characters of the file's name that are kept; a Chinese one takes three bytes, and a name may have 255."""
HASHED = 8


def item_name(source: PurePath | str) -> str:
    """The name for a video at a path relative to the folder of videos, as in `interview-3_1f0a9c2b`.

    Letters and digits of any script are kept, everything else becomes a hyphen. The end is a hash of the
    path, so `a/take.mp4` and `b/take.mp4` differ, and so do names that differ only in case.
    """
    path = PurePath(source)
    known = path.stem.encode("utf-8", "ignore").decode("utf-8", "ignore")
    slug = re.sub(r"[^\w]+", "-", unicodedata.normalize("NFC", known)).strip("-_")[:READABLE].strip("-_")
    try:
        whole = os.fsencode(path.as_posix())
    except UnicodeEncodeError:  # a list may contain impossible file names
        whole = path.as_posix().encode("utf-8", "surrogatepass")
    digest = hashlib.sha256(whole).hexdigest()[:HASHED]
    return f"{slug or 'video'}_{digest}"


def is_item_name(name: str) -> bool:
    """Whether a name is a plain folder name that does not lead out of its parent folder."""
    return (
        name.isprintable() and name not in ("", ".", "..") and not set(name) & set("/\\") and len(name) <= 200
    )
