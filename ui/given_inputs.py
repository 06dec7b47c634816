"""Records what a visitor's video was made from, so that the page can open it again."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from media.desk.edit import PLAIN, PortraitEdit
from media.errors import OutputError
from studio.dubbing.job import DubJob
from studio.events import Result
from studio.gallery.history_file import open_history
from studio.gallery.kept_inputs import PARTS, folder_of, keep_inputs, kept_file, link_or_copy, pair_of
from studio.gallery.spoken_texts import spoken_from
from studio.given_performance import KEY as PERFORMANCE
from studio.given_performance import performance_facts
from studio.job import Job, Point
from studio.live.recording import SPEECH
from studio.live.socket import SessionArguments
from studio.portrait_edit import KEY, edit_facts, edit_from_facts
from studio.second_voice import Facts, Who, read_second, second_facts, who_speaks
from studio.settings import Settings
from studio.spoken_text import SpokenText
from ui.components.examples import FOLDER as EXAMPLES
from ui.components.second_voice import CHOICES
from ui.uploads import FOLDER, place_for
from ui.uploads_used import note_uploads


@dataclass(frozen=True)
class GivenInputs:
    """The inputs of a video; None for a file that is no longer stored.

    spoken: the text that was spoken instead of a voice.
    who: who speaks. second_voice: its file; None also if there was none. second: what the job said about it.
    performance: the file of a recorded performance; None also if there was none. performing: what the job
    said about it. had_voice: whether there was a voice or a text.
    live: whether this is the recording of a live session, which keeps no voice. look_ahead_ms: of that
    session. dub: whether this is a dub, whose video is in the place of the portrait.
    face_index, points and edit: as in `ui.components.portrait_picker.Picked`.
    """

    portrait: Path | None = None
    voice: Path | None = None
    spoken: SpokenText | None = None
    face_index: int = 0
    points: tuple[Point, ...] = ()
    edit: PortraitEdit = PLAIN
    who: Who = "one"
    second_voice: Path | None = None
    second: Facts | None = None
    performance: Path | None = None
    performing: Mapping[str, Any] | None = None
    live: bool = False
    dub: bool = False
    look_ahead_ms: int | None = None
    had_voice: bool = True

    @property
    def missing(self) -> str:
        """A sentence about a portrait or a voice that is no longer stored; "" if both exist."""
        alone = self.performing is not None and not self.had_voice
        voice = self.voice or self.spoken or self.live or alone
        if self.portrait and voice:
            return ""
        if self.dub:
            return "The source or the voice of this dub is no longer stored. Add what is missing."
        if self.portrait:
            return "The voice of this video is no longer stored. Add it again."
        if voice:
            return "The portrait of this video is no longer stored. Add it again."
        return "The portrait and the voice of this video are no longer stored. Add them again."


def note_given(result: Result, job: Job, settings: Settings) -> None:
    """Record the inputs of a video, and keep its portrait and its voices for as long as its pair has takes.

    If the history cannot be written, they are not recorded.
    """
    files = {part: file for part in PARTS if isinstance(file := getattr(job, part), Path)}
    second = second_facts(job)
    recorded = job.performance.facts() if job.performance is not None else None
    given = {
        "spoken": job.spoken.model_dump() if job.spoken is not None else None,
        PERFORMANCE: recorded | {"file": str(job.files[PERFORMANCE])} if recorded else None,
        "face_index": job.face_index,
        "points": job.anchors or (),
        KEY: edit_facts(job.portrait_edit),
        "who": who_speaks(second),
        "second": second,
    }
    if recorded is not None:
        files |= {_kept_name(recorded): job.files[PERFORMANCE]}
    _note(result, files, given, settings)


def _kept_name(recorded: Mapping[str, Any]) -> str:
    """The name under which a performance is kept: takes of a pair may have several of them."""
    return f"{PERFORMANCE}-{recorded['sha256'][:16]}"


def note_given_dub(result: Result, job: DubJob, settings: Settings) -> None:
    """The same for a dub: its video is in the place of the portrait."""
    files = {"portrait": job.video} | ({"voice": job.voice} if job.voice is not None else {})
    _note(result, files, {"spoken": job.spoken.model_dump() if job.spoken is not None else None}, settings)


def note_given_live(result: Result, opening: SessionArguments, settings: Settings) -> None:
    """The same for the recording of a live session of the page: its portrait, and what it was opened with."""
    if not isinstance(opening.portrait, Path):
        return
    note_uploads(result.job_id, [opening.portrait], settings)
    given = {
        "face_index": opening.face_index,
        "points": opening.anchors or (),
        KEY: edit_facts(opening.portrait_edit),
        "look_ahead_ms": opening.look_ahead_ms,
    }
    _note(result, {"portrait": opening.portrait}, given, settings)


def _note(result: Result, files: Mapping[str, Path], about: Mapping[str, Any], settings: Settings) -> None:
    """Record the inputs, and keep their files."""
    given = {**{part: str(files.get(part, "")) for part in PARTS}, **about}
    with contextlib.suppress(OutputError), open_history(settings.history) as db:
        db.execute("INSERT OR REPLACE INTO given VALUES (?, ?)", (result.job_id, json.dumps(given)))
    keep_inputs(result, {part: file for part, file in files.items() if not _is_example(file)}, settings)


def given_of(result: Result, settings: Settings) -> GivenInputs:
    """The inputs of a video, as far as they are recorded and stored. Raises the errors of `open_history`.

    A file that is no longer among the uploads becomes an upload again, from the kept one. The caller has
    checked that the video belongs to the visitor.
    """
    with open_history(settings.history) as db:
        row = db.execute("SELECT inputs FROM given WHERE job_id = ?", (result.job_id,)).fetchone()
        pair = pair_of(db, result.job_id)
    try:
        known: dict[str, Any] = json.loads(row[0]) if row else {}
        points = tuple((float(x), float(y)) for x, y in known.get("points", ()))
        face = int(known.get("face_index", 0))
        spoken = spoken_from(known.get("spoken"))
        edit = edit_from_facts(known.get(KEY)) or PLAIN
        look_ahead = known.get("look_ahead_ms")
        second = read_second(known.get("second"))
        who: Who = known["who"] if known.get("who") in CHOICES else "one"
        files = {part: _stored(known.get(part)) for part in PARTS}
        recorded = performance_facts(known.get(PERFORMANCE))
    except (AttributeError, TypeError, ValueError, OverflowError):  # written by something else
        return GivenInputs()
    folder = folder_of(result.path, pair) if pair else None
    for part in PARTS:
        kept = kept_file(folder, part) if folder and files[part] is None and known.get(part) else None
        if kept is not None:
            files[part] = _uploaded_again(kept)
    performance = _performance(known, folder, result.job_id, settings) if recorded else None
    back = [file for part, file in files.items() if file is not None and str(file) != known[part]]
    if back:
        note_uploads(result.job_id, back, settings)
        _note_again(
            result.job_id, known | {part: str(file) for part, file in files.items() if file}, settings
        )
    return GivenInputs(
        files["portrait"],
        files["voice"],
        spoken,
        face,
        points,
        edit,
        who,
        files["second_voice"],
        second,
        performance,
        recorded,
        result.speech == SPEECH,
        result.dub is not None,
        look_ahead if isinstance(look_ahead, int) else None,
        had_voice=bool(known.get("voice") or known.get("spoken")),
    )


def _performance(known: dict[str, Any], folder: Path | None, job_id: str, settings: Settings) -> Path | None:
    """The file of a recorded performance: the upload, or the kept one as a new upload."""
    recorded = known[PERFORMANCE]
    if found := _stored(str(recorded.get("file", ""))):
        return found
    kept = kept_file(folder, _kept_name(recorded)) if folder else None
    again = _uploaded_again(kept) if kept is not None else None
    if again is not None:
        note_uploads(job_id, [again], settings)
        known[PERFORMANCE] = recorded | {"file": str(again)}
        _note_again(job_id, known, settings)
    return again


def _uploaded_again(kept: Path) -> Path | None:
    """A kept file as a new upload; None if there is no room for it."""
    try:
        with place_for(kept.name) as path:
            link_or_copy(kept, path)
            return path
    except (OSError, KeyError):
        return None


def _note_again(job_id: str, given: dict[str, Any], settings: Settings) -> None:
    """Record where the inputs are now, so that the next time finds them there."""
    with contextlib.suppress(OutputError), open_history(settings.history) as db:
        db.execute("UPDATE given SET inputs = ? WHERE job_id = ?", (json.dumps(given), job_id))


def _is_example(path: Path) -> bool:
    return path.resolve().is_relative_to(EXAMPLES.resolve())


def _stored(text: str | None) -> Path | None:
    """A file, if it exists and the page may show it: an upload, or an example."""
    if not text:
        return None
    path, named = Path(text), os.environ.get(FOLDER)
    folders = [EXAMPLES, *([Path(named)] if named else [])]
    try:
        real = path.resolve()
        inside = any(real.is_relative_to(folder.resolve()) for folder in folders)
        return path if inside and real.is_file() else None
    except (OSError, ValueError):
        return None
