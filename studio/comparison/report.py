"""The files of a comparison: a page that plays all columns in sync, tables, and a zip of everything."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from evaluation.report import words
from media.documents.templates import rendered, style
from media.errors import OutputError
from media.output_file import OutputFile
from studio.comparison.assets import (
    PAGE,
    asset,
    controls_html,
    players_style,
    synced_playback_script,
    video_html,
)
from studio.comparison.plot import KEY, curve_plot
from studio.comparison.tables import blanks, facts, missing, rows, table_csv

if TYPE_CHECKING:
    from studio.comparison.columns import ColumnDone
    from studio.comparison.scores import ColumnScores


def write_comparison(
    columns: Sequence[ColumnDone], scores: ColumnScores, together: Path, out: Path, portrait: str, voice: str
) -> tuple[tuple[Path, ...], Path]:
    """Write comparison.html, .csv and .json and a zip. Returns all files and the zip. Raises OutputError."""
    texts = {
        "comparison.html": page(columns, scores, together.name, portrait, voice),
        "comparison.csv": table_csv(columns, scores),
        "comparison.json": json.dumps(facts(columns, scores), indent=2, ensure_ascii=False) + "\n",
    }
    archive = out / "comparison.zip"
    videos = [one.result.path for one in columns if one.result is not None]
    written = (*(out / name for name in texts), together, *videos)

    def pack(path: Path) -> None:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as packed:  # videos do not compress further
            for file in written:
                packed.write(file, f"comparison/{file.name}")

    try:
        for name, text in texts.items():
            _whole(out / name, partial(_write_text, text))
        _whole(archive, pack)
    except OSError as error:
        raise OutputError(
            'The comparison cannot be written to "{out}": {reason}.', out=out, reason=error.strerror
        ) from error
    return written, archive


def _write_text(text: str, path: Path) -> None:
    # A file's name may contain a lone surrogate; JSON writes it as "\\udcff".
    path.write_text(text, encoding="utf-8", newline="", errors="backslashreplace")


def _whole(target: Path, write: Callable[[Path], object]) -> None:
    """Write a file that gets its name only once it is complete."""
    file = OutputFile(target)
    try:
        write(file.path)
    except BaseException:
        file.discard()
        raise
    file.keep()


def page(
    columns: Sequence[ColumnDone], scores: ColumnScores, together: str, portrait: str, voice: str
) -> str:
    """The HTML page; it plays the videos next to it and needs no network."""
    sheets = (style("evaluation.report", "page.css"), asset("page.css"), players_style())
    return rendered(
        PAGE,
        "comparison.html",
        style=sheets[0] + sheets[1] + sheets[2],
        script=synced_playback_script(),
        portrait=portrait,
        voice=voice,
        controls=controls_html(),
        players=[_player(one, scores, heard_column(columns)) for one in columns],
        together=together,
        rows=rows(columns, scores),
        lists=(
            ("Not measured", [(", ".join(names), why) for names, why in missing(scores)]),
            (
                "Left blank",
                [(f"{', '.join(names)} ({videos})", why) for names, videos, why in blanks(scores)],
            ),
            ("Licences of the metrics", words.licences(scores.table)),
        ),
    )


def plot_html(scores: ColumnScores, title: str, key: str = KEY) -> str:
    """Mouth opening and loudness of a column over time; empty for an unmeasured one. key: as HTML."""
    measured = scores.measured.get(title)
    return curve_plot(measured, key) if measured is not None else ""


def heard_column(columns: Sequence[ColumnDone]) -> int:
    """The number of the column whose sound is played: the first one with a video."""
    return next((one.number for one in columns if one.result is not None), 0)


def _player(one: ColumnDone, scores: ColumnScores, heard: int) -> dict[str, str]:
    """The content of a column: its video and plot, or why there are none."""
    if one.result is None:
        return {"title": one.column.title, "video": "", "error": one.error}
    video = video_html(one.result.path.name, heard=one.number == heard)
    return {"title": one.column.title, "video": video, "plot": plot_html(scores, one.column.title)}
