"""Bring in only the part of MediaPipe that is about faces, quickly and quietly.

``import mediapipe`` costs 0.6 s, because its package file also draws in matplotlib, OpenCV, the sound
device and the tasks API, none of which the face graphs use. The first video frame should be on its way
within a second of a cold start, so the two packages are put in place without running their files, and
only the modules that are needed are imported through them. Whoever asks such a package for anything else
(``mediapipe.tasks``, ``mediapipe.solutions.pose``) makes its file run then, and gets it.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

from media.errors import JoyStudioError

HEADLESS_OPENCV = "pip install --force-reinstall --no-deps opencv-contrib-python-headless==4.11.0.86"

_DEFERRED = ("mediapipe", "mediapipe.python.solutions")
"""Packages whose files do not run until they are needed."""

# Lines of MediaPipe, TFLite and absl that no environment variable turns off.
_CHATTER = (
    b"XNNPACK delegate",
    b"absl::InitializeLog",
    b"inference_feedback_manager.cc",
    b"landmark_projection_calculator.cc",
    b"gl_context",
)

_import_lock = threading.RLock()
_stderr_lock = threading.RLock()


def load_face_graphs() -> SimpleNamespace:
    """Import what the face detector needs from MediaPipe.

    Returns a namespace with `FaceDetection`, `SolutionBase`, `CalculatorGraphConfig` and
    `NormalizedRect`. Raises JoyStudioError when MediaPipe or the shared libraries under it are missing.
    """
    os.environ.setdefault("GLOG_minloglevel", "3")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with _import_lock:
        try:
            if "mediapipe" in sys.modules:  # this ran already, or somebody else paid for the whole package
                return _face_modules()
            packages = [_defer(name) for name in _DEFERRED]
            try:
                return _face_modules()
            except ImportError:  # a wheel laid out differently: pay the 0.6 s
                for package in packages:
                    _run(package)
                return _face_modules()
        except ImportError as error:
            raise explain_import_error(error) from error


def explain_import_error(error: ImportError) -> JoyStudioError:
    """The sentence for a MediaPipe or OpenCV that cannot be imported."""
    text = str(error)
    if "libGL" in text or "libEGL" in text or "libgthread" in text:
        return JoyStudioError(
            f"OpenCV cannot start ({text}): its build for desktops is installed on a machine without a "
            f'display. Run "pip uninstall -y opencv-python opencv-contrib-python" and "{HEADLESS_OPENCV}".'
        )
    return JoyStudioError(
        f'The face detector cannot start ({text}). Run "pip install -r requirements.txt" again; '
        "MediaPipe 0.10.21 is the version that carries the face models."
    )


def _face_modules() -> SimpleNamespace:
    def module(name: str) -> Any:
        return importlib.import_module(name)

    module("mediapipe.python.solutions.face_mesh")  # registers the option messages of the mesh's graph
    return SimpleNamespace(
        FaceDetection=module("mediapipe.python.solutions.face_detection").FaceDetection,
        SolutionBase=module("mediapipe.python.solution_base").SolutionBase,
        CalculatorGraphConfig=module("mediapipe.framework.calculator_pb2").CalculatorGraphConfig,
        NormalizedRect=module("mediapipe.framework.formats.rect_pb2").NormalizedRect,
    )


def _defer(name: str) -> ModuleType:
    """Put a package in place whose file runs when it is first asked for something that is not there."""
    spec = importlib.util.find_spec(name)
    if spec is None:
        raise ImportError(f"No module named {name!r}")
    package = importlib.util.module_from_spec(spec)

    def missing(attribute: str) -> Any:
        if attribute.startswith("__") and attribute != "__version__":  # questions of Python's own machinery
            raise AttributeError(f"module {name!r} has no attribute {attribute!r}")
        _run(package)
        return getattr(package, attribute)

    package.__dict__["__getattr__"] = missing
    sys.modules[name] = package
    parent, _, child = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], child, package)
    return package


def _run(package: ModuleType) -> None:
    """Run a deferred package's own file, once, after those of the packages inside it, which it expects."""
    with _import_lock:
        for name in _DEFERRED:
            if name.startswith(f"{package.__name__}.") and name in sys.modules:
                _run(sys.modules[name])
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
    """Drop the known chatter that C++ code writes to file descriptor 2 inside this block.

    TFLite's first lines ignore every environment variable. The descriptor is pointed at a temporary
    file for the moment the graphs are built; whatever is not known chatter, from any thread, is written
    to the real stderr afterwards, so no warning is lost.
    """
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
                if not any(known in line for known in _CHATTER):
                    os.write(saved, line)
            os.close(saved)
