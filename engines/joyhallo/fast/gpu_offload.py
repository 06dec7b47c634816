"""Keeps networks on the GPU only while they work, if its memory is short."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

import torch
from torch import Tensor, nn

M = TypeVar("M", bound=nn.Module)


class OffloadedModule(Generic[M]):
    """A network that several jobs share, moved to the device when the first of them needs it.

    After it has left the device once, its weights stay in host memory, so that leaving again copies nothing.
    """

    def __init__(self, module: M, device: torch.device) -> None:
        self._module, self._device = module, device
        self._lock = threading.Lock()
        self._users = 0
        self._host: list[Tensor] | None = None
        self._here = all(tensor.device.type == device.type for tensor in self._tensors())

    @contextmanager
    def here(self, *, leaves: bool) -> Iterator[M]:
        """The network on the device. leaves: whether it leaves when its last user is done."""
        with self._lock:
            if not self._here:
                self._bring(keep=leaves)
            self._users += 1
        try:
            yield self._module
        finally:
            with self._lock:
                self._users -= 1
                if leaves and not self._users:
                    self._send_away()

    def leave(self) -> bool:
        """Move it off the device unless it is in use. Returns whether it was moved."""
        with self._lock:
            if self._users or not self._here or self._device.type == "cpu":
                return False
            self._send_away()
            return True

    def _bring(self, *, keep: bool) -> None:
        pinned = self._host is not None
        host: list[Tensor] = []
        for tensor in self._tensors():
            source = tensor.data if pinned or not keep else _pinned(tensor.data)
            host.append(source)
            tensor.data = source.to(self._device, non_blocking=pinned or keep)
        self._host = host if keep else None
        self._here = True

    def _send_away(self) -> None:
        if self._device.type == "cpu":
            return
        tensors = list(self._tensors())
        if self._host is None:
            self._host = [_pinned(tensor.data.cpu()) for tensor in tensors]
        for tensor, host in zip(tensors, self._host, strict=True):
            tensor.data = host
        self._here = False

    def _tensors(self) -> Iterator[Tensor]:
        yield from self._module.parameters()
        yield from self._module.buffers()


def _pinned(tensor: Tensor) -> Tensor:
    """The tensor in page-locked memory, if there is a GPU."""
    return tensor.pin_memory() if torch.cuda.is_available() else tensor
