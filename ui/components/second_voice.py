"""The fold for a second person: which voices there are, and the file of the second one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from media.errors import JoyStudioError, OptionError, VoiceError
from studio.second_voice import Facts, Who, who_speaks
from ui.components.addressed import UploadedFile
from ui.element_ids import ElementIds
from ui.event_settings import QUIET
from ui.i18n import message, t

CHOICES: dict[Who, str] = {
    "one": "One person",
    "after": "A second voice after the first",
    "together": "Both voices together",
    "at": "A second voice from a time on",
    "channels": "The left and right channel of the voice",
}

BEGINS, FACE = "The second voice begins at (s)", "Face with the second voice"

NOT_STORED = (
    "The second voice of this video is no longer stored, so “One person” is chosen. Add it again under “Two "
    "people”, and choose when it speaks."
)
TO_ADD: dict[Who, str] = {
    "channels": "Two people speak with these settings, each in a channel of one stereo recording. Add a "
    "picture of two people and such a recording.",
    "after": "Two people speak with these settings, the second after the first. Add a picture of two people, "
    "and the second voice under “Two people”.",
    "together": "Two people speak with these settings, both together. Add a picture of two people, and the "
    "second voice under “Two people”.",
    "at": "Two people speak with these settings, the second from a time on. Add a picture of two people, and "
    "the second voice under “Two people”.",
}
"""What settings without their files need."""
LARGEST, MOST_FACES = "largest", 10
FROM_FILE: tuple[Who, ...] = ("after", "together", "at")
"""The choices for which the second voice is a file of its own."""


@dataclass(frozen=True)
class SecondVoice:
    """Its components."""

    fold: gr.Accordion
    who: gr.Radio
    start: gr.Number
    face: gr.Dropdown
    file: UploadedFile

    @property
    def given(self) -> list[Any]:
        """The components for `second_voice`, in its order."""
        return [self.who, self.file, self.start, self.face]


def build_second_voice(names: ElementIds) -> SecondVoice:
    """Draw the fold, closed, inside the current Blocks."""
    with gr.Accordion(t("Two people"), open=False, **names("two-people")) as fold:
        who = gr.Radio(
            [(t(words), who) for who, words in CHOICES.items()],
            value="one",
            label=t("Who speaks"),
            info=t("The chosen face has the voice above, and another face has the second one."),
            **names("who-speaks"),
        )
        start = gr.Number(
            1.0,
            label=t(BEGINS),
            step=0.1,
            visible=False,
            **names("second-start"),
        )
        face = gr.Dropdown(
            _faces(),
            value=LARGEST,
            label=t(FACE),
            info=t("The number that the portrait shows beside it."),
            filterable=False,
            visible=False,
            **names("second-face"),
        )
        file = UploadedFile(
            label=t("Second voice"), file_types=["audio", "video"], height=120, **names("second-voice")
        )
    parts = SecondVoice(fold, who, start, face, file)
    who.change(lambda who: _shown(parts, who), who, [start, face], **QUIET)
    return parts


def _faces(also: int | None = None) -> list[Any]:
    """The choices of a face, with one more."""
    numbers = sorted({*range(MOST_FACES), *([] if also is None else [also])})
    return [(t("The largest other face"), LARGEST), *((str(number), number) for number in numbers)]


def _shown(parts: SecondVoice, who: str | None) -> dict[Any, Any]:
    """Updates that show what the choice needs."""
    return {parts.start: gr.update(visible=who == "at"), parts.face: gr.update(visible=who != "one")}


def second_voice(
    who: str | None, file: str | None, start: float | None = None, face: int | str | None = LARGEST
) -> dict[str, Any]:
    """The values of a job. Raises VoiceError without the second voice, OptionError without its time."""
    if who != "channels" and who not in FROM_FILE:
        return {}
    values: dict[str, Any] = {"second_face": face if isinstance(face, int) else None}
    if who == "channels":
        return values | {"stereo_voices": True}
    if not file:
        raise VoiceError(
            "There is no second voice yet. Add its file under “Two people”, or choose “One person” there."
        )
    if who == "at" and start is None:
        raise OptionError("Say when the second voice begins, in seconds, under “Two people”.")
    begins = {"together": 0.0, "at": start}.get(str(who))
    return values | {"second_voice": Path(file), "second_start": begins}


def check_one_voice(who: str | None) -> None:
    """Raise OptionError if two people are chosen to speak, which a comparison would leave out."""
    if who not in (None, "one"):
        raise OptionError("Compare makes videos of one voice. Choose “One person” under “Two people”.")


def reopened(parts: SecondVoice, who: Who, file: Path | None, facts: Facts | None) -> dict[Any, Any]:
    """Updates that choose what a video had; a message says if its second voice is no longer stored.

    file: the second voice, None if it is not stored.
    """
    if who in FROM_FILE and file is None:
        gr.Info(message(NOT_STORED))
        return _chosen(parts, "one", None)
    updates = _chosen(parts, who, facts)
    if file is not None:
        updates[parts.file] = str(file)
    return updates


def described(parts: SecondVoice, facts: Facts | None) -> dict[Any, Any]:
    """Updates that choose what settings without their files say; a message says what to add."""
    who = who_speaks(facts)
    if who in TO_ADD:
        gr.Info(message(TO_ADD[who]))
    return _chosen(parts, who, facts)


def _chosen(parts: SecondVoice, who: Who, facts: Facts | None) -> dict[Any, Any]:
    updates = {parts.who: who, **_shown(parts, who)}
    if who != "one":
        updates[parts.fold] = gr.Accordion(open=True)
    if facts is not None:
        start = {"value": facts["start"]} if who == "at" else {}
        updates[parts.start] = gr.update(visible=who == "at", **start)
        number = facts["face_index"]
        value = LARGEST if number is None else number
        updates[parts.face] = gr.update(visible=who != "one", choices=_faces(number), value=value)
    return updates


def seconds_and_faces(
    who: str | None, file: str | None, start: float | None, first: float, look: Callable[[str], float]
) -> tuple[float, int]:
    """Seconds of the video, and how many of its faces speak, for a hint before there is a job.

    start: when a second voice from a time on begins. first: seconds of the first voice. look: gives those of
    a file. A second voice that is missing, or cannot be read, does not count: generating says so.
    """
    if who == "channels":
        return first, 2
    if who not in FROM_FILE or not file:
        return first, 1
    try:
        second = look(file)
    except JoyStudioError:
        return first, 1
    begins = {"after": first, "together": 0.0}.get(str(who), start or 0.0)
    return max(first, begins + second), 2
