"""What a live face is made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engines import registry
from engines.base import EngineOptions
from studio.hosting.spaces import engine_for
from studio.live.marked import MarkedFace

if TYPE_CHECKING:
    from engines.live import LiveFace
    from media.portrait import Portrait


@dataclass(frozen=True, eq=False)
class FaceSetup:
    """An opened portrait and how it is animated. look_ahead: seconds. device: of the engine. marked: whether
    its pictures have the visible mark "AI".
    """

    portrait: Portrait
    engine: str
    options: EngineOptions
    seed: int
    look_ahead: float
    device: str
    marked: bool = False

    def face(self) -> LiveFace:
        """The face, in this process. Raises the errors of loading an engine, and NoFaceError."""
        engine = engine_for(self.engine, self.device)
        face = engine.live(self.portrait, self.options, self.seed, self.look_ahead)
        return MarkedFace(face) if self.marked else face


def can_move(engine: str) -> bool:
    """Whether another process can paint with an engine.

    One with weights would hold them a second time, and one that is given as a class exists here only.
    """
    spec = registry.spec_of(engine)
    return isinstance(spec.engine, str) and spec.weights is None
