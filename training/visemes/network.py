"""The voice-to-mouth network for training; `engines/preview/network.py` runs the same weights in numpy."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from engines.preview.features import BANDS
from engines.preview.mouth import CHANNELS
from engines.preview.network import CLOSURE, LAYOUT, LIP_TEETH, LONG, Layer, Layout, span
from media.errors import OptionError


class DilatedBlock(nn.Module):
    """A dilated convolution and a mixing of channels, added to the input."""

    def __init__(self, width: int, layer: Layer) -> None:
        super().__init__()
        self.past = layer.reach - layer.ahead
        self.filter = nn.Conv1d(width, width, layer.taps, dilation=layer.dilation)
        self.mix = nn.Conv1d(width, width, 1)
        # Small at first, so that the stack starts near the identity and needs no normalisation.
        nn.init.normal_(self.mix.weight, std=0.3 / width**0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        inner = torch.relu(self.filter(x))
        return x[:, :, self.past : self.past + inner.shape[2]] + self.mix(inner)


class MouthNetwork(nn.Module):
    """(batch, frames, BANDS) features to (batch, frames - behind - ahead, 7) logits."""

    def __init__(self, width: int = 128, layers: Layout = LONG) -> None:
        super().__init__()
        self.behind, self.ahead = span(layers)
        self.entry = nn.Conv1d(BANDS, width, layers[0].taps)
        self.blocks = nn.ModuleList(DilatedBlock(width, layer) for layer in layers[1:])
        self.exit = nn.Conv1d(width, len(CHANNELS), 1)
        # Stored with the weights, so that the file says how to read it.
        self.register_buffer(LAYOUT, torch.tensor([layer.ahead for layer in layers], dtype=torch.int32))

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        x = torch.relu(self.entry(features.transpose(1, 2)))
        for block in self.blocks:
            x = block(x)
        return self.exit(torch.relu(x)).transpose(1, 2)


def begin_with(network: MouthNetwork, path: Path) -> None:
    """Fill a network with the weights of a file, whatever the file's look-ahead.

    Channels that the file lacks, which are the last ones, keep their random weights.

    Raises OptionError if the file cannot be read or has another width.
    """
    try:
        tensors = load_file(path)
        for name in ("exit.weight", "exit.bias"):
            own = getattr(network.exit, name.removeprefix("exit.")).detach()
            tensors[name] = torch.cat([tensors[name], own[len(tensors[name]) :]])
        network.load_state_dict({**tensors, LAYOUT: getattr(network, LAYOUT)})
    except (OSError, KeyError, SafetensorError, RuntimeError) as error:
        reason = str(error).strip().splitlines()[-1].strip()
        raise OptionError(
            "The training cannot begin with {path} ({reason}). Check --start and --width.",
            path=path,
            reason=reason,
        ) from error


def log_contacts(logits: torch.Tensor) -> torch.Tensor:
    """Logarithms of the shares of open, closed and lip at the teeth, (..., 3), which sum to one."""
    contacts = torch.stack(
        [torch.zeros_like(logits[..., 0]), logits[..., CLOSURE], logits[..., LIP_TEETH]], dim=-1
    )
    return torch.log_softmax(contacts, dim=-1)


def values(logits: torch.Tensor) -> torch.Tensor:
    """Logits to the channels, 0..1, as `engines.preview.network` computes them."""
    channels = list(torch.sigmoid(logits).unbind(-1))
    _, channels[CLOSURE], channels[LIP_TEETH] = log_contacts(logits).exp().unbind(-1)
    return torch.stack(channels, dim=-1)
