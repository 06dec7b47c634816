"""What a dub gave: the video, and a report about its frames."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from media.errors import OutputError
from media.output_file import OutputFile, explain_output_error
from studio.destination import same_file
from studio.dubbing.job import DubJob


@dataclass(frozen=True)
class DubReport:
    """Counts and choices of one dub, as values for JSON.

    frames: of the new video; dubbed: those of them with a new mouth. passed: the others, by reason:
    no_face, small, turned, covered, other_person, dissolve or animal. source: what was found about the
    video file: frames, rate, size, colours, sound. cuts: seconds in the source at which the picture
    changes suddenly. tracks: the faces followed through the source: how many of its frames show each, how
    many of these get a new mouth, the first and last second, and the mean area in pixels. sync_mode: the
    one in use. following_seconds, painting_seconds: wall time of the two passes.
    """

    frames: int
    dubbed: int
    passed: Mapping[str, int]
    source: Mapping[str, Any]
    cuts: tuple[float, ...]
    tracks: tuple[Mapping[str, Any], ...]
    sync_mode: str
    person: str
    following_seconds: float
    painting_seconds: float


@dataclass(frozen=True)
class DubResult:
    """A finished dub and how it was made.

    size: of the upright picture. duration: of the new video, in seconds. seconds: wall time. realtime_factor:
    seconds / duration. signed: the video carries a signed manifest that names its source. incomplete: what
    belongs to the video and could not be written: "signature"; a note gives the reason. generated_voice: the
    speech engine and voice, if the voice was generated from a text, as in `media.sound.generated`.
    """

    job_id: str
    path: Path
    size: tuple[int, int]
    duration: float
    seconds: float
    realtime_factor: float
    engine: str
    preset: str | None
    options: Mapping[str, Any]
    seed: int
    video: str
    voice: str
    video_sha256: str
    voice_sha256: str
    random_weights: bool
    signed: bool
    notes: tuple[str, ...]
    report: DubReport
    incomplete: tuple[str, ...] = ()
    generated_voice: Mapping[str, Any] | None = None

    def as_json(self) -> dict[str, Any]:
        """The result as values for `json.dumps`."""
        return asdict(self) | {
            "path": str(self.path),
            "size": list(self.size),
            "notes": list(self.notes),
            "incomplete": list(self.incomplete),
        }


def report_file(path: Path, job: DubJob) -> OutputFile:
    """The file of a dub's report, opened before the dub begins. The caller keeps or discards it.

    Raises OutputError if nothing can be written there, or the report would replace the dub or an input.
    """
    for what, file in ({"output": job.output} | job.files).items():
        if file is not None and (same_file(path, file) or path.resolve() == file.resolve()):
            raise OutputError(
                "The report {path} is the {what} itself. Choose another name.", path=path, what=what
            )
    return OutputFile(path)


def write_report(result: DubResult, file: OutputFile) -> None:
    """Write the report as JSON and give the file its name. Raises OutputError if it cannot be written."""
    try:
        file.path.write_text(json.dumps(result.as_json(), indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise explain_output_error(error, file.target) from None
    file.keep()
