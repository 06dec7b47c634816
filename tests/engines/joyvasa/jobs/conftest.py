"""Whole jobs on small random weights: the pipeline of a user's job with every network."""

from __future__ import annotations

import shutil
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import cli
from engines import registry
from engines.joyvasa.weights.catalogue import folder
from engines.joyvasa.weights.random_weights import synthesize
from media.voice import open_voice
from studio.events import Finished, Result
from studio.job import Job
from studio.run import run
from studio.settings import Settings

EXAMPLES = Path(__file__).resolve().parents[4] / "examples"
ASTRONAUT = EXAMPLES / "portraits" / "astronaut.png"
CAT = EXAMPLES / "portraits" / "cat.png"
CAT_POINTS = ((172.0, 115.0), (319.0, 136.0), (257.0, 268.0))
QUICK = {"inference_steps": 2, "precision": "fp32"}

Cli = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="session")
def random_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root of small random weights; tests that change a file take `own_set`."""
    root = tmp_path_factory.mktemp("tiny")
    list(synthesize(folder(root), "tiny"))
    return root


@pytest.fixture
def weights_root(random_set: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The weights that jobs take, in a process that has loaded none yet."""
    yield from _used(random_set, monkeypatch)


@pytest.fixture
def own_set(random_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """As `weights_root`, a copy to be damaged: the top folder of the published layout."""
    shutil.copytree(random_set, tmp_path / "own")
    for root in _used(tmp_path / "own", monkeypatch):
        yield root / "pretrained_weights"


def _used(root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("JOYSTUDIO_WEIGHTS", str(root))
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    registry.unload("joyvasa")
    yield root
    registry.unload("joyvasa")
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def voice(tmp_path_factory: pytest.TempPathFactory) -> Callable[[float], Path]:
    """Makes a recording of the given seconds from an example."""
    samples = open_voice(EXAMPLES / "voices" / "english-woman.wav").samples
    made = tmp_path_factory.mktemp("voices")

    def make(seconds: float) -> Path:
        path = made / f"{seconds}.wav"
        if not path.exists():
            with wave.open(str(path), "wb") as file:
                file.setnchannels(1)
                file.setsampwidth(2)
                file.setframerate(16_000)
                long = np.resize(samples, round(seconds * 16_000))
                file.writeframes((long * 32_767).astype("<i2").tobytes())
        return path

    return make


@pytest.fixture
def in_shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Runs `cli.py animate` with this engine: exit code, standard output, standard error."""
    monkeypatch.setenv("JOYSTUDIO_OUTPUTS", str(tmp_path / "outputs"))

    def call(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = cli.main(["animate", *map(str, arguments), "--engine", "joyvasa", "--inference-steps", "2"])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return call


def job(portrait: Path | bytes, speech: Path, **options: Any) -> Job:
    """A job of this engine in two steps of diffusion; `options` are those of the job that are no options
    of the engine where the job has them.
    """
    of_job = {name: options.pop(name) for name in list(options) if name in Job.model_fields}
    return Job(engine="joyvasa", portrait=portrait, voice=speech, options=QUICK | options, **of_job)


def finish(job: Job, settings: Settings) -> Result:
    """Run a job to its end."""
    *_, last = run(job, settings)
    assert isinstance(last, Finished)
    return last.result


def files_in(folder: Path) -> list[str]:
    """Every file that a job left behind, except the history."""
    return sorted(p.name for p in folder.rglob("*") if p.is_file() and ".sqlite" not in p.name)
