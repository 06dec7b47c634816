"""From videos through both stages to a video of the engine, with a kill on the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from engines.joyhallo.engine import JoyHalloEngine
from engines.joyhallo.options import JoyHalloOptions
from engines.joyhallo.weights.catalogue import JOYHALLO_NET, folder
from engines.joyhallo.weights.checkpoints import open_net
from engines.weights.reading import read_checkpoint
from media.portrait import open_portrait
from media.video import VideoReader
from media.voice import open_voice
from tests.training.joyhallo.runs import STEPS, fixed_loss, opened
from training.loop.events import Exported, Saved, Stepped, TrainingEvent, Validated
from training.loop.run import train
from training.prepare.run import PreparationEnded, prepare_videos

ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = ROOT / "examples"


@dataclass(frozen=True)
class Trained:
    """A finished run. losses: on a fixed batch, before and after."""

    out: Path
    told: list[TrainingEvent]
    losses: tuple[float, float]

    @property
    def net(self) -> Path:
        return self.out / "export" / "net.safetensors"


@pytest.fixture(scope="module")
def weights_root(tiny_root: Path) -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JOYSTUDIO_WEIGHTS", str(tiny_root))
        yield tiny_root


@pytest.fixture(scope="module")
def prepared(talking_videos: Path, weights_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset of the first three talking videos."""
    videos, root = tmp_path_factory.mktemp("videos"), tmp_path_factory.mktemp("prepared") / "dataset"
    for path in sorted(talking_videos.iterdir())[:3]:
        (videos / path.name).symlink_to(path)
    *_, ended = prepare_videos(videos, root, "joyhallo")
    assert isinstance(ended, PreparationEnded)
    assert ended.items == 3
    return root


def trained(data: Path, out: Path, stage: str, **changed: object) -> Trained:
    recipe, options = opened(data, stage, **changed)
    before = fixed_loss(recipe)
    told = list(train(recipe, options, out))
    return Trained(out, told, (before, fixed_loss(recipe)))


@pytest.fixture(scope="module")
def first(prepared: Path, weights_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return trained(prepared, tmp_path_factory.mktemp("first"), "1", validate_every=STEPS)


@pytest.fixture(scope="module")
def second(prepared: Path, first: Trained, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    out = tmp_path_factory.mktemp("second")
    return trained(prepared, out, "2", net=str(first.net), validate_every=STEPS, save_every=5, keep=4)


def checkpoint(out: Path, step: int) -> dict[str, torch.Tensor]:
    files = (out / "checkpoints" / f"step-{step:06}").glob("*.safetensors")
    return {f"{file.stem}/{k}": v for file in files for k, v in load_file(file).items()}


def assert_same(one: Path, other: Path, step: int) -> None:
    found, expected = checkpoint(one, step), checkpoint(other, step)
    assert found.keys() == expected.keys()
    assert [key for key in found if not torch.equal(found[key], expected[key])] == []


def test_both_stages_learn(first: Trained, second: Trained) -> None:
    for run, share in ((first, 0.8), (second, 0.95)):
        assert run.losses[1] < share * run.losses[0]
        assert [event.step for event in run.told if isinstance(event, Saved)][-1] == STEPS


def test_stage_1_shows_strips_and_stage_2_a_clip(first: Trained, second: Trained) -> None:
    (strips,) = [event.files for event in first.told if isinstance(event, Validated)]
    assert len(strips) == 2
    with Image.open(strips[0]) as strip:
        assert strip.size == (3 * 64, 64)
        shown = np.asarray(strip)
    assert shown[31, 64 + 31].tolist() == [255] * 3  # in the face's region
    assert shown[2, 64 + 2].tolist() == [0] * 3
    (clips,) = [event.files for event in second.told if isinstance(event, Validated)]
    assert [frame.shape for frame in VideoReader(clips[0])] == [(64, 64, 3)] * 2


def test_killed_in_the_middle_stage_2_ends_as_it_would_have(
    first: Trained, second: Trained, prepared: Path, weights_root: Path, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "tests.training.joyhallo.runs"]
    environment = os.environ | {"OMP_NUM_THREADS": str(torch.get_num_threads())}
    done = subprocess.run(
        [*command, str(prepared), str(tmp_path), str(first.net), "3"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    recipe, options = opened(prepared, "2", net=str(first.net), steps=5)
    told = list(train(recipe, options, tmp_path, resume=True))
    assert [event.step for event in told if isinstance(event, Stepped)] == [3, 4, 5]
    assert_same(tmp_path, second.out, 5)


def test_the_export_is_what_was_trained_and_the_rest_as_it_was(first: Trained, second: Trained) -> None:
    (exported,) = [event.files for event in second.told if isinstance(event, Exported)]
    net, public = exported
    tensors, same = read_checkpoint(net).tensors, read_checkpoint(public).tensors
    assert len(tensors) == 2496
    assert tensors.keys() == same.keys()
    assert all(torch.equal(tensors[key], same[key]) for key in tensors)
    before = read_checkpoint(first.net).tensors
    moved = {key for key in tensors if not torch.equal(tensors[key], before[key])}
    assert moved
    assert all(".audio_modules." in k or ".motion_modules." in k or k.startswith("audioproj.") for k in moved)
    trained = checkpoint(second.out, STEPS)["audioproj/proj3.weight"]
    assert torch.equal(tensors["audioproj.proj3.weight"], trained.half())


def test_the_engine_renders_with_the_export(
    second: Trained, weights_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "weights"
    top = folder(weights_root).base
    for path in top.rglob("*"):
        if path.is_file():
            place = root / top.name / path.relative_to(top)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(path)
    place = folder(root).target(JOYHALLO_NET)
    place.unlink()
    place.symlink_to(second.out / "export" / "net.pth")
    assert open_net(place).random_weights  # and so its videos say so
    monkeypatch.setenv("JOYSTUDIO_WEIGHTS", str(root))
    engine = JoyHalloEngine()
    speech = open_voice((16_000, open_voice(EXAMPLES / "voices" / "mandarin.wav").samples[:6400]))
    portrait = open_portrait(EXAMPLES / "portraits" / "astronaut.png")
    chosen = JoyHalloOptions(inference_steps=1, cfg_scale=1.0, precision="fp32")
    chosen = chosen.model_copy(update={"resolution": 64})
    work = engine.animate(portrait, speech, chosen, 0)
    frames = np.concatenate([piece for piece in work if isinstance(piece, np.ndarray)])
    assert frames.shape == (10, portrait.height, portrait.width, 3)
    assert frames.std() > 1
