"""A finished video's settings as a short list to read."""

from __future__ import annotations

from pathlib import Path

from studio.events import Result
from studio.second_voice import who_speaks
from ui.components.dub_words import dub_rows
from ui.components.option_words import engine_words, option_words, preset_words
from ui.components.recorded_performance import MOUTH, MOUTHS
from ui.components.second_voice import BEGINS, CHOICES, FACE
from ui.i18n import say


def settings_table(result: Result, presets: Path) -> str:
    """Engine, preset, seed, every option of a video and who speaks, with the labels of the options form."""
    rows = [("Engine", engine_words(result.engine)), ("Preset", preset_words(result, presets))]
    rows += [("Seed", str(result.seed)), *option_words(result.engine, result.options)]
    if result.second_voice is not None:
        second = result.second_voice
        rows.append(("Who speaks", CHOICES[who_speaks(second)]))
        if who_speaks(second) == "at":
            rows.append((BEGINS, f"{second['start']:g}"))
        if second["face_index"] is not None:
            rows.append((FACE, str(second["face_index"])))
    if result.performance is not None:
        rows.append(("Recorded performance", "A file moves the face."))
        rows.append((MOUTH, MOUTHS.get(result.performance.get("mouth", "file"), "")))
    rows += dub_rows(result)
    cells = "".join(f"<dt>{say(name)}</dt><dd>{say(value)}</dd>" for name, value in rows)
    return f'<dl class="settings-table">{cells}</dl>'
