"""A recipe's networks and loss as one module, which can run on several GPUs."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from torch import Tensor, nn

from training.loop.recipe import Recipe


class WrappedModule(nn.Module):
    """Its forward pass is the loss, so that the wrapper around it sums gradients over processes."""

    def __init__(self, recipe: Recipe) -> None:
        super().__init__()
        self._recipe = recipe
        self.networks = nn.ModuleDict(recipe.networks())
        for parameter in self.trained().values():
            parameter.data = parameter.data.float()

    def forward(
        self, batch: dict[str, Tensor], step_rng: np.random.Generator
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """As `Recipe.loss`, with the terms detached."""
        loss, terms = self._recipe.loss(batch, step_rng)
        return loss, {name: term.detach() for name, term in terms.items()}

    def trained(self) -> dict[str, nn.Parameter]:
        """The trained parameters, by `NETWORK.NAME`."""
        return {name: p for name, p in self.networks.named_parameters() if p.requires_grad}

    def kept(self, name: str) -> dict[str, Tensor]:
        """A network's part of a checkpoint: trained parameters, and buffers such as running means."""
        network = self.networks[name]
        trained = {key: p for key, p in network.named_parameters() if p.requires_grad}
        return {**trained, **dict(network.named_buffers())}

    def state(self) -> dict[str, dict[str, Tensor]]:
        """The content of a checkpoint, by network."""
        return {
            name: {key: tensor.detach().cpu().contiguous() for key, tensor in self.kept(name).items()}
            for name in self.networks
        }

    def fill(self, name: str, tensors: Mapping[str, Tensor]) -> None:
        """Load a checkpoint's tensors into a network. Raises KeyError for a missing or an unknown one."""
        kept = self.kept(name)
        for key, value in kept.items():
            if key not in tensors or tensors[key].shape != value.shape:
                raise KeyError(f"{name}.{key}")
        self.networks[name].load_state_dict({key: tensors[key] for key in kept}, strict=False)
