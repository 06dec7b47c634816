"""Reads the source of a dub in separate processes: facts, stored frames and subtitles come from children."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from pydantic import BaseModel, ValidationError

from media.decoding.answers import expect, explained
from media.decoding.child import ChildFailed
from media.decoding.decoding import CAN_ISOLATE
from media.decoding.isolated import IsolatedDecoding
from media.decoding.isolated_video import MOST_FACTS, video_decoding
from media.dubbing.facts import SourceFacts, SubtitleLine
from media.dubbing.readers import StoredFrames, reader_of
from media.dubbing.stored_picture import layout_of
from media.errors import VideoError

MOST_CUE = 1 << 16
_FOR_READING = {"metadata", "chapters", "sounds", "subtitles", "other_streams"}
"""What a child does not need to read frames; it would make its request too long."""
_Kind = TypeVar("_Kind", bound=BaseModel)


class IsolatedSource:
    """As `media.dubbing.readers.StoredFrames`, with nothing decoded in this process. Each reading has its own
    child.

    Raises VideoError for a file whose child crashes, hangs, grows or sends invalid answers.
    """

    def __init__(self, path: Path | str, decoding: IsolatedDecoding) -> None:
        self.path = Path(path).absolute()
        self._decoding = decoding

    def facts(self, alive: Callable[[], None] = lambda: None) -> SourceFacts:
        """What the file is."""
        for header, body in self._answers({"do": "source"}, MOST_FACTS):
            with explained(VideoError, self.path):
                if header.get("kind") != "reading":
                    expect(header, "source", VideoError)
                    return _checked(SourceFacts, body)
            alive()
        raise AssertionError("a child sends answers until its connection ends")

    def frames(
        self, facts: SourceFacts, begin: int = 0, end: int | None = None, damage: list[int] | None = None
    ) -> Generator[tuple[int, np.ndarray]]:
        """As `StoredFrames.frames`. The child ends with the frames, or when the iterator is closed."""
        most = layout_of(facts).nbytes
        request = {"do": "source frames", "begin": begin, "end": end} | _about(facts)
        before = -1
        for header, body in self._answers(request, most):
            with explained(VideoError, self.path):
                match header:
                    case {"kind": "end", "damage": int(count)}:
                        if damage is not None:
                            damage.extend([0] * min(max(count, 0), 1_000_000))
                        return
                    case {"kind": "frame", "tick": int(tick)} if tick > before and len(body) == most:
                        before = tick
                    case _:
                        expect(header, "frame", VideoError)
                        raise ChildFailed(f"the decoder sent {len(body)} bytes, which are not a frame")
            yield tick, np.frombuffer(body, np.uint8)

    def cues(self, facts: SourceFacts, track: int) -> Iterator[SubtitleLine]:
        """As `StoredFrames.cues`."""
        request = {"do": "source cues", "track": track} | _about(facts)
        for header, body in self._answers(request, MOST_CUE):
            with explained(VideoError, self.path):
                if header.get("kind") == "end":
                    return
                expect(header, "cue", VideoError)
                cue = _checked(SubtitleLine, body)
            yield cue

    def _answers(self, request: dict[str, Any], most: int) -> Iterator[tuple[dict[str, Any], bytearray]]:
        child, header, body = self._decoding.first(VideoError, self.path, request, most)
        with closing(child):
            while True:
                yield header, body
                with explained(VideoError, self.path):
                    header, body = child.answer(most, self._decoding.limits.seconds)


def source_reader(path: Path | str) -> StoredFrames:
    """The reader of an untrusted source: in separate processes; on Windows, in this one."""
    return IsolatedSource(path, video_decoding()) if CAN_ISOLATE else reader_of(Path(path))


def _about(facts: SourceFacts) -> dict[str, Any]:
    return {"facts": facts.model_dump(mode="json", exclude=_FOR_READING)}


def _checked(kind: type[_Kind], body: bytearray) -> _Kind:
    try:
        return kind.model_validate_json(bytes(body))
    except ValidationError as error:
        raise ChildFailed(f"the decoder's answer has {error.error_count()} errors") from None
