"""The datasets that `prepare` writes and the trainings read."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path, PurePosixPath

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.errors import DatasetError
from training.dataset.arrays import read_arrays, read_rows, write_arrays
from training.dataset.frames import FrameArchive, write_frames
from training.dataset.index import read_dataset, write_description, write_index
from training.dataset.items import (
    PART,
    ItemFacts,
    failures,
    new_part,
    publish,
    remove_parts,
    run_name,
    write_failure,
    write_item,
)
from training.dataset.names import item_name
from training.dataset.template import read_template, write_template

FACTS = ItemFacts(frames=30, width=4, height=2, more={"voice": "separated"})

# Names


@given(st.text(st.characters(exclude_characters="/\0"), min_size=1, max_size=90))
def test_a_name_is_a_name_on_every_file_system(stem: str) -> None:
    try:
        os.fsencode(stem)
    except UnicodeEncodeError:
        return  # no file has such a name here
    name = item_name(PurePosixPath(f"{stem}.mp4"))
    assert len(name.encode()) <= 255
    assert not set(name) & set('/\\:*?"<>|. \0')
    assert not name.startswith(("-", ".", "_"))


def test_a_name_stays_readable_and_is_that_of_one_video() -> None:
    names = [item_name(path) for path in ("你好 世界.mp4", "a/你好 世界.mp4", "A/你好 世界.mp4")]
    assert all(name.startswith("你好-世界_") for name in names)
    assert len(set(names)) == 3
    assert item_name("...mp4").startswith("mp4") or item_name("...mp4").startswith("video")


# Pictures


def test_an_archive_gives_back_any_stretch_of_its_pictures(tmp_path: Path) -> None:
    frames = np.random.default_rng(0).integers(0, 256, (12, 6, 10, 3), np.uint8)
    assert write_frames(tmp_path / "frames.zip", iter(frames)) == 12
    archive = FrameArchive(tmp_path / "frames.zip")
    assert len(archive) == 12
    np.testing.assert_array_equal(archive.read(0, 12), frames)
    np.testing.assert_array_equal(archive.read(5, 8), frames[5:8])
    for start, stop in ((-1, 3), (3, 3), (10, 13)):
        with pytest.raises(IndexError):
            archive.read(start, stop)


def test_any_tool_can_open_an_archive(tmp_path: Path) -> None:
    write_frames(tmp_path / "frames.zip", np.zeros((2, 4, 4, 3), np.uint8))
    with zipfile.ZipFile(tmp_path / "frames.zip") as archive:
        assert archive.namelist() == ["000000.png", "000001.png"]
        assert archive.read("000001.png").startswith(b"\x89PNG")


def test_a_damaged_archive_says_so(tmp_path: Path) -> None:
    path = tmp_path / "frames.zip"
    with pytest.raises(DatasetError, match="No such file"):
        FrameArchive(path)
    write_frames(path, np.zeros((2, 64, 64, 3), np.uint8))
    content = path.read_bytes()
    path.write_bytes(content[:-30])
    with pytest.raises(DatasetError, match="cannot be read"):
        FrameArchive(path)
    path.write_bytes(content.replace(b"\x89PNG", b"\0PNG"))
    with pytest.raises(DatasetError, match=r"Frame 1 .* damaged"):
        FrameArchive(path).read(1, 2)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("000000.png", b"0")
    with pytest.raises(DatasetError, match="stored"):
        FrameArchive(path)


# Arrays


def test_rows_of_a_long_array_are_read_alone(tmp_path: Path) -> None:
    path = tmp_path / "features.safetensors"
    audio = np.arange(60, dtype=np.float32).reshape(5, 3, 4)
    write_arrays(path, {"audio": audio.transpose(0, 2, 1), "mask": np.ones((2, 2), np.uint8)})
    np.testing.assert_array_equal(read_rows(path, "audio", 1, 3), audio.transpose(0, 2, 1)[1:3])
    assert set(read_arrays(path)) == {"audio", "mask"}
    with pytest.raises(DatasetError, match="lacks nothing"):
        read_arrays(path, "nothing")
    with pytest.raises(DatasetError, match="lacks nothing"):
        read_rows(path, "nothing", 0, 1)
    path.write_bytes(b"no tensors")
    with pytest.raises(DatasetError, match="cannot be read"):
        read_arrays(path)


def test_a_template_comes_back(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="missing"):
        read_template(tmp_path)
    write_template(tmp_path, {"mean_exp": np.arange(63, dtype=np.float32)})
    np.testing.assert_array_equal(read_template(tmp_path)["mean_exp"], np.arange(63))


# Items


def fill(part: Path) -> ItemFacts:
    (part / "voice.wav").write_bytes(b"sound")
    return FACTS


def made(root: Path, *names: str) -> Path:
    write_description(root, "joyhallo")
    for name in names:
        assert write_item(root, name, f"{name}.mp4", fill)
    write_index(root)
    return root


def test_a_dataset_comes_back(tmp_path: Path) -> None:
    root = made(tmp_path, "b_2", "a_1")
    write_failure(root, "c_3", "c.mp4", "no_audio", "It has no sound.")
    counts = write_index(root, test=["b_2"])
    assert counts == {"done": 2, "no_audio": 1}
    dataset = read_dataset(root, "joyhallo")
    assert [item.name for item in dataset.items] == ["a_1", "b_2"]
    first = dataset.items[0]
    assert (first.frames, first.size, first.split) == (30, (4, 2), "train")
    assert first.facts["source"] == "a_1.mp4"
    assert first.facts["voice"] == "separated"
    assert (first.folder / "voice.wav").read_bytes() == b"sound"
    assert [item.name for item in read_dataset(root, "joyhallo", "test").items] == ["b_2"]
    (line,) = (root / "failed.jsonl").read_text().splitlines()
    assert json.loads(line) == {
        "name": "c_3",
        "source": "c.mp4",
        "reason": "It has no sound.",
        "code": "no_audio",
    }


def test_random_weights_are_said_of_the_whole_dataset(tmp_path: Path) -> None:
    root = made(tmp_path, "a_1")
    assert not read_dataset(root, "joyhallo").random_weights
    write_item(root, "b_2", "b.mp4", lambda part: ItemFacts(3, 4, 2, random_weights=True))
    write_index(root)
    assert read_dataset(root, "joyhallo").random_weights


def test_unreadable_datasets_give_the_reason(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no dataset"):
        read_dataset(tmp_path / "nowhere", "joyhallo")
    write_description(tmp_path, "joyhallo")
    with pytest.raises(DatasetError, match="unfinished"):
        read_dataset(tmp_path, "joyhallo")
    write_index(tmp_path)
    with pytest.raises(DatasetError, match="0 videos"):
        read_dataset(tmp_path, "joyhallo")
    made(tmp_path, "a_1")
    with pytest.raises(DatasetError, match="0 videos for split 'test' of 1"):
        read_dataset(tmp_path, "joyhallo", "test")
    with pytest.raises(DatasetError, match="not for joyvasa"):
        read_dataset(tmp_path, "joyvasa")
    shutil.rmtree(tmp_path / "items" / "a_1")
    with pytest.raises(DatasetError, match="lacks 1 of the 1"):
        read_dataset(tmp_path, "joyhallo")
    for damage in ('{"name": "a_1"}\n', "[]\n", "{\n"):
        (tmp_path / "index.jsonl").write_text(damage)
        with pytest.raises(DatasetError):
            read_dataset(tmp_path, "joyhallo")
    (tmp_path / "dataset.json").write_text('{"kind": "joyhallo", "version": 9}')
    with pytest.raises(DatasetError, match="version 9"):
        read_dataset(tmp_path, "joyhallo")


def test_an_item_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def break_off(part: Path) -> ItemFacts:
        fill(part)
        raise ValueError("on purpose")

    with pytest.raises(ValueError, match="on purpose"):
        write_item(tmp_path, "a_1", "a.mp4", break_off)
    assert list((tmp_path / "items").iterdir()) == []


def test_an_item_is_made_once(tmp_path: Path) -> None:
    root = made(tmp_path, "a_1")
    assert not write_item(root, "a_1", "a_1.mp4", lambda part: pytest.fail("made twice"))
    late = new_part(root)
    assert not publish(late, root, "a_1", "a_1.mp4", FACTS, 0)
    assert [folder.name for folder in (root / "items").iterdir()] == ["a_1"]


def test_a_video_that_is_done_has_not_failed(tmp_path: Path) -> None:
    write_failure(tmp_path, "a_1", "a.mp4", "error", "A disk was full.")
    assert len(list(failures(tmp_path))) == 1
    write_item(tmp_path, "a_1", "a.mp4", fill)
    assert list(failures(tmp_path)) == []


def test_files_of_dead_processes_are_removed_and_nothing_else(tmp_path: Path) -> None:
    gone = int(subprocess.check_output([sys.executable, "-c", "import os; print(os.getpid())"]))
    host = run_name().rpartition("-")[0]
    left = new_part(tmp_path, f"{host}-{gone}")
    ours, elsewhere, finished = new_part(tmp_path), new_part(tmp_path, "elsewhere-1"), new_part(tmp_path, "x")
    remove_parts(tmp_path, "x")
    assert not left.exists()
    assert not finished.exists()
    assert ours.exists()
    assert elsewhere.exists()
    assert all(folder.name.startswith(PART) for folder in (tmp_path / "items").iterdir())
