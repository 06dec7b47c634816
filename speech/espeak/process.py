"""Runs `speech.espeak.program` for one text, and ends it if it takes too long or is no longer needed."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from media.decoding.helper_process import bare_environment
from media.errors import DecodingUnavailable, EngineError, TextError

PROGRAM = "speech.espeak.program"
MEMORY_MB = 500
"""Megabytes of address space for Python, the library and its voices together."""
SECONDS = 30
"""For one text, in wall time and CPU time. Six minutes of speech take less than one second."""
_PIECE = 1 << 16
_LONGEST_LINE = 1 << 22


def sound_of(
    text: str, voice: str, words_per_minute: int, *, program: str = PROGRAM, seconds: float = SECONDS
) -> Generator[bytes, None, None]:
    """Blocks of 16-bit mono samples in native byte order, at the engine's `RATE`.

    Raises TextError for a text on which the program crashes or takes too long, EngineError without espeak-ng,
    and DecodingUnavailable if no process can be started. Closing the generator ends the process.
    """
    wish = {"do": "say", "text": text, "voice": voice, "words_per_minute": words_per_minute}
    with _running(wish, program, seconds) as out:
        _answer(out)
        rest = b""
        while piece := out.read(_PIECE):
            piece = rest + piece
            whole = len(piece) - len(piece) % 2
            rest = piece[whole:]
            yield piece[:whole]


def spelling_of(
    texts: Sequence[str], voice: str, *, program: str = PROGRAM, seconds: float = SECONDS
) -> list[list[list[str]]]:
    """The words of each text as sounds in IPA. Raises the errors of `sound_of`."""
    with _running({"do": "spell", "texts": list(texts), "voice": voice}, program, seconds) as out:
        found = _answer(out).get("words")
        out.read()
    if not isinstance(found, list) or len(found) != len(texts):
        raise _crashed("an answer that cannot be read")
    return [[[str(sound) for sound in word] for word in words] for words in found]


def _answer(out: Any) -> dict[str, Any]:
    """The program's first line; empty if it ended before."""
    line = out.readline(_LONGEST_LINE)
    if not line:
        return {}
    try:
        answer: dict[str, Any] = json.loads(line)
    except ValueError:
        raise _crashed("an answer that cannot be read") from None
    if "error" in answer:
        raise EngineError(
            "The speech engine espeak does not start: {reason}. Install it again: pip install "
            "--force-reinstall espeakng-loader",
            reason=answer["error"],
        )
    return answer


@contextmanager
def _running(wish: dict[str, Any], program: str, seconds: float) -> Iterator[Any]:
    """The output of the running program; after the block, it has ended without an error."""
    request = json.dumps(wish | {"memory_mb": MEMORY_MB, "seconds": max(1, round(seconds))}).encode()
    try:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", program],
            env=bare_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C in a terminal is for this process
        )
    except OSError as error:
        raise DecodingUnavailable(
            "No process can be started to speak the text in ({reason}); close other programs.", reason=error
        ) from error
    late = threading.Event()

    def end_it() -> None:
        late.set()
        process.kill()

    timer = threading.Timer(seconds, end_it)
    timer.daemon = True
    timer.start()
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        with contextlib.suppress(OSError):  # it ended as it started; its exit code says so
            process.stdin.write(request)
            process.stdin.close()
        yield process.stdout
        code = process.wait()
    finally:
        timer.cancel()
        process.kill()
        process.stdout.close()
        process.wait()
    if late.is_set():
        raise TextError(
            "The text cannot be spoken: it took longer than {seconds:g} s. Shorten it.", seconds=seconds
        )
    if code:
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        raise _crashed(how)


def _crashed(how: str) -> TextError:
    return TextError(
        "The text cannot be spoken: the speech engine crashed ({how}). Change the text, or leave out unusual "
        "characters.",
        how=how,
    )
