from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import cli
from commands.progress_line import ProgressLine, clock, describe
from media.video import VideoReader
from studio.events import Progress
from studio.history import History
from tests.fake_engine import FakeWorld

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def outputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every command here writes into the test's own folder, also those in other processes."""
    monkeypatch.setenv("JOYSTUDIO_OUTPUTS", str(tmp_path / "outputs"))
    return tmp_path / "outputs"


class Shell:
    """Runs commands in this process and keeps what they printed."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.out = self.err = ""

    def __call__(self, *arguments: object) -> int:
        code = cli.main([str(a) for a in arguments])
        self.out, self.err = self._capsys.readouterr()
        return code


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(capsys)


@pytest.fixture
def fake(shell: Shell, world: FakeWorld, portrait_file: Path, voice_file: Path) -> list[object]:
    """The beginning of a command that renders with the fake engine."""
    return ["animate", portrait_file, voice_file, "--engine", "fake"]


def in_a_process(*arguments: object, **more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "cli.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=os.environ | more, timeout=120)


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys, cli\n"
        "assert cli.main(['animate', '--help']) == 0\n"
        "heavy = 'numpy cv2 av mediapipe PIL gradio torch soxr yaml rich sqlite3'.split()\n"
        "print([m for m in heavy if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("arguments", [[], ["--help"]])
def test_help_lists_the_commands(shell: Shell, arguments: list[str]) -> None:
    assert shell(*arguments) == 0
    for command in ("animate", "engines", "presets", "options", "history", "app"):
        assert f"\n  {command} " in shell.out


def test_every_option_of_the_engine_is_a_flag_with_its_range(shell: Shell) -> None:
    assert shell("animate", "--help") == 0
    text = " ".join(shell.out.split())
    assert "--mouth-opening NUMBER" in text
    assert "[0 to 2; default 1.0]" in text
    assert "--rest-mouth closed|as_portrait" in text
    assert "--animation-mode human|animal" in text


def test_a_video_is_made_and_told(shell: Shell, fake: list[object], tmp_path: Path) -> None:
    assert shell(*fake, "-o", tmp_path / "out.mp4") == 0
    assert shell.out.startswith(f"{tmp_path / 'out.mp4'}: 1.2 s of video in ")
    assert shell.out.count("\n") == 1
    assert shell.err == ""
    assert (tmp_path / "out.mp4").exists()


def test_json_is_one_object_with_everything(shell: Shell, fake: list[object], outputs: Path) -> None:
    assert shell(*fake, "--json", "--seed", 5, "--level", 30, "--mirror", "--mood", "lively", "--fps=30") == 0
    told = json.loads(shell.out)
    wanted = (
        "path frames fps size duration seconds first_chunk_seconds realtime_factor engine options seed notes"
    )
    assert {*wanted.split(), "notes"} <= set(told)
    assert told["options"] == {
        "animation_mode": "human", "fps": 30, "level": 30, "strength": 1.0, "mirror": True, "mood": "lively",
    }  # fmt: skip
    assert told["seed"] == 5
    assert told["frames"] == round(told["duration"] * 30)
    assert told["size"] == [128, 128]
    assert Path(told["path"]).parent == outputs
    assert shell.err == ""


def test_flags_go_before_the_preset(
    shell: Shell, fake: list[object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "presets" / "fake").mkdir(parents=True)
    (tmp_path / "presets" / "fake" / "dim.yaml").write_text("options: {level: 10, strength: 0.5}")
    monkeypatch.setenv("JOYSTUDIO_PRESETS", str(tmp_path / "presets"))
    assert shell(*fake, "--json", "--preset", "dim", "--strength", "1.5") == 0
    told = json.loads(shell.out)
    assert (told["options"]["level"], told["options"]["strength"]) == (10, 1.5)
    assert told["preset"] == "dim"
    assert shell(*fake, "--preset", "bright") == 2
    assert "no preset 'bright'; it has dim" in shell.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--mouth-opening", "1"], "engine fake has no option mouth_opening; it belongs to preview"),
        (["--level", "300"], "level is '300', but takes 0 to 255"),
        (["--level", "-3"], "level is '-3', but takes 0 to 255"),
        (["--strength", "nan"], "strength is 'nan', but takes 0 to 2"),
        (["--mood", "sad"], "takes calm or lively"),
        (["--seed", "-1"], "seed is '-1', but takes 0 to 4294967295"),
        (["--seed", "one"], "seed is 'one', but takes 0 to"),
        (["--face-index", "7"], "face"),
        (["--anchors", "1,2", "3,4", "x"], "--anchors takes three points such as 120,80"),
        (["--anchors", "1,2", "3,4"], "--anchors"),
        (["--engine", "prevue"], "no engine called 'prevue'; there is preview, joyvasa, joyhallo, fake"),
        (["--nonsense"], "No such option: --nonsense"),
        (["-o", "out.avi"], "written as .mp4"),
        (["-o", "no/such/folder/out.mp4"], "no folder"),
        (["third"], "third"),
    ],
)
def test_what_cannot_be_is_one_line_and_exit_code_2(
    shell: Shell, fake: list[object], outputs: Path, arguments: list[str], message: str
) -> None:
    assert shell(*fake, *arguments) == 2
    assert shell.out == ""
    assert shell.err.startswith("error: ")
    assert shell.err.count("\n") == 1
    assert message in shell.err
    assert not list(outputs.rglob("*.mp4"))


def test_inputs_that_cannot_be_are_one_line_each(
    shell: Shell, fake: list[object], tmp_path: Path, portrait_file: Path, voice_file: Path
) -> None:
    (tmp_path / "text").write_text("This is a text.")
    for portrait, voice in (
        (tmp_path / "none.png", voice_file),
        (tmp_path / "text", voice_file),
        (tmp_path, voice_file),
        (portrait_file, tmp_path / "none.wav"),
        (portrait_file, tmp_path / "text"),
        (portrait_file, tmp_path),
        (portrait_file, portrait_file),
    ):
        assert shell("animate", portrait, voice, "--engine", "fake") == 2
        assert shell.err.startswith("error: ")
        assert shell.err.count("\n") == 1
    assert shell(*fake) == 0


def test_anchors_and_face_reach_the_job(shell: Shell, fake: list[object]) -> None:
    assert shell(*fake, "--anchors", "40,50", "80.5,50", "60,90", "--json") == 0
    with_points = json.loads(shell.out)
    facts = json.loads(VideoReader(with_points["path"]).metadata["comment"])
    assert facts["anchors"] == [[40, 50], [80.5, 50], [60, 90]]


@pytest.mark.parametrize("name", ["-out.mp4", "--seed.mp4", 'it\'s a "name".mp4', "視頻.mp4", "../up.mp4"])
def test_any_file_name_works(
    shell: Shell, fake: list[object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    portrait, voice = Path("-臉 'x'.png"), Path("--json")
    portrait.write_bytes(Path(str(fake[1])).read_bytes())
    voice.write_bytes(Path(str(fake[2])).read_bytes())
    assert shell("animate", "--engine", "fake", f"--output={name}", "--", portrait, voice) == 0
    assert Path(name).exists()


def test_engines_presets_and_options_are_listed(shell: Shell, world: FakeWorld) -> None:
    assert shell("engines") == 0
    assert "preview\n" in shell.out
    assert "--mouth-opening" in shell.out
    assert shell("engines", "--json") == 0
    listed = json.loads(shell.out)
    assert [o["name"] for o in listed["fake"]][:3] == ["animation_mode", "fps", "level"]
    assert shell("presets", "preview") == 0
    assert shell.out.startswith("preview/natural")
    assert shell("presets", "--json") == 0
    assert json.loads(shell.out)["preview/still"]["options"]["head_motion"] == 0.0
    assert shell("options", "fake", "--markdown") == 0
    assert shell.out.startswith("| Flag | Default |")
    assert shell("options", "preview") == 0
    assert "--rest-mouth" in shell.out
    for command in (["presets", "none"], ["options", "none"]):
        assert shell(*command) == 2
        assert "no engine called 'none'" in shell.err


def test_the_history_is_listed_shown_and_deleted(shell: Shell, fake: list[object], outputs: Path) -> None:
    assert shell("history", "list") == 0
    assert shell.out == "No videos yet.\n"
    for _ in range(2):
        assert shell(*fake) == 0
    newest, oldest = History(outputs / "history.sqlite").list()
    assert shell("history", "list") == 0
    assert [line.split()[0] for line in shell.out.splitlines()] == [
        newest.result.job_id,
        oldest.result.job_id,
    ]
    assert shell("history", "list", "--json", "--limit", 1) == 0
    assert [entry["job_id"] for entry in json.loads(shell.out)] == [newest.result.job_id]
    assert shell("history", "show", newest.result.job_id[:8]) == 0
    assert json.loads(shell.out)["path"] == str(newest.result.path)
    assert shell("history", "delete", newest.result.job_id, "--file") == 0
    assert not newest.result.path.exists()
    assert shell("history", "delete", oldest.result.job_id) == 0
    assert oldest.result.path.exists()
    assert shell("history", "show", oldest.result.job_id) == 2
    assert "has no video" in shell.err
    assert shell("history", "list", "--limit", "0") == 2


def test_a_bad_setting_is_one_line(shell: Shell, fake: list[object], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOYSTUDIO_QUALITY", "100")
    assert shell(*fake) == 2
    assert shell.err == "error: The setting JOYSTUDIO_QUALITY is '100', but takes 0 to 51.\n"


class Terminal:
    """A stream that says it is a terminal, or not."""

    def __init__(self, *, real: bool) -> None:
        self.real, self.text = real, ""

    def isatty(self) -> bool:
        return self.real

    def write(self, text: str) -> int:
        self.text += text
        return len(text)

    def flush(self) -> None:
        pass


def test_progress_is_one_line_on_a_terminal_and_nothing_elsewhere() -> None:
    for real in (True, False):
        stream = Terminal(real=real)
        line = ProgressLine(stream)  # type: ignore[arg-type]
        line.show(Progress("rendering", 0.25, 61.2))
        line.show(Progress("rendering", 0.5, 40.0))
        line.clear()
        assert "\n" not in stream.text
        assert bool(stream.text) == real
        if real:
            assert stream.text.endswith("\r\x1b[K")


@pytest.mark.parametrize(
    ("progress", "text"),
    [
        (Progress("opening", 0.0, None), "opening   [" + "-" * 24 + "]   0%"),
        (Progress("rendering", 0.5, 61.2), "rendering [" + "#" * 12 + "-" * 12 + "]  50%  1:02 left"),
        (Progress("finishing", 1.0, 0.0), "finishing [" + "#" * 24 + "] 100%  0:00 left"),
    ],
)
def test_the_line_says_fraction_and_time_left(progress: Progress, text: str) -> None:
    assert describe(progress) == text


@pytest.mark.parametrize(("seconds", "text"), [(0.1, "0:01"), (59.5, "1:00"), (3600, "1:00:00"), (0, "0:00")])
def test_clock(seconds: float, text: str) -> None:
    assert clock(seconds) == text


def test_the_preview_engine_in_a_process_of_its_own(
    portrait_file: Path, voice_file: Path, tmp_path: Path
) -> None:
    done = in_a_process("animate", portrait_file, voice_file, "-o", tmp_path / "out.mp4", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["engine"] == "preview"
    assert len(list(VideoReader(tmp_path / "out.mp4"))) == told["frames"] == round(told["duration"] * 25)
    assert done.stderr == ""


def test_an_error_in_a_process_of_its_own(voice_file: Path, tmp_path: Path) -> None:
    done = in_a_process("animate", tmp_path / "none.png", voice_file, "-o", tmp_path / "out.mp4")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == []


STANDING = """
import sys
import cli
from tests.fake_engine import fake_engine
with fake_engine() as world:
    class Standing:
        def wait(self, _):
            print("at work", file=sys.stderr, flush=True)
            sys.stdin.read()
    world.meeting = Standing()
    sys.exit(cli.main(sys.argv[1:]))
"""
"""A shell whose engine stands still in its first batch for as long as its input is open."""
ENDS = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129, signal.SIGKILL: -9}


@pytest.mark.parametrize("kill", ENDS)
def test_a_stopped_process_leaves_no_video(
    portrait_file: Path, voice_file: Path, tmp_path: Path, kill: signal.Signals
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    wish = ["animate", portrait_file, voice_file, "--engine", "fake", "-o", out / "out.mp4"]
    command = [sys.executable, "-c", STANDING, *map(str, wish)]
    with subprocess.Popen(
        command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stderr is not None
        assert process.stdout is not None
        assert "at work\n" in iter(process.stderr.readline, "")
        assert [path.suffix for path in out.iterdir()] == [".part"]
        process.send_signal(kill)
        assert process.wait(60) == ENDS[kill]
        said = process.stderr.read()
        assert process.stdout.read() == ""
    assert said == ("" if kill == signal.SIGKILL else "cancelled\n")
    assert len(list(out.iterdir())) == (1 if kill == signal.SIGKILL else 0)
    again = in_a_process("animate", portrait_file, voice_file, "-o", out / "another.mp4")
    assert again.returncode == 0, again.stderr
    assert [path.name for path in out.iterdir()] == ["another.mp4"]


def test_a_terminal_that_is_closed_ends_the_job(
    portrait_file: Path, voice_file: Path, tmp_path: Path
) -> None:
    """The terminal is the job's own, and nothing can be written to it any more."""
    wish = ["animate", portrait_file, voice_file, "--engine", "fake", "-o", tmp_path / "out.mp4"]
    master, slave = os.openpty()
    owned = "import fcntl, termios; fcntl.ioctl(2, termios.TIOCSCTTY, 0)\n" + STANDING
    command = [sys.executable, "-c", owned, *map(str, wish)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=slave, stderr=slave, start_new_session=True
    ) as process:
        os.close(slave)
        shown = b""
        while b"at work" not in shown:
            shown += os.read(master, 4096)
        os.close(master)
        assert process.wait(60) == 129
    assert b"opening" in shown
    assert list(tmp_path.iterdir()) == []


def test_under_nohup_a_closed_terminal_ends_nothing(
    portrait_file: Path, voice_file: Path, tmp_path: Path
) -> None:
    wish = ["animate", portrait_file, voice_file, "--engine", "fake", "-o", tmp_path / "out.mp4"]
    ignoring = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n" + STANDING
    command = [sys.executable, "-c", ignoring, *map(str, wish)]
    with subprocess.Popen(
        command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stderr is not None
        assert "at work\n" in iter(process.stderr.readline, "")
        process.send_signal(signal.SIGHUP)
        process.communicate()
        assert process.returncode == 0
    assert (tmp_path / "out.mp4").is_file()


def test_a_kept_motion_is_rendered_again(
    shell: Shell, fake: list[object], world: FakeWorld, tmp_path: Path
) -> None:
    world.keeps = True
    motion = tmp_path / "one.motion.safetensors"
    assert shell(*fake, "-o", tmp_path / "one.mp4") == 0
    assert f"{motion}: its motion" in shell.out
    assert shell(*fake, "-o", tmp_path / "two.mp4", "--motion", motion, "--level", 30) == 0
    assert [m.frames for m in world.rendered_again] == [len(list(VideoReader(tmp_path / "two.mp4")))]
    assert shell(*fake, "-o", tmp_path / "three.mp4", "--motion", tmp_path / "one.mp4") == 2
    assert "cannot be read as a motion file" in shell.err
    assert not (tmp_path / "three.mp4").exists()


def test_a_video_is_inspected(shell: Shell, fake: list[object], tmp_path: Path, voice_file: Path) -> None:
    video = tmp_path / "out.mp4"
    assert shell(*fake, "-o", video, "--seed", 3, "--level", 30) == 0
    assert shell("inspect", video) == 0
    for part in ("engine fake, seed 3; AI generated", "unchanged", "level = 30", "valid: the video has not"):
        assert part in shell.out
    assert shell("inspect", video, "--json") == 0
    told = json.loads(shell.out)
    assert (told["facts"]["engine"], told["settings_hold"]) == ("fake", True)
    assert (told["manifest"]["state"], told["manifest"]["problems"]) == ("valid", [])
    video.write_bytes(video.read_bytes().replace(b'"seed": 3', b'"seed": 4'))
    assert shell("inspect", video) == 0
    assert "settings     CHANGED" in shell.out
    assert "manifest     INVALID: assertion.bmffHash.mismatch" in shell.out
    for other, why in ((voice_file, "no pictures"), (tmp_path / "none.mp4", "cannot be read")):
        assert shell("inspect", other) == 2
        assert why in shell.err
        assert shell.err.count("\n") == 1
