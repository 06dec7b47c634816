"""Speaks or spells one text with espeak-ng, and ends: `python -m speech.espeak.program`.

In: one JSON object, {"do": "say" or "spell", "text" or "texts", "voice", "words_per_minute", "memory_mb",
"seconds"}. Out, for "say": a line of JSON with the rate, then the sound as 16-bit mono samples until the end.
For "spell": a line of JSON with the words of each text. A line {"error": ...} instead says that espeak-ng is
missing.

The text may come from a stranger, and espeak-ng is written in C: the process limits its own memory, CPU time
and files before it loads the library, and its failures end with it.
"""

from __future__ import annotations

import contextlib
import json
import sys
from typing import Any

from speech.espeak.library import EspeakLibrary, place

OPEN_FILES = 32


def main() -> int:
    """Answer the request on the standard input."""
    request = json.loads(sys.stdin.buffer.read())
    out = sys.stdout.buffer
    _bound(request["memory_mb"], request["seconds"])
    try:
        library = EspeakLibrary(*place())
        library.choose(request["voice"])
    except (OSError, RuntimeError, ValueError) as error:
        out.write(json.dumps({"error": str(error)[:500]}).encode() + b"\n")
        return 0
    if request["do"] == "spell":
        words = [library.spell(text) for text in request["texts"]]
        out.write(json.dumps({"words": words}).encode() + b"\n")
        return 0
    out.write(json.dumps({"rate": library.rate}).encode() + b"\n")
    library.say(
        request["text"],
        lambda piece: _written(out, piece),
        words_per_minute=request["words_per_minute"],
    )
    out.flush()
    return 0


def _written(out: Any, piece: bytes) -> None:
    out.write(piece)
    out.flush()


def _bound(memory_mb: int, seconds: int) -> None:
    """Limit this process permanently, if the system supports it."""
    try:
        import resource
    except ImportError:  # Windows
        return
    limits = (
        (resource.RLIMIT_AS, memory_mb * 1_000_000),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
    )
    for kind, most in limits:
        with contextlib.suppress(OSError, ValueError):  # macOS cannot limit memory
            _, hard = resource.getrlimit(kind)
            allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(kind, (allowed, allowed))


if __name__ == "__main__":
    sys.exit(main())
