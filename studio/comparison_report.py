"""The files of a comparison: a page that plays all columns in step, tables, and a zip of everything."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Sequence
from functools import partial
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from evaluation.report import words
from media.errors import OutputError
from media.output_file import OutputFile
from studio.comparison_assets import asset, controls_html, in_step_script, players_style, video_html
from studio.comparison_plot import KEY, curve_plot
from studio.comparison_tables import blanks, facts, list_html, missing, table_csv, table_html

if TYPE_CHECKING:
    from studio.comparison_columns import ColumnDone
    from studio.comparison_scores import ColumnScores


def write_comparison(
    columns: Sequence[ColumnDone], scores: ColumnScores, together: Path, out: Path, portrait: str, voice: str
) -> tuple[tuple[Path, ...], Path]:
    """Write comparison.html, .csv and .json and a zip; returns all files and the zip. Raises OutputError."""
    texts = {
        "comparison.html": page(columns, scores, together.name, portrait, voice),
        "comparison.csv": table_csv(columns, scores),
        "comparison.json": json.dumps(facts(columns, scores), indent=2, ensure_ascii=False) + "\n",
    }
    archive = out / "comparison.zip"
    videos = [one.result.path for one in columns if one.result is not None]
    written = (*(out / name for name in texts), together, *videos)

    def pack(path: Path) -> None:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as packed:  # videos shrink no further
            for file in written:
                packed.write(file, f"comparison/{file.name}")

    try:
        for name, text in texts.items():
            _whole(out / name, partial(_write_text, text))
        _whole(archive, pack)
    except OSError as error:
        raise OutputError(f'The comparison cannot be written to "{out}": {error.strerror}.') from error
    return written, archive


def _write_text(text: str, path: Path) -> None:
    path.write_text(text, encoding="utf-8", newline="")


def _whole(target: Path, write: Callable[[Path], object]) -> None:
    """Write a file that has its name only once it is complete."""
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
    """The page; it plays the videos that lie beside it and needs no network."""
    style = files("evaluation.report").joinpath("page.css").read_text(encoding="utf-8")
    style += asset("page.css") + players_style()
    players = "".join(_player(one, scores, heard_column(columns)) for one in columns)
    lists = (
        ("Not measured", [(", ".join(names), why) for names, why in missing(scores)]),
        ("Left blank", [(f"{', '.join(names)} ({videos})", why) for names, videos, why in blanks(scores)]),
        ("Licences of the metrics", words.licences(scores.table)),
    )
    below = "".join(f"<h2>{heading}</h2>{list_html(lines)}" for heading, lines in lists if lines)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Comparison</title><style>{style}</style></head>\n<body><main>"
        f"<h1>Comparison</h1><p>{escape(portrait)} says {escape(voice)}.</p>"
        f'{controls_html()}<div class="players">{players}</div>'
        f'<p><a href="{escape(together)}">All columns in one video</a></p>'
        f"<h2>Figures</h2>{table_html(columns, scores)}"
        f"{below}</main>"
        f"<script>{in_step_script()}\nplayInStep(document.body);</script></body></html>\n"
    )


def plot_html(scores: ColumnScores, title: str, key: str = KEY) -> str:
    """Mouth and loudness of a column over time; nothing for one that was not watched. key: as HTML."""
    watched = scores.watched.get(title)
    return curve_plot(watched, key) if watched is not None else ""


def heard_column(columns: Sequence[ColumnDone]) -> int:
    """The number of the column whose sound is played: the first that could be made."""
    return next((one.number for one in columns if one.result is not None), 0)


def _player(one: ColumnDone, scores: ColumnScores, heard: int) -> str:
    title = escape(one.column.title)
    if one.result is None:
        return f'<figure><figcaption>{title}</figcaption><p class="warn">{escape(one.error)}</p></figure>'
    video = video_html(one.result.path.name, heard=one.number == heard)
    return f"<figure><figcaption>{title}</figcaption>{video}{plot_html(scores, one.column.title)}</figure>"
