"""Many videos from one file in the form of JoyHallo's inference.yaml."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

import cli
from commands.config_file import read_config
from commands.render import make_video
from engines.weights.catalogue import default_root
from media.errors import OptionError
from studio.events import Result
from studio.gallery.history import History
from studio.job import Job
from tests.fake_engine import FakeWorld


@pytest.fixture(autouse=True)
def outputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Everything here is written into the test's own folder, which is also the working folder."""
    monkeypatch.setenv("JOYSTUDIO_OUTPUTS", str(tmp_path / "outputs"))
    monkeypatch.setenv("JOYSTUDIO_WEIGHTS", str(tmp_path / "weights"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def inputs(outputs: Path, portrait_file: Path, voice_file: Path) -> Path:
    """A checkout with two portraits and two voices, and a folder for the file."""
    folder = outputs / "checkout"
    (folder / "configs").mkdir(parents=True)
    (folder / "examples").mkdir()
    for name in ("lee", "wang"):
        (folder / "examples" / f"{name}.png").write_bytes(portrait_file.read_bytes())
    for name in ("one", "two"):
        (folder / "examples" / f"{name}.wav").write_bytes(voice_file.read_bytes())
    return folder


def written(folder: Path, **entries: Any) -> Path:
    """configs/inference.yaml of a checkout."""
    document = {
        "ref_img_path": ["examples/lee.png", "examples/wang.png"],
        "audio_path": ["examples/one.wav", "examples/two.wav"],
        "exp_name": "trial",
        "output_dir": "opts",
        **entries,
    }
    path = folder / "configs" / "inference.yaml"
    path.write_text(yaml.safe_dump({k: v for k, v in document.items() if v is not None}), encoding="utf-8")
    return path


def run(*arguments: object) -> int:
    return cli.main(["animate", "--engine", "fake", *map(str, arguments)])


def test_every_pair_becomes_a_video(world: FakeWorld, inputs: Path, outputs: Path) -> None:
    assert run("--config", written(inputs, seed=7, solver={"max_train_steps": 1})) == 0
    made = sorted(path.name for path in (outputs / "opts" / "trial").iterdir())
    assert made == ["0_lee_one.mp4", "0_wang_two.mp4"]
    entries = History(outputs / "outputs" / "history.sqlite").list()
    assert [(e.result.seed, e.result.engine) for e in entries] == [(7, "fake")] * 2


def test_one_failure_does_not_lose_the_others(
    world: FakeWorld, inputs: Path, outputs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = written(inputs, ref_img_path=["examples/none.png", "examples/wang.png"])
    assert run("--config", config, "--json") == 1
    out, err = capsys.readouterr()
    assert [path.name for path in (outputs / "opts" / "trial").iterdir()] == ["0_wang_two.mp4"]
    told = [json.loads(line) for line in out.splitlines()]
    assert "check the path" in told[0]["error"]
    assert told[1]["path"].endswith("0_wang_two.mp4")
    assert err.splitlines()[0].startswith("error: none.png with one.wav: There is no portrait at")
    assert err.splitlines()[-1] == "1 of 2 videos could not be made"


def test_the_same_pair_twice_keeps_both(world: FakeWorld, inputs: Path, outputs: Path) -> None:
    config = written(inputs, ref_img_path=["examples/lee.png"] * 2, audio_path=["examples/one.wav"] * 2)
    assert run("--config", config) == 0
    made = sorted(path.name for path in (outputs / "opts" / "trial").iterdir())
    assert made == ["0_lee_one.mp4", "1_lee_one.mp4"]


@pytest.mark.parametrize("seed", [9, 0])
def test_flags_go_before_the_file(world: FakeWorld, inputs: Path, outputs: Path, seed: int) -> None:
    assert run("--config", written(inputs, seed=7), "--level", 30, "--seed", seed) == 0
    entries = History(outputs / "outputs" / "history.sqlite").list()
    assert [(e.result.seed, e.result.options["level"]) for e in entries] == [(seed, 30)] * 2


def test_a_single_pair_need_not_be_a_list(world: FakeWorld, inputs: Path, outputs: Path) -> None:
    config = written(inputs, ref_img_path="examples/lee.png", audio_path="examples/one.wav", exp_name=None)
    assert run("--config", config) == 0
    assert (outputs / "opts" / "joyhallo" / "0_lee_one.mp4").is_file()


def test_options_of_the_public_file_are_read(inputs: Path) -> None:
    batch = read_config(
        written(
            inputs, inference_steps=15, cfg_scale=3.0, weight_dtype="fp16", face_expand_ratio=1.2, colour=3
        )
    )
    assert batch.options == {
        "inference_steps": 15, "cfg_scale": 3.0, "precision": "fp16", "face_expand_ratio": 1.2,
    }  # fmt: skip
    assert batch.seed == 42
    assert batch.notes == ("inference.yaml has colour, which nothing here reads.",)


@pytest.mark.parametrize("variant", ["joyhallo", "hallo"])
def test_the_checkpoint_names_the_weights(
    world: FakeWorld, inputs: Path, variant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoint = inputs / "pretrained_models" / variant / "net.pth"
    checkpoint.parent.mkdir(parents=True)
    checkpoint.touch()
    batch = read_config(written(inputs, audio_ckpt_dir=f"pretrained_models/{variant}/net.pth"))
    assert batch.weights is not None
    assert batch.weights.samefile(inputs)
    assert batch.options == ({} if variant == "joyhallo" else {"checkpoint": "hallo"})
    if variant == "joyhallo":
        roots: list[Path] = []

        def noting(job: Job) -> Result:
            roots.append(default_root())
            return make_video(job)

        monkeypatch.setattr("commands.config_file.make_video", noting)
        before = default_root()
        assert run("--config", written(inputs, audio_ckpt_dir="pretrained_models/joyhallo")) == 0
        assert [root.samefile(inputs) for root in roots] == [True] * len(batch.pairs)
        assert default_root() == before != inputs


def test_a_checkpoint_that_is_not_there_is_reported(inputs: Path) -> None:
    batch = read_config(written(inputs, audio_ckpt_dir="pretrained_models/joyhallo/net.pth"))
    assert batch.weights is None
    assert batch.notes[0].startswith("There is no pretrained_models/joyhallo/net.pth; the weights of")


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ({"audio_path": ["examples/one.wav"]}, "2 entries in ref_img_path and 1 in audio_path"),
        ({"audio_path": None}, "needs audio_path"),
        ({"ref_img_path": []}, "needs ref_img_path"),
        ({"ref_img_path": [3, 4]}, "needs ref_img_path"),
        ({"audio_ckpt_dir": "examples"}, "is not in a folder pretrained_models"),
    ],
)
def test_a_file_that_cannot_be_used_is_reported(inputs: Path, entries: dict[str, Any], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        read_config(written(inputs, **entries))


@pytest.mark.parametrize(
    "text", ["- 1\n", "a: [", "seed: 1\nseed: 2\n", "!!python/object/apply:os.getcwd []"]
)
def test_a_file_of_another_form_is_reported(outputs: Path, text: str) -> None:
    (outputs / "wrong.yaml").write_text(text)
    with pytest.raises(OptionError, match=r"cannot be read|must be a mapping"):
        read_config(outputs / "wrong.yaml")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["a.png", "b.wav"], "The --config file names the portraits"),
        (["-o", "x.mp4"], "The --config file names the portraits"),
    ],
)
def test_the_files_entries_cannot_be_repeated_as_flags(
    world: FakeWorld, inputs: Path, more: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*more, "--config", written(inputs)) == 2
    assert message in capsys.readouterr().err


def test_without_a_file_both_are_asked_for(world: FakeWorld, capsys: pytest.CaptureFixture[str]) -> None:
    for given in ([], ["a.png"]):
        assert run(*given) == 2
        assert "Give a portrait and a voice or --text, or a file" in capsys.readouterr().err


def test_options_that_are_impossible_are_reported_once(
    world: FakeWorld, inputs: Path, outputs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--config", written(inputs), "--level", 999) == 2
    assert capsys.readouterr().err.count("level is '999', but takes 0 to 255") == 1
    assert not (outputs / "opts").exists()


@pytest.mark.parametrize(
    "flag",
    [
        ("--face-index", 1),
        ("--motion", "a.safetensors"),
        ("--output", "a.mp4"),
        ("--second-start", 0),
        ("--second-face", 0),
        ("--second-voice", ""),
        ("--stereo-voices",),
    ],
)
def test_flags_for_one_video_are_refused(
    inputs: Path, capsys: pytest.CaptureFixture[str], flag: tuple[object, ...]
) -> None:
    assert run("--config", written(inputs), *flag) == 2
    assert "Leave out these" in capsys.readouterr().err
