"""Files that go to a Space and files that never do, with a Hub on the loopback device that receives them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from media.errors import DeploymentError, OptionError
from studio.hosting.deployment import FILES, FOLDERS, ROOT, deploy, hardware_of, plan
from tests.studio.fake_hub import TOKEN, FakeHub, fake_hub

STAYS = {
    ".ci",
    ".github",
    ".gitignore",
    "Makefile",
    "benchmarks",
    "connectors",
    "findings",
    "scripts",
    "tests",
}
"""What is in the repository and not on a Space."""
REPO = "ada/studio"


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    with fake_hub() as hub:
        yield hub


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small program, surrounded by files that must never leave the machine."""
    root = tmp_path / "program"
    contents = {
        "app.py": "print()",
        "README.md": "---\ntitle: JoyStudio\n---\n",
        "requirements.txt": (
            "--find-links requirements/wheels\ngradio==1\ntorch==2\nonnxruntime==3  # models\n"
            'onnxruntime-gpu==3; sys_platform == "linux"\nnumpy==4\n'
        ),
        "requirements/preview.txt": "--find-links wheels\ngradio==1\n",
        "studio/run.py": "run = 1",
        "presets/preview/calm.yaml": "options: {}",
        "engines/preview/visemes.safetensors": "shipped",
        "engines/preview/visemes-live.safetensors": "shipped",
        # none of these
        "outputs/private.mp4": "x",
        "outputs/history.sqlite": "x",
        "weights/pretrained_weights/JoyVASA/motion_generator.pt": "x",
        ".venv/lib/gradio.py": "x",
        ".git/config": "x",
        ".cache/voices/a.wav": "x",
        ".env": "HF_TOKEN=x",
        "token": "x",
        "notes.txt": "x",
        "studio/.env": "HF_TOKEN=x",
        "studio/token.txt": "x",
        "studio/signing.pem": "x",
        "studio/__pycache__/run.cpython-311.pyc": "x",
        "engines/joyvasa/net.pth": "x",
        "engines/joyvasa/net.safetensors": "x",
        "examples/portraits/made.mp4": "x",
        "examples/voices/long.wav": "x" * 10_000_001,
    }
    for name, text in contents.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (root / "studio" / "elsewhere.py").symlink_to(tmp_path / "private.py")
    (tmp_path / "private.py").write_text("x")
    (root / ".git" / "config").unlink()
    (root / ".git").rmdir()
    return root


OURS = {
    "app.py", "README.md", "requirements.txt", "requirements/preview.txt", "studio/run.py",
    "presets/preview/calm.yaml",
    "engines/preview/visemes.safetensors", "engines/preview/visemes-live.safetensors",
}  # fmt: skip


def test_only_the_program_is_taken(root: Path) -> None:
    wish = plan(REPO, root=root)
    assert set(wish.files) == OURS
    assert wish.skipped["studio/elsewhere.py"] == "a link"
    assert wish.skipped["studio/.env"] == "hidden"
    assert wish.skipped["engines/joyvasa/net.safetensors"] == "weights"
    assert wish.skipped["examples/voices/long.wav"] == "larger than 10 MB"
    own = OURS - {"requirements.txt"}
    assert wish.size == sum((root / name).stat().st_size for name in own) + wish.size_of("requirements.txt")


def test_a_checkout_gives_only_what_git_knows(root: Path) -> None:
    def git(*arguments: str) -> None:
        subprocess.run(["git", "-C", str(root), *arguments], check=True, capture_output=True)

    git("init")
    git("add", "app.py", "README.md", "requirements.txt", "studio/run.py", "studio/token.txt")
    wish = plan(REPO, root=root)
    assert set(wish.files) == {"app.py", "README.md", "requirements.txt", "studio/run.py"}
    assert wish.skipped["presets/preview/calm.yaml"] == "not known to git"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("token = 'hf_" + "a1B2" * 9 + "'", "a token of Hugging Face"),
        ("-----BEGIN PRIVATE" + " KEY-----\nMIGHAgEAMBMGByqGSM49AgEG\n", "a private key"),
        ("-----BEGIN RSA PRIVATE" + " KEY-----\nMIGHAgEAMBMGByqGSM49AgEG\n", "a private key"),
    ],
)
def test_a_secret_in_a_file_stops_everything(root: Path, text: str, what: str) -> None:
    (root / "presets" / "preview" / "own.yaml").write_text(text)
    with pytest.raises(DeploymentError, match=rf"presets/preview/own\.yaml holds {what}"):
        plan(REPO, root=root)


def test_a_folder_without_the_program_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DeploymentError, match=r"app\.py"):
        plan(REPO, root=tmp_path)


@pytest.mark.parametrize("repo", ["", "studio", "ada/", "ada/studio/more", "../x/y", "https://x/y", "a b/c"])
def test_an_invalid_name_is_refused(root: Path, repo: str) -> None:
    with pytest.raises(OptionError, match="USER/NAME"):
        plan(repo, root=root)


LISTS = ["requirements.txt", "pre-requirements.txt"]


def lists(root: Path, hardware: str, *, neural: bool = False) -> list[bytes | None]:
    """What a Space installs; None is the repository's own list."""
    files = plan(REPO, hardware=hardware, neural=neural, root=root).files
    return [files[name] for name in LISTS if name in files]


def test_a_space_whose_gpu_is_lent_installs_every_engine(root: Path) -> None:
    assert lists(root, "zero-a10g") == [None]


@pytest.mark.parametrize("hardware", ["t4-small", "a-future-gpu"])
def test_on_a_gpu_of_its_own_the_onnxruntime_for_gpus_is_written_last(root: Path, hardware: str) -> None:
    assert lists(root, hardware) == [None, b"onnxruntime==3\nnumpy==4\n"]
    beforehand = plan(REPO, hardware=hardware).files["pre-requirements.txt"]
    assert beforehand is not None
    names = {line.partition(b"==")[0] for line in beforehand.splitlines()}
    assert names == {b"onnxruntime", b"numpy", b"protobuf", b"flatbuffers", b"packaging"}


@pytest.mark.parametrize("hardware", ["cpu-basic", "cpu-upgrade"])
def test_a_space_without_a_gpu_installs_the_preview_engine(root: Path, hardware: str) -> None:
    assert lists(root, hardware) == [b"--find-links requirements/wheels\ngradio==1\n"]
    assert lists(root, hardware, neural=True) == [None]
    wish = plan(REPO, hardware=hardware, root=root)
    assert wish.size_of("requirements.txt") == len(b"--find-links requirements/wheels\ngradio==1\n")


def test_nothing_of_this_program_is_missing() -> None:
    wish = plan(REPO)
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files"], capture_output=True, text=True)
    tracked = set(listed.stdout.splitlines()) if listed.returncode == 0 else set(wish.files)
    assert {name.split("/")[0] for name in tracked} - {*FOLDERS, *FILES} <= STAYS
    assert set(wish.files) == {name for name in tracked if name.split("/")[0] not in STAYS}
    assert wish.size < 20_000_000


def test_a_space_is_made_and_updated(hub: FakeHub, root: Path) -> None:
    address = deploy(
        plan(REPO, root=root), private=True, hardware="zero-a10g", endpoint=hub.address, token=TOKEN
    )
    assert address == f"{hub.address}/spaces/{REPO}"
    (made,) = hub.made
    assert (made["type"], made["sdk"]) == ("space", "gradio")
    assert made["visibility"] == "private"
    assert hub.hardware == ["zero-a10g"]
    space = hub.spaces[REPO]
    assert set(space) == OURS | {".gitattributes"}
    assert space["studio/run.py"] == b"run = 1"

    space |= {"their-own.txt": b"kept", "examples/voices/their-own.wav": b"kept", "studio/old.py": b"stale"}
    (root / "studio" / "run.py").write_text("run = 2")
    deploy(plan(REPO, root=root), endpoint=hub.address, token=TOKEN)
    assert space["studio/run.py"] == b"run = 2"
    assert {"their-own.txt", "examples/voices/their-own.wav"} < set(space)
    assert "studio/old.py" not in space
    assert hub.commits == 2
    assert hub.hardware == ["zero-a10g"]


def test_a_space_keeps_its_hardware(hub: FakeHub, root: Path) -> None:
    assert hardware_of(REPO, endpoint=hub.address, token=TOKEN) == "cpu-basic"  # what a new one gets
    deploy(plan(REPO, root=root), hardware="t4-small", endpoint=hub.address, token=TOKEN)
    assert hardware_of(REPO, endpoint=hub.address, token=TOKEN) == "t4-small"
    hub.hardware.clear()
    hub.running = "a10g-small"
    assert hardware_of(REPO, endpoint=hub.address, token=TOKEN) == "a10g-small"
    hub.spaces[REPO]["pre-requirements.txt"] = b"onnxruntime"
    deploy(plan(REPO, hardware="zero-a10g", root=root), endpoint=hub.address, token=TOKEN)
    assert "pre-requirements.txt" not in hub.spaces[REPO]  # ZeroGPU cannot use what it would leave behind


def test_the_hardware_of_a_space_is_not_shown_to_strangers(hub: FakeHub) -> None:
    with pytest.raises(DeploymentError, match="hf auth login"):
        hardware_of(REPO, endpoint=hub.address, token="hf_wrong")


def test_a_refusal_is_reported(hub: FakeHub, root: Path) -> None:
    with pytest.raises(DeploymentError, match="hf auth login"):
        deploy(plan(REPO, root=root), endpoint=hub.address, token="hf_wrong")
    assert hub.spaces == {}


def test_a_hub_that_does_not_answer_is_reported(root: Path) -> None:
    with pytest.raises(DeploymentError, match="could not be"):
        deploy(plan(REPO, root=root), endpoint="http://127.0.0.1:9", token=TOKEN)


def test_the_command(hub: FakeHub, tmp_path: Path) -> None:
    environment = os.environ | {
        "HF_ENDPOINT": hub.address,
        "HF_TOKEN": TOKEN,
        "HF_HOME": str(tmp_path),
        "NO_PROXY": "127.0.0.1",
    }

    def command(*arguments: str) -> subprocess.CompletedProcess[str]:
        line = [sys.executable, str(ROOT / "cli.py"), "deploy", *arguments]
        return subprocess.run(line, env=environment, capture_output=True, text=True, timeout=120)

    done = command("--repo", REPO, "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "  app.py\n" in done.stdout
    assert "Would upload" in done.stdout.splitlines()[-2]
    assert hub.spaces == {}
    assert "--hardware" in done.stdout.splitlines()[-1]
    done = command("--repo", REPO, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["address"] == f"{hub.address}/spaces/{REPO}"
    assert told["hardware"] == "cpu-basic"
    assert {*told["files"], ".gitattributes"} == set(hub.spaces[REPO])
    assert b"torch==" not in hub.spaces[REPO]["requirements.txt"]
    done = command("--repo", REPO, "--hardware", "zero-a10g")
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith(" on zero-a10g\n")
    assert b"torch==" in hub.spaces[REPO]["requirements.txt"]
    done = command("--repo", REPO)
    assert done.stdout.endswith(" on zero-a10g\n"), done.stderr
    assert b"torch==" in hub.spaces[REPO]["requirements.txt"]
    assert hub.hardware == ["zero-a10g"]
    done = command("--repo", "nobody", "--dry-run")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
