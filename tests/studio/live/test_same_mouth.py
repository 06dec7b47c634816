"""A session's mouth is that of the live network for the complete voice, bit for bit, however it is cut.

The network hears 68 ms after a frame: with 80 and 100 ms of look-ahead, nothing is lost by hearing the voice
frame by frame. With 40 ms, each frame guesses the rest, and the guess depends on no piece either.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.base import Engine, Work
from engines.live import LiveFace
from engines.preview.engine import PreviewEngine
from engines.preview.live.hearing import Hearing
from engines.preview.mouth import VoiceToMouth
from engines.preview.options import PreviewOptions
from media.portrait import Portrait
from studio.live import LiveSession
from tests.fake_engine import registered, spec_for
from tests.studio.live.virtual_clock import VirtualClock

NAME = "listener"
RATE, FPS = 16000, 25
LOOK_AHEADS = 40, 80, 100
ENGINE = PreviewEngine()
NETWORK = ENGINE.network_for(0.1)


class Listener(LiveFace):
    """Keeps the mouth's rows, and paints nothing."""

    def __init__(self, look_ahead: float, rows: list[np.ndarray]) -> None:
        self.fps, self.look_ahead = FPS, round(look_ahead * RATE)
        self._hearing, self._rows = Hearing(NETWORK, FPS), rows
        self._picture = np.zeros((2, 2, 3), np.uint8)

    def listen(self, heard: np.ndarray, ahead: np.ndarray, *, ended: bool) -> None:
        self._rows.append(self._hearing.rows(heard, ahead, ended=ended)[0])

    def paint(self) -> np.ndarray:
        return self._picture

    def interrupt(self) -> None:
        self._hearing = Hearing(NETWORK, FPS)

    def change(self, options: PreviewOptions) -> None:
        pass


@pytest.fixture(scope="module")
def rows() -> Iterator[list[np.ndarray]]:
    """The rows of the session that was opened last."""
    kept: list[np.ndarray] = []

    class Listening(Engine[PreviewOptions]):
        def live(self, portrait: Portrait, options: PreviewOptions, seed: int, look_ahead: float) -> LiveFace:
            kept.clear()
            return Listener(look_ahead, kept)

        def animate(self, *given: object, **named: object) -> Iterator[Work]:
            raise NotImplementedError

    with registered(spec_for(NAME, PreviewOptions, Listening, live=True)):
        yield kept


async def speak(session: LiveSession, pieces: list[bytes], rate: int, idle: int = 0) -> list[int]:
    """Push a voice in pieces after idle frames, and read it to its end. Returns the frames that spoke."""
    reader = session.run()
    for _ in range(idle):
        await anext(reader)

    async def push() -> None:
        for piece in pieces:
            await session.push_audio(piece, rate)
        await session.flush()

    pushing = asyncio.create_task(push())
    spoke = []
    async for frame in reader:
        if frame.speaking:
            spoke.append(frame.frame_index)
        if frame.end_of_speech:
            break
    await pushing
    return spoke


def mouth(
    portrait: Portrait,
    rows: list[np.ndarray],
    pieces: list[bytes],
    rate: int = RATE,
    idle: int = 0,
    look_ahead: int = 100,
) -> np.ndarray:
    """(frames, 7) of a voice that a session hears in pieces; with idle frames before it, by the clock."""

    async def session() -> list[int]:
        opened = await LiveSession.open(
            portrait, engine=NAME, look_ahead_ms=look_ahead, paced=idle > 0, clock=VirtualClock()
        )
        async with opened:
            return await speak(opened, pieces, rate, idle)

    spoke = asyncio.run(session())
    return np.stack([rows[index] for index in spoke])


def at_once(pcm: bytes, look_ahead: int) -> np.ndarray:
    """(frames, 7) as the network gives them for the complete recording; with too little look-ahead, as it
    guesses each frame from what may be heard of it.
    """
    samples = np.frombuffer(pcm, "<i2").astype(np.float32) / 32768.0
    frames = -(-len(samples) * FPS // RATE)
    if NETWORK.after_hop <= look_ahead / 1000:
        return np.concatenate(list(NETWORK.stream(samples, FPS, frames)))
    size, ahead = RATE // FPS, look_ahead * RATE // 1000
    samples = np.concatenate([samples, np.zeros(frames * size - len(samples), np.float32)])
    hearing, found = Hearing(NETWORK, FPS), []
    for end in range(size, len(samples) + 1, size):
        coming = samples[end : min(end + ahead, len(pcm) // 2)]
        found.append(hearing.rows(samples[end - size : end], coming, ended=len(coming) < ahead)[0])
    return np.stack(found)


def cut(pcm: bytes, size: int) -> list[bytes]:
    """Pieces of `size` samples."""
    return [pcm[start : start + 2 * size] for start in range(0, len(pcm), 2 * size)]


def test_it_is_the_live_network() -> None:
    assert [ENGINE.network_for(ahead / 1000) is NETWORK for ahead in LOOK_AHEADS] == [True] * 3
    assert 0.04 < NETWORK.after_hop <= 0.08 < VoiceToMouth().after_hop


@pytest.mark.parametrize("look_ahead", LOOK_AHEADS)
@pytest.mark.parametrize("milliseconds", [1, 20, 40, 100, 1000])
def test_the_mouth_is_that_of_the_complete_voice(
    portrait: Portrait, pcm: bytes, rows: list[np.ndarray], milliseconds: int, look_ahead: int
) -> None:
    made = mouth(portrait, rows, cut(pcm, milliseconds * RATE // 1000), look_ahead=look_ahead)
    np.testing.assert_array_equal(made, at_once(pcm, look_ahead))


@given(
    cuts=st.lists(st.integers(0, 20800), max_size=12),
    seconds=st.floats(0.01, 1.3),
    look_ahead=st.sampled_from(LOOK_AHEADS),
)
@settings(max_examples=12, deadline=None)
def test_it_is_in_pieces_of_any_size(
    portrait: Portrait, pcm: bytes, rows: list[np.ndarray], cuts: list[int], seconds: float, look_ahead: int
) -> None:
    said = pcm[: 2 * round(seconds * RATE)]
    edges = [0, *sorted(cuts), len(said)]
    pieces = [said[2 * start : 2 * end] for start, end in pairwise(edges)]
    made = mouth(portrait, rows, pieces, look_ahead=look_ahead)
    np.testing.assert_array_equal(made, at_once(said, look_ahead))


@pytest.mark.parametrize("idle", [1, 2, 3, 41])
def test_it_is_after_idle_frames(portrait: Portrait, pcm: bytes, rows: list[np.ndarray], idle: int) -> None:
    np.testing.assert_array_equal(mouth(portrait, rows, [pcm], idle=idle), at_once(pcm, 100))


@pytest.mark.parametrize("rate", [8000, 24000, 44100, 48000])
def test_at_other_rates_the_pieces_do_not_matter(
    portrait: Portrait, pcm: bytes, rows: list[np.ndarray], rate: int
) -> None:
    whole = mouth(portrait, rows, [pcm], rate)
    np.testing.assert_array_equal(mouth(portrait, rows, cut(pcm, rate // 50 + 1), rate), whole)
