"""The operating point: how sure the network has to be of a contact, chosen on voices of people.

They are heard clean, by telephone, over noise and over music.

Everything downstream takes a contact for made above 0.5. So the odds of the two contacts are moved, by the
last bias of the network, until 0.5 finds the share of contacts that is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from engines.preview.features import HOP, MEMORY, mel_power, normalise
from engines.preview.network import CLOSURE, LIP_TEETH, Network
from training.visemes.conditions import CONDITIONS, heard
from training.visemes.phoneme import Phoneme
from training.visemes.running_speech import RunningSpeech
from training.visemes.spoken import Spoken
from training.visemes.strips import strips

RECALL = {CLOSURE: 0.98, LIP_TEETH: 0.85}
"""Shares of p, b, m and of f, v that are to be found, over all conditions. The speaker for tuning is an easy
one: others lose up to a tenth of their closures."""
_FIGURE = {CLOSURE: "closed at p b m", LIP_TEETH: "f v: lip at teeth"}
MARGIN = {CLOSURE: 0.12, LIP_TEETH: 0.0}
"""Logarithm of the odds that is added then: with under 200 closures, recall rises in steps, and the lowest
bias on a step is only just on it."""
_SECONDS = 60.0
_WIDEST = 4.0
_HALVINGS = 9

Weights = dict[str, np.ndarray]


def tuned(weights: Weights, voices: Mapping[str, Sequence[Spoken]]) -> Weights:
    """The same weights with the bias of each contact moved until it reaches its RECALL on the voices."""
    network = Network(weights)
    rng = np.random.default_rng(5)
    under = [
        (_features(heard(samples, condition, rng), network), phonemes)
        for said in voices.values()
        for samples, phonemes in strips(said, _SECONDS, np.random.default_rng(3))
        for condition in CONDITIONS
    ]
    # The contacts exclude each other, so that the second moves the first a little.
    for channel in (CLOSURE, LIP_TEETH, CLOSURE):
        weights = _with_recall(weights, channel, under)
    return weights


def _features(samples: np.ndarray, network: Network) -> np.ndarray:
    frames = len(samples) // HOP
    power = mel_power(samples, -network.behind - MEMORY, frames + network.ahead)
    return normalise(power)[MEMORY:]


def _with_recall(
    weights: Weights, channel: int, under: Sequence[tuple[np.ndarray, list[Phoneme]]]
) -> Weights:
    """Halve the interval in which the bias lies: recall rises with it."""
    low, high = -_WIDEST, _WIDEST
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _recall(_moved(weights, channel, middle), channel, under) < RECALL[channel]:
            low = middle
        else:
            high = middle
    return _moved(weights, channel, high + MARGIN[channel])


def _moved(weights: Weights, channel: int, by: float) -> Weights:
    bias = weights["exit.bias"].copy()
    bias[channel] += by
    return {**weights, "exit.bias": bias}


def _recall(weights: Weights, channel: int, under: Sequence[tuple[np.ndarray, list[Phoneme]]]) -> float:
    network, counted = Network(weights), RunningSpeech()
    for features, phonemes in under:
        counted.add(network(features), phonemes)
    return counted.figures()[_FIGURE[channel]]
