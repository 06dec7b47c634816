"""The commands: flags, messages, exit codes and output."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

import cli
from media.video import VideoReader
from studio.gallery.history import History
from tests.fake_engine import FakeWorld


@pytest.fixture(autouse=True)
def outputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every command here writes into the test's own folder."""
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


def test_a_video_is_made_and_reported(shell: Shell, fake: list[object], tmp_path: Path) -> None:
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
        (["--mouth-opening", "1"], "engine fake has no option --mouth-opening; it belongs to preview"),
        (["--level", "300"], "level is '300', but takes 0 to 255"),
        (["--level", "-3"], "level is '-3', but takes 0 to 255"),
        (["--strength", "nan"], "strength is 'nan', but takes 0 to 2"),
        (["--mood", "sad"], "takes calm or lively"),
        (["--seed", "-1"], "seed is '-1', but takes 0 to 4294967295"),
        (["--seed", "one"], "seed is 'one', but takes 0 to"),
        (["--face-index", "7"], "face"),
        (["--anchors", "1,2", "3,4", "x"], "--anchors takes three points such as 120,80"),
        (["--anchors", "1,2", "3,4"], "--anchors"),
        (["--engine", "prevue"], "no engine called 'prevue'. Available: preview, joyvasa"),
        (["--nonsense"], "No such option: --nonsense"),
        (["-o", "out.avi"], "written as .mp4"),
        (["-o", "no/such/folder/out.mp4"], "no folder"),
        (["third"], "third"),
    ],
)
def test_invalid_values_are_one_line_and_exit_code_2(
    shell: Shell, fake: list[object], outputs: Path, arguments: list[str], message: str
) -> None:
    assert shell(*fake, *arguments) == 2
    assert shell.out == ""
    assert shell.err.startswith("error: ")
    assert shell.err.count("\n") == 1
    assert message in shell.err
    assert not list(outputs.rglob("*.mp4"))


def test_inputs_that_are_impossible_are_one_line_each(
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


def test_a_file_name_cannot_write_to_the_terminal(shell: Shell, fake: list[object], outputs: Path) -> None:
    """The terminal shows escape sequences and line breaks of a file name as text."""
    outputs.mkdir(exist_ok=True)
    video = outputs / "a\x1b[2J\nb\u202e.mp4"
    assert shell(*fake, "--output", video) == 0
    job_id = History(outputs / "history.sqlite").list()[0].result.job_id
    told = [shell.out]
    for command in (["inspect", video], ["history", "list"], ["history", "delete", job_id]):
        assert shell(*command) == 0
        told.append(shell.out)
    assert all(r"a\x1b[2J\nb\u202e.mp4" in text for text in told)
    assert "".join(told).replace("\n", "").isprintable()


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
    for part in ("engine fake, seed 3; AI-generated", "unchanged", "level = 30", "valid: the video has not"):
        assert part in shell.out
    assert shell("inspect", video, "--json") == 0
    told = json.loads(shell.out)
    assert (told["facts"]["engine"], told["settings_hold"]) == ("fake", True)
    assert (told["manifest"]["state"], told["manifest"]["problems"]) == ("valid", [])
    video.write_bytes(video.read_bytes().replace(b'"seed": 3', b'"seed": 4'))
    assert shell("inspect", video) == 0
    assert "settings     CHANGED" in shell.out
    assert "manifest     INVALID: assertion.bmffHash.mismatch" in shell.out
    for other, why in ((voice_file, "no frames"), (tmp_path / "none.mp4", "cannot be read")):
        assert shell("inspect", other) == 2
        assert why in shell.err
        assert shell.err.count("\n") == 1


def test_a_text_is_the_voice(shell: Shell, world: FakeWorld, portrait_file: Path, tmp_path: Path) -> None:
    made = [
        "animate",
        portrait_file,
        "--engine",
        "fake",
        "-o",
        tmp_path / "out.mp4",
        "--text",
        "Hello there.",
    ]
    assert shell(*made, "--speech-voice", "man", "--speed", "1.5", "--language", "en-GB", "--json") == 0
    facts = {"engine": "espeak", "voice": "man", "language": "en-GB", "speed": 1.5}
    assert json.loads(shell.out)["generated_voice"] == facts
    assert shell("inspect", tmp_path / "out.mp4") == 0
    assert "generated from a text by espeak" in shell.out


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--text", "Hi", "--speed", "9"], "speed is '9', but takes 0.5 to 2"),
        (["--speed", "1.5"], "Give a portrait and a voice or --text"),
        (["--text", ""], "The text is empty"),
        (["--text", "Hi", "--speech-engine", "none"], "no speech engine called 'none'"),
    ],
)
def test_a_text_that_cannot_be_spoken_is_reported(
    shell: Shell, world: FakeWorld, portrait_file: Path, flags: list[str], message: str
) -> None:
    assert shell("animate", portrait_file, "--engine", "fake", *flags) == 2
    assert message in shell.err


def test_flags_about_a_text_need_one(shell: Shell, fake: list[object]) -> None:
    assert shell(*fake, "--speed", "1.5") == 2
    assert "--speed are for a text" in shell.err
    assert shell(*fake, "--text", "Hello") == 2
    assert "a recording and a text" in shell.err


def test_a_text_is_spoken_into_a_file(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shell("speak", "你好。", "-o", tmp_path / "voice.wav") == 0
    assert shell.out == f"{tmp_path / 'voice.wav'}: woman, Mandarin\n"
    monkeypatch.setattr("sys.stdin", _given(b"Hello from a file.\n"))
    assert shell("speak", "-", "-o", tmp_path / "other.wav") == 0
    assert shell.out.endswith("other.wav: woman, English (United States)\n")
    monkeypatch.setattr("sys.stdin", _given("你好。".encode("utf-16")))  # as from a shell of Windows
    assert shell("speak", "-", "-o", tmp_path / "other.wav") == 0
    assert shell.out.endswith("other.wav: woman, Mandarin\n")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a" * 6000, "has 6000 characters; at most 5000"),
        (b"caf\xe9", "byte 4 is not valid UTF-8; save the file as UTF-8"),
        (b"", "The text is empty"),
    ],
)
def test_a_text_on_the_standard_input_that_cannot_be_spoken(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, words: str
) -> None:
    monkeypatch.setattr("sys.stdin", _given(content))
    assert shell("speak", "-", "-o", tmp_path / "voice.wav") == 2
    assert words in shell.err
    assert list(tmp_path.iterdir()) == []


def test_a_text_may_begin_with_a_dash(shell: Shell, tmp_path: Path) -> None:
    assert shell("speak", "-o", tmp_path / "voice.wav", "--", "-5 degrees") == 0
    assert shell("speak", "-5 degrees", "-o", tmp_path / "other.wav") == 2
    assert "put -- before it" in shell.err


def test_a_spoken_text_is_a_wav_file(shell: Shell, tmp_path: Path) -> None:
    assert shell("speak", "Hello.", "-o", tmp_path / "voice.mp3") == 2
    assert "name it voice.wav" in shell.err
    assert list(tmp_path.iterdir()) == []


def _given(content: bytes) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(content))


def test_voices_are_listed(shell: Shell) -> None:
    assert shell("voices") == 0
    assert "zh     Mandarin: woman, man" in shell.out
    assert "robotic" in shell.out
    assert shell("voices", "--json") == 0
    assert json.loads(shell.out)["espeak"]["voices"]["woman"][:3] == ["en", "en-GB", "zh"]
