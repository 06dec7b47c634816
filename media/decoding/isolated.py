"""Decodes each image, sound or performance in its own process, which may crash, hang or grow."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import nullcontext
from fractions import Fraction
from pathlib import Path
from typing import Any, Never

import numpy as np

from media.decoding.answers import expect, explained, notes_of, picture_of, refusal, size_of, sound_of
from media.decoding.child import Child, ChildFailed, HelperLost
from media.decoding.decoding import Decoding, DirectDecoding
from media.decoding.helper_process import WORK, Helper, at_fork, unavailable
from media.decoding.limits import Limits
from media.decoding.performance_answer import performance_of
from media.decoding.performance_work import KIND, MOST_BYTES
from media.decoding.work import MOST_BLOCK_BYTES
from media.errors import InputError, PerformanceError, PortraitError, VoiceError
from media.messages import said
from media.performance.motion_template import LivePortraitTemplate
from media.performance.performance import Performance
from media.performance.reading import Angles
from media.picture import Picture, PictureSource
from media.sound.format import BLOCK, SoundBlocks, SoundFormat, SoundSource

LARGE = 8_000_000
"""Pixels from which images are decoded one after the other, as each may take hundreds of megabytes."""
_LATE = 60.0
"""Seconds of sound beyond the longest voice after which a child is stopped; a reader stops long before."""


class IsolatedDecoding(Decoding):
    """Decodes files in child processes; arrays and opened images, which visitors cannot send, in this one.

    Raises PortraitError or VoiceError for a file whose child crashes, hangs, grows or sends invalid answers,
    and DecodingUnavailable if no process can be started.
    """

    def __init__(self, limits: Limits | None = None, work: str = WORK) -> None:
        """work: the module that the children run."""
        self.limits = limits or Limits()
        self._work = work
        self._helper = Helper(work)
        self._direct = DirectDecoding(self.limits)
        self._large = threading.Lock()
        at_fork(self._begin_anew)

    def __reduce__(self) -> tuple[Any, ...]:
        return IsolatedDecoding, (self.limits, self._work)

    def _begin_anew(self) -> None:
        """Reset in a forked process: no large image is being decoded in it, whatever the other
        process does.
        """
        self._large = threading.Lock()

    def start(self) -> None:
        """Start the helper process, without waiting for it."""
        self._helper.start()

    def close(self) -> None:
        """End the helper and all children."""
        self._helper.close()

    @property
    def helper_pid(self) -> int:
        """The helper's process number; 0 if there is none."""
        return self._helper.pid

    def open_picture(self, source: PictureSource, max_side: int, **more: Any) -> Picture:
        """As `media.picture.open_picture`."""
        if not isinstance(source, Path | str | bytes):
            return self._direct.open_picture(source, max_side, **more)
        request = {"do": "picture", "max_side": max_side, "max_pixels": self.limits.max_pixels, "more": more}
        child, header, _ = self.first(PortraitError, source, request, 0)
        with explained(PortraitError, source, child):
            width, height = size_of(header)
            with nullcontext() if 0 < width * height <= LARGE else self._large:
                child.ask({})
                header, pixels = child.answer(
                    3 * min(max_side * max_side, self.limits.max_pixels), self.limits.seconds
                )
            return picture_of(header, pixels, max_side)

    def picture_size(self, source: Path | str | bytes) -> tuple[int, int]:
        """As `media.pictures.opened.picture_size`."""
        child, header, _ = self.first(PortraitError, source, {"do": "size"}, 0)
        with explained(PortraitError, source, child):
            return size_of(header)

    def open_sound(self, source: SoundSource, **more: Any) -> tuple[SoundFormat, SoundBlocks]:
        """As `media.sound_stream.open_sound`. The child ends with the blocks, or when they are closed."""
        if isinstance(source, tuple):
            return self._direct.open_sound(source, **more)
        child, header, _ = self.first(VoiceError, source, {"do": "sound", "more": more}, 0)
        try:
            with explained(VoiceError, source):
                sound = sound_of(header)
        except BaseException:
            child.close()
            raise
        return sound, _Blocks(child, source, sound, self.limits)

    def open_performance(
        self, path: Path, *, rate: Fraction | None = None, angles: Angles = "auto"
    ) -> Performance | LivePortraitTemplate:
        """As `media.performance.opening.open_performance`."""
        request = {"do": KIND, "rate": None if rate is None else str(rate), "angles": angles}
        seconds = self.limits.sound_processor_seconds
        child, header, body = self.first(PerformanceError, path, request, MOST_BYTES, seconds)
        with explained(PerformanceError, path, child):
            expect(header, KIND, PerformanceError)
            return performance_of(header, body, notes_of(header.get("notes")))

    def first(
        self,
        family: type[InputError],
        source: Path | str | bytes,
        request: dict[str, Any],
        most: int,
        seconds: float | None = None,
    ) -> tuple[Child, dict[str, Any], bytearray]:
        """A new child, and its first answer. A killed helper is replaced, and asked once more.

        most: bytes after the answer's header. seconds: until it has arrived; None takes those of the limits.
        """
        is_picture = family is PortraitError
        processor = self.limits.seconds if is_picture else self.limits.sound_processor_seconds
        request |= {"memory_mb": self.limits.memory_mb, "processor_seconds": processor}
        body = source if isinstance(source, bytes) else b""
        request["path"] = None if isinstance(source, bytes) else str(Path(source).absolute())
        for _ in range(2):
            child = self._helper.child()
            try:
                child.ask(request, body)
                return child, *child.answer(most, seconds or self.limits.seconds)
            except HelperLost:
                child.close()
            except ChildFailed as error:
                child.close()
                raise refusal(family, source, error) from None
            except BaseException:
                child.close()
                raise
        raise unavailable("its helper ended")


class _Blocks(Generator[np.ndarray, None, tuple[str, ...]]):
    """A child's sound as it arrives: (n, channels) float32. A generator that may be closed before it
    starts.
    """

    def __init__(self, child: Child, path: Path, sound: SoundFormat, limits: Limits) -> None:
        self._child, self._path, self._sound, self._limits = child, path, sound, limits
        self._received = 0
        self._over = False
        self._notes: tuple[str, ...] = ()

    def send(self, value: None) -> np.ndarray:
        """The next block; notes that only reading could show are the return value."""
        if self._over:
            raise StopIteration(self._notes)
        try:
            with explained(VoiceError, self._path):
                block = self._next()
        except BaseException:
            self.close()
            raise
        if block is None:
            self.close()
            raise StopIteration(self._notes)
        return block

    def throw(self, kind: Any, value: Any = None, trace: Any = None) -> Never:
        """End the child, and raise the given error."""
        self.close()
        raise kind if value is None else value

    def close(self) -> None:
        """End the child."""
        self._over = True
        self._child.close()

    def _next(self) -> np.ndarray | None:
        header, body = self._child.answer(MOST_BLOCK_BYTES, self._limits.seconds)
        if header.get("kind") == "end":
            notes = header.get("notes")
            self._notes = notes_of(notes) if isinstance(notes, list) else ()
            return None
        expect(header, "block", VoiceError)
        samples, channels = header.get("samples"), self._sound.channels
        if type(samples) is not int or not 1 <= samples <= BLOCK or len(body) != 4 * samples * channels:
            raise ChildFailed(f"the decoder sent {len(body)} bytes, which are not a block of sound")
        self._received += samples
        if self._received > (self._limits.longest + _LATE) * self._sound.rate:
            raise ChildFailed(said("it has more than {longest:g} s of sound", longest=self._limits.longest))
        return np.frombuffer(body, np.float32).reshape(samples, channels)
