"""The mark of a voice that was generated from a text: written into its file, and read from any file."""

from __future__ import annotations

import json
import struct
from collections.abc import Generator, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from media.documents.bounds import METADATA
from media.documents.json_text import parse_json
from media.errors import DocumentError

if TYPE_CHECKING:
    import numpy as np

KEY = "generated_voice"
NAMES = ("engine", "voice", "language", "speed", "random_weights")
"""The facts about a generated voice."""
_MADE_BY = b"JoyStudio"
_LONGEST = 80
"""Characters of one value."""


def comment_of(facts: Mapping[str, Any]) -> str:
    """The comment of a file with a generated voice, in the form of a video's comment."""
    return json.dumps({"ai_generated": True, KEY: dict(facts)}, ensure_ascii=True)


def facts_in(comment: str) -> dict[str, Any] | None:
    """The facts about a generated voice in a file's comment; None if there are no usable ones.

    It may be the comment of a sound, or of a video from JoyStudio.
    """
    if KEY not in comment:
        return None
    try:
        said = parse_json(comment, METADATA)
    except DocumentError:
        return None
    facts = said.get(KEY) if isinstance(said, dict) else None
    if not isinstance(facts, dict) or not isinstance(facts.get("engine"), str):
        return None
    kept = {name: facts[name] for name in NAMES if name in facts}
    fits = all(
        isinstance(value, bool | int | float) or (isinstance(value, str) and len(value) <= _LONGEST)
        for value in kept.values()
    )
    return kept if fits else None


def write_wav(
    path: Path, rate: int, blocks: Iterable[np.ndarray], facts: Mapping[str, Any]
) -> Generator[int, None, None]:
    """Write blocks of (n,) float32 mono as a 16-bit WAV file with the mark.

    Yields the number of written samples after each block. The file is complete at the end. Raises OSError.
    """
    tags = _chunk(
        b"LIST",
        b"INFO" + _chunk(b"ISFT", _MADE_BY + b"\0") + _chunk(b"ICMT", comment_of(facts).encode() + b"\0"),
    )
    form = _chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, rate, 2 * rate, 2, 16))
    head = len(b"WAVE") + len(form) + len(tags) + 8
    with path.open("wb") as file:
        file.write(b"RIFF" + struct.pack("<I", head) + b"WAVE" + form + tags)
        file.write(b"data" + struct.pack("<I", 0))
        size = 0
        for block in blocks:
            size += file.write((block.clip(-1, 1) * 32767).round().astype("<i2").tobytes())
            yield size // 2
        file.seek(4)
        file.write(struct.pack("<I", head + size))
        file.seek(8 + head - 4)
        file.write(struct.pack("<I", size))


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)
