"""The renderer, compiled by torch for one size of batch; as it is where that fails.

It is meant for GPUs. On two cores of a processor compiling took two minutes and won a tenth at most in
bfloat16, since the time goes into convolutions, which it leaves as they are; the float32 renderer of
a processor, which writes into parts of its result, is refused by the compiler.
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
    """Renders what the renderer that it is made from does. Fewer frames are filled up to a known size."""

    def __init__(self, renderer: FrameRenderer, compiler: Callable[[Render], Render] | None = None) -> None:
        """compiler: what turns a function into a faster one; torch.compile for fixed shapes by default."""
        self.plain = renderer
        self.prepare = renderer.prepare
        self._compiler = compiler or (lambda render: torch.compile(render, dynamic=False))
        self._compiled: Render | None = None
        self._sizes: set[int] = set()
        self._failed = ""
        self._lock = threading.Lock()

    @property
    def notes(self) -> tuple[str, ...]:
        """A sentence for the user where compiling has failed."""
        return (self._failed,) if self._failed else ()

    def render(self, source: WarpingSource, kp_driving: Tensor) -> Tensor:
        """As `FrameRenderer.render`. A new size of batch is compiled first, unless a larger one was."""
        with self._lock:  # one job compiles, the others wait for what it gets
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
