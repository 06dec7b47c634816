"""The fold for a second person: which voices there are, and the file of the second one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from media.errors import JoyStudioError, OptionError, SpeechError
from studio.second_voice import Facts, Who, beyond_the_choice, who_speaks
from ui.components.addressed import UploadedFile
from ui.element_ids import ElementIds
from ui.i18n import message, t

CHOICES: dict[Who, str] = {
    "one": "One person",
    "after": "A second voice after the first",
    "together": "Both voices together",
    "channels": "The left and right channel of the voice",
}

NOT_STORED = (
    "The second voice of this video is no longer stored, so “One person” is chosen. Add it again under “Two "
    "people”, and choose when it speaks."
)
BEYOND = (
    "The settings also say when the second voice begins, or whose it is. The page cannot set that: it uses "
    "the choice under “Two people”."
)
TO_ADD: dict[Who, str] = {
    "channels": "Two people speak with these settings, each in a channel of one stereo recording. Add a "
    "picture of two people and such a recording.",
    "after": "Two people speak with these settings, the second after the first. Add a picture of two people, "
    "and the second voice under “Two people”.",
    "together": "Two people speak with these settings, both together. Add a picture of two people, and the "
    "second voice under “Two people”.",
}
"""What settings without their files need."""


@dataclass(frozen=True)
class SecondVoice:
    """Its components."""

    fold: gr.Accordion
    who: gr.Radio
    file: UploadedFile

    @property
    def given(self) -> list[Any]:
        """The components for `second_voice`, in its order."""
        return [self.who, self.file]


def build_second_voice(names: ElementIds) -> SecondVoice:
    """Draw the fold, closed, inside the current Blocks."""
    with gr.Accordion(t("Two people"), open=False, **names("two-people")) as fold:
        who = gr.Radio(
            [(t(words), who) for who, words in CHOICES.items()],
            value="one",
            label=t("Who speaks"),
            info=t("The chosen face has the voice above, and the largest other face has the second one."),
            **names("who-speaks"),
        )
        file = UploadedFile(
            label=t("Second voice"), file_types=["audio", "video"], height=120, **names("second-voice")
        )
    return SecondVoice(fold, who, file)


def second_voice(who: str | None, file: str | None) -> dict[str, Any]:
    """The values of a job. Raises SpeechError if the second voice is missing."""
    if who == "channels":
        return {"stereo_voices": True}
    if who not in ("after", "together"):
        return {}
    if not file:
        raise SpeechError(
            "There is no second voice yet. Add its file under “Two people”, or choose “One person” there."
        )
    return {"second_voice": Path(file), "second_start": 0.0 if who == "together" else None}


def check_one_voice(who: str | None) -> None:
    """Raise OptionError if two people are chosen to speak, which a comparison would leave out."""
    if who not in (None, "one"):
        raise OptionError("Compare makes videos of one voice. Choose “One person” under “Two people”.")


def reopened(parts: SecondVoice, who: Who, file: Path | None, *, beyond: bool) -> dict[Any, Any]:
    """Updates that choose what a video had; a message says what is not as it was.

    file: the second voice, None if it is not stored. beyond: as `studio.second_voice.beyond_the_choice` says.
    """
    if who in ("after", "together") and file is None:
        gr.Info(message(NOT_STORED))
        who = "one"
    elif beyond:
        gr.Info(message(BEYOND))
    updates = _chosen(parts, who)
    if file is not None:
        updates[parts.file] = str(file)
    return updates


def described(parts: SecondVoice, facts: Facts | None) -> dict[Any, Any]:
    """Updates that choose what settings without their files say; messages say what to add, and what the page
    cannot set.
    """
    who = who_speaks(facts)
    if who in TO_ADD:
        gr.Info(message(TO_ADD[who]))
    if beyond_the_choice(facts):
        gr.Info(message(BEYOND))
    return _chosen(parts, who)


def _chosen(parts: SecondVoice, who: Who) -> dict[Any, Any]:
    return {parts.who: who} | ({parts.fold: gr.Accordion(open=True)} if who != "one" else {})


def seconds_and_faces(
    who: str | None, file: str | None, first: float, look: Callable[[str], float]
) -> tuple[float, int]:
    """Seconds of the video, and how many of its faces speak, for a hint before there is a job.

    first: seconds of the first voice. look: gives those of a file. A second voice that is missing, or cannot
    be read, does not count: generating says so.
    """
    if who == "channels":
        return first, 2
    if who not in ("after", "together") or not file:
        return first, 1
    try:
        second = look(file)
    except JoyStudioError:
        return first, 1
    return (max(first, second) if who == "together" else first + second), 2
