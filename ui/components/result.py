"""What is shown and handed out beside a finished video."""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from studio.events import Result
from studio.hand_out import preset_yaml, settings_json
from ui.i18n import say

TIMES = "\N{MULTIPLICATION SIGN}"


def facts_html(result: Result) -> str:
    """Engine, time, speed and size of a finished video, its job's notes, and a mark on made-up weights."""
    speed = 1 / result.realtime_factor if result.realtime_factor else 0.0
    width, height = result.size
    facts = (
        (result.engine, "Engine"),
        (f"{result.seconds:.1f} s", "time taken"),
        (f"{speed:.1f} {TIMES}" if speed >= 1 else f"{speed:.2g} {TIMES}", "real time"),
        (f"{result.duration:.1f} s", "length"),
        (f"{width} {TIMES} {height}", f"{result.fps} frames/s"),
    )
    cells = "".join(
        f'<div class="fact"><strong>{say(value)}</strong><span>{say(name)}</span></div>'
        for value, name in facts
    )
    mark = f'<p class="made-up">{say("Made-up weights")}</p>' if result.made_up_weights else ""
    return f'{mark}<div class="fact-grid">{cells}</div>{notes_html(result.notes)}'


def notes_html(notes: Sequence[str]) -> str:
    """The sentences a job has for its user, as a list; nothing when there are none."""
    if not notes:
        return ""
    items = "".join(f"<li>{say(note)}</li>" for note in notes)
    return f'<ul class="notes">{items}</ul>'


@dataclass(frozen=True)
class HandOut:
    """A finished video's copies that the page may serve, and the id by which the history knows it."""

    job_id: str
    video: str
    preset: str
    settings: str
    motion: str | None


def hand_out(result: Result, cache: str | Path, *, named: bool = True) -> HandOut:
    """Put copies of the video, its settings and its motion where the page may serve them.

    The page serves only its own cache, so the outputs folder, with the history and other people's videos
    in it, is never reachable from outside. The folder's name cannot be guessed, and the copies go when the
    page clears its cache. named: whether the files are called after the portrait's.
    """
    portrait = re.sub(r"[^\w-]+", "-", Path(result.portrait).stem).strip("-")[:40] if named else ""
    stem = f"joystudio-{portrait or 'portrait'}-seed{result.seed}"
    folder = Path(cache) / secrets.token_urlsafe(24)
    folder.mkdir(parents=True)
    video = folder / f"{stem}.mp4"
    shutil.copyfile(result.path, video)
    preset = folder / f"{result.engine}-seed{result.seed}.yaml"
    preset.write_text(preset_yaml(result), encoding="utf-8")
    settings = folder / f"{stem}.json"
    settings.write_text(settings_json(result), encoding="utf-8")
    motion = None
    if result.motion is not None and result.motion.is_file():
        motion = folder / f"{stem}.motion.safetensors"
        shutil.copyfile(result.motion, motion)
    return HandOut(result.job_id, str(video), str(preset), str(settings), str(motion) if motion else None)
