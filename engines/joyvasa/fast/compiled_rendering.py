"""The renderer, compiled by torch for one batch size, or uncompiled if compiling fails.

It is meant for GPUs. On a CPU with two cores, compiling took two minutes and gained at most a tenth in
bfloat16, since convolutions take most of the time and stay unchanged. The compiler refuses the float32
renderer for CPUs, which writes into parts of its result.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from engines.joyvasa.fast.fast_warping import WarpingSource
from engines.joyvasa.fast.rendering import FrameRenderer

Render = Callable[[WarpingSource, Tensor], Tensor]


class CompiledRenderer:
    """Renders the same as the renderer it is made from. Smaller batches are padded to a compiled size."""

    def __init__(self, renderer: FrameRenderer, compiler: Callable[[Render], Render] | None = None) -> None:
        """compiler: returns a faster version of a function; by default torch.compile for fixed shapes."""
        self.plain = renderer
        self.prepare = renderer.prepare
        self._compiler = compiler or (lambda render: torch.compile(render, dynamic=False))
        self._compiled: Render | None = None
        self._sizes: set[int] = set()
        self._failed = ""
        self._lock = threading.Lock()

    @property
    def notes(self) -> tuple[str, ...]:
        """A sentence for the user if compiling failed."""
        return (self._failed,) if self._failed else ()

    def render(self, source: WarpingSource, kp_driving: Tensor) -> Tensor:
        """As `FrameRenderer.render`. A new batch size is compiled first, unless a larger one is compiled
        already.
        """
        with self._lock:  # one job compiles, the others wait for the result
            if not self._failed and not any(size >= len(kp_driving) for size in self._sizes):
                return self._first(source, kp_driving)
        if self._failed:
            return self.plain.render(source, kp_driving)
        return self._filled_up(source, kp_driving)

    def _first(self, source: WarpingSource, kp_driving: Tensor) -> Tensor:
        try:
            if self._compiled is None:
                self._compiled = self._compiler(self.plain.render)
            pictures = self._compiled(source, kp_driving)
        except torch.cuda.OutOfMemoryError:  # a smaller batch may fit
            raise
        except Exception as error:  # whatever a compiler, a driver or a missing program raises
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
            self._failed = f"Rendering was not compiled ({reason[:120]}); it runs as usual."
            logging.getLogger(__name__).info("compiling failed", exc_info=True)
            return self.plain.render(source, kp_driving)
        self._sizes.add(len(kp_driving))
        return pictures

    def _filled_up(self, source: WarpingSource, kp_driving: Tensor) -> Tensor:
        assert self._compiled is not None
        given = len(kp_driving)
        size = min(size for size in self._sizes if size >= given)
        if size > given:
            kp_driving = functional.pad(kp_driving, (0, 0, 0, 0, 0, size - given))
        return self._compiled(source, kp_driving)[:given]
