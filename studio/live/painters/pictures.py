"""The pictures of one session in memory that the server and a painter share.

The painter writes each into a slot. The server hands out the memory itself, and uses a slot again only when
nothing refers to its picture any more: a picture that was handed out never changes.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import tempfile
import weakref
from importlib.util import find_spec

import numpy as np

from studio.live.painters.messages import unexpected

if find_spec("fcntl") is not None:
    import fcntl

SLOTS = 6
"""Pictures that may be in use at a time. If all are, the next ones are copied through one more slot."""


class Slots:
    """Where the pictures are. shape: (H, W, 3) of each, uint8."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape
        self._bytes = int(np.prod(shape))
        self._step = -(-self._bytes // mmap.PAGESIZE) * mmap.PAGESIZE

    @property
    def size(self) -> int:
        """Bytes of all slots. Memory is taken for those only that were used."""
        return (SLOTS + 1) * self._step

    def picture(self, memory: mmap.mmap, slot: int) -> np.ndarray:
        """The bytes of the picture in a slot, (n,) uint8; they may be written if the memory may."""
        return np.frombuffer(memory, np.uint8, self._bytes, slot * self._step)


def anonymous_file(size: int) -> int:
    """An open file of zeros without a name. Its memory is given back with the last process that has it."""
    file = _memory_file()
    if file is None:
        with tempfile.TemporaryFile() as unnamed:
            file = os.dup(unnamed.fileno())
        os.ftruncate(file, size)
        return file
    os.ftruncate(file, size)
    fcntl.fcntl(file, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL)
    return file


def keeps_its_size(file: int, size: int) -> bool:
    """Whether an open file has at least `size` bytes, and keeps them.

    To read from memory whose file was cut off ends the reader. Where the system has no files that can be
    sealed against that, a file that is large enough is taken for one that stays so.
    """
    if os.fstat(file).st_size < size:
        return False
    probe = _memory_file()
    if probe is None:
        return True
    os.close(probe)
    try:
        return bool(fcntl.fcntl(file, fcntl.F_GET_SEALS) & fcntl.F_SEAL_SHRINK)
    except OSError:  # no file in memory
        return False


def _memory_file() -> int | None:
    """A file in memory that can be sealed; None where the system has none, or forbids it."""
    if not hasattr(os, "memfd_create"):
        return None
    with contextlib.suppress(PermissionError, NotImplementedError):
        return os.memfd_create("joystudio-live", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    return None


class SharedPictures:
    """The server's side: where the next picture goes, and what was handed out.

    file: the shared memory. It may be closed afterwards. The first picture is in slot 0. Raises EngineError
    for memory that the painter could cut off.
    """

    def __init__(self, slots: Slots, file: int) -> None:
        if not keeps_its_size(file, slots.size):
            raise unexpected()
        self._slots = slots
        self._memory = mmap.mmap(file, slots.size, access=mmap.ACCESS_READ)
        self._free = list(reversed(range(SLOTS)))
        self._next = SLOTS

    def begin(self) -> int:
        """The slot for the next picture. Call `take` before the next one."""
        self._next = self._free[-1] if self._free else SLOTS
        return self._next

    def take(self) -> np.ndarray:
        """The picture that was painted there, (H, W, 3) uint8, read-only."""
        picture = self._slots.picture(self._memory, self._next)
        if self._next == SLOTS:
            picture = picture.copy()
            picture.flags.writeable = False
        else:
            self._free.remove(self._next)
            # Every view of the picture keeps this array, so its end is that of the last of them.
            weakref.finalize(picture, self._free.append, self._next).atexit = False
        return picture.reshape(self._slots.shape)
