"""The one family of errors a user can meet.

Every message says what is wrong, with the number that decided, and what to do next, in one or two
sentences. The page shows it as a toast, the command line prints it on one line and exits 2.
"""

from __future__ import annotations

import unicodedata
from typing import Any

from media.messages import Message, said

LONGEST = 1000
"""Characters of a message. What it quotes is cut where it is quoted; this bound holds for all the rest."""


class JoyStudioError(Exception):
    """Base of everything that is shown to a user as a sentence instead of a traceback."""

    def __init__(self, text: object = "", /, **fields: Any) -> None:
        """text: the finished sentence; with fields, its template, as for `media.messages.said`."""
        super().__init__(said(str(text), **fields) if fields else text)

    @property
    def message(self) -> Message:
        """The sentence, printable everywhere: names of files may hold half characters and control signs."""
        text = super().__str__()
        return (text if isinstance(text, Message) else Message(text)).mapped(_presentable)

    def __str__(self) -> str:
        """The same, which prints as a text and can be translated."""
        return self.message


class InputError(JoyStudioError):
    """The portrait, the voice or an option cannot be used as it was given."""


class DocumentError(InputError):
    """A text, a file or a value is damaged, or larger or deeper than such a thing may be."""


class PortraitError(InputError):
    """The picture is not an image, is damaged, or is too small or too large."""


class NoFaceError(PortraitError):
    """No face (or no animal face that can be trusted) was found in the picture."""


class SpeechError(InputError):
    """The sound is broken, silent, too short or too long, or is not there."""


class TextError(InputError):
    """The text cannot be spoken: it is empty, too long, or in letters that the voice does not read."""


class VideoError(InputError):
    """A finished video cannot be scored: it is broken, too short, or not there."""


class SilentVideoError(VideoError):
    """The video has no sound, or none that can be heard, where a metric listens to it."""


class FacelessVideoError(VideoError):
    """No face was found in enough of the video's pictures."""


class OptionError(InputError):
    """An option, a preset or an engine's name is not one that exists, or is out of range."""


class WeightsError(InputError):
    """A weight file is damaged, holds what it should not, or does not fit its network."""


class DatasetError(InputError):
    """Prepared videos cannot be used: not there, unfinished, damaged, or made for another training."""


class ConsentMissing(InputError):
    """The user has not confirmed the right to use face and voice."""


class OutputError(JoyStudioError):
    """The video cannot be written: no permission, no room, or an encoder that refuses."""


class SigningError(JoyStudioError):
    """A certificate cannot be used or made. It never costs a video; a note says so."""


class WeightsMissing(JoyStudioError):
    """A weight file is absent; the message names the file and the command that fetches it."""


class EngineError(JoyStudioError):
    """An engine did not keep its contract: too few frames, too many, or of another size."""


class TrainingError(JoyStudioError):
    """A training cannot start or continue: its folder, its device, or a loss that is not a number."""


class OutOfMemory(JoyStudioError):
    """The job does not fit into the memory of this machine or device."""


class DecodingUnavailable(JoyStudioError):
    """No process can be started to decode a file in; the file itself may be fine."""


class LineFull(JoyStudioError):
    """No more is taken: too much of one visitor, of one address or in all waits or is at work already."""


class DeploymentError(JoyStudioError):
    """The program cannot be put on a Space: a file that must not go there, or a Hub that refuses."""


class DeviceUnavailable(JoyStudioError):
    """No GPU was lent for the job, or it was taken back."""


class Cancelled(JoyStudioError):
    """The job was stopped by the user."""


def printable(sign: str) -> str:
    """One character as it can be written anywhere: signs of control and half characters as \\x00, \\ud800."""
    if sign.isprintable() or unicodedata.category(sign) == "Zs":
        return sign
    return sign.encode("unicode_escape").decode("ascii")


def _presentable(text: str) -> str:
    text = _shortened(text)
    if text.isprintable():
        return text
    return _shortened("".join(sign if sign == "\n" else printable(sign) for sign in text))


def _shortened(text: str) -> str:
    half = (LONGEST - 5) // 2
    return text if len(text) <= LONGEST else f"{text[:half]} ... {text[-half:]}"
