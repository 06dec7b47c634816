"""What is shown and handed out beside a finished video."""

from __future__ import annotations

import html
import re
import secrets
import shutil
from collections.abc import Sequence
from pathlib import Path

from studio.events import Result

TIMES = "\N{MULTIPLICATION SIGN}"


def facts_html(result: Result) -> str:
    """Time taken, speed and size of a finished video, the notes of its job, and a mark on made-up weights."""
    speed = 1 / result.realtime_factor if result.realtime_factor else 0.0
    width, height = result.size
    facts = (
        (f"{result.seconds:.1f} s", "time taken"),
        (f"{speed:.1f} {TIMES}" if speed >= 1 else f"{speed:.2g} {TIMES}", "real time"),
        (f"{result.duration:.1f} s", "length"),
        (f"{width} {TIMES} {height}", f"{result.fps} frames/s"),
    )
    cells = "".join(
        f'<div class="fact"><strong>{html.escape(value)}</strong><span>{html.escape(name)}</span></div>'
        for value, name in facts
    )
    mark = '<p class="made-up">Made-up weights</p>' if result.made_up_weights else ""
    return f'{mark}<div class="fact-grid">{cells}</div>{notes_html(result.notes)}'


def notes_html(notes: Sequence[str]) -> str:
    """The sentences a job has for its user, as a list; nothing when there are none."""
    if not notes:
        return ""
    items = "".join(f"<li>{html.escape(note)}</li>" for note in notes)
    return f'<ul class="notes">{items}</ul>'


def copy_for_visitor(result: Result, cache: str | Path) -> str:
    """Put a copy of the video where the page may serve it, under a name nobody can guess.

    The page serves only its own cache, so the outputs folder, with the history and other people's videos
    in it, is never reachable from outside. The copy goes when the page clears its cache.
    """
    stem = re.sub(r"[^\w-]+", "-", Path(result.portrait).stem).strip("-")[:40] or "portrait"
    folder = Path(cache) / secrets.token_urlsafe(24)
    folder.mkdir(parents=True)
    copy = folder / f"joystudio-{stem}-seed{result.seed}.mp4"
    shutil.copyfile(result.path, copy)
    return str(copy)
