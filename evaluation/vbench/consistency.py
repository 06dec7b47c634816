"""Measures how similar a video's frames are to the previous one and to the first, by a network's features."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


class Consistency:
    """Takes the features of a video's frames in order and keeps two of them.

    half: round features and likenesses to float16, as the original does on a GPU where its network runs in
    float16; its results then lie on steps of 0.0005.
    """

    def __init__(self, *, half: bool = False) -> None:
        self._half = half
        self._first: Tensor | None = None
        self._before: Tensor | None = None
        self.total = 0.0
        """The sum over all frames but the first."""
        self.count = 0
        """How many frames there are besides the first."""

    def add(self, features: Tensor) -> None:
        """The next (n, C) features, of any length."""
        features = features.detach().cpu()
        features = functional.normalize(features.half() if self._half else features.float(), dim=-1)
        if not len(features):
            return
        if self._first is None:
            self._first = self._before = features[:1]
            features = features[1:]
        if not len(features) or self._before is None:
            return
        before = torch.cat([self._before, features[:-1]])
        near = functional.cosine_similarity(before, features).clamp(min=0)
        far = functional.cosine_similarity(self._first, features).clamp(min=0)
        self.total += float(((near.double() + far.double()) / 2).sum())
        self.count += len(features)
        self._before = features[-1:]

    def score(self) -> float | None:
        """The mean over all frames but the first, 0..1; None for fewer than two frames."""
        return self.total / self.count if self.count else None
