"""Sound that a program has pushed and not got back."""

from __future__ import annotations

from collections import deque


class UnplayedSound:
    """Keeps a voice until its frames are played, so that the rest can be played without a portrait."""

    def __init__(self) -> None:
        self._pieces: deque[tuple[bytes, int]] = deque()
        self._played = 0
        """Bytes of the first piece that are played."""

    def add(self, pcm16: bytes, sample_rate: int) -> None:
        """This sound is pushed: mono, 16 bit."""
        if pcm16:
            self._pieces.append((pcm16, sample_rate))

    def played(self, samples: int) -> None:
        """So many samples came back with frames and are played; they are forgotten."""
        self._played += 2 * samples
        while self._pieces and self._played >= len(self._pieces[0][0]):
            self._played -= len(self._pieces.popleft()[0])
        if not self._pieces:
            self._played = 0

    def take(self) -> tuple[bytes, int] | None:
        """The next sound to be played, with its rate; None if there is none. It is forgotten."""
        if not self._pieces:
            return None
        (pcm16, sample_rate), start = self._pieces.popleft(), self._played
        self._played = 0
        return pcm16[start:], sample_rate

    def clear(self) -> None:
        """Forget everything: the voice was interrupted, or is over."""
        self._pieces.clear()
        self._played = 0
