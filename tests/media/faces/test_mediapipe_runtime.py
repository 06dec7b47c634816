"""Each test in a separate process, because imports and output are decided once per process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from media.errors import JoyStudioError
from media.faces.mediapipe_runtime import explain_import_error
from media.startup_shortcuts import SWITCH

ROOT = Path(__file__).resolve().parents[3]

DETECT = """
import numpy as np
from PIL import Image
from media.faces import default_detector
image = np.asarray(Image.open("examples/portraits/astronaut.png").convert("RGB"))
print(len(default_detector().detect(image)))
"""


def python(program: str, *flags: str, **environment: str) -> tuple[str, str]:
    """(stdout, stderr) of a fresh Python."""
    run = subprocess.run(
        [sys.executable, *flags, "-c", program],
        capture_output=True, text=True, check=True, cwd=ROOT, env=os.environ | environment,
    )  # fmt: skip
    return run.stdout, run.stderr


def test_nothing_is_printed() -> None:
    assert python(DETECT) == ("1\n", "")


def test_what_is_not_needed_is_not_imported() -> None:
    check = "import sys\nprint([n for n in ('matplotlib', 'cv2', 'sounddevice', 'jax') if n in sys.modules])"
    assert python(DETECT + check)[0] == "1\n[]\n"


def test_without_shortcuts_everything_is_imported_and_printed_as_it_comes() -> None:
    check = "import sys\nprint('matplotlib' in sys.modules)"
    out, said = python(DETECT + check, **{SWITCH: "0"})
    assert out == "1\nTrue\n"
    assert "XNNPACK" in said


def test_the_whole_package_can_be_imported_afterwards() -> None:
    after = "import mediapipe as mp\nprint(mp.__version__, mp.solutions.face_mesh.FaceMesh.__name__)\n"
    assert python(DETECT + after)[0] == "1\n0.10.21 FaceMesh\n"


def test_and_before() -> None:
    assert python("import mediapipe\n" + DETECT)[0] == "1\n"


def test_parts_of_it_can_be_imported_afterwards() -> None:
    after = (
        "from mediapipe import tasks\nfrom mediapipe.solutions import pose\nprint(tasks.vision.__name__)\n"
    )
    after = after.replace("mediapipe.solutions", "mediapipe.python.solutions")
    assert python(DETECT + after)[0] == "1\nmediapipe.tasks.python.vision\n"


def test_a_wheel_laid_out_differently_is_imported_as_a_whole() -> None:
    program = """
import sys
import media.faces.mediapipe_runtime as runtime
face_modules = runtime._face_modules
def picky():
    if "matplotlib" not in sys.modules:
        raise ImportError("not without its package file")
    return face_modules()
runtime._face_modules = picky
"""
    assert python(program + DETECT)[0] == "1\n"


def test_other_lines_on_stderr_are_kept() -> None:
    program = """
import os
from media.startup_shortcuts import quiet_stderr
with quiet_stderr():
    os.write(2, b"INFO: Created TensorFlow Lite XNNPACK delegate for CPU.\\n")
    os.write(2, b"something that matters\\n")
os.write(2, b"later\\n")
"""
    assert python(program) == ("", "something that matters\nlater\n")


def test_a_process_without_stderr() -> None:
    assert python("import os\nos.close(2)\n" + DETECT)[0] == "1\n"


def test_no_mediapipe() -> None:
    program = "import sys\nsys.modules['mediapipe.python'] = None\n" + DETECT
    with pytest.raises(subprocess.CalledProcessError) as caught:
        python(program)
    assert "JoyStudioError: The face detector cannot start" in caught.value.stderr


def test_the_wrong_opencv_is_explained() -> None:
    error = ImportError("libGL.so.1: cannot open shared object file: No such file or directory")
    explained = explain_import_error(error)
    assert isinstance(explained, JoyStudioError)
    assert "libGL.so.1" in str(explained)
    assert "pip install --force-reinstall --no-deps opencv-contrib-python-headless==4.11.0.86" in str(
        explained
    )
