"""The command `weights`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import cli

MODELS = "pretrained_weights/liveportrait/base_models"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("JOYSTUDIO_WEIGHTS", str(tmp_path / "weights"))
    return tmp_path / "weights"


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = cli.main(["weights", *map(str, arguments)])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def test_list_says_where_each_file_comes_from(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "list", "joyvasa")
    assert code == 0
    for part in ("human portraits", "jdh-algo/JoyVASA", "414 MB", "MIT", "not commercial", "xpose.pth"):
        assert part in out
    code, out, _ = run(capsys, "list", "--json")
    listed = {entry["path"]: entry for entry in json.loads(out)}
    assert len(listed) == 26
    assert listed["liveportrait_animals/xpose.pth"]["commercial"] is False
    assert all(entry["found"] is None and entry["licence"] for entry in listed.values())


def test_a_random_set_from_beginning_to_end(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "check")[0] == 1
    code, out, _ = run(capsys, "synthesize", "joyvasa", "--size", "tiny")
    assert code == 0
    assert all(Path(line).is_file() for line in out.splitlines())
    code, out, _ = run(capsys, "check", "joyvasa")
    assert code == 0, out
    assert out.count("random") == 13
    code, out, _ = run(capsys, "convert")
    assert code == 0
    assert out.count("->") == 11
    assert (root / MODELS / "spade_generator.safetensors").is_file()
    assert run(capsys, "convert")[1].strip() == "No files to convert."
    assert run(capsys, "check")[0] == 0

    (root / MODELS / "spade_generator.safetensors").write_bytes(b"")
    code, out, _ = run(capsys, "check")
    assert code == 1
    assert "WRONG    liveportrait/base_models/spade_generator.pth" in out
    assert "is empty" in out


def test_check_of_one_group(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "check", "--only", "insightface")
    assert code == 1
    assert [line.split()[0] for line in out.splitlines()] == ["MISSING", "MISSING", "2"]


def test_download_offline_is_one_sentence(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    code, out, err = run(capsys, "download", "--only", "animal")
    assert code == 2
    assert "not commercial" in out
    assert err.startswith(
        "error: motion_generator/motion_generator_hubert_chinese.pt could not be downloaded"
    )
    assert err.count("\n") == 1


def test_files_that_someone_has_are_checked_before_they_are_taken(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    have = tmp_path / "have"
    assert run(capsys, "synthesize", "joyvasa", "--root", have)[0] == 0
    cut_off = have / MODELS / "warping_module.pth"
    whole = cut_off.read_bytes()
    cut_off.write_bytes(whole[: len(whole) // 2])
    code, _, err = run(capsys, "download", "joyvasa", "--only", "human", "--from", have)
    assert code == 2
    assert f"{cut_off} is not the published file." in err
    assert "take it out of the folder" in err
    assert not (root / MODELS / "warping_module.pth").exists()
    cut_off.write_bytes(whole)
    code, out, _ = run(capsys, "download", "joyvasa", "--only", "human", "--from", have)
    assert code == 0, out
    assert (root / MODELS / "warping_module.pth").read_bytes() == whole


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("check", "preview"), "'preview' has no weights to download"),
        (("check", "--only", "dogs"), "There is no group 'dogs'"),
        (("synthesize", "--size", "huge"), "--size is tiny or full, not 'huge'"),
    ],
)
def test_unknown_engines_and_groups_are_refused(
    root: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    code, _, err = run(capsys, *arguments)
    assert code == 2
    assert said in err


def test_commands_that_need_pytorch_say_so(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("commands.weights.find_spec", lambda name: None)
    code, _, err = run(capsys, "check")
    assert code == 2
    assert err == "error: This needs PyTorch. Install it with: pip install -r requirements.txt\n"
    assert run(capsys, "list")[0] == 0


def test_joyhallos_files_from_beginning_to_end(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "list", "joyhallo")
    assert code == 0
    for part in ("videos with JoyHallo", "jdh-algo/JoyHallo-v1", "4.75 GB", "OpenRAIL-M", "research only"):
        assert part in out
    code, out, _ = run(capsys, "check", "joyhallo")
    assert code == 1
    assert out.count("MISSING") == 3
    code, out, _ = run(capsys, "synthesize", "joyhallo")
    assert code == 0
    assert [Path(line).name for line in out.splitlines()] == [
        "net.pth",
        "diffusion_pytorch_model.safetensors",
        "pytorch_model.bin",
    ]
    code, out, _ = run(capsys, "check", "joyhallo")
    assert code == 0, out
    assert out.count("random") == 3
    assert run(capsys, "convert", "joyhallo")[1].count("->") == 2
    assert (root / "pretrained_models/joyhallo/net.safetensors").is_file()
    assert run(capsys, "check", "joyhallo", "--only", "vocals")[0] == 1


def test_research_only_files_are_noted_before_they_are_fetched(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    code, out, err = run(capsys, "download", "joyhallo")
    assert code == 2
    assert out == "note: InsightFace model licence: research only, not commercial\n"
    assert err.startswith(
        "error: net.pth could not be downloaded from https://huggingface.co/jdh-algo/JoyHallo-v1"
    )
    code, out, _ = run(capsys, "download", "joyhallo", "--only", "joyhallo")
    assert out == ""


def test_another_root_goes_before_the_setting(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    checkout = tmp_path / "JoyVASA-checkout"
    code, out, _ = run(capsys, "synthesize", "--root", checkout)
    assert code == 0
    assert str(checkout / "pretrained_weights") in out
    assert not root.exists()
