"""The public program's folder: written, read back, and never run."""

from __future__ import annotations

import json
import pickle
import shutil
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engines.joyvasa.motion.pose import rotation
from engines.joyvasa.motion.template import MotionTemplate
from media.errors import DatasetError
from media.voice import open_voice
from training.dataset.arrays import read_arrays, write_arrays
from training.dataset.index import read_dataset, write_description, write_index
from training.dataset.items import ItemFacts, write_item
from training.dataset.sound import write_voice
from training.dataset.template import read_template
from training.prepare.joyvasa_import import read_public_layout
from training.prepare.joyvasa_layout import write_public_layout
from training.prepare.motion_extraction import WIDTHS
from training.prepare.motion_item import MOTION, VOICE
from training.prepare.motion_template import template_over
from training.prepare.pickled import read_numbers
from training.prepare.public_motion import from_public, to_public

FRAMES = (30, 41, 26)
PER_FRAME = {
    "scale": (1, 1),
    "R": (1, 3, 3),
    "exp": (1, 21, 3),
    "t": (1, 3),
    "kp": (1, 21, 3),
    "x_s": (1, 21, 3),
    "pitch": (1, 1),
    "yaw": (1, 1),
    "roll": (1, 1),
}
"""What the public program keeps of every frame."""


def motion(frames: int, seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {name: rng.normal(size=(frames, width)).astype(np.float32) for name, width in WIDTHS.items()}


def voice(frames: int, seed: int) -> np.ndarray:
    levels = np.random.default_rng(seed).integers(-9000, 9000, frames * 640)
    return levels.astype(np.float32) / 32768


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("prepared") / "dataset"
    write_description(root, "joyvasa", videos="/videos")
    for number, frames in enumerate(FRAMES):

        def fill(out: Path, number: int = number, frames: int = frames) -> ItemFacts:
            write_voice(out / VOICE, voice(frames, number))
            write_arrays(out / MOTION, motion(frames, number))
            return ItemFacts(frames, 160, 160, random_weights=True)

        write_item(root, f"clip-{number}", f"sub/片段 {number}.mp4", fill)
    write_index(root, ["clip-2"])
    template_over(root, ["clip-0", "clip-1"])
    return root


@pytest.fixture(scope="module")
def public(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("public")
    write_public_layout(read_dataset(dataset, "joyvasa"), out)
    return out


def test_what_the_public_program_opens(public: Path) -> None:
    """Everything is asked for as its trainer does: plain json and pickle, names from the labels."""
    train, test = (json.loads((public / f"{split}.json").read_text("utf-8")) for split in ("train", "test"))
    assert [label["video_name"] for label in train] == ["/videos/sub/片段 0.mp4", "/videos/sub/片段 1.mp4"]
    assert len(test) == 1
    motions = read_numbers(public / "motions.pkl")
    assert list(motions) == [label["audio_name"] for label in (*train, *test)]
    for number, label in enumerate((*train, *test)):
        held = motions[label["audio_name"]]
        assert held["n_frames"] == len(held["motion"]) == len(held["c_eyes_lst"]) == FRAMES[number]
        assert held["output_fps"] == 25
        for name, shape in PER_FRAME.items():
            assert held["motion"][3][name].shape == shape
            assert held["motion"][3][name].dtype == np.float32
        assert held["c_eyes_lst"][3].shape == (1, 2)
        assert held["c_lip_lst"][3].shape == (1, 1)
        own = read_numbers(Path(label["motion_name"]))
        np.testing.assert_array_equal(own["motion"][5]["exp"], held["motion"][5]["exp"])
        with wave.open(label["audio_name"]) as sound:
            assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (16000, 1, 2)
            assert sound.getnframes() == 640 * FRAMES[number]
    template = read_numbers(public / "motion_templete.pkl")
    assert {f"{kind}_{name}" for kind in ("mean", "std", "max", "min", "abs_max") for name in PER_FRAME} - {
        f"{kind}_{name}" for kind in ("mean", "std", "max", "min", "abs_max") for name in ("kp", "x_s")
    } <= set(template)
    assert (public / "motion_template.pkl").read_bytes() == (public / "motion_templete.pkl").read_bytes()
    MotionTemplate.from_arrays(template)


def test_round_trip(dataset: Path, public: Path, tmp_path: Path) -> None:
    back = tmp_path / "back"
    assert read_public_layout(public, back) == {"done": 3}
    before, after = read_dataset(dataset, "joyvasa"), read_dataset(back, "joyvasa")
    assert after.random_weights
    assert [item.split for item in after.items] == [item.split for item in before.items]
    for ours, theirs in zip(before.items, after.items, strict=True):
        assert theirs.frames == ours.frames
        one, other = read_arrays(ours.folder / MOTION), read_arrays(theirs.folder / MOTION)
        assert set(one) == set(other)
        for name, rows in one.items():
            np.testing.assert_array_equal(rows, other[name])
        np.testing.assert_allclose(
            open_voice(theirs.folder / VOICE).samples,
            open_voice(ours.folder / VOICE).samples,
            atol=1.1 / 32768,
        )
    assert "made_up" in read_numbers(public / "motion_template.pkl")
    for name, value in read_template(dataset).items():
        np.testing.assert_array_equal(value, read_template(back)[name])


def test_a_moved_folder_and_merged_motions_are_found(public: Path, tmp_path: Path) -> None:
    """The labels still name the old place, and the clips' own motions are gone."""
    moved = tmp_path / "moved"
    shutil.copytree(public, moved)
    for split in ("train", "test"):
        path = moved / f"{split}.json"
        path.write_text(path.read_text("utf-8").replace(str(public), "C:\\\\data"), "utf-8")
    motions = read_numbers(moved / "motions.pkl")
    renamed = {f"C:\\data{name.removeprefix(str(public))}": value for name, value in motions.items()}
    (moved / "motions.pkl").write_bytes(pickle.dumps(renamed))
    for path in (moved / "motions").glob("*.pkl"):
        path.unlink()
    assert read_public_layout(moved, tmp_path / "back") == {"done": 3}


def test_clips_that_cannot_be_used_are_listed(public: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(public, broken)
    labels = json.loads((broken / "train.json").read_text("utf-8"))
    short, gone = (broken / "motions" / Path(label["audio_name"]).name for label in labels)
    with wave.open(str(short), "wb") as sound:
        sound.setparams((1, 2, 16000, 0, "NONE", ""))
        sound.writeframes((voice(26, 1) * 32767).astype("<i2").tobytes())
    gone.unlink()
    for split in ("train", "test"):
        path = broken / f"{split}.json"
        path.write_text(path.read_text("utf-8").replace(str(public), "elsewhere"), "utf-8")
    with pytest.raises(DatasetError, match=r"0 of the 2 clips in .*failed\.jsonl"):
        read_public_layout(broken, tmp_path / "back")
    failed = [
        json.loads(path.read_text("utf-8")) for path in sorted((tmp_path / "back" / "failed").iterdir())
    ]
    assert {one["code"]: one["reason"] for one in failed} == {
        "length_mismatch": "30 frames of video and 26.0 of sound; they may differ by 3.",
        "no_audio": f'The voice "elsewhere/motions/{gone.name}" is not there.',
    }


class Evil:
    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (Path("run"),))


def test_a_program_in_a_pickle_is_not_run(
    public: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    evil = tmp_path / "evil"
    shutil.copytree(public, evil)
    for split in ("train", "test"):
        path = evil / f"{split}.json"
        path.write_text(path.read_text("utf-8").replace(str(public), str(evil)), "utf-8")
    for path in (evil / "motions").glob("*.pkl"):
        content = read_numbers(path)
        content["motion"][0]["exp"] = Evil()
        path.write_bytes(pickle.dumps(content))
    with pytest.raises(DatasetError, match="0 of the 2 clips"):
        read_public_layout(evil, tmp_path / "back")
    assert not (tmp_path / "run").exists()
    failed = [json.loads(path.read_text("utf-8")) for path in (tmp_path / "back" / "failed").iterdir()]
    assert [one["code"] for one in failed] == ["bad_motion"] * 3
    assert all("touch" in one["reason"] or "Path" in one["reason"] for one in failed)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda c: c.pop("motion"), "no list `motion`"),
        (lambda c: c.update(motion=[]), "no list `motion`"),
        (lambda c: c.update(output_fps=30), "30 frames per second in place of 25"),
        (lambda c: c["motion"][1].pop("t"), "t of frame 1 is not 3 finite numbers"),
        (lambda c: c["motion"].__setitem__(1, 7), "scale of frame 1"),
        (lambda c: c["motion"][2]["exp"].fill(np.nan), "exp of frame 2 is not 63 finite numbers"),
        (lambda c: c["motion"][2].update(yaw=np.array([["x"]])), "yaw of frame 2"),
        (lambda c: c["c_lip_lst"].pop(), "`c_lip_lst` is not as long"),
    ],
)
def test_strange_motions_are_refused(change: Any, said: str) -> None:
    content = to_public(motion(4, 0))
    change(content)
    with pytest.raises(DatasetError, match=said):
        from_public(content, "clip.pkl")


def test_public_motion_is_the_same_motion() -> None:
    arrays = motion(5, 7)
    content = to_public(arrays)
    back = from_public(content, "clip.pkl")
    for name, rows in arrays.items():
        np.testing.assert_array_equal(back[name], rows)
    turn = rotation(arrays["pitch"], arrays["yaw"], arrays["roll"])
    frame = content["motion"][2]
    np.testing.assert_array_equal(frame["R"][0], turn[2])
    placed = frame["scale"] * (frame["kp"][0] @ turn[2] + frame["exp"][0])
    placed[:, :2] += frame["t"][:, :2]
    np.testing.assert_allclose(frame["x_s"][0], placed, rtol=1e-4, atol=1e-5)


def test_keypoints_may_be_missing() -> None:
    arrays = {name: rows for name, rows in motion(3, 2).items() if name != "kp"}
    content = to_public(arrays)
    assert not {"kp", "x_s"} & set(content["motion"][0])
    assert set(from_public(content, "clip.pkl")) == set(arrays)


def test_labels_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"train\.json"):
        read_public_layout(tmp_path, tmp_path / "back")
    (tmp_path / "train.json").write_text("[1]")
    with pytest.raises(DatasetError, match="not a list of clips"):
        read_public_layout(tmp_path, tmp_path / "back")
