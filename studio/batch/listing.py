"""Reads a list of jobs: one job per line, and a reason for each line that cannot be used."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from typing import Any

from engines import registry
from media.documents.paths import given_path
from media.documents.quoting import quoted, shown
from media.errors import InputError, JoyStudioError
from studio.batch.dub_lines import DUB_COLUMNS, check_no_dub, dub_values
from studio.dubbing.job import DubJob
from studio.given_performance import FIELDS as PERFORMANCE_FIELDS
from studio.given_performance import KEY as PERFORMANCE
from studio.given_performance import performance_in
from studio.job import Job
from studio.list_file import TEXT, VIDEO, ListRow, checked_name, name_trouble, read_rows
from studio.marks_file import MARKS, is_inline, read_marks
from studio.portrait_edit import FIELDS as EDITS
from studio.portrait_edit import edit_from
from studio.presets import load_preset
from studio.spoken_text import FIELDS, asked_for

VIDEOS = "videos"
OWN_COLUMNS = frozenset(
    (
        *"portrait voice engine preset seed name face_index anchors audio_track group".split(),
        *"second_voice second_start second_face stereo_voices".split(),
        *DUB_COLUMNS,
        *FIELDS,
        *EDITS,
        PERFORMANCE,
        *PERFORMANCE_FIELDS,
    )
)
"""Every other column is an option of the line's engine."""
ALL = "all"
"""The group of lines that name none."""


@dataclass(frozen=True)
class JobLine:
    """One line of a list. job: None if the line cannot be used; then `reason` says why.

    number: of the line in the file, from 1. name: the video's, without its ending, below the folder of all
    videos.
    """

    number: int
    name: str
    job: Job | DubJob | None
    reason: str = ""


def read_lines(
    path: Path,
    out: Path,
    *,
    engine: str,
    preset: str | None = None,
    by_group: bool = False,
    files: Mapping[str, Path] | None = None,
) -> list[JobLine]:
    """Every line of a CSV or JSONL file, in order; the videos go into out/videos.

    engine, preset: for lines that name none; the preset applies to that engine only. by_group: each video
    goes into the folder of its line's group; two groups may use the same name. Relative paths start at the
    list's folder. files: the only files that lines may name, by file name; None for all. Lines may name them
    by paths of Windows, too, and composed or decomposed letters are the same. Without a name, a line's name
    is made from those of portrait and voice. Raises InputError for a list that cannot be used at all, and
    OptionError for an engine or a preset that does not exist.
    """
    registry.options_of(engine)  # raises an error that lists the engines
    if preset is not None:
        load_preset(engine, preset)
    reader = _Reader(path.parent, out.absolute() / VIDEOS, engine, preset, by_group=by_group, files=files)
    return [reader.line(row) for row in read_rows(path)]


class _Reader:
    def __init__(
        self,
        folder: Path,
        videos: Path,
        engine: str,
        preset: str | None,
        *,
        by_group: bool,
        files: Mapping[str, Path] | None,
    ) -> None:
        self._folder, self._videos = folder, videos
        self._engine, self._preset, self._by_group = engine, preset, by_group
        self._files = None if files is None else {_composed(name): path for name, path in files.items()}
        self._taken: dict[str, int] = {}
        self._wishes: dict[str, int] = {}
        self._presets: dict[tuple[str, str], dict[str, Any]] = {}

    def line(self, row: ListRow) -> JobLine:
        """The line's job, or the reason why there is none."""
        if row.trouble:
            return JobLine(row.number, quoted(str(row.values.get("name", ""))), None, row.trouble)
        name = ""
        try:
            name = self._name(row)
            return JobLine(row.number, name, self._job(row.values, name))
        except JoyStudioError as error:
            trouble = error.message.with_names(str)  # an option's name is its column's
            return JobLine(row.number, name or quoted(str(row.values.get("name", ""))), None, trouble)

    def _job(self, values: Mapping[str, Any], name: str) -> Job | DubJob:
        if VIDEO in values:
            return self._dub(values, name)
        check_no_dub(values)
        engine = str(values.get("engine", self._engine))
        preset = values.get("preset", self._preset if engine == self._engine else None)
        options = {key: value for key, value in values.items() if key not in OWN_COLUMNS}
        if not is_inline(options.get(MARKS, "")):
            options[MARKS] = read_marks(self._place(values, MARKS))
        return Job(
            engine=engine,
            portrait=self._place(values, "portrait"),
            voice=self._place(values, "voice") if "voice" in values else None,
            spoken=asked_for(values),
            options=self._preset_values(engine, preset) | options,
            preset=preset,
            seed=values.get("seed", 0),
            face_index=values.get("face_index", 0),
            anchors=_points(values.get("anchors")),
            audio_track=values.get("audio_track"),
            portrait_edit=edit_from(values),
            second_voice=self._place(values, "second_voice") if "second_voice" in values else None,
            stereo_voices=values.get("stereo_voices", False),
            second_start=values.get("second_start"),
            second_face=values.get("second_face"),
            performance=performance_in(
                values, self._place(values, PERFORMANCE) if PERFORMANCE in values else None
            ),
            output=self._videos / f"{name}.mp4",
        )

    def _dub(self, values: Mapping[str, Any], name: str) -> DubJob:
        asked = dub_values(values, FIELDS, OWN_COLUMNS)
        engine = str(values.get("engine", self._engine))
        preset = values.get("preset", self._preset if engine == self._engine else None)
        options = {key: value for key, value in values.items() if key not in OWN_COLUMNS}
        if not is_inline(options.get(MARKS, "")):
            options[MARKS] = read_marks(self._place(values, MARKS))
        return DubJob(
            engine=engine,
            video=self._place(values, VIDEO),
            voice=self._place(values, "voice") if "voice" in values else None,
            spoken=asked_for(values),
            options=self._preset_values(engine, preset) | options,
            preset=preset,
            seed=values.get("seed", 0),
            audio_track=values.get("audio_track"),
            output=self._videos / f"{name}.mp4",
            **asked,
        )

    def _preset_values(self, engine: str, preset: Any) -> dict[str, Any]:
        if preset is None:
            return {}
        key = (engine, str(preset))
        if key not in self._presets:
            self._presets[key] = load_preset(*key).values
        return self._presets[key]

    def _place(self, values: Mapping[str, Any], column: str) -> Path:
        given = values[column]
        if not isinstance(given, str):
            raise InputError(
                "The column {column} has {value}, but takes the name of a file.",
                column=column,
                value=shown(given),
            )
        if self._files is not None:
            name = _composed(PureWindowsPath(given).name)  # of either kind of path
            if name not in self._files:
                raise InputError(
                    'The file "{name}" did not come with the list. Choose or drop the list together with its '
                    "files.",
                    name=quoted(name),
                )
            return self._files[name]
        return given_path((self._folder / given_path(given)).absolute())

    def _name(self, row: ListRow) -> str:
        """The line's own name, or one made from its files; if that is taken, one made from the whole line."""
        given = row.values.get("name")
        if given is not None:
            return self._take(self._placed(checked_name(str(given)), row), row)
        portrait = self._stem(row.values[VIDEO if VIDEO in row.values else "portrait"])
        made = f"{portrait}_{self._stem(row.values['voice']) if 'voice' in row.values else TEXT}"
        if trouble := name_trouble(made):
            raise InputError(
                "{trouble}. It is the name made of portrait and voice: give the line another one in the "
                "column name.",
                trouble=trouble,
            )
        name = self._placed(made, row)
        wish = json.dumps(row.values, sort_keys=True, ensure_ascii=False)
        if (before := self._wishes.setdefault(wish, row.number)) != row.number:
            raise InputError(
                "This line is the same as line {before}; to get another video, change its seed.",
                before=before,
            )
        if name in self._taken:
            name += "-" + hashlib.sha256(wish.encode()).hexdigest()[:8]
        return self._take(name, row)

    def _stem(self, given: str) -> str:
        kind = Path if self._files is None else PureWindowsPath
        return kind(given).stem

    def _placed(self, name: str, row: ListRow) -> str:
        """The name below the folder of the line's group, if groups have folders."""
        return f"{checked_name(str(row.values.get('group', ALL)))}/{name}" if self._by_group else name

    def _take(self, name: str, row: ListRow) -> str:
        if name in self._taken:
            raise InputError(
                '"{name}" is the video of line {taken} already; give this line another name.',
                name=quoted(name),
                taken=self._taken[name],
            )
        self._taken[name] = row.number
        return name


def _composed(name: str) -> str:
    """A name in the form of letters that most systems write; macOS decomposes them."""
    return unicodedata.normalize("NFC", name)


def _points(given: Any) -> Any:
    """Three points written as `x,y x,y x,y`; the job checks everything that is not text."""
    if not isinstance(given, str):
        return given
    try:
        points = [tuple(float(number) for number in point.split(",")) for point in given[:1000].split()]
    except ValueError:
        points = []
    if [len(point) for point in points] != [2, 2, 2]:
        raise InputError(
            'Anchors are three points such as 120,80 160,80 140,110, not "{given}".', given=quoted(given)
        )
    return points
