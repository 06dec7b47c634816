"""Shared fixtures: a small portrait, a short voice, a fake engine, and settings that write nowhere else."""

from __future__ import annotations

import gc
import os
import signal
import sys
import wave
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import numpy as np
import pytest
from PIL import Image

from studio.settings import Settings
from tests.fake_engine import FakeWorld, fake_engine
from tests.slow_tests import in_pytest, seconds
from tests.spread import ByUnit, slowest_first, workers
from tests.studio.hub import Hub, running_hub
from tests.thorough_tests import is_thorough
from ui.gradio_start import import_gradio

ASTRONAUT = Path(__file__).resolve().parent.parent / "examples" / "portraits" / "astronaut.png"
VOICE_SECONDS = 1.22

# Collection makes a million objects that stay: rounds of the garbage collector would find nothing in them.
gc.disable()


def _go_on(*_: object) -> None:
    """Handle a signal by doing nothing."""


# Under `nohup`, and in the background of a script, these are ignored; the commands that tests start and stop
# would inherit that. They do not inherit a handler.
for _number in (signal.SIGINT, signal.SIGHUP):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, _go_on)

# No test asks a server with a certificate. Without a list of authorities, HTTP clients are made a hundred
# times as fast, here and in the processes that tests start.
os.environ.pop("SSL_CERT_FILE", None)
os.environ["SSL_CERT_DIR"] = str(Path(__file__).resolve().parent)
# As in the Makefile: the tests start Python more than a hundred times, which may keep what it has compiled.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

if "PYTEST_XDIST_WORKER" in os.environ:
    # Each worker has a core; more threads would only stand in each other's way. Before torch is imported.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    import_gradio()  # as app.py does it, since a worker collects the page's tests, too

# Examples are checked for what they compute; how long one takes depends on what else the machine does.
hypothesis.settings.register_profile("without-clock", deadline=None)
hypothesis.settings.load_profile("without-clock")


MARKED_BY_FIXTURE = {
    "browser": {
        "browser",
        "window",
        "stranger",
        "site",
        "bounded",
    },  # a page, with or without a browser to visit it
    "ray": {"ray"},
}
MARKED_BY_FILE = {
    "ray": (
        "tests/media/test_ray_session.py",
        "tests/studio/batch/test_serving.py",
        "tests/studio/batch/test_ray_pool.py",
    ),
    "training": (
        "tests/training/loop/",
        "tests/training/joyvasa/",
        "tests/training/joyhallo/",
        "tests/test_cli_train.py",
    ),
}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that `make quick` and `make test` leave out, and order the tests for the workers."""
    slow = seconds()
    for item in items:
        file = item.location[0]
        used = set(getattr(item, "fixturenames", ()))
        kinds = {kind for kind, fixtures in MARKED_BY_FIXTURE.items() if used & fixtures}
        kinds |= {kind for kind, files in MARKED_BY_FILE.items() if file.startswith(files)}
        if in_pytest(item) in slow:
            kinds.add("slow")
        if is_thorough(item.nodeid):
            kinds |= {"slow", "thorough"}
        for kind in sorted(kinds):
            item.add_marker(kind)
    if "PYTEST_XDIST_WORKER" in os.environ:
        slowest_first(items, slow)


def pytest_collection_finish() -> None:
    """Exclude the tests and all modules they import from garbage collection, which is faster.

    Full rounds over the rest come a tenth as often as usual: tests load much more that stays. A round before
    would take a second or two in each worker, and find little.
    """
    gc.freeze()
    young, middle, old = gc.get_threshold()
    gc.set_threshold(young, middle, 10 * old)
    gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """The number of workers of `-n auto`."""
    return workers()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByUnit | None:
    """Which tests one worker runs together, with `--dist loadfile`."""
    return ByUnit(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.fixture(scope="session", autouse=True)
def keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of the test certificate, so that tests leave the user's own alone."""
    folder = tmp_path_factory.mktemp("home") / "keys"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JOYSTUDIO_KEYS", str(folder))
        yield folder


@pytest.fixture(scope="session")
def portrait_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A face of 128x128 pixels."""
    path = tmp_path_factory.mktemp("portrait") / "face.png"
    with Image.open(ASTRONAUT) as image:
        image.crop((110, 0, 350, 240)).resize((128, 128), Image.Resampling.LANCZOS).save(path)
    return path


@pytest.fixture(scope="session")
def voice_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tone of 1.22 s that rises and falls like a voice; 30 or 31 frames at 25 per second."""
    return write_voice(tmp_path_factory.mktemp("voice") / "tone.wav")


def write_voice(path: Path, *, seconds: float = VOICE_SECONDS, pitch: float = 180.0) -> Path:
    """A tone of `pitch` Hz that comes and goes three times a second, as a wav of 16 kHz."""
    time = np.arange(round(seconds * 16_000)) / 16_000
    tone = 0.4 * np.sin(2 * np.pi * pitch * time) * (0.5 + 0.5 * np.sin(2 * np.pi * 3 * time))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes((tone * 32_767).astype("<i2").tobytes())
    return path


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings that write only into the test's own folder."""
    return Settings(outputs=tmp_path / "outputs")


@pytest.fixture
def world() -> Iterator[FakeWorld]:
    """A fake engine called `fake`, and the faults that it should have."""
    with fake_engine() as world:
        yield world


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A Hugging Face Hub on this machine, in place of the real one."""
    from huggingface_hub import constants

    with running_hub() as (hub, address):
        monkeypatch.setattr(constants, "ENDPOINT", address)
        monkeypatch.setattr(
            constants, "HUGGINGFACE_CO_URL_TEMPLATE", address + "/{repo_id}/resolve/{revision}/{filename}"
        )
        yield hub
