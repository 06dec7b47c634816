"""Imports only the face part of MediaPipe, quickly and quietly.

``import mediapipe`` costs 0.6 s, because its package file also imports matplotlib, OpenCV, the sound device
and the tasks API, none of which the face graphs use. The first video frame should be ready within a second of
a cold start, so the files of the two packages wait until they are needed (`media.startup_shortcuts`).
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
import threading
from types import SimpleNamespace
from typing import Any

from media.errors import JoyStudioError
from media.startup_shortcuts import DeferredPackages, shortcuts

HEADLESS_OPENCV = "pip install --force-reinstall --no-deps opencv-contrib-python-headless==4.11.0.86"

_PACKAGES = ("mediapipe", "mediapipe.python.solutions")
"""Packages whose own files the face graphs do not need."""
_lock = threading.Lock()


def load_face_graphs() -> SimpleNamespace:
    """Import what the face detector needs from MediaPipe.

    Returns a namespace with `FaceDetection`, `FaceDetectionOptions`, `SolutionBase`, `CalculatorGraphConfig`
    and `NormalizedRect`. Raises JoyStudioError if MediaPipe or its shared libraries are missing.
    """
    os.environ.setdefault("GLOG_minloglevel", "3")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with _lock:
        try:
            # It exists if this ran before, or if another part of the program uses all of it.
            if shortcuts() and "mediapipe" not in sys.modules:
                deferred = DeferredPackages(_PACKAGES)
                with contextlib.suppress(ImportError):
                    return _face_modules()
                deferred.run()  # a wheel with another layout: accept the 0.6 s
            return _face_modules()
        except ImportError as error:
            raise explain_import_error(error) from error


def load_selfie_segmentation() -> Any:
    """Import MediaPipe's class of a segmentation. Raises the errors of `load_face_graphs`."""
    load_face_graphs()  # without the files that it leaves out, and with its errors
    try:
        return importlib.import_module("mediapipe.python.solutions.selfie_segmentation").SelfieSegmentation
    except ImportError as error:
        raise explain_import_error(error) from error


def explain_import_error(error: ImportError) -> JoyStudioError:
    """The error if MediaPipe or OpenCV cannot be imported."""
    text = str(error)
    if "libGL" in text or "libEGL" in text or "libgthread" in text:
        return JoyStudioError(
            "OpenCV cannot start ({reason}): its build for desktops is installed on a machine without a "
            'display. Run "pip uninstall -y opencv-python opencv-contrib-python" and "{command}".',
            reason=text,
            command=HEADLESS_OPENCV,
        )
    return JoyStudioError(
        'The face detector cannot start ({reason}). Run "pip install -r requirements.txt" again; MediaPipe '
        "0.10.21 is the version that carries the face models.",
        reason=text,
    )


def _face_modules() -> SimpleNamespace:
    def module(name: str) -> Any:
        return importlib.import_module(name)

    module("mediapipe.python.solutions.face_mesh")  # registers the option messages of the mesh's graph
    return SimpleNamespace(
        FaceDetection=module("mediapipe.python.solutions.face_detection").FaceDetection,
        FaceDetectionOptions=module(
            "mediapipe.modules.face_detection.face_detection_pb2"
        ).FaceDetectionOptions,
        SolutionBase=module("mediapipe.python.solution_base").SolutionBase,
        CalculatorGraphConfig=module("mediapipe.framework.calculator_pb2").CalculatorGraphConfig,
        NormalizedRect=module("mediapipe.framework.formats.rect_pb2").NormalizedRect,
    )
