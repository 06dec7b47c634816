"""Compares a checkpoint with what its network needs, tensor by tensor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engines.weights.manifest import NetworkManifest
from media.documents.quoting import quoted

if TYPE_CHECKING:
    from torch import Tensor

SHOWN = 5
LONGEST_NAME = 100
"""Characters of a tensor's name, with its shapes."""


@dataclass(frozen=True)
class Differences:
    """missing: names that the file lacks. extra: names that the network does not have. misshapen: names with
    both shapes.
    """

    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    misshapen: tuple[str, ...] = ()

    def fatal(self, *, strict: bool = True) -> bool:
        """Whether the network cannot be filled. strict: extra tensors count, too."""
        return bool(self.missing or self.misshapen or (strict and self.extra))

    def __str__(self) -> str:
        parts = (("missing", self.missing), ("wrong shape", self.misshapen), ("not known", self.extra))
        return "; ".join(_first(label, names) for label, names in parts if names)


def compare(
    tensors: Mapping[str, Tensor], network: NetworkManifest, optional: frozenset[str] = frozenset()
) -> Differences:
    """Compare names and shapes. optional: names that may be absent or of another shape."""
    shapes = network.shapes
    return Differences(
        missing=tuple(name for name in shapes if name not in tensors and name not in optional),
        extra=tuple(name for name in tensors if name not in shapes),
        misshapen=tuple(
            f"{name} {_shape(tensors[name].shape)} instead of {_shape(shape)}"
            for name, shape in shapes.items()
            if name in tensors and name not in optional and tuple(tensors[name].shape) != shape
        ),
    )


def _first(label: str, names: tuple[str, ...]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"{len(names)} {label}: {', '.join(quoted(name, LONGEST_NAME) for name in names[:SHOWN])}{more}"


def _shape(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape)) or "scalar"
