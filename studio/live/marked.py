"""A live face whose pictures have the visible mark "AI"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engines.live import FaceCurves, LiveFace
from studio.settings import Settings

if TYPE_CHECKING:
    import numpy as np

    from media.pictures.mark import Mark


def marks(settings: Settings) -> bool:
    """Whether a server draws the mark: by default if others than its owner can open the page."""
    return settings.live_mark if settings.live_mark is not None else settings.others_can_open


class MarkedFace(LiveFace):
    """Draws the mark into each new picture of another face, once."""

    def __init__(self, face: LiveFace) -> None:
        self.fps, self.look_ahead = face.fps, face.look_ahead
        self._face = face
        self._mark: Mark | None = None
        self._painted: np.ndarray | None = None
        self._marked: np.ndarray | None = None

    def listen(self, heard: np.ndarray, ahead: np.ndarray, *, ended: bool) -> None:
        """See `LiveFace.listen`."""
        self._face.listen(heard, ahead, ended=ended)

    def paint(self) -> np.ndarray:
        """See `LiveFace.paint`."""
        painted = self._face.paint()
        if painted is not self._painted or self._marked is None:
            self._painted, self._marked = painted, self._with_mark(painted)
        return self._marked

    def _with_mark(self, painted: np.ndarray) -> np.ndarray:
        if self._mark is None:
            from media.pictures.mark import Mark

            height, width = painted.shape[:2]
            self._mark = Mark(width, height)
        return self._mark.on(painted)

    def curves(self) -> FaceCurves | None:
        """See `LiveFace.curves`."""
        return self._face.curves()

    def interrupt(self) -> None:
        """See `LiveFace.interrupt`."""
        self._face.interrupt()

    def measured_load(self) -> float | None:
        """See `LiveFace.measured_load`."""
        return self._face.measured_load()

    def change(self, options: Any) -> None:
        """See `LiveFace.change`."""
        self._face.change(options)
