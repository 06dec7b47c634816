"""Shortcuts past what Gradio and MediaPipe do and print as they start, for the whole process.

They change how libraries are imported, so all of them are in this module and have one switch: with
`JOYSTUDIO_STARTUP_SHORTCUTS=0`, everything is imported and printed normally. The page and the first video
then start later; `benchmarks/startup_shortcuts.py` measures both.
"""

from __future__ import annotations

import contextlib
import gc
import importlib.util
import inspect
import os
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import Any

from media.switches import is_on

SWITCH = "JOYSTUDIO_STARTUP_SHORTCUTS"
STUBS = "create_or_modify_pyi"
"""The function with which Gradio writes a .pyi file next to each of its components as they are imported."""
NEW_OBJECTS = 100_000
"""After which a round begins in a process that makes one video; Python's own number is 700."""
CHATTER = (
    b"XNNPACK delegate",
    b"absl::InitializeLog",
    b"inference_feedback_manager.cc",
    b"landmark_projection_calculator.cc",
    b"gl_context",
)
"""Lines of MediaPipe, TFLite and absl that no environment variable turns off."""

_import_lock = threading.RLock()
_stderr_lock = threading.RLock()


def shortcuts() -> bool:
    """Whether the shortcuts are on."""
    return is_on(SWITCH)


@contextlib.contextmanager
def without_stubs() -> Iterator[None]:
    """Tell Gradio that its components have no source file, so that it writes no stubs for them.

    A Gradio without that function is imported unchanged.
    """
    if not shortcuts():
        yield
        return
    usual = inspect.getfile

    def getfile(thing: Any) -> str:
        if sys._getframe(1).f_code.co_name == STUBS:
            raise OSError("no stub is wanted")
        return usual(thing)

    inspect.getfile = getfile  # type: ignore[assignment]
    try:
        yield
    finally:
        inspect.getfile = usual


@contextlib.contextmanager
def without_garbage_rounds() -> Iterator[None]:
    """Turn the garbage collector off while the program imports and builds what stays until it ends.

    Its rounds would go through all of these objects again and again. At the end they are excluded from later
    rounds, too. Does nothing where the collector is off already.
    """
    if not shortcuts() or not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def with_rare_garbage_rounds() -> None:
    """Let the garbage collector wait for more new objects before each round, from now on.

    For a process that makes a video and ends: it imports all that it needs, and rounds through that find
    nothing. They take 3 % of the processor time of a short video.
    """
    if shortcuts():
        gc.set_threshold(NEW_OBJECTS, *gc.get_threshold()[1:])


class DeferredPackages:
    """Packages that are imported without running their own files; each runs when a missing name is first
    used.

    Code that imports another part of such a package afterwards gets it; its file runs then.
    """

    def __init__(self, names: Sequence[str]) -> None:
        """names: parents before their children. Raises ImportError for one that is not installed."""
        self._names = tuple(names)
        with _import_lock:
            self._packages = [self._defer(name) for name in names]

    def run(self) -> None:
        """Run all files now."""
        for package in self._packages:
            self._run(package)

    def _defer(self, name: str) -> ModuleType:
        spec = importlib.util.find_spec(name)
        if spec is None:
            raise ImportError(f"No module named {name!r}")
        package = importlib.util.module_from_spec(spec)

        def missing(attribute: str) -> Any:
            # Python's own machinery asks for such names.
            if attribute.startswith("__") and attribute != "__version__":
                raise AttributeError(f"module {name!r} has no attribute {attribute!r}")
            self._run(package)
            return getattr(package, attribute)

        package.__dict__["__getattr__"] = missing
        sys.modules[name] = package
        parent, _, child = name.rpartition(".")
        if parent:
            setattr(sys.modules[parent], child, package)
        return package

    def _run(self, package: ModuleType) -> None:
        """Run a package's own file, once, after those of the packages inside it, which it expects."""
        with _import_lock:
            for name in self._names:
                if name.startswith(f"{package.__name__}.") and name in sys.modules:
                    self._run(sys.modules[name])
            missing = package.__dict__.pop("__getattr__", None)
            loader = package.__spec__.loader if package.__spec__ else None
            if missing is None or loader is None:
                return
            try:
                loader.exec_module(package)
            except BaseException:
                package.__dict__["__getattr__"] = missing
                raise


@contextlib.contextmanager
def quiet_stderr() -> Iterator[None]:
    """Drop the known log lines that C++ code writes to file descriptor 2 inside this block.

    TFLite's first lines ignore every environment variable. The descriptor points to a temporary file while
    the graphs are built; everything else, from any thread, is written to the real stderr afterwards, so no
    warning is lost.
    """
    if not shortcuts():
        yield
        return
    with _stderr_lock, tempfile.TemporaryFile() as caught:
        try:
            saved = os.dup(2)
        except OSError:  # a service without a stderr
            yield
            return
        try:
            os.dup2(caught.fileno(), 2)
            yield
        finally:
            os.dup2(saved, 2)
            caught.seek(0)
            for line in caught:
                if not any(known in line for known in CHATTER):
                    os.write(saved, line)
            os.close(saved)
