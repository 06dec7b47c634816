"""Q-Align's process, with a small package in place of the authors' one, and its environment."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from engines.weights.catalogue import WeightFolder
from evaluation.qalign import environment
from evaluation.qalign.adapter import QAlignProcess
from evaluation.qalign.conversion import convert_shards
from evaluation.qalign.metric import ImageMeasurer, VideoMeasurer, model_folder
from evaluation.qalign.scoring import Kind
from evaluation.video_file import VideoFile
from evaluation.weights import catalogue
from media.errors import EngineError, WeightsError, WeightsMissing
from media.video import VideoWriter

MODEL = """
import torch
print("what a library prints")
class MPLUGOwl2LlamaForCausalLM(torch.nn.Module):
    device, dtype = torch.device("cpu"), torch.float32
    @classmethod
    def from_pretrained(cls, folder, use_safetensors, attn_implementation, **more):
        assert use_safetensors and attn_implementation == "eager"
        if "broken" in str(folder):
            raise OSError("no such model")
        return cls()
    def forward(self, ids, images):
        (pixels,) = images if isinstance(images, list) else [images]
        logits = torch.zeros(1, 3, 10)
        logits[0, -1, 5] = len(pixels)
        logits[0, -1, 6] = pixels.mean()
        return {"logits": logits}
"""
PACKAGES = {
    "q_align/__init__.py": "",
    "q_align/model.py": MODEL,
    "q_align/constants.py": "IMAGE_TOKEN_INDEX = -200",
    "q_align/mm_utils.py": (
        "import torch\n"
        "def tokenizer_image_token(prompt, tokenizer, index, return_tensors):\n"
        "    assert '<|image|>' in prompt\n"
        "    return torch.zeros(4)\n"
    ),
    "transformers.py": (
        "class LlamaTokenizer:\n"
        "    @classmethod\n"
        "    def from_pretrained(cls, folder): return cls()\n"
        "    def __call__(self, words): return {'input_ids': [[1, 5 + n] for n in range(len(words))]}\n"
    ),
}


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in PACKAGES.items():
        path = tmp_path / "packages" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "packages"))


@pytest.fixture
def process(packages: None, tmp_path: Path) -> Iterator[QAlignProcess]:
    started = QAlignProcess(Path(sys.executable), tmp_path)
    yield started
    started.close()


def test_pictures_are_asked_one_by_one_and_a_video_at_once(process: QAlignProcess) -> None:
    pixels = np.stack([np.full((3, 448, 448), value, np.float32) for value in (1, 2, 3)])
    np.testing.assert_allclose(process.logits(pixels, "image")[:, :2], [[1, 1], [1, 2], [1, 3]])
    np.testing.assert_allclose(process.logits(pixels, "video"), [[3, 2, 0, 0, 0]])


def test_a_question_that_fails_leaves_the_process_usable(process: QAlignProcess) -> None:
    with pytest.raises(EngineError, match="Q-Align could not answer: "):
        process._ask({"prompt": "no picture", "levels": [], "pixels": "", "joined": False})
    assert process.logits(np.zeros((1, 3, 448, 448), np.float32), "image").shape == (1, 5)


def test_a_model_that_is_not_loaded_is_told(packages: None, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="OSError: no such model"):
        QAlignProcess(Path(sys.executable), tmp_path / "broken")


def test_a_process_that_ends_is_told(process: QAlignProcess) -> None:
    process._process.terminate()
    process._process.wait()
    with pytest.raises(EngineError, match="process ended"):
        process.logits(np.zeros((1, 3, 448, 448), np.float32), "image")


def test_the_environment_is_made_once(tmp_path: Path) -> None:
    folder = catalogue.folder(tmp_path)
    with pytest.raises(WeightsMissing, match="evaluate --install qalign"):
        environment.interpreter(folder)
    done: list[list[str]] = []

    def run(command: list[str]) -> None:
        done.append(command)
        if "venv" in command:
            for name in ("bin/python", "Scripts/python.exe"):
                path = Path(command[-1]) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch()

    python = environment.install(folder, run)
    assert python == environment.interpreter(folder)
    assert python.is_relative_to(environment.place(folder))
    assert [environment.COMMIT in " ".join(command) for command in done] == [False, True]


def test_an_environment_that_failed_is_not_used(tmp_path: Path) -> None:
    folder = catalogue.folder(tmp_path)

    def fail(command: list[str]) -> None:
        raise EngineError("no network")

    with pytest.raises(EngineError):
        environment.install(folder, fail)
    with pytest.raises(WeightsMissing):
        environment.interpreter(folder)


def published(root: Path) -> WeightFolder:
    """The model's files with next to nothing in them."""
    folder = catalogue.folder(root)
    shards = [file for file in catalogue.QUALITY_FILES if file.name.endswith(".bin")]
    for file in catalogue.QUALITY_FILES:
        target = folder.target(file)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text("{}", encoding="utf-8")
    for number, file in enumerate(shards):
        torch.save({f"model.{number}": torch.full((2,), float(number))}, folder.target(file))
    index = {"metadata": {}, "weight_map": {f"model.{n}": file.name for n, file in enumerate(shards)}}
    (folder.base / "one-align/pytorch_model.bin.index.json").write_text(json.dumps(index), encoding="utf-8")
    return folder


def test_pickles_are_converted_before_they_are_used(tmp_path: Path) -> None:
    folder = published(tmp_path)
    with pytest.raises(WeightsMissing, match="weights convert metrics"):
        model_folder(folder)
    assert len(list(convert_shards(folder))) == 3
    assert not list(convert_shards(folder))
    place = model_folder(folder)
    index = json.loads((place / "model.safetensors.index.json").read_text(encoding="utf-8"))
    assert index["weight_map"] == {
        "model.0": "pytorch_model-00001-of-00002.safetensors",
        "model.1": "pytorch_model-00002-of-00002.safetensors",
    }
    assert all((place / name).is_file() for name in index["weight_map"].values())


def test_a_broken_index_is_told(tmp_path: Path) -> None:
    folder = published(tmp_path)
    (folder.base / "one-align/pytorch_model.bin.index.json").write_text("[]", encoding="utf-8")
    with pytest.raises(WeightsError, match="no index of weights"):
        list(convert_shards(folder))


def test_without_the_model_the_command_is_told(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match="weights download metrics --only quality"):
        ImageMeasurer(catalogue.folder(tmp_path)).measure(clip(tmp_path, 26))


class Judge:
    """Finds later pictures better, and videos excellent."""

    def logits(self, pixels: np.ndarray, kind: Kind) -> np.ndarray:
        if kind == "video":
            return np.array([[90, 0, 0, 0, 0]], np.float32)
        levels = np.zeros((len(pixels), 5), np.float32)
        levels[range(len(pixels)), [3, 1, 0][: len(pixels)]] = 90
        return levels


def clip(folder: Path, frames: int) -> VideoFile:
    path = folder / "clip.mp4"
    with VideoWriter(path, (64, 48), 25, sound=None, metadata={}) as writer:
        writer.write(np.zeros((frames, 48, 64, 3), np.uint8))
    return VideoFile(path)


def test_scores_of_a_video(tmp_path: Path) -> None:
    video = clip(tmp_path, 80)
    image = ImageMeasurer(judge=Judge()).measure(video)["iqa"]
    assert image.value == pytest.approx((0.25 + 0.75 + 1) / 3, abs=1e-4)
    assert image.extras["pictures"] == 3
    assert "0..1" in image.note
    assert "q-future/one-align" in image.note
    assert VideoMeasurer(judge=Judge()).measure(video)["vqa"].value == pytest.approx(1)


def test_less_than_a_second_has_no_picture(tmp_path: Path) -> None:
    score = VideoMeasurer(judge=Judge()).measure(clip(tmp_path, 24))["vqa"]
    assert score.value is None
    assert "0.96 s" in score.note
