"""All errors that a user can see.

Every message says what is wrong, with the number that decided, and what to do next, in one or two sentences.
The page shows it as a toast; the command line prints it on one line and exits with 2. The tree:

    JoyStudioError
        InputError
            DocumentError
            PortraitError
                NoFaceError
            VoiceError
            TextError
            VideoError
                SilentVideoError
                FacelessVideoError
            OptionError
                LiveSpeedError
            WeightsError
            DatasetError
            PerformanceError
            ConsentMissing
        OutputError
        SigningError
        WeightsMissing
        EngineError
        TrainingError
        OutOfMemory
        DecodingUnavailable
        LineFull
        LiveError
            LiveMessageError
            LiveTicketError
            LiveEnded
        DeploymentError
        DeviceError
        DeviceUnavailable
        Cancelled
"""

from __future__ import annotations

import unicodedata
from typing import Any

from media.messages import Message, said

LONGEST = 1000
"""Characters of a message. Quoted parts are shortened where they are quoted; this limits the rest."""


class JoyStudioError(Exception):
    """Base class of all errors that are shown to a user as a sentence instead of a traceback."""

    def __init__(self, text: object = "", /, **fields: Any) -> None:
        """text: the finished sentence; with fields, its template, as for `media.messages.said`."""
        super().__init__(said(str(text), **fields) if fields else text)

    @property
    def message(self) -> Message:
        """The sentence, printable everywhere: names of files may contain lone surrogates and control
        characters.
        """
        text = super().__str__()
        return (text if isinstance(text, Message) else Message(text)).mapped(_presentable)

    def __str__(self) -> str:
        """The message, which prints as a text and can be translated."""
        return self.message


class InputError(JoyStudioError):
    """The portrait, the voice or an option cannot be used as given."""


class DocumentError(InputError):
    """A text, a file or a value is damaged, or larger or deeper than allowed."""


class PortraitError(InputError):
    """The picture is not an image, is damaged, or is too small or too large."""


class NoFaceError(PortraitError):
    """No face (or no animal face that can be trusted) was found in the picture.

    proposals: the left eye, right eye and mouth of an animal where they probably are, in pixels of the
    upright upload, likeliest first; empty if nothing looks like a face.
    """

    proposals: tuple[tuple[tuple[float, float], tuple[float, float], tuple[float, float]], ...] = ()


class VoiceError(InputError):
    """The sound is damaged, silent, too short, too long or missing."""


class TextError(InputError):
    """The text cannot be spoken: it is empty, too long, or in letters that the voice does not read."""


class VideoError(InputError):
    """A video cannot be scored or dubbed: it is damaged, too short, too large or missing."""


class SilentVideoError(VideoError):
    """The video has no audible sound, but a metric needs it."""


class FacelessVideoError(VideoError):
    """No face was found in enough of the video's frames."""


class OptionError(InputError):
    """An option, a preset or an engine does not exist, or a value is out of range."""


class WeightsError(InputError):
    """A weight file is damaged, has unexpected content, or does not fit its network."""


class DatasetError(InputError):
    """Prepared videos cannot be used: missing, unfinished, damaged, or made for another training."""


class PerformanceError(InputError):
    """A recorded performance cannot be used: it is missing, damaged, or of an unknown kind."""


class ConsentMissing(InputError):
    """The user has not confirmed the right to use face and voice."""


class OutputError(JoyStudioError):
    """The video cannot be written: no permission, no space, or the encoder fails."""


class SigningError(JoyStudioError):
    """A certificate cannot be used or created. It never costs a video; a note reports it."""


class WeightsMissing(JoyStudioError):
    """A weight file is missing; the message names the file and the command that downloads it."""


class EngineError(JoyStudioError):
    """An engine violated its contract: too few frames, too many, or of another size."""


class TrainingError(JoyStudioError):
    """A training cannot start or continue: its folder, its device, or a loss that is not a number."""


class OutOfMemory(JoyStudioError):
    """The job does not fit into the memory of this machine or device."""


class DecodingUnavailable(JoyStudioError):
    """No process can be started to decode a file; the file itself may be valid."""


class LineFull(JoyStudioError):
    """The queue accepts no more: a visitor, an address or all together have reached the limit."""


class LiveSpeedError(OptionError):
    """A live session of this engine needs a faster machine, or no pace."""


class LiveError(JoyStudioError):
    """A live session was used as it cannot be: read twice at the same time, or after its end."""


class LiveMessageError(LiveError):
    """A message on a live connection cannot be understood, or comes at the wrong time."""


class LiveTicketError(LiveError):
    """The ticket of a live connection is unknown, used, too old, or another visitor's."""


class LiveEnded(LiveError):
    """The live session has ended: it was shut down, or nothing read its frames."""


class DeploymentError(JoyStudioError):
    """The program cannot be uploaded to a Space: because of a file, or because the Hub refuses."""


class DeviceError(JoyStudioError):
    """A microphone, a speaker, a window or a virtual camera of this computer cannot be used."""


class DeviceUnavailable(JoyStudioError):
    """No GPU was lent for the job, or it was taken back."""


class Cancelled(JoyStudioError):
    """The job was stopped by the user."""


def printable(sign: str) -> str:
    r"""One character in printable form: control characters and lone surrogates as \x00, \ud800."""
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
