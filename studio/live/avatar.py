"""The avatar that the live sessions of a server move: one of them at a time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from engines import registry
from media.errors import OptionError

if TYPE_CHECKING:
    from studio.live.curve_senders import CurveTargets
    from studio.live.frame import LiveFrame
    from studio.live.session import LiveSession
    from studio.settings import Settings

_log = logging.getLogger("joystudio.live")


class SharedAvatar:
    """The addresses of the settings, which the first open session has until it ends."""

    def __init__(self, settings: Settings) -> None:
        self._targets = _targets(settings)
        self._taken = False

    def moves_with(self, engine: str) -> bool:
        """Whether a session of an engine may move it. Raises OptionError for an unknown engine."""
        return self._targets is not None and registry.spec_of(engine).curves

    @asynccontextmanager
    async def moved_by(
        self, session: LiveSession, engine: str
    ) -> AsyncIterator[Callable[[LiveFrame], None] | None]:
        """What sends a session's frames; None if there is no avatar for it.

        An address that cannot be found is a warning in the log: the session goes on.
        """
        if self._targets is None or self._taken or not self.moves_with(engine):
            yield None
            return
        from studio.live.curve_senders import CurveSenders

        self._taken = True
        try:
            senders = await asyncio.to_thread(CurveSenders, self._targets, session.settings.FPS)
        except OptionError as error:
            self._taken = False
            _log.warning("No avatar moves with the live session: %s", error)
            yield None
            return
        try:
            with senders:
                yield senders.send
        finally:
            self._taken = False


def _targets(settings: Settings) -> CurveTargets | None:
    """None without an address, so that a server without an avatar does not import what sends."""
    if not settings.live_vmc and not settings.live_link:
        return None
    from studio.live.curve_senders import CurveTargets

    return CurveTargets(
        vmc=settings.live_vmc or None,
        live_link=settings.live_link or None,
        shapes=settings.live_vmc_shapes,
    )
