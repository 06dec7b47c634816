"""Q-Align's process, with a small package in place of the authors' one, and its environment."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

from engines.weights.catalogue import WeightFile, WeightFolder
from engines.weights.download import Fetch, download
from evaluation.qalign import environment
from evaluation.qalign.adapter import QAlignProcess
from evaluation.qalign.conversion import convert_shards
from evaluation.qalign.metric import ImageMeasurer, VideoMeasurer, model_folder
from evaluation.qalign.scoring import Kind
from evaluation.video_file import VideoFile
from evaluation.weights import catalogue
from evaluation.weights.shards import fetch_shards, shards
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
        process._ask({"prompt": "no picture", "levels": [], "pixels": "", "count": 1, "joined": False})
    assert process.logits(np.zeros((1, 3, 448, 448), np.float32), "image").shape == (1, 5)


def test_a_model_that_is_not_loaded_is_reported(packages: None, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="OSError: no such model"):
        QAlignProcess(Path(sys.executable), tmp_path / "broken")


def test_a_process_that_ends_is_reported(process: QAlignProcess) -> None:
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


INDEX = "pytorch_model.bin.index.json"
PARTS = ("pytorch_model-00001-of-00003.bin", "pytorch_model-00002-of-00003.bin")


def published(root: Path, index: str = INDEX, parts: Sequence[str] = PARTS) -> Fetch:
    """The Hub, with next to nothing in the model's files."""

    def fetch(file: WeightFile, below: Path) -> Path:
        path = below / file.name
        if file.name == index:
            places = {f"model.{number}": name for number, name in enumerate(parts)}
            path.write_text(json.dumps({"weight_map": places}), encoding="utf-8")
        elif file.name in parts:
            torch.save({f"model.{parts.index(file.name)}": torch.zeros(2)}, path)
        elif file in catalogue.QUALITY_FILES:
            path.write_text("{}", encoding="utf-8")
        else:
            raise OSError("404")
        return path

    return fetch


def fetched(root: Path, index: str = INDEX, parts: Sequence[str] = PARTS) -> WeightFolder:
    """A folder with everything that the Hub has."""
    folder, fetch = catalogue.folder(root), published(root, index, parts)
    list(download(catalogue.QUALITY_FILES, folder, fetch))
    list(fetch_shards(folder, fetch))
    return folder


def test_the_index_says_which_files_there_are(tmp_path: Path) -> None:
    folder = fetched(tmp_path)
    assert [file.name for file in shards(folder)] == list(PARTS)
    assert all(folder.find(file) for file in shards(folder))
    assert [path.name for path in ImageMeasurer(folder).weights()] == [INDEX, *PARTS]


def test_pickles_are_converted_before_they_are_used(tmp_path: Path) -> None:
    folder = fetched(tmp_path)
    with pytest.raises(WeightsMissing, match="weights convert metrics"):
        model_folder(folder)
    assert len(list(convert_shards(folder))) == 3
    assert not list(convert_shards(folder))
    place = model_folder(folder)
    index = json.loads((place / "model.safetensors.index.json").read_text(encoding="utf-8"))
    assert index["weight_map"] == {
        "model.0": "pytorch_model-00001-of-00003.safetensors",
        "model.1": "pytorch_model-00002-of-00003.safetensors",
    }
    assert all((place / name).is_file() for name in index["weight_map"].values())


def test_a_model_published_as_safetensors_is_used_as_it_is(tmp_path: Path) -> None:
    folder = fetched(tmp_path, "model.safetensors.index.json", ["model-00001-of-00001.safetensors"])
    assert not list(convert_shards(folder))
    assert model_folder(folder) == folder.base / "one-align"


@pytest.mark.parametrize("content", ["[]", "{}", '{"weight_map": {}}', '{"weight_map": {"a": "../b.bin"}}'])
def test_a_broken_index_is_reported(tmp_path: Path, content: str) -> None:
    folder = fetched(tmp_path)
    (folder.base / "one-align" / INDEX).write_text(content, encoding="utf-8")
    with pytest.raises(WeightsError, match="not an index of weights"):
        list(convert_shards(folder))


def test_the_report_says_which_version_of_the_model_it_was(tmp_path: Path) -> None:
    folder = fetched(tmp_path)
    assert re.search(r"q-future/one-align, index [0-9a-f]{12};", environment.describe(folder))
    noted = folder.base / "one-align" / ".cache" / "huggingface" / "download" / f"{INDEX}.metadata"
    noted.parent.mkdir(parents=True)
    noted.write_text("0123456789abcdef\netag\n1.5\n", encoding="utf-8")
    assert "commit 0123456789ab;" in environment.describe(folder)


def test_without_the_model_the_command_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match="weights download metrics --only quality"):
        ImageMeasurer(catalogue.folder(tmp_path)).measure(clip(tmp_path, 26))


class Judge:
    """Finds later pictures better, and videos excellent."""

    def logits(self, pictures: Iterable[np.ndarray], kind: Kind) -> np.ndarray:
        count = len(list(pictures))
        levels = np.zeros((count, 5), np.float32)
        levels[range(count), [0] * count if kind == "video" else [3, 1, 0][:count]] = 90
        return levels[:1] if kind == "video" else levels


def clip(folder: Path, frames: int) -> VideoFile:
    path = folder / "clip.mp4"
    with VideoWriter(path, (64, 48), 25, sound=None, metadata={}) as writer:
        writer.write(np.zeros((frames, 48, 64, 3), np.uint8))
    return VideoFile(path)


def test_scores_of_a_video(tmp_path: Path) -> None:
    video = clip(tmp_path, 80)
    image = ImageMeasurer(judge=Judge()).measure(video)["iqa"]
    assert image.value == pytest.approx((0.25 + 0.75 + 1) / 3, abs=1e-4)
    assert image.extras["levels"]["good"] == 30
    assert "0..1" in image.note
    assert "q-future/one-align" in image.note
    assert VideoMeasurer(judge=Judge()).measure(video)["vqa"].value == pytest.approx(1)


def test_less_than_a_second_has_no_picture(tmp_path: Path) -> None:
    score = VideoMeasurer(judge=Judge()).measure(clip(tmp_path, 24))["vqa"]
    assert score.value is None
    assert "0.96 s" in score.note
