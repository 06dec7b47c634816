"""Jobs whose GPU is lent: the real job, with a stand-in for the package `spaces` that forks as it does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.packets import packets

ROOT = Path(__file__).resolve().parents[2]

PROGRAM = """
import json, logging, sys
from pathlib import Path
from studio.hosting.spaces import engine_for, preload_networks, prepare
prepare()
import spaces
from engines import registry
from engines.base import EngineOptions
from media.errors import JoyStudioError, NoFaceError
from media.portrait import open_portrait
from media.voice import open_voice
from studio.hosting import zero_gpu
from studio.events import Chunk, Finished
from studio.job import Job
from studio.run import run
from studio.settings import Settings
from studio.hosting.zero_gpu import ZeroGpuEngine
from tests.fake_engine import FakeOptions, fake_engine

class Compiling(FakeOptions):
    compile: str = "compiled"

portrait, voice, text, outputs = map(Path, sys.argv[1:])
logging.disable()
settings = Settings(outputs=outputs)
registry.with_weights = lambda: ["fake"]
told = {}

def tell(name, **changed):
    try:
        wish = {"engine": "fake", "portrait": portrait, "voice": voice, "seed": 7} | changed
        *events, last = run(Job(**wish), settings)
        told[name] = {"path": str(last.result.path), "signed": last.result.signed,
                      "frames": sum(len(e.frames) for e in events if isinstance(e, Chunk)),
                      "notes": last.result.notes, "motion": last.result.motion is not None}
    except JoyStudioError as error:
        told[name] = {"kind": type(error).__name__, "message": str(error)}
    except Exception as error:
        told[name] = {"kind": type(error).__name__, "message": str(error)}

with fake_engine() as world:
    assert isinstance(engine_for("fake", settings.device), ZeroGpuEngine)
    told["device"] = settings.device
    tell("preview", engine="preview")  # MediaPipe has run here before anything is forked
    told["asked by preview"] = len(spaces.DURATIONS)
    world.keeps, world.notes, world.steps = True, ("a note",), 3
    tell("lent")
    tell("again", motion=json.loads(json.dumps(told["lent"]["path"])).replace(".mp4", ".motion.safetensors"))
    told["asked"] = list(spaces.DURATIONS)
    told["batches here"] = world.batches
    tell("bad portrait", portrait=text)
    told["asked by a bad portrait"] = len(spaces.DURATIONS) - 2
    world.fail_at, world.failure = 5, NoFaceError("No face: 3 of 4.")
    tell("typed failure")
    class Odd(Exception):
        def __init__(self, a, b): super().__init__("odd")
    world.failure = Odd(1, 2)
    tell("other failure")
    world.failure = MemoryError()
    tell("no memory")
    world.fail_at = None
    spaces.REFUSAL.append("<b>You have exceeded</b> your quota.")
    tell("refused")
    events = run(Job(engine="fake", portrait=portrait, voice=voice), settings)
    next(e for e in events if isinstance(e, Chunk))
    events.close()
    told["left"] = sorted(p.name for p in outputs.iterdir() if p.suffix == ".part")
    tell("after all that")
    told["loads here"] = world.loads
    opened = open_portrait(portrait), open_voice(voice), Compiling(), 7
    zero_gpu.gpu_seconds = lambda name, options, voice, sampled: told.update(compile=options.compile) or 1
    told["said of compiling"] = next(ZeroGpuEngine.of("fake", "cuda").animate(*opened)).text
    assert len(list(ZeroGpuEngine.of("fake", "cuda").animate(*opened))) > 2
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, portrait_file: Path, voice_file: Path) -> dict[str, Any]:
    """The outcome of every job of PROGRAM, run in a separate process because it forks."""
    folder = tmp_path_factory.mktemp("zero")
    (folder / "text").write_text("This is a text.")
    environment = os.environ | {
        "SPACES_ZERO_GPU": "true",
        "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "tests" / "fake_spaces"))),
        "OMP_NUM_THREADS": "1",
    }
    inputs = (portrait_file, voice_file, folder / "text", folder / "outputs")
    command = [sys.executable, "-W", "ignore", "-c", PROGRAM, *map(str, inputs)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_networks_run_where_the_gpu_is(told: dict[str, Any]) -> None:
    assert told["device"] == "cuda"
    assert told["lent"]["frames"] == 30
    assert told["lent"]["signed"] is True
    assert told["lent"]["notes"] == ["a note"]
    assert told["lent"]["motion"] is True
    assert (told["batches here"], told["loads here"]) == (0, 0)


def test_the_preview_engine_asks_for_no_gpu(told: dict[str, Any]) -> None:
    assert told["preview"]["frames"] == 30
    assert told["asked by preview"] == 0


def test_a_kept_motion_asks_for_less_time(told: dict[str, Any]) -> None:
    first, again = told["asked"]
    assert again < first
    assert told["again"]["frames"] == 30


def test_bad_input_costs_no_gpu(told: dict[str, Any]) -> None:
    assert told["bad portrait"]["kind"] == "PortraitError"
    assert told["asked by a bad portrait"] == 0


def test_failures_come_back_as_they_are(told: dict[str, Any]) -> None:
    assert told["typed failure"] == {"kind": "NoFaceError", "message": "No face: 3 of 4."}
    assert told["other failure"] == {"kind": "RuntimeError", "message": "Odd: odd"}
    assert told["no memory"]["kind"] == "OutOfMemory"


def test_a_refused_gpu_is_reported_in_words(told: dict[str, Any]) -> None:
    assert told["refused"]["kind"] == "DeviceUnavailable"
    assert "for long enough: You have exceeded your quota. Use" in str(told["refused"]["message"])


def test_a_cancelled_job_leaves_nothing_and_the_next_one_works(told: dict[str, Any]) -> None:
    assert told["left"] == []
    first, last = (Path(str(told[name]["path"])) for name in ("lent", "after all that"))
    assert packets(first) == packets(last)


def test_nothing_is_compiled_there(told: dict[str, Any]) -> None:
    assert told["compile"] == "off"
    assert "does not compile on a borrowed GPU" in str(told["said of compiling"])
