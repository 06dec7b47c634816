"""How far behind the other end of a connection is, as it reports itself."""

from __future__ import annotations

UNSHOWN = 0.5
"""Seconds that the other end may fall behind, if it says so, until pictures are left out."""
LEAST_PICTURES = 1.0
"""Seconds between two pictures for an end that stays behind."""


class Lag:
    """Decides which frames go without their picture, since pictures wait in the network, and sound with them.

    fps: frames per second. lead: seconds that frames may come early. A long way takes time without being
    slow, and a player may keep a buffer: only what is added to the session's smallest lag counts.
    """

    def __init__(self, fps: int, lead: float) -> None:
        self._most = (UNSHOWN + lead) * fps
        self._between = round(LEAST_PICTURES * fps)
        self._sent, self._pictured = 0, 0
        self._shown: int | None = None
        """The last frame that the other end has shown; None if it does not say."""
        self._least = 0

    def shown(self, frame_index: int) -> None:
        """The other end has shown the frames up to this one."""
        # What was not sent cannot be shown; without this, every later lag would seem large.
        frame_index = min(frame_index, self._sent)
        lag = self._sent - frame_index
        self._least = lag if self._shown is None else min(self._least, lag)
        self._shown = frame_index

    def spares(self, frame_index: int) -> bool:
        """Whether the next frame goes without its picture."""
        self._sent = frame_index
        behind = self._shown is not None and frame_index - self._shown - self._least > self._most
        if behind and frame_index - self._pictured < self._between:
            return True
        self._pictured = frame_index
        return False
