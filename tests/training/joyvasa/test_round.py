"""From videos to a trained generator, with a kill on the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from tests.training.joyvasa.runs import fixed_loss, recipe_of, run_of
from training.joyvasa.recipe import RANDOM_DATA
from training.loop.events import Stepped
from training.loop.run import train
from training.prepare.run import PreparationEnded, prepare_videos

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def prepared(talking_videos: Path, tiny_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset of the first three talking videos."""
    videos, root = tmp_path_factory.mktemp("videos"), tmp_path_factory.mktemp("prepared") / "dataset"
    for path in sorted(talking_videos.iterdir())[:3]:
        (videos / path.name).symlink_to(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JOYSTUDIO_WEIGHTS", str(tiny_root))
        *_, ended = prepare_videos(videos, root, "joyvasa")
    assert isinstance(ended, PreparationEnded)
    assert ended.items == 3
    return root


def last_files(out: Path) -> dict[str, torch.Tensor]:
    files = sorted((out / "checkpoints").iterdir())[-1].glob("*.safetensors")
    return {f"{file.stem}/{key}": value for file in files for key, value in load_file(file).items()}


def test_a_generator_learns_from_prepared_videos(prepared: Path, weights: Path, tmp_path: Path) -> None:
    recipe = recipe_of(prepared, steps=20)
    assert RANDOM_DATA in recipe.notes
    before = fixed_loss(recipe)
    *_, _ = train(recipe, recipe.options, tmp_path)
    assert fixed_loss(recipe) < 0.7 * before


def test_killed_in_the_middle_a_run_ends_as_it_would_have(
    prepared: Path, weights: Path, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "tests.training.joyvasa.runs", str(prepared), str(tmp_path / "one"), "5"]
    environment = os.environ | {"OMP_NUM_THREADS": str(torch.get_num_threads())}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    told = list(run_of(prepared, tmp_path / "one", steps=6, save_every=2, resume=True))
    assert [event.step for event in told if isinstance(event, Stepped)] == [5, 6]
    list(run_of(prepared, tmp_path / "two", steps=6, save_every=2))
    found, expected = last_files(tmp_path / "one"), last_files(tmp_path / "two")
    assert found.keys() == expected.keys()
    assert [key for key in found if not torch.equal(found[key], expected[key])] == []
