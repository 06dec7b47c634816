"""Bring in only the part of MediaPipe that is about faces, quickly and quietly.

``import mediapipe`` costs 0.6 s, because its package file also draws in matplotlib, OpenCV, the sound
device and the tasks API, none of which the face graphs use. The first video frame should be on its way
within a second of a cold start, so the package objects are put in place without running their
``__init__`` and only the two solution modules that are needed are imported through them.
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
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from media.errors import JoyStudioError

HEADLESS_OPENCV = "pip install --force-reinstall --no-deps opencv-contrib-python-headless==4.11.0.86"

# Packages whose __init__ is not run, with their folder inside the wheel.
_HOLLOW = {"mediapipe": ".", "mediapipe.python.solutions": "python/solutions"}

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
            if "mediapipe" in sys.modules:  # somebody else paid for the whole package already
                return _face_modules()
            try:
                with _hollow_packages():
                    return _face_modules()
            except ImportError:  # a wheel laid out differently: pay the 0.6 s
                importlib.import_module("mediapipe")
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


@contextlib.contextmanager
def _hollow_packages() -> Iterator[None]:
    """Put empty package objects in place, and take them away afterwards.

    Taking them away lets a later plain ``import mediapipe`` run the real package file; the submodules
    already imported are found in sys.modules, so nothing is loaded twice.
    """
    spec = importlib.util.find_spec("mediapipe")
    if spec is None or not spec.submodule_search_locations:
        raise ImportError("No module named 'mediapipe'")
    root = Path(next(iter(spec.submodule_search_locations)))
    placed: dict[str, ModuleType] = {}
    for name, folder in _HOLLOW.items():
        package = ModuleType(name)
        package.__path__ = [str(root / folder)]
        placed[name] = sys.modules[name] = package
    try:
        yield
    finally:
        for name, package in placed.items():
            if sys.modules.get(name) is package:
                del sys.modules[name]


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
