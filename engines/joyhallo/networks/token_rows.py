"""Between maps of features and the rows of tokens that attention reads."""

from __future__ import annotations

from torch import Tensor


def to_tokens(x: Tensor) -> Tensor:
    """(n, C, h, w) -> (n, h*w, C); a view when x lies channels-last."""
    return x.permute(0, 2, 3, 1).flatten(1, 2)


def to_map(tokens: Tensor, side: int) -> Tensor:
    """(n, h*w, C) -> (n, C, h, w) with h = `side`; a channels-last view of contiguous tokens."""
    return tokens.unflatten(1, (side, -1)).permute(0, 3, 1, 2)


def per_frame(rows: Tensor, frames: int) -> Tensor:
    """(n, ...) -> (n*frames, ...): every row once for each frame."""
    return rows.repeat_interleave(frames, dim=0)
