"""Shows a live session in a window or through a virtual camera, and plays its sound.

The sound leads: a picture is shown when the sound card has come to the sound that belongs to it.
"""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Protocol

import numpy as np

from commands.live_outputs import CAMERA
from studio.live.backlog import is_quiet

if TYPE_CHECKING:
    from studio.live import LiveFrame, LiveSession

CUSHION = 0.06
"""Seconds of silence before sound that would otherwise come just in time: frames come a few milliseconds
before or after their time.
"""
BEHIND = 0.1
"""Seconds of sound that wait to be played, beyond the session's lead. If more wait, because the sound card's
clock is slower than the computer's, pauses are left out.
"""
STEP = 0.005
"""Seconds between two looks at the clock."""


class PictureOutput(Protocol):
    """A window, or a virtual camera."""

    closed: bool

    def show(self, picture: np.ndarray) -> None:
        """Show a picture, (H, W, 3) uint8 RGB. Raises DeviceError."""

    def attend(self) -> None:
        """See what the user wants."""


class Loudspeaker(Protocol):
    """A `media.devices.sound.Speaker`, or what behaves like it."""

    rate: int
    given: int

    @property
    def waiting(self) -> int:
        """Samples that were given and wait. Raises DeviceError."""

    @property
    def heard(self) -> int:
        """Samples that were played. Raises DeviceError."""

    def play(self, samples: np.ndarray) -> None:
        """Play (n,) int16 after what waits. Raises DeviceError."""


class Player:
    """Gives the frames' sound to a speaker, and shows the picture of the sound that is heard."""

    def __init__(
        self,
        screen: PictureOutput,
        speaker: Loudspeaker,
        fps: int,
        first: np.ndarray,
        lead: float = 0.0,
        follow: Callable[[LiveFrame], None] | None = None,
    ) -> None:
        """first: the picture before the first frame. lead: seconds that frames may come early. follow: called
        with each frame that is shown, at that moment.
        """
        self._follow = follow
        self._most_waiting = (BEHIND + lead) * speaker.rate
        self._screen, self._speaker, self._fps = screen, speaker, fps
        self._line: deque[tuple[int, np.ndarray, LiveFrame]] = deque()
        self._picture = first
        screen.show(first)

    def add(self, frame: LiveFrame) -> None:
        """Add a session's next frame. Raises DeviceError."""
        speaker = self._speaker
        samples = frame.samples
        if frame.sample_rate != speaker.rate:  # the silence before the first sound
            samples = np.zeros(speaker.rate // self._fps, np.int16)
        if frame.rgb_image is not None:
            self._picture = frame.rgb_image
        waiting = speaker.waiting
        if waiting > self._most_waiting and is_quiet(samples):
            return
        if not waiting:
            speaker.play(np.zeros(round(CUSHION * speaker.rate), np.int16))
        self._line.append((speaker.given, self._picture, frame))
        speaker.play(samples)

    def step(self) -> None:
        """Show the picture that is due now, if it is a new one. Raises DeviceError."""
        self._screen.attend()
        heard, due = self._speaker.heard, None
        while self._line and self._line[0][0] <= heard:
            due = self._line.popleft()
        if due is not None:
            self._screen.show(due[1])
            if self._follow is not None:
                self._follow(due[2])

    @property
    def done(self) -> bool:
        """Whether everything was played. Raises DeviceError."""
        return not self._speaker.waiting


async def to_screen(
    session: LiveSession,
    screen: PictureOutput,
    speaker: Loudspeaker,
    *,
    lead: float = 0.0,
    follow: Callable[[LiveFrame], None] | None = None,
) -> None:
    """Show a paced session until its voice ends or the user closes the window. Raises DeviceError.

    lead: seconds that the session's frames may come early. follow: see `Player`.
    """
    player = Player(screen, speaker, session.settings.FPS, session.get_first_frame(), lead, follow)

    async def show() -> None:
        try:
            while not screen.closed:
                player.step()
                await asyncio.sleep(STEP)
        finally:
            await session.shutdown()

    showing = asyncio.create_task(show())
    try:
        async for frame in session.run():
            player.add(frame)
            if frame.end_of_speech:
                break
        while not showing.done() and not player.done:
            await asyncio.sleep(STEP)
    finally:
        ended = showing.done()
        showing.cancel()
        await asyncio.gather(showing, return_exceptions=True)
    if ended:
        showing.result()


@contextmanager
def opened_screen(
    output: str, speaker_name: str | None, session: LiveSession, rate: int
) -> Iterator[tuple[PictureOutput, Loudspeaker]]:
    """The window or camera, and the speaker. rate: samples per second of the voice. Raises DeviceError."""
    from media.devices.sound import Speaker
    from media.devices.virtual_camera import VirtualCamera
    from media.devices.window import Window

    height, width = session.get_first_frame().shape[:2]
    with ExitStack() as stack:
        speaker = stack.enter_context(Speaker(speaker_name, rate))
        if output == CAMERA:
            camera = stack.enter_context(VirtualCamera((width, height), session.settings.FPS))
            print(
                f'note: The virtual camera "{camera.name}" shows the portrait. The call must hear the voice '
                "of the speaker, which is as late as the picture, and not your microphone: see docs/live.md.",
                file=sys.stderr,
            )
            yield camera, speaker
        else:
            yield stack.enter_context(Window((width, height), "JoyStudio (AI)")), speaker
