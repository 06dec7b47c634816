"""A folder of good and bad videos through the real preparer, with a small made-up encoder."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import cli
from engines.joyhallo.weights import catalogue as weights
from engines.joyhallo.weights.random_weights import write
from media.video import VideoReader
from media.voice import open_voice
from tests.training.prepare.video_files import write_video
from training.dataset.arrays import read_arrays
from training.dataset.frames import FrameArchive
from training.dataset.index import read_dataset
from training.prepare.folders import find_tasks

VARIABLE = "变速 视频.mp4"
BAD = {
    "corrupt.mp4": ("corrupt", ""),
    "mute.mp4": ("no_audio", "no sound"),
    "silent.mp4": ("bad_audio", "silent"),
    "short.mp4": ("too_short", "3 frames"),
    "apart.mp4": ("length_mismatch", "26 frames of video and 40 of sound"),
    "blank.mp4": ("no_face", "Frame 2 of 26, at 0.08 s"),
    "two.mp4": ("many_faces", "Frame 0 of 26, at 0.00 s, shows 2 faces"),
}


@pytest.fixture(scope="module")
def videos(talking_videos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two that can be used, one of them with a variable rate, and one of each kind that cannot."""
    folder = tmp_path_factory.mktemp("videos")
    (folder / "more").mkdir()
    shutil.copy(talking_videos / "00.mp4", folder / "more" / "usual.mp4")
    seen = list(VideoReader(talking_videos / "00.mp4"))
    even = [number / 25 for number in range(26)]
    # ten pictures per second, then fifty: 0.4 s of either, and half a second of nothing new
    times = [*(number / 10 for number in range(4)), *(0.4 + number / 50 for number in range(20)), 0.8, 1.3]
    write_video(folder / VARIABLE, seen[: len(times)], times, 1.4)
    write_video(folder / "mute.mp4", seen[:26], even, None)
    write_video(folder / "silent.mp4", seen[:26], even, 1.04, silent=True)
    write_video(folder / "short.mp4", seen[:3], even[:3], 0.12)
    write_video(folder / "apart.mp4", seen[:26], even, 1.6)
    blank = np.full_like(seen[0], 128)
    write_video(folder / "blank.mp4", [*seen[:2], blank, *seen[3:26]], even, 1.04)
    write_video(folder / "two.mp4", [np.concatenate([one, one], axis=1) for one in seen[:26]], even, 1.04)
    (folder / "corrupt.mp4").write_bytes((folder / "two.mp4").read_bytes()[:2000])
    (folder / ".hidden.mp4").write_bytes(b"not looked at")
    (folder / "notes.txt").write_text("not looked at")
    return folder


@pytest.fixture(scope="module")
def weights_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("weights")
    write(weights.folder(root), weights.MANDARIN_ENCODER, "tiny", "v1:", "joyhallo")
    return root


@pytest.fixture(scope="module")
def prepared(
    videos: Path, weights_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, int]:
    """The dataset's folder, and the exit code."""
    root = tmp_path_factory.mktemp("prepared") / "dataset"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JOYSTUDIO_WEIGHTS", str(weights_folder))
        return root, cli.main(["prepare", str(videos), "--for", "joyhallo", "-o", str(root)])


def test_bad_videos_are_reported_and_stop_nothing(prepared: tuple[Path, int]) -> None:
    root, code = prepared
    assert code == 0
    failed = {one["source"]: one for one in map(json.loads, (root / "failed.jsonl").open(encoding="utf-8"))}
    assert {source: one["code"] for source, one in failed.items()} == {
        source: code for source, (code, _) in BAD.items()
    }
    for source, (_, words) in BAD.items():
        assert words in failed[source]["reason"]
    assert {path.name[0] for path in (root / "items").iterdir()} == {"变", "u"}


def test_items_are_whole(prepared: tuple[Path, int], videos: Path) -> None:
    dataset = read_dataset(prepared[0], "joyhallo")
    assert dataset.random_weights
    assert [item.facts["source"] for item in dataset.items] == ["more/usual.mp4", VARIABLE]
    usual, variable = dataset.items
    assert (usual.frames, usual.size) == (30, (160, 160))
    assert variable.frames in (33, 34, 35)
    for item in dataset.items:
        assert item.split == "train"
        archive = FrameArchive(item.folder / "frames.zip")
        assert len(archive) == item.frames
        assert len(open_voice(item.folder / "voice.wav").samples) == 640 * item.frames
        features = read_arrays(item.folder / "features.safetensors")
        shapes = {name: (array.shape, array.dtype.name) for name, array in features.items()}
        layers = features["audio"].shape[1:]
        assert shapes == {
            "audio": ((item.frames, *layers), "float32"),
            "face_embedding": ((512,), "float32"),
            "face_mask": ((160, 160), "uint8"),
            **dict.fromkeys(("full_mask", "face_mask_64", "lip_mask"), ((64, 64), "uint8")),
        }
        assert not any(path.name.startswith(("seen", ".")) for path in item.folder.iterdir())
    pictures = np.stack(list(VideoReader(videos / "more" / "usual.mp4")))
    np.testing.assert_array_equal(FrameArchive(usual.folder / "frames.zip").read(0, 30), pictures)


def test_the_masks_are_where_the_face_is(prepared: tuple[Path, int], videos: Path) -> None:
    from media.faces import default_detector

    item = read_dataset(prepared[0], "joyhallo").items[0]
    features = read_arrays(item.folder / "features.safetensors")
    mask = features["face_mask"]
    assert set(np.unique(mask)) == {0, 255}
    for number in (0, 15, 29):
        frame = FrameArchive(item.folder / "frames.zip").read(number, number + 1)[0]
        (face,) = default_detector().detect(frame)
        x, y = face.landmarks[:, 0].astype(int), face.landmarks[:, 1].astype(int)
        inside = (mask[y.clip(0, 159), x.clip(0, 159)] == 255).mean()
        assert inside > 0.9
        lips = face.landmarks[[13, 14], :2].mean(axis=0) * 64 / 160
        assert features["lip_mask"][int(lips[1]), int(lips[0])] > 200
        assert features["full_mask"][int(lips[1]), int(lips[0])] < 60
    assert features["full_mask"][-1, -1] > 250
    # the three regions leave nothing out and share nothing
    whole = np.clip(features["face_mask_64"].astype(int) + features["lip_mask"], 0, 255)
    assert (features["full_mask"] + whole >= 255).all()


def test_to_the_public_program_and_back(prepared: tuple[Path, int], tmp_path: Path) -> None:
    import torch

    public, back = tmp_path / "jdh-Hallo", tmp_path / "back"
    assert not cli.main(["prepare", str(prepared[0]), "--layout", "public", "-o", str(public)])
    stage_1 = json.loads((public / "data" / "jdh-Hallo_stage1.json").read_text("utf-8"))
    stage_2 = json.loads((public / "data" / "jdh-Hallo_stage2.json").read_text("utf-8"))
    assert [Path(entry["image_path"]).name for entry in stage_1] == ["usual", "变速 视频"]
    for entry in (*stage_1, *stage_2):
        assert all(Path(path).exists() for key, path in entry.items() if key != "made_up_weights")
    (video,) = (entry["video_path"] for entry in stage_2 if "usual" in entry["video_path"])
    reader = VideoReader(video)
    assert (float(reader.fps), reader.frames) == (25.0, 30)
    heard = torch.load(stage_2[0]["vocals_emb_base_all"], weights_only=True)
    assert heard.shape[0] == 30
    before = {path: path.stat().st_mtime_ns for path in public.rglob("*.*") if path.suffix != ".json"}
    assert not cli.main(["prepare", str(prepared[0]), "--layout", "public", "-o", str(public)])
    assert all(path.stat().st_mtime_ns == moment for path, moment in before.items())
    assert not cli.main(["prepare", str(public), "--from", "public", "-o", str(back)])
    ours, again = read_dataset(prepared[0], "joyhallo"), read_dataset(back, "joyhallo")
    assert again.random_weights
    ours_by_frames, again_by_frames = (
        {item.frames: item for item in dataset.items} for dataset in (ours, again)
    )
    assert ours_by_frames.keys() == again_by_frames.keys()
    for frames, item in ours_by_frames.items():
        other = again_by_frames[frames]
        assert other.size == item.size
        np.testing.assert_array_equal(
            FrameArchive(other.folder / "frames.zip").read(0, frames),
            FrameArchive(item.folder / "frames.zip").read(0, frames),
        )
        left, right = (read_arrays(one.folder / "features.safetensors") for one in (item, other))
        assert left.keys() == right.keys()
        for name, array in left.items():
            np.testing.assert_array_equal(array, right[name])
        assert (item.folder / "voice.wav").read_bytes() == (other.folder / "voice.wav").read_bytes()


def test_a_spoilt_public_folder_is_reported_item_by_item(prepared: tuple[Path, int], tmp_path: Path) -> None:
    import pickle

    public, back = tmp_path / "public", tmp_path / "back"
    cli.main(["prepare", str(prepared[0]), "--layout", "public", "-o", str(public)])
    (public / "audio_emb" / "usual.pt").unlink()
    evil = public / "face_emb" / "变速 视频.pt"
    evil.write_bytes(pickle.dumps(Trap(str(tmp_path / "sprung")), protocol=2))
    assert cli.main(["prepare", str(public), "--from", "public", "-o", str(back)]) == 2
    assert not (tmp_path / "sprung").exists()
    failed = [json.loads(line) for line in (back / "failed.jsonl").open(encoding="utf-8")]
    assert sorted((one["source"], one["code"]) for one in failed) == [
        ("usual.mp4", "missing"),
        ("变速 视频.mp4", "bad_features"),
    ]


class Trap:
    """A pickle that writes a file when it is loaded the usual way."""

    def __init__(self, path: str) -> None:
        self._path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return Path.touch, (self._path,)


def test_videos_are_looked_for_everywhere_but_in_the_dataset(videos: Path) -> None:
    found = [task.source for task in find_tasks(videos, videos / "more")]
    assert "more/usual.mp4" not in found
    assert sorted(found) == sorted([*BAD, VARIABLE])
