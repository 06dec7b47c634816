"""The fold for a second person: which voices there are, and the file of the second one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import gradio as gr

from media.errors import JoyStudioError, OptionError, SpeechError
from ui.components.addressed import UploadedFile
from ui.element_ids import ElementIds
from ui.i18n import message, t

if TYPE_CHECKING:
    from studio.job import Job

Who = Literal["one", "after", "together", "channels"]
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
    "A list of videos set when the second voice of this video begins, or whose it is. The page cannot set "
    "that: it uses the choice under “Two people”."
)


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


def who_speaks(job: Job) -> Who:
    """The choice of a job; "after" also for a second voice that begins at a time of its own."""
    if job.stereo_voices:
        return "channels"
    if job.second_voice is None:
        return "one"
    return "together" if job.second_start == 0 else "after"


def beyond_the_choice(job: Job) -> bool:
    """Whether a job says more about its second voice than the page can: when it begins, or whose it is."""
    return job.second_start not in (None, 0.0) or job.second_face is not None


def reopened(parts: SecondVoice, who: Who, file: Path | None, *, beyond: bool) -> dict[Any, Any]:
    """Updates that choose what a video had; a message says what is not as it was.

    file: the second voice, None if it is not stored. beyond: as `beyond_the_choice` says.
    """
    if who in ("after", "together") and file is None:
        gr.Info(message(NOT_STORED))
        who = "one"
    elif beyond:
        gr.Info(message(BEYOND))
    updates: dict[Any, Any] = {parts.who: who}
    if who != "one":
        updates[parts.fold] = gr.Accordion(open=True)
    if file is not None:
        updates[parts.file] = str(file)
    return updates


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
