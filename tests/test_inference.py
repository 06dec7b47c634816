"""`python inference.py`: the commands of the original's users."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from commands import inference
from commands.original_flags import plain_arguments
from media.errors import OptionError
from studio.job import Job
from studio.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
ASTRONAUT = ROOT / "examples" / "portraits" / "astronaut.png"
VOICE = ROOT / "examples" / "voices" / "english-woman.wav"


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[tuple[Job, Settings]]:
    """The requested jobs, in an empty folder; none of them is run."""
    asked: list[tuple[Job, Settings]] = []

    def note_down(job: Job, settings: Settings) -> None:
        asked.append((job, settings))

    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("JOYSTUDIO_DEVICE", raising=False)
    monkeypatch.setattr(inference, "make_video", note_down)
    monkeypatch.setattr(inference, "ask_before_long", lambda *_: None)
    monkeypatch.setattr(inference, "tell", lambda *_, **__: None)
    monkeypatch.setattr(inference, "_usual_device", lambda: "cuda")
    return asked


def asked(jobs: list[tuple[Job, Settings]], *arguments: str) -> tuple[Job, Settings]:
    assert inference.main(["-r", str(ASTRONAUT), "-a", str(VOICE), *arguments]) == 0
    return jobs.pop()


def test_the_published_command(jobs: list[tuple[Job, Settings]]) -> None:
    job, settings = asked(jobs, "--animation_mode", "human", "--cfg_scale", "2.0")
    assert (job.engine, job.portrait, job.voice) == ("joyvasa", ASTRONAUT, VOICE)
    assert job.options.model_dump()["cfg_scale"] == 2.0
    assert job.output == Path("animations/astronaut_english-woman.mp4")
    assert Path("animations").is_dir()
    assert settings.device == "cuda"


def test_hours_of_work_are_asked_about_before_they_begin(
    jobs: list[tuple[Job, Settings]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(asked: list[Job], settings: Settings) -> None:
        assert (asked[0].engine, settings.device) == ("joyvasa", "cuda")
        raise OptionError("Hours.")

    monkeypatch.setattr(inference, "ask_before_long", refuse)
    assert inference.main(["-r", str(ASTRONAUT), "-a", str(VOICE)]) == 2
    assert jobs == []
    asked(jobs, "--yes")


@pytest.mark.parametrize(
    ("typed", "name", "value"),
    [
        ("--animation-mode animal", "animation_mode", "animal"),
        ("--cfg_scale=4.5", "cfg_scale", 4.5),
        ("--cfg_mode independent", "cfg_mode", "independent"),
        ("--no-flag_pasteback", "flag_pasteback", False),
        ("--no-flag-stitching", "flag_stitching", False),
        ("--no-flag_relative_motion", "flag_relative_motion", False),
        ("--no_flag_do_crop", "flag_do_crop", False),
        ("--no-flag_do_rot", "flag_do_rot", False),
        ("--no-flag_normalize_lip", "flag_normalize_lip", False),
        ("--flag_normalize_lip", "flag_normalize_lip", True),
        ("--is_smooth_motion", "is_smooth_motion", True),
        ("--driving_option pose-friendly", "driving_option", "pose-friendly"),
        ("--driving_multiplier 1.1", "driving_multiplier", 1.1),
        ("--animation_region lip", "animation_region", "lip"),
        ("--det_thresh 0.3", "det_thresh", 0.3),
        ("--scale 3.0", "scale", 3.0),
        ("--vx_ratio 0.1", "vx_ratio", 0.1),
        ("--vy_ratio=-0.2", "vy_ratio", -0.2),
        ("--vy_ratio -0.2", "vy_ratio", -0.2),
        ("--flag_use_half_precision", "precision", "auto"),
        ("--flag_do_torch_compile", "compile", "compiled"),
        ("", "compile", "off"),
        ("--no-flag_use_half_precision", "precision", "fp32"),
        ("--preset expressive --cfg_scale 1.5", "cfg_scale", 1.5),
        ("--smile 0.3", "smile", 0.3),
    ],
)
def test_flags_of_the_original_keep_their_names(
    jobs: list[tuple[Job, Settings]], typed: str, name: str, value: Any
) -> None:
    job, _ = asked(jobs, *typed.split())
    assert getattr(job.options, name) == value


def test_folders_sizes_and_devices(jobs: list[tuple[Job, Settings]], monkeypatch: pytest.MonkeyPatch) -> None:
    assert asked(jobs, "-o", "a/b")[0].output == Path("a/b/astronaut_english-woman.mp4")
    assert asked(jobs, "--output_dir", "c")[0].output == Path("c/astronaut_english-woman.mp4")
    assert asked(jobs, "--source_max_dim", "640")[1].max_side == 640
    assert asked(jobs, "--device_id", "1")[1].device == "cuda:1"
    assert asked(jobs, "--flag_force_cpu")[1].device == "cpu"
    monkeypatch.setenv("JOYSTUDIO_DEVICE", "mps")
    assert asked(jobs)[1].device == "mps"


def test_flags_without_effect_are_dropped_and_reported(
    jobs: list[tuple[Job, Settings]], capsys: pytest.CaptureFixture[str]
) -> None:
    job, _ = asked(jobs, "--audio_priority", "driving", "--no-flag_eye_retargeting", "--source_division=2")
    assert job.portrait == ASTRONAUT
    assert "note: --audio-priority, --source-division: without effect" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("--flag_eye_retargeting", "--flag-eye-retargeting is not supported. In the original it discards"),
        ("--flag-lip-retargeting", "use --mouth-open"),
        ("--server_port 7862", "python app.py"),
        ("-p 7862", "-p is not supported"),
        ("--share", "python app.py"),
        ("--cfg_scale 99", "--cfg-scale is '99', but takes 0 to 10"),
        ("--animation_mode bird", "--animation-mode is 'bird'"),
        ("--device_id 0 --flag_force_cpu", "Leave one out"),
        ("--nonsense", "--nonsense"),
        ("--source_max_dim 5", "JOYSTUDIO_MAX_SIDE"),
    ],
)
def test_impossible_requests_are_one_sentence(
    jobs: list[tuple[Job, Settings]], capsys: pytest.CaptureFixture[str], typed: str, said: str
) -> None:
    assert inference.main(["-r", str(ASTRONAUT), "-a", str(VOICE), *typed.split()]) == 2
    printed = capsys.readouterr()
    assert said in printed.err
    assert printed.err.startswith("error: ")
    assert printed.err.count("\n") == 1
    assert jobs == []


def test_a_folder_that_cannot_be_made(
    jobs: list[tuple[Job, Settings]], capsys: pytest.CaptureFixture[str]
) -> None:
    Path("animations").write_text("a file")
    assert inference.main(["-r", str(ASTRONAUT), "-a", str(VOICE)]) == 2
    assert "The folder animations cannot be created" in capsys.readouterr().err


def test_only_names_of_flags_are_rewritten() -> None:
    plain, dropped = plain_arguments(["-r", "my_face.png", "--audio=a_b.wav", "--", "--x_y"])
    assert plain == ["-r", "my_face.png", "--audio=a_b.wav", "--", "--x_y"]
    assert dropped == []
    with pytest.raises(OptionError, match="page is started"):
        plain_arguments(["--server_name=0.0.0.0"])


def test_the_file_itself_shows_its_help() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "inference.py")], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0
    assert "--reference" in done.stdout
    assert "joyvasa:" not in done.stdout
