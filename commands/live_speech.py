"""Speaks a voice with a portrait: from what `live` hears to where it puts the frames."""

from __future__ import annotations

import asyncio
import math
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, ExitStack
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from commands.live_curves import CurvesInTime
from commands.live_outputs import CAMERA, WINDOW, to_file, to_pipe
from commands.live_voice import PIPE, ArrivingVoice, microphone_voice, opened_voice
from commands.signals import first_signal_calls
from media.errors import DeviceError, LiveEnded, VoiceError

if TYPE_CHECKING:
    from studio.live import LiveSession
    from studio.live.curve_senders import CurveSenders, CurveTargets

BACKLOG_MS = 300
"""Milliseconds of a microphone's sound that wait before some of it is left out, if the portrait is shown."""

LEAD_MS = 200
"""Milliseconds of a file's or a pipe's sound that wait to be played, in case the computer is busy."""


@dataclass(frozen=True, kw_only=True)
class LiveRequest:
    """What to speak, and where.

    voice, output: a file, PIPE, or for the output WINDOW or CAMERA. rate: of the standard input.
    microphone: its name, "" for the system's choice, None to take `voice`. speaker: its name or None. marked:
    with the letters "AI".
    look_ahead: milliseconds. options: the engine's. curves: where they are sent.
    """

    portrait: str
    voice: str
    rate: int
    microphone: str | None
    output: str
    speaker: str | None
    marked: bool
    look_ahead: int
    engine: str
    seed: int
    options: Mapping[str, Any]
    curves: CurveTargets

    @property
    def shown(self) -> bool:
        """Whether the portrait is seen while it speaks, and not written."""
        return self.output in (WINDOW, CAMERA)

    @property
    def lead_ms(self) -> int:
        """How much earlier than the clock says the frames of a voice come, if they are shown."""
        return LEAD_MS if self.shown and self.microphone is None else 0

    def opened_voice(self) -> AbstractAsyncContextManager[ArrivingVoice]:
        """The voice. Raises VoiceError and DeviceError."""
        if self.microphone is not None:
            return microphone_voice(self.microphone or None)
        return opened_voice(self.voice, self.rate)


async def speak(speech: LiveRequest) -> VoiceError | None:
    """Speak the voice to its end. Returns why it broke off, if it did after a part that was spoken."""
    from studio.live import LiveSession

    async with speech.opened_voice() as voice:
        session = await LiveSession.open(
            speech.portrait,
            engine=speech.engine,
            options=speech.options,
            seed=speech.seed,
            paced=speech.shown,
            look_ahead_ms=speech.look_ahead,
            max_backlog_ms=BACKLOG_MS if speech.shown and speech.microphone is not None else None,
            lead_ms=speech.lead_ms,
            marked=speech.marked,
            curves=bool(speech.curves),
            unread_seconds=math.inf,  # a player may pause
        )
        async with session:
            _print_notes([*session.notes, *voice.notes])
            voice.notes.clear()
            broken_off = await _speak(session, voice, speech)
            _print_notes(voice.notes)
            return broken_off


def _print_notes(notes: Iterable[str]) -> None:
    for note in notes:
        print(f"note: {note}", file=sys.stderr)


async def _speak(session: LiveSession, voice: ArrivingVoice, speech: LiveRequest) -> VoiceError | None:
    from studio.live.curve_senders import CurveSenders

    with ExitStack() as stack:
        fps = session.settings.FPS
        senders = stack.enter_context(CurveSenders(speech.curves, fps)) if speech.curves else None
        put_out = _output(stack, session, speech, voice.rate, senders)
        if voice.end is not None:
            stack.enter_context(first_signal_calls(partial(_end, voice.end)))
        if speech.microphone is not None:
            print("The microphone listens. Press Ctrl-C to end.", file=sys.stderr)
        pushing = asyncio.create_task(_push(session, voice))
        try:
            await put_out()
        finally:
            pushing.cancel()
            await asyncio.gather(pushing, return_exceptions=True)
    return None if pushing.cancelled() else pushing.result()


def _end(end: Callable[[], None]) -> None:
    print("The voice ends here. Press Ctrl-C again to cancel.", file=sys.stderr)
    end()


def _output(
    stack: ExitStack, session: LiveSession, speech: LiveRequest, rate: int, senders: CurveSenders | None
) -> Callable[[], Awaitable[None]]:
    """What puts the frames out, with a window or a camera that the stack closes. Raises DeviceError."""
    if speech.shown:
        from commands.live_show import opened_screen, to_screen

        opened = opened_screen(speech.output, speech.speaker, session, rate)
        shown = stack.enter_context(opened)
        follow = senders.send if senders is not None else None
        return partial(to_screen, session, *shown, lead=speech.lead_ms / 1000, follow=follow)
    in_time = CurvesInTime(senders, session.settings.FPS).send if senders is not None else None
    if speech.output == PIPE:
        return partial(to_pipe, session, in_time)
    return partial(to_file, session, speech.output, in_time)


async def _push(session: LiveSession, voice: ArrivingVoice) -> VoiceError | None:
    """Push the voice to its end. Returns why it broke off, if it did after a part, which is spoken.

    Raises VoiceError and DeviceError, after the end of the session, if no sound came: no frame would follow.
    """
    pushed = 0
    try:
        async for pcm in voice.pieces:
            await session.push_audio(pcm, voice.rate)
            pushed += len(pcm)
        if not pushed:
            raise VoiceError("No sound came from {source}. Check what makes it.", source=voice.name)
        await session.flush()
    except LiveEnded:  # whatever reads the frames raises the reason
        return None
    except (VoiceError, DeviceError) as error:
        if not pushed:
            await session.shutdown()
            raise
        await session.flush()
        return VoiceError(
            "The voice broke off after {seconds:.1f} seconds, which were spoken. {reason}",
            seconds=pushed / 2 / voice.rate,
            reason=error.message,
        )
    except Exception:
        await session.shutdown()
        raise
    return None
