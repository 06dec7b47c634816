"""A moving average of the weights, which is often better than the weights themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import get_ema_multi_avg_fn


class MovingAverage:
    """Follows trained parameters. decay: 0..1, the share of the old average that is kept in every step.

    PyTorch's `AveragedModel` copies whole networks, including frozen parts; this one copies only trained
    parameters.
    """

    def __init__(self, parameters: Mapping[str, nn.Parameter], decay: float) -> None:
        self._parameters, self._decay = dict(parameters), decay
        self.values = {name: p.detach().clone() for name, p in self._parameters.items()}

    def update(self, step: int) -> None:
        """Update the average after step `step`, counted from 1. The first steps count more, so that the
        initial weights are forgotten.
        """
        decay = min(self._decay, (1 + step) / (10 + step))
        own = [self._parameters[name].detach() for name in self.values]
        get_ema_multi_avg_fn(decay)(list(self.values.values()), own, None)

    @torch.no_grad()
    def fill(self, values: Mapping[str, Tensor]) -> None:
        """Continue from earlier values. Raises KeyError for one that is missing."""
        for name, value in self.values.items():
            value.copy_(values[name])

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Use the average as the networks' weights for the length of a `with` block."""
        own = {name: p.data for name, p in self._parameters.items()}
        for name, parameter in self._parameters.items():
            parameter.data = self.values[name]
        try:
            yield
        finally:
            for name, parameter in self._parameters.items():
                parameter.data = own[name]
