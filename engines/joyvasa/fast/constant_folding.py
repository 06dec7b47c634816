"""Folds parameters that are constant after training into the convolutions."""

from __future__ import annotations

from torch import Tensor, nn


def fold_batch_norm(conv: nn.Module, norm: nn.Module) -> tuple[Tensor, Tensor]:
    """Weight and bias of one convolution that equals `conv` followed by `norm` in evaluation."""
    scale = _double(norm.weight) / (_double(norm.running_var) + norm.eps).sqrt()
    weight = _double(conv.weight) * scale.view(-1, *[1] * (conv.weight.dim() - 1))
    bias = (_double(conv.bias) - _double(norm.running_mean)) * scale + _double(norm.bias)
    return weight.float().to(conv.weight.device), bias.float().to(conv.weight.device)


def chained(first: Tensor, second: Tensor) -> Tensor:
    """Weight (or bias) of `first`, then the 1x1 convolution `second` (P, O, 1, 1): (O, ...) -> (P, ...)."""
    flat = _double(second).flatten(1) @ _double(first).reshape(len(first), -1)
    return flat.view(len(second), *first.shape[1:]).float().to(first.device)


def _double(tensor: Tensor) -> Tensor:
    return tensor.detach().cpu().double()  # Apple's GPUs have no float64
