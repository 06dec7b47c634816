"""Hidden Markov models of single sounds, trained on the recordings that they align.

Every sound has three states of Gaussian mixtures, a pause has one; a sound takes at least 15 ms. The models
know one voice only, so that no model of a language is needed: they start from evenly spread times (or from
times that are given) and are learned and applied in turn (Rabiner 1989, Viterbi training).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

STATES = 3
PAUSE = 0
"""Number of the state of pauses; sound k has the states 1 + STATES * k and the two after it."""

_STAY, _MOVE = float(np.log(0.7)), float(np.log(0.3))
_FLOOR = 0.05
_ENOUGH = 40
"""Frames that a Gaussian must have of its own."""
_ROUNDS = 6


class Graph(NamedTuple):
    """The allowed order of states in one recording. (n,) arrays.

    skip: the place from which a place may be entered besides the one before, -1 for none. begins: whether the
    recording may begin there. owner: the sound that a place belongs to, -1 for a pause.
    """

    states: np.ndarray
    skip: np.ndarray
    begins: np.ndarray
    owner: np.ndarray


def graph(words: Sequence[Sequence[int]]) -> Graph:
    """words: sounds by number. Pauses are optional before, between and after the words."""
    states, skip, owner = [PAUSE], [-1], [-1]
    number = 0
    for word in words:
        for place, sound in enumerate(word):
            for part in range(STATES):
                # The first state of a word can also follow the last one of the word before.
                past_the_pause = len(states) - 2 if place == part == 0 and number else -1
                states.append(1 + STATES * sound + part)
                skip.append(past_the_pause)
                owner.append(number)
            number += 1
        states.append(PAUSE)
        skip.append(-1)
        owner.append(-1)
    begins = np.zeros(len(states), bool)
    begins[:2] = True
    return Graph(np.array(states), np.array(skip), begins, np.array(owner))


def best_path(emissions: np.ndarray, along: Graph) -> tuple[np.ndarray, float]:
    """The likeliest way through a graph, (frames,) places, and its log likelihood per frame (Viterbi).

    emissions: (frames, places) log likelihoods.
    """
    frames, places = emissions.shape
    reached = np.where(along.begins, emissions[0], -np.inf)
    came = np.zeros((frames, places), np.int8)  # 0: stayed, 1: from the place before, 2: past a pause
    skips = np.flatnonzero(along.skip >= 0)
    sources = along.skip[skips]
    moved = np.full(places, -np.inf)
    for t in range(1, frames):
        moved[1:] = reached[:-1] + _MOVE
        past = reached[sources] + _MOVE
        stayed = reached + _STAY
        move = moved > stayed
        now = np.where(move, moved, stayed)
        came[t] = move
        jump = past > now[skips]
        now[skips] = np.where(jump, past, now[skips])
        came[t, skips[jump]] = 2
        reached = now + emissions[t]
    # The recording ends in the last sound or in the pause after it.
    place = places - 1 if reached[-1] >= reached[-2] else places - 2
    likelihood = float(reached[place]) / frames
    path = np.empty(frames, np.int64)
    for t in range(frames - 1, -1, -1):
        path[t] = place
        if came[t, place] == 1:
            place -= 1
        elif came[t, place] == 2:
            place = int(along.skip[place])
    return path, likelihood


class Mixtures:
    """Diagonal Gaussian mixtures, `count` to a state where it has the frames for it."""

    def __init__(self, features: np.ndarray, labels: np.ndarray, states: int, count: int, seed: int) -> None:
        """features: (frames, d) of all recordings; labels: (frames,) the state of each frame."""
        order = np.argsort(labels, kind="stable")
        edges = np.searchsorted(labels[order], np.arange(states + 1))
        rng = np.random.default_rng(seed)
        parts = [
            _fitted(features[order[edges[s] : edges[s + 1]]], max(count, 4) if s == PAUSE else count, rng)
            for s in range(states)
        ]
        means, variances, weights = (np.concatenate(kind) for kind in zip(*parts, strict=True))
        self._first = np.cumsum([0, *(len(part[2]) for part in parts[:-1])])
        self._precision = (1 / variances).T.astype(np.float32)
        self._linear = (means / variances).T.astype(np.float32)
        spread = np.log(2 * np.pi * variances).sum(1) + (means**2 / variances).sum(1)
        self._constant = (np.log(weights) - 0.5 * spread).astype(np.float32)

    def __call__(self, features: np.ndarray) -> np.ndarray:
        """(frames, states) log likelihoods, each the likeliest Gaussian's."""
        each = features @ self._linear - 0.5 * (features**2) @ self._precision + self._constant
        return np.maximum.reduceat(each, self._first, axis=1)


def _fitted(frames: np.ndarray, count: int, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Means, variances and weights of one state."""
    dimensions = frames.shape[1]
    if len(frames) < 8:  # no frames: as broad as all frames, so that it is used only where it must be
        return np.zeros((1, dimensions)), np.full((1, dimensions), 2.0), np.ones(1)
    count = int(np.clip(len(frames) // _ENOUGH, 1, count))
    means = frames[rng.choice(len(frames), count, replace=False)] if count > 1 else frames.mean(0)[None]
    nearest = np.zeros(len(frames), int)
    for _ in range(_ROUNDS if count > 1 else 0):
        distance = (means**2).sum(1) - 2 * frames @ means.T
        nearest = distance.argmin(1)
        means = np.stack(
            [frames[nearest == k].mean(0) if (nearest == k).any() else means[k] for k in range(count)]
        )
    shared = frames.var(0)
    variances = [frames[nearest == k].var(0) if (nearest == k).sum() > 10 else shared for k in range(count)]
    weights = np.bincount(nearest, minlength=count) / len(frames)
    return means, np.stack(variances) + _FLOOR, np.maximum(weights, 1e-3)
