"""The voice-to-mouth network on features that come in pieces: every layer goes on where it stopped."""

from __future__ import annotations

from copy import copy

import numpy as np

from engines.preview.network import Network


class RunningNetwork:
    """Keeps of each layer's input what its next rows need, so that every row is computed once.

    Gives the same values as `Network`, bit for bit.

    silence: (BANDS,) the features of silence, which came before everything else. at: the index in time of the
    first feature frame that is not silence.
    """

    def __init__(self, network: Network, silence: np.ndarray, at: int) -> None:
        self._network = network
        self._known = [at]
        """Known rows end here: of the features, then of each layer's output."""
        for layer in network.layers:
            self._known.append(self._known[-1] - layer.ahead)
        self._kept: list[np.ndarray] = []
        """Of each layer's input, the rows that its next row sees and that are known."""
        reach = sum(layer.reach for layer in network.layers)
        x, first = np.repeat(silence[None], 2 * reach, axis=0), at - 2 * reach
        for number, layer in enumerate(network.layers):
            end = self._known[number] - first
            self._kept.append(x[end - layer.reach : end])
            first += layer.reach - layer.ahead
            x = network.layer(number, x, first)

    def copy(self) -> RunningNetwork:
        """One that goes on from here on its own."""
        other = copy(self)
        other._known, other._kept = self._known.copy(), self._kept.copy()
        return other

    @property
    def at(self) -> int:
        """The index in time of the next value."""
        return self._known[-1]

    def __call__(self, known: np.ndarray, expected: np.ndarray | None = None) -> np.ndarray:
        """The next values, from index `at` on, as far as the features reach.

        known: (n, BANDS) the next features. expected: (m, BANDS) those after them, as far as they can be
        told; they come again, known or expected otherwise. Returns (k, channels) float32: first the values
        that are known, then those that are expected.
        """
        x, added = known if expected is None else np.concatenate([known, expected]), len(known)
        for number, layer in enumerate(self._network.layers):
            x = np.concatenate([self._kept[number], x])
            # A row of the kept and known input is kept as long as one of the rows after it sees it.
            self._kept[number] = x[added : added + layer.reach].copy()
            x = self._network.layer(number, x, self._known[number + 1])
        values = self._network.values(x, self.at)
        self._known = [end + added for end in self._known]
        return values
