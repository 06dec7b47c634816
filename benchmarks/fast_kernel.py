"""A fast kernel and the plain module whose numbers it computes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from torch import Tensor, nn


class Kernel(NamedTuple):
    """file: in the folder engines/. work: which layer, and its shapes. plain, fast: the same result twice.

    compiles: whether torch.compile is compared, too.
    """

    file: str
    work: str
    plain: Callable[[], Tensor]
    fast: Callable[[], Tensor]
    compiles: bool = True


def inputs_of(modules: Mapping[str, nn.Module], run: Callable[[], object]) -> dict[str, tuple[Any, ...]]:
    """The input of each module during `run`."""
    given: dict[str, tuple[Any, ...]] = {}
    handles = []
    for name, module in modules.items():

        def keep(module: nn.Module, inputs: tuple[Any, ...], name: str = name) -> None:
            given[name] = inputs

        handles.append(module.register_forward_pre_hook(keep))
    try:
        run()
    finally:
        for handle in handles:
            handle.remove()
    return given


def shape(x: Tensor) -> str:
    """The sides of a map, such as 16x64x64."""
    return "x".join(map(str, x.shape[2:]))
