"""One dub: a video, a new voice, an engine, its options and a seed."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from engines.dub_check import check_dub_options, check_dubs
from media.dubbing.lengths import SyncMode
from media.errors import OptionError
from studio.voice_job import GivenPath, VoiceJob

DUB_FIELDS = ("sync_mode", "person", "max_turn", "fade")
"""What only a dub is asked for, besides its video."""


class DubJob(VoiceJob):
    """A job that gives a person in a video a new voice, and lips that follow it."""

    video: GivenPath = Field(description="The video of a person.")
    sync_mode: SyncMode | None = Field(
        None,
        description="What happens if voice and video differ in length; without it, bounce under a longer "
        "voice and silence after a shorter one.",
    )
    person: str = Field(
        "largest",
        max_length=60,
        description="Who speaks: largest, all, or X,Y@T, a point on the face and the second at which it is "
        "there.",
    )
    max_turn: float = Field(
        30.0,
        ge=5,
        le=60,
        allow_inf_nan=False,
        description="Degrees by which a head may be turned; frames with a head turned further stay as they "
        "are.",
    )
    fade: float = Field(
        0.12,
        ge=0,
        le=2,
        allow_inf_nan=False,
        description="Seconds in which the new mouth fades in and out beside frames that stay as they are.",
    )

    def check(self) -> None:
        """Raise OptionError for values that contradict each other."""
        check_dubs(self.engine)
        check_dub_options(self.options)
        if self.voice is None and self.spoken is None:
            raise OptionError("The dub's voice is missing. Give a recording, or a text to speak.")
        if self.voice is not None and self.spoken is not None:
            raise OptionError("The dub has a recording and a text to speak. Leave one of them out.")

    @property
    def files(self) -> dict[str, Path]:
        """The files that it reads, by their names."""
        found = {"video": self.video, "voice": self.voice}
        return {name: file for name, file in found.items() if file is not None}
