"""`prepare` on the command line: runs that are killed, resumed and shared, and refusals."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import cli
from tests.media.decoding.processes import alive, wait_until
from tests.training.prepare.stub_preparer import GATE, LOG, OPEN, PID
from training.dataset.index import read_dataset
from training.dataset.items import at_work, new_part, remove_parts, run_name
from training.prepare.kinds import PREPARERS

ROOT = Path(__file__).resolve().parents[3]
STUB = "tests.training.prepare.stub_preparer:StubPreparer"


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PREPARERS, "joyhallo", STUB)


def folder_of(path: Path, *names: str) -> Path:
    path.mkdir()
    for name in names:
        (path / f"{name}.mp4").write_text(name)
    return path


def log_of(videos: Path) -> list[str]:
    return [line.split()[1] for line in (videos / LOG).read_text().splitlines()]


@pytest.mark.parametrize(
    ("kill", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_a_stopped_run_leaves_no_unfinished_files(tmp_path: Path, kill: signal.Signals, code: int) -> None:
    videos, root = folder_of(tmp_path / "videos", "a", "held", "z"), tmp_path / "dataset"
    for pipe in (PID, GATE):
        os.mkfifo(videos / pipe)
    command = [sys.executable, "-m", "tests.training.prepare.stub_command", "prepare", str(videos)]
    with subprocess.Popen(
        [*command, "-o", str(root)], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        os.kill(int((videos / PID).read_text()), kill)
        assert process.communicate()[1] == "cancelled\n"
        assert process.returncode == code
    assert [path.name for path in (root / "items").glob(".*")] == []
    assert len(list((root / "items").glob("*/item.json"))) == 1


@pytest.mark.parametrize(
    ("kill", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -signal.SIGKILL)]
)
def test_workers_end_with_their_run_whatever_they_are_at(
    tmp_path: Path, kill: signal.Signals, code: int
) -> None:
    videos, root = folder_of(tmp_path / "videos", "a", "held"), tmp_path / "dataset"
    for pipe in (PID, GATE):
        os.mkfifo(videos / pipe)
    command = [sys.executable, "-m", "tests.training.prepare.stub_command", "prepare", str(videos)]
    with subprocess.Popen(
        [*command, "-o", str(root), "--workers", "2"],
        cwd=ROOT, env=os.environ | {"STUB_WITHOUT_RAY": "1"}, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        worker = int((videos / PID).read_text())
        if kill == signal.SIGINT:  # as a terminal does it
            os.killpg(process.pid, kill)
        else:
            process.send_signal(kill)
        said = process.communicate()[1]
        assert process.returncode == code
    wait_until(lambda: not alive(worker), "the worker has not ended")
    if kill != signal.SIGKILL:
        assert said == "cancelled\n"
        assert [path.name for path in (root / "items").glob(".*")] == []


def test_a_process_of_the_same_number_does_not_keep_what_a_killed_run_left(tmp_path: Path) -> None:
    """In a container every run may have the number of the one before, which is always there."""
    root, living = tmp_path / "dataset", "another-1"
    ended = run_name()  # this process lives, but a run of its name that holds no lock does not
    for run in (ended, living):
        new_part(root, run)
        (root / "items" / f".lock-{run}").touch()
    with at_work(root, living):
        remove_parts(root)
        left = [path.name.rpartition("-")[0] for path in (root / "items").glob(".part-*")]
        assert left == [f".part-{living}"]
    remove_parts(root)
    assert len(list((root / "items").iterdir())) == 1  # a run on another machine without a lock is let be


def test_a_killed_run_resumes(tmp_path: Path) -> None:
    videos, root = folder_of(tmp_path / "videos", "a", "b", "held", "z"), tmp_path / "dataset"
    for pipe in (PID, GATE):
        os.mkfifo(videos / pipe)
    command = [sys.executable, "-m", "tests.training.prepare.stub_command", "prepare", str(videos)]
    command += ["-o", str(root)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    held = int((videos / PID).read_text())
    assert held == process.pid
    os.kill(held, signal.SIGKILL)
    process.wait(60)
    assert len(list((root / "items").glob(".part-*"))) == 2  # the video in work, and the count of attempts
    assert not (root / "index.jsonl").exists()
    status = subprocess.run([*command, "--status"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "2 done, 0 refused, 2 left" in status.stdout
    again = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert again.returncode == 2
    assert "2 items; continue it with --resume" in again.stderr
    (videos / OPEN).touch()
    resumed = subprocess.run(
        [*command, "--resume"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    assert resumed.returncode == 0, resumed.stderr
    assert "2 video(s) to prepare; 2 done already" in resumed.stdout
    assert log_of(videos) == ["a", "b", "held", "held", "z"]
    items = read_dataset(root, "joyhallo").items
    assert [item.facts["source"] for item in items] == ["a.mp4", "b.mp4", "held.mp4", "z.mp4"]
    assert sorted(path.name for path in (root / "items").iterdir()) == [item.name for item in items]


@pytest.mark.usefixtures("stub")
def test_refused_videos_are_tried_again_when_they_change(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    videos, root = folder_of(tmp_path / "videos", "a", "refused", "broken"), tmp_path / "dataset"
    run = ["prepare", str(videos), "-o", str(root), "--resume"]
    assert cli.main(run) == 0
    first = capsys.readouterr().out
    assert "refused: refused.mp4: Frame 3 shows no face." in first
    assert "1  no_face: a frame without a face" in first
    assert "1  error: something unexpected happened" in first
    cli.main(run)
    # what a rule refused stays so; what nobody expected is tried again
    assert "1 video(s) to prepare; 1 done already, 1 refused before and unchanged" in capsys.readouterr().out
    (videos / "refused.mp4").write_text("another")
    cli.main(run)
    assert log_of(videos).count("refused") == 2
    (videos / "refused.mp4").rename(videos / "now good.mp4")
    (videos / "broken.mp4").unlink()
    cli.main(run)
    assert len(read_dataset(root, "joyhallo").items) == 2


@pytest.mark.usefixtures("stub")
def test_runs_share_the_videos(tmp_path: Path) -> None:
    videos, root = folder_of(tmp_path / "videos", *"abcde"), tmp_path / "dataset"
    for number in range(2):
        assert cli.main(["prepare", "-i", str(videos), "-o", str(root), "-p", "2", "-r", str(number)]) == 0
        expected = ["a", "c", "e", "b", "d"][: 3 if number == 0 else 5]
        assert log_of(videos) == expected
    assert len(read_dataset(root, "joyhallo").items) == 5


@pytest.mark.usefixtures("stub")
def test_no_video_that_can_be_used_is_exit_code_2(tmp_path: Path) -> None:
    videos = folder_of(tmp_path / "videos", "refused")
    assert cli.main(["prepare", str(videos), "-o", str(tmp_path / "dataset")]) == 2
    (line,) = (tmp_path / "dataset" / "failed.jsonl").read_text().splitlines()
    assert json.loads(line)["code"] == "no_face"


@pytest.mark.usefixtures("stub")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere", "-o", "out"], "There is no folder of videos"),
        (["empty", "-o", "out"], "There is no video in"),
        (["videos"], "with -o DATASET"),
        (["videos", "-i", "videos", "-o", "out"], "named twice"),
        ([], "Name the folder of videos"),
        (["--status"], "Name the dataset"),
        (["--status", "-o", "empty"], "There is no dataset in"),
        (["videos", "-o", "videos"], "is not a dataset"),
        (["videos", "-o", "videos/a.mp4/out"], "cannot be created (Not a directory)"),
        (["videos", "-o", "out", "--for", "cats"], "joyhallo or joyvasa"),
        (["videos", "-o", "out", "--layout", "theirs"], "--layout is ours or public"),
        (["videos", "-o", "out", "-p", "2", "-r", "2"], "0 to 1"),
    ],
)
def test_contradictory_flags_are_refused(
    arguments: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder_of(tmp_path / "videos", "a")
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    assert cli.main(["prepare", *arguments]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.usefixtures("stub")
def test_a_dataset_stays_what_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    videos, others = folder_of(tmp_path / "videos", "a"), folder_of(tmp_path / "others", "a")
    out = ["-o", str(tmp_path / "dataset"), "--resume"]
    assert cli.main(["prepare", str(videos), *out]) == 0
    for arguments, message in (
        ([str(videos), "--for", "joyvasa"], "started for joyhallo"),
        ([str(others)], "was made from"),
    ):
        assert cli.main(["prepare", *arguments, *out]) == 2
        assert message in capsys.readouterr().err
    videos.rename(tmp_path / "moved")
    assert cli.main(["prepare", str(tmp_path / "moved"), *out]) == 0


@pytest.mark.usefixtures("stub")
def test_a_full_disk_ends_the_run_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from tests.training.prepare.stub_preparer import StubPreparer

    videos, root = folder_of(tmp_path / "videos", "a", "b"), tmp_path / "dataset"

    def full(self: StubPreparer, video: Path, out: Path) -> None:
        if video.stem == "b":
            raise OSError(28, "No space left on device")
        return whole(self, video, out)  # type: ignore[return-value]

    whole = StubPreparer.prepare
    with monkeypatch.context() as patch:
        patch.setattr(StubPreparer, "prepare", full)
        assert cli.main(["prepare", str(videos), "-o", str(root)]) == 2
    assert "No space left on device" in capsys.readouterr().err
    assert list((root / "items").glob(".part-*")) == []
    assert cli.main(["prepare", str(videos), "-o", str(root), "--resume"]) == 0
    assert log_of(videos) == ["a", "b"]


@pytest.mark.usefixtures("stub")
def test_without_ray_plain_processes_do_the_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: None if name == "ray" else known(name, *rest)
    )
    videos, root = folder_of(tmp_path / "videos", "a", "b", "c", "refused"), tmp_path / "dataset"
    monkeypatch.setitem(sys.modules, "training.prepare.with_ray", None)  # cannot be imported
    assert cli.main(["prepare", str(videos), "-o", str(root), "--workers", "2"]) == 0
    assert len(read_dataset(root, "joyhallo").items) == 3
    assert sorted(log_of(videos)) == ["a", "b", "c", "refused"]
