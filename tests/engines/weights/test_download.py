from __future__ import annotations

import errno
from dataclasses import replace
from pathlib import Path

import pytest

from engines.weights import download as module
from engines.weights.catalogue import WeightFile, WeightFolder
from engines.weights.download import download
from media.errors import JoyStudioError, OutputError, WeightsMissing

GENERATOR = WeightFile(
    folder="JoyVASA",
    name="motion_generator/g.pt",
    repository="jdh-algo/JoyVASA",
    licence="MIT",
    commercial=True,
    purpose="hears",
    groups=("human",),
    megabytes=414,
)
PAINTER = WeightFile(
    folder="",
    name="liveportrait/base_models/p.pth",
    repository="K/LivePortrait",
    licence="MIT",
    commercial=True,
    purpose="paints",
    groups=("human",),
)


class Hub:
    """Stores files by repository and name, and records its requests."""

    def __init__(self) -> None:
        self.files = {
            ("jdh-algo/JoyVASA", "motion_generator/g.pt"): b"generator",
            ("K/LivePortrait", "liveportrait/base_models/p.pth"): b"painter",
        }
        self.asked: list[str] = []

    def __call__(self, file: WeightFile, folder: Path) -> Path:
        self.asked.append(file.name)
        path = folder / file.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self.files[file.repository, file.name])
        return path


def test_files_lie_in_the_published_layout(tmp_path: Path) -> None:
    folder, hub = WeightFolder(tmp_path, "pretrained_weights"), Hub()
    done = list(download([GENERATOR, PAINTER], folder, hub))
    top = tmp_path / "pretrained_weights"
    assert [path for _, path in done] == [
        top / "JoyVASA" / "motion_generator" / "g.pt",
        top / "liveportrait" / "base_models" / "p.pth",
    ]
    assert (top / "JoyVASA/motion_generator/g.pt").read_bytes() == b"generator"
    assert [folder.find(file) for file, _ in done] == [path for _, path in done]


def test_an_installed_file_is_not_downloaded_again(tmp_path: Path) -> None:
    folder, hub = WeightFolder(tmp_path, "pretrained_weights"), Hub()
    list(download([GENERATOR], folder, hub))
    list(download([GENERATOR, PAINTER], folder, hub))
    assert hub.asked == [GENERATOR.name, PAINTER.name]


def test_replaceable_files_are_replaced(tmp_path: Path) -> None:
    folder, hub = WeightFolder(tmp_path, "pretrained_weights"), Hub()
    list(download([GENERATOR, PAINTER], folder, hub))
    again = download([GENERATOR, PAINTER], folder, hub, lambda file, path: path.name == "p.pth")
    assert len(list(again)) == 2
    assert hub.asked == [GENERATOR.name, PAINTER.name, PAINTER.name]


def test_files_that_are_generated_here_are_not_downloaded(tmp_path: Path) -> None:
    hub = Hub()
    assert list(download([replace(PAINTER, made_here=True)], WeightFolder(tmp_path, "top"), hub)) == []
    assert hub.asked == []


def test_the_client_of_the_hub_is_called_so_that_it_resumes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def hf_hub_download(repository: str, name: str, *, local_dir: Path, tqdm_class: None) -> str:
        calls.append((repository, name, local_dir))
        path = Path(local_dir) / name
        path.parent.mkdir(parents=True)
        path.write_bytes(b"x")
        return str(path)

    monkeypatch.setattr(module, "check_hub", lambda: None)
    monkeypatch.setattr("huggingface_hub.hf_hub_download", hf_hub_download)
    list(download([GENERATOR], WeightFolder(tmp_path, "top")))
    assert calls == [("jdh-algo/JoyVASA", "motion_generator/g.pt", tmp_path / "top" / "JoyVASA")]


def test_being_offline_is_reported_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(WeightsMissing) as caught:
        list(download([GENERATOR], WeightFolder(tmp_path, "top")))
    said = str(caught.value)
    assert (
        "motion_generator/g.pt could not be downloaded from https://huggingface.co/jdh-algo/JoyVASA" in said
    )
    assert str(tmp_path / "top" / "JoyVASA" / "motion_generator" / "g.pt") in said
    assert "\n" not in said


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES])
def test_a_disk_that_refuses(tmp_path: Path, code: int) -> None:
    def full(file: WeightFile, folder: Path) -> Path:
        raise OSError(code, "no")

    with pytest.raises(OutputError, match=r"g\.pt \(414 MB\) cannot be written"):
        list(download([GENERATOR], WeightFolder(tmp_path, "top"), full))


@pytest.mark.parametrize("error", [ValueError("404"), ConnectionError("reset"), TimeoutError()])
def test_any_trouble_on_the_way_is_a_sentence(tmp_path: Path, error: Exception) -> None:
    def broken(file: WeightFile, folder: Path) -> Path:
        raise error

    with pytest.raises(WeightsMissing, match="could not be downloaded"):
        list(download([GENERATOR], WeightFolder(tmp_path, "top"), broken))


def test_an_empty_file_is_no_success(tmp_path: Path) -> None:
    hub = Hub()
    hub.files[GENERATOR.repository, GENERATOR.name] = b""
    with pytest.raises(WeightsMissing, match="nothing was received"):
        list(download([GENERATOR], WeightFolder(tmp_path, "top"), hub))


def test_our_own_errors_pass(tmp_path: Path) -> None:
    def cancelled(file: WeightFile, folder: Path) -> Path:
        raise JoyStudioError("stopped")

    with pytest.raises(JoyStudioError, match=r"^stopped$"):
        list(download([GENERATOR], WeightFolder(tmp_path, "top"), cancelled))


def test_the_default_is_the_hub() -> None:
    assert module.download.__defaults__ == (module.fetch, module.keep_all)


def test_too_little_room_is_reported_before_the_download(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub, folder = Hub(), WeightFolder(tmp_path / "not yet there", "top")
    monkeypatch.setattr(module, "free_megabytes", lambda _: 300.0)
    with pytest.raises(OutputError, match=r"needs 0\.41 GB .* has 0\.30 GB free"):
        list(download([PAINTER, GENERATOR], folder, hub))
    assert hub.asked == []
    monkeypatch.undo()
    free = module.free_megabytes(folder)
    assert free is not None
    assert free > 0
    list(download([PAINTER, GENERATOR], folder, hub))  # what is here needs no room
    monkeypatch.setattr(module, "free_megabytes", lambda _: 0.0)
    list(download([PAINTER, GENERATOR], folder, hub))


def test_parts_of_an_interrupted_download_need_no_more_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = WeightFolder(tmp_path, "top")
    left = tmp_path / "top" / "JoyVASA" / ".cache" / "huggingface" / "download" / "g.incomplete"
    left.parent.mkdir(parents=True)
    left.write_bytes(bytes(2_000_000))
    small = replace(GENERATOR, megabytes=3)
    monkeypatch.setattr(module, "free_megabytes", lambda _: 1.5)
    assert len(list(download([small], folder, Hub()))) == 1
