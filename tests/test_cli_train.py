from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import cli
from tests.training.joyhallo.conftest import make_dataset
from training.joyhallo.options import JoyHalloTraining
from training.kinds import KINDS, options_of

ROOT = Path(__file__).resolve().parent.parent
SMALL = """--stage 2 --frames 2 --start random --size tiny --resolution 256 --device cpu --no-track
    --no-public-file""".split()


def shell(*arguments: object) -> int:
    return cli.main(["train", *(str(argument) for argument in arguments)])


def test_help_brings_nothing_heavy_and_names_every_option() -> None:
    code = (
        "import sys, cli\n"
        "for kind in [[], *[[name] for name in sys.argv[1:]]]:\n"
        "    cli.main(['train', *kind, '--help'])\n"
        "heavy = {'numpy', 'torch', 'cv2', 'av', 'accelerate', 'gradio'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *KINDS], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    for kind in KINDS:
        assert f"train {kind}" in done.stdout
        for name in options_of(kind).model_fields:
            assert "--" + name.replace("_", "-") in done.stdout


def test_a_training_starts_stops_and_resumes(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    data, out = make_dataset(tmp_path / "data", (24,)), tmp_path / "run"
    arguments = ["joyhallo", "--data", data, "--out", out, *SMALL]
    weights = pytest.MonkeyPatch()
    weights.setenv("JOYSTUDIO_WEIGHTS", str(tmp_path / "weights"))
    try:
        assert shell(*arguments, "--steps", 1) == 2
        assert "Download it with: python cli.py weights download joyhallo" in capfd.readouterr().err
        make_codec(tmp_path / "weights")
        assert shell(*arguments, "--steps", 1) == 0
        told = capfd.readouterr().out
        assert "step 1/1  loss " in told
        assert f"saved {out / 'checkpoints' / 'step-000001'}" in told
        assert told.rstrip().endswith(str(out / "export" / "net.safetensors"))
        assert shell(*arguments, "--steps", 2) == 2
        assert "continue it with --resume" in capfd.readouterr().err
        assert shell(*arguments, "--steps", 2, "--resume") == 0
        assert "step 2/2  loss " in capfd.readouterr().out
    finally:
        weights.undo()


def make_codec(root: Path) -> None:
    from engines.joyhallo.weights.catalogue import PICTURE_CODEC, folder
    from engines.joyhallo.weights.random_weights import write

    write(folder(root), PICTURE_CODEC, "tiny", "test", "joyhallo")


@pytest.mark.parametrize("path", sorted((ROOT / "presets" / "training").glob("*.yaml")), ids=lambda p: p.stem)
def test_every_preset_fits_its_kind(path: Path) -> None:
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    options = options_of(document["kind"]).model_validate(document["options"])
    assert options.steps > 0
    assert document["description"]


def test_the_papers_values_are_in_the_presets() -> None:
    for stage, batch, optimizer in (("1", 8, "adamw"), ("2", 4, "adamw8bit")):
        text = (ROOT / "presets" / "training" / f"joyhallo-stage{stage}.yaml").read_text(encoding="utf-8")
        options = JoyHalloTraining.model_validate(yaml.safe_load(text)["options"])
        assert (options.stage, options.batch_size, options.optimizer) == (stage, batch, optimizer)
        assert (options.learning_rate, options.clip_norm, options.snr_limit) == (1e-5, 1.0, 5.0)
        assert options.noise_offset == 0.05
        assert not options.reference_loss


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("kind: joyvasa\noptions: {}", "is for joyvasa, not for train joyhallo"),
        ("options: [1]", "must have a mapping called"),
        (": :", "cannot be read"),
        ("kind: joyhallo\noptions: {learning_rate: 3}", "--learning-rate is 3, but takes 0 to 1"),
        ("kind: joyhallo\noptions: {speed: 3}", "speed does not exist"),
    ],
)
def test_a_configuration_that_does_not_fit_is_refused(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], written: str, said: str
) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(written, encoding="utf-8")
    assert shell("joyhallo", "--data", tmp_path, "--out", tmp_path / "out", "--config", path) == 2
    assert said in capfd.readouterr().err


def test_typed_flags_override_the_file(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    config = ROOT / "presets" / "training" / "joyhallo-stage2.yaml"
    given = ["--config", config, "--frames", "99"]
    assert shell("joyhallo", "--data", tmp_path, "--out", tmp_path, *given) == 2
    assert "frames is '99', but takes 2 to 24" in capfd.readouterr().err
