"""The fold for a recorded performance: its file, and how it is used. Engines that follow one have it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from studio.given_performance import FIELDS, KEY, GivenPerformance, performance_in
from ui.components.addressed import UploadedFile
from ui.element_ids import ElementIds
from ui.i18n import message, say, t

MOUTHS = {"file": "The performance", "voice": "The voice"}
ANGLES = {"auto": "Found by itself", "deg": "Degrees", "rad": "Radians"}
MOUTH = "What moves the mouth"
ABOUT = (
    "Live Link Face or Audio2Face CSV, Audio2Face JSON, .vrma, Rhubarb or Moho cues, keyframes. It moves the "
    "face, with a voice or alone."
)
ABOUT_TEMPLATES = "A motion template of LivePortrait (.pkl) moves it, too."
SUFFIXES = [".csv", ".json", ".vrma", ".glb", ".gltf", ".tsv", ".xml", ".dat", ".txt"]
NOT_STORED = (
    "The recorded performance of this video is no longer stored. Add it again under “Recorded performance”, "
    "or the voice moves the face."
)
TO_ADD = (
    "A recorded performance moves the face with these settings. Add its file under “Recorded performance”, "
    "or the voice moves the face."
)


@dataclass(frozen=True)
class RecordedPerformance:
    """Its components. fold: around all of them."""

    fold: gr.Accordion
    file: UploadedFile
    mouth: gr.Radio
    rate: gr.Textbox
    angles: gr.Radio

    @property
    def named(self) -> dict[str, Any]:
        """The components by the names of `given_performance`."""
        parts = {"mouth": self.mouth, "rate": self.rate, "angles": self.angles}
        return {KEY: self.file, **{name: parts[part] for name, part in FIELDS.items()}}

    @property
    def targets(self) -> list[Any]:
        """Every component that `reopened` and `described` may change."""
        return [self.fold, *self.named.values()]


def build_recorded_performance(names: ElementIds, *, templates: bool) -> RecordedPerformance:
    """Draw the fold, closed, inside the current Blocks. templates: whether the engine follows LivePortrait's
    motion templates.
    """
    kinds = [*SUFFIXES, ".pkl"] if templates else SUFFIXES
    about = f"{say(ABOUT)} {say(ABOUT_TEMPLATES)}" if templates else say(ABOUT)
    with gr.Accordion(t("Recorded performance"), open=False, **names("performance")) as fold:
        gr.HTML(f'<p class="hint">{about}</p>', padding=False)
        file = UploadedFile(
            label=t("File of a performance"), file_types=kinds, height=120, **names("performance-file")
        )
        mouth = gr.Radio(
            [(t(words), value) for value, words in MOUTHS.items()],
            value="file",
            label=t(MOUTH),
            **names("performance-mouth"),
        )
        rate = gr.Textbox(
            "",
            label=t("Frames per second of the file"),
            info=t("Only for files that do not say it: 30, or 30000/1001."),
            max_length=20,
            **names("performance-rate"),
        )
        angles = gr.Radio(
            [(t(words), value) for value, words in ANGLES.items()],
            value="auto",
            label=t("Unit of the head's angles"),
            **names("performance-angles"),
        )
    return RecordedPerformance(fold, file, mouth, rate, angles)


def taken_performance(values: dict[str, Any]) -> GivenPerformance | None:
    """The performance among the values of a form, which lose it. None without a file.

    Raises the errors of `GivenPerformance`.
    """
    file = values.pop(KEY, None)
    parts = {name: values.pop(name, None) for name in FIELDS}
    return performance_in(parts, Path(file)) if file else None


def needs_voice(file: str | None, mouth: str | None) -> bool:
    """Whether a video with this performance needs a voice, too."""
    return not file or mouth == "voice"


def mark_without_voice(mark: str, mark_all: str) -> str:
    """JavaScript that marks what is missing, with or without the voice, from the values of file and mouth."""
    return f"(file, mouth) => (file && mouth !== {json.dumps('voice')} ? ({mark}) : ({mark_all}))()"


def reopened(
    parts: RecordedPerformance, file: Path | None, facts: Mapping[str, Any] | None
) -> dict[Any, Any]:
    """Updates that choose what a video had; a message says if its performance is no longer stored.

    facts: as in a video's metadata, None for a video of a voice alone.
    """
    if facts is not None and file is None:
        gr.Info(message(NOT_STORED))
    return _chosen(parts, file, facts)


def described(parts: RecordedPerformance, facts: Mapping[str, Any] | None) -> dict[Any, Any]:
    """Updates that choose what settings without their file say; a message says what to add."""
    if facts is not None:
        gr.Info(message(TO_ADD))
    return _chosen(parts, None, facts)


def _chosen(parts: RecordedPerformance, file: Path | None, facts: Mapping[str, Any] | None) -> dict[Any, Any]:
    known = facts or {}
    updates: dict[Any, Any] = {
        parts.file: str(file) if file is not None else None,
        parts.mouth: known.get("mouth", "file"),
        parts.rate: known.get("rate", ""),
        parts.angles: known.get("angles", "auto"),
    }
    return updates | ({parts.fold: gr.Accordion(open=True)} if facts is not None else {})
