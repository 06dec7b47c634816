"""What a video's settings say about its second voice; the voice itself is a file of the visitor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from studio.job import Job

KEY = "second_voice"
"""The key of these facts in metadata, results and settings files."""
Who = Literal["one", "after", "together", "at", "channels"]
Facts = Mapping[str, Any]
"""start: when the second voice begins, in seconds; None for after the first. face_index: the number of its
face; None for the largest other one. channels: whether both voices are channels of one recording.
"""


def second_facts(job: Job) -> dict[str, Any] | None:
    """The facts of a job; None if one person speaks."""
    if not job.two_voices:
        return None
    return {"start": job.second_start, "face_index": job.second_face, "channels": job.stereo_voices}


def read_second(found: Any) -> dict[str, Any] | None:
    """The facts from metadata or a settings file. Raises TypeError, ValueError or OverflowError."""
    if found is None:
        return None
    if not isinstance(found, Mapping):
        raise TypeError("the facts of a second voice are an object")
    start, face = found.get("start"), found.get("face_index")
    return {
        "start": None if start is None else float(start),
        "face_index": None if face is None else int(face),
        "channels": found.get("channels") is True,
    }


def who_speaks(facts: Facts | None) -> Who:
    """Who speaks, and when the second voice begins."""
    if facts is None:
        return "one"
    if facts["channels"]:
        return "channels"
    if facts["start"] is None:
        return "after"
    return "together" if facts["start"] == 0 else "at"
