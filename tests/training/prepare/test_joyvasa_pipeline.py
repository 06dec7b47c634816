"""The whole pipeline for JoyVASA in a shell: videos, a dataset, the public program's folder, and back."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import av
import numpy as np
import pytest
import torch

import cli
from engines.joyvasa.motion.template import MotionTemplate
from engines.joyvasa.weights.catalogue import file_of, folder
from engines.joyvasa.weights.random_weights import contents
from engines.weights.pickles import read_pickle
from media.voice import open_voice
from training.dataset.arrays import read_arrays
from training.dataset.index import Dataset, read_dataset
from training.dataset.template import read_template
from training.prepare.joyvasa import NETWORK
from training.prepare.motion_extraction import WIDTHS
from training.prepare.motion_item import MOTION, VOICE

USED = {"00.mp4": "a first.mp4", "01.mp4": "第二个.mp4", "02.mp4": "z/00.mp4"}


@pytest.fixture(scope="module")
def weights_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All weights: the one required network, small and random."""
    root = tmp_path_factory.mktemp("weights")
    path = folder(root).target(file_of(NETWORK))
    path.parent.mkdir(parents=True)
    torch.save(contents(NETWORK, "tiny", "v1:"), path)
    return root


@pytest.fixture(scope="module")
def videos(talking_videos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three that can be used, below names that people give, and two that cannot."""
    made = tmp_path_factory.mktemp("videos")
    for name, new in USED.items():
        (made / new).parent.mkdir(exist_ok=True)
        shutil.copy(talking_videos / name, made / new)
    (made / "broken.mp4").write_bytes((made / "a first.mp4").read_bytes()[:3000])
    cut_short(made / "a first.mp4", made / "three frames.mp4", 3)
    return made


def cut_short(source: Path, target: Path, frames: int) -> None:
    """The first pictures of a video with all of its sound."""
    with av.open(str(source)) as video, av.open(str(target), "w") as out:
        tracks = [*video.streams.video, *video.streams.audio]
        streams = {track.index: out.add_stream_from_template(track) for track in tracks}
        left = frames
        for packet in video.demux(*tracks):
            if packet.dts is None or (packet.stream.type == "video" and (left := left - 1) < 0):
                continue
            packet.stream = streams[packet.stream.index]
            out.mux(packet)


@pytest.fixture(scope="module")
def prepared(
    videos: Path, weights_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, int]:
    """The dataset's folder, and the exit code."""
    root = tmp_path_factory.mktemp("prepared") / "dataset"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JOYSTUDIO_WEIGHTS", str(weights_folder))
        return root, cli.main(["prepare", str(videos), "--for", "joyvasa", "-o", str(root)])


@pytest.fixture
def dataset(prepared: tuple[Path, int]) -> Dataset:
    return read_dataset(prepared[0], "joyvasa")


def test_items_are_whole(prepared: tuple[Path, int], videos: Path) -> None:
    root, code = prepared
    dataset = read_dataset(root, "joyvasa")
    assert code == 0
    assert dataset.random_weights
    assert {item.facts["source"] for item in dataset.items} == set(USED.values())
    for item in dataset.items:
        arrays = read_arrays(item.folder / MOTION)
        assert {name: rows.shape for name, rows in arrays.items()} == {
            name: (item.frames, width) for name, width in WIDTHS.items()
        }
        assert all(np.isfinite(rows).all() for rows in arrays.values())
        assert sorted(path.name for path in item.folder.iterdir()) == ["item.json", MOTION, VOICE]
        with av.open(str(videos / item.facts["source"])) as container:
            assert abs(item.frames - container.streams.video[0].frames) <= 1
        assert len(open_voice(item.folder / VOICE).samples) == 640 * item.frames


def test_refusals_are_listed(prepared: tuple[Path, int]) -> None:
    lines = (prepared[0] / "failed.jsonl").read_text("utf-8").splitlines()
    assert {one["source"]: one["code"] for one in map(json.loads, lines)} == {
        "broken.mp4": "corrupt",
        "three frames.mp4": "too_short",
    }


def test_split_and_template(dataset: Dataset) -> None:
    assert [item.split for item in dataset.items] == ["train", "train", "test"]
    assert sorted(item.name for item in dataset.items) == [item.name for item in dataset.items]
    train = [read_arrays(item.folder / MOTION) for item in dataset.items if item.split == "train"]
    template = read_template(dataset.root)
    for name in WIDTHS:
        if name != "kp":
            whole = np.concatenate([arrays[name] for arrays in train])
            np.testing.assert_allclose(template[f"mean_{name}"], whole.mean(axis=0), atol=1e-5)
            np.testing.assert_array_equal(template[f"min_{name}"], whole.min(axis=0))
            np.testing.assert_array_equal(template[f"abs_max_{name}"], np.abs(whole).max(axis=0))


def test_to_the_public_program_and_back(dataset: Dataset, videos: Path, tmp_path: Path) -> None:
    public, back = tmp_path / "public", tmp_path / "back"
    assert not cli.main(
        ["prepare", str(dataset.root), "--for", "joyvasa", "--layout", "public", "-o", str(public)]
    )
    labels = json.loads((public / "train.json").read_text("utf-8"))
    assert all(Path(label[name]).is_file() for label in labels for name in label), "videos, voices, motions"
    template = MotionTemplate.from_arrays(read_pickle(public / "motion_template.pkl"))
    np.testing.assert_array_equal(template.mean_exp, read_template(dataset.root)["mean_exp"])
    assert not cli.main(["prepare", str(public), "--for", "joyvasa", "--from", "public", "-o", str(back)])
    again = read_dataset(back, "joyvasa")
    assert again.random_weights
    ours, theirs = (
        sorted((item.split, item.frames, read_arrays(item.folder / MOTION)["exp"].sum()) for item in d.items)
        for d in (dataset, again)
    )
    assert ours == theirs
