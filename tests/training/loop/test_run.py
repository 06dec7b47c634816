from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from accelerate.state import AcceleratorState
from safetensors.torch import load_file

from media.errors import OutputError, TrainingError
from tests.training.loop.toy import Toy, events_of
from training.loop import checkpoints
from training.loop.events import Began, Exported, Noted, Saved, Stepped, Validated

ROOT = Path(__file__).resolve().parents[3]


def final(out: Path) -> dict[str, torch.Tensor]:
    """Everything that the last checkpoint holds."""
    last = sorted((out / "checkpoints").iterdir())[-1]
    return {f"{file.stem}/{k}": v for file in last.glob("*.safetensors") for k, v in load_file(file).items()}


def assert_same(one: Path, other: Path) -> None:
    first, second = final(one), final(other)
    assert first.keys() == second.keys()
    assert [name for name in first if not torch.equal(first[name], second[name])] == []


def started(arguments: Sequence[str], **variables: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"OMP_NUM_THREADS": str(torch.get_num_threads()), **variables}
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_trainings_follow_each_other_without_accelerates_private_reset(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reset = AcceleratorState._reset_state
    monkeypatch.delattr(AcceleratorState, "_reset_state")
    try:
        for name in ("one", "other"):
            list(events_of(tmp_path / name))
    finally:
        reset(reset_partial_state=True)
    assert_same(tmp_path / "one", tmp_path / "other")


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("unbroken")
    list(events_of(out))
    return out


def test_a_run_reports_what_it_does_and_learns(tmp_path: Path) -> None:
    recipe = Toy(plain=True)
    told = list(events_of(tmp_path, recipe, steps=60, save_every=25, keep=2, validate_every=50))
    assert told[0] == Began(0, 60, 66, 8, "cpu", 1, True)
    steps = [event for event in told if isinstance(event, Stepped)]
    assert [event.step for event in steps] == list(range(1, 61))
    assert steps[-1].seconds_left == 0
    assert steps[0].seconds_left > 0
    assert steps[0].loss == pytest.approx((steps[0].terms["first"] + steps[0].terms["second"]) / 2, rel=1e-5)
    assert sum(s.loss for s in steps[-10:]) < 0.5 * sum(s.loss for s in steps[:10])
    assert [event.step for event in told if isinstance(event, Saved)] == [25, 50, 60]
    assert [event.step for event in told if isinstance(event, Validated)] == [50]
    assert isinstance(told[-1], Exported)
    assert [path.is_file() for path in told[-1].files] == [True]
    kept = sorted(path.name for path in (tmp_path / "checkpoints").iterdir())
    assert kept == ["step-000050", "step-000060"]
    assert not AcceleratorState._shared_state  # nothing of the run is left in the process


def test_killed_while_saving_and_resumed_it_ends_as_an_unbroken_run(tmp_path: Path, unbroken: Path) -> None:
    done = started(["tests.training.loop.toy", str(tmp_path), "9"])
    assert done.returncode == -signal.SIGKILL, done.stderr
    names = sorted(path.name for path in (tmp_path / "checkpoints").iterdir())
    assert names == [".step-000009.partial", "step-000003", "step-000006"]
    told = list(events_of(tmp_path, resume=True))
    assert [event.step for event in told if isinstance(event, Stepped)] == [7, 8, 9, 10, 11, 12]
    assert_same(tmp_path, unbroken)
    assert not list((tmp_path / "checkpoints").glob(".*"))


def test_samples_read_ahead_by_other_processes_are_the_same(tmp_path: Path, unbroken: Path) -> None:
    list(events_of(tmp_path, workers=2))
    assert_same(tmp_path, unbroken)


def test_closed_and_resumed_it_ends_as_an_unbroken_run(tmp_path: Path, unbroken: Path) -> None:
    running = events_of(tmp_path)
    for event in running:
        if isinstance(event, Stepped) and event.step == 5:
            running.close()
    told = list(events_of(tmp_path, resume=True))
    assert [event.step for event in told if isinstance(event, Began)] == [3]
    assert_same(tmp_path, unbroken)


@pytest.mark.parametrize("damage", ["short", "header", "state", "lost"])
def test_a_broken_checkpoint_falls_back_to_the_one_before(
    tmp_path: Path, unbroken: Path, damage: str
) -> None:
    list(events_of(tmp_path, steps=9))
    last = tmp_path / "checkpoints" / "step-000009"
    file = last / "optimizer.safetensors"
    if damage == "short":
        file.write_bytes(file.read_bytes()[:-1])
    elif damage == "header":
        file.write_bytes(b"\0" * file.stat().st_size)
    elif damage == "state":
        (last / "state.json").write_text("{")
    else:
        file.unlink()
    told = list(events_of(tmp_path, resume=True))
    notes = [event.text for event in told if isinstance(event, Noted)]
    assert len(notes) == 1
    assert "step-000009 is broken" in notes[0]
    assert_same(tmp_path, unbroken)


def test_parts_of_a_batch_that_are_added_up_are_as_good_as_a_whole_one(tmp_path: Path) -> None:
    list(events_of(tmp_path / "parts", Toy(plain=True), steps=1))
    list(events_of(tmp_path / "whole", Toy(plain=True), steps=1, batch_size=8, gradient_accumulation=1))
    assert_close(tmp_path / "parts", tmp_path / "whole")


def test_two_processes_have_the_gradients_of_one_with_twice_the_batch(tmp_path: Path) -> None:
    launch = ["torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m"]
    done = started(
        [*launch, "tests.training.loop.toy", str(tmp_path / "two"), "0"], ACCELERATE_USE_CPU="true"
    )
    assert done.returncode == 0, done.stderr
    state = json.loads((tmp_path / "two" / "checkpoints" / "step-000001" / "state.json").read_text())
    assert state["processes"] == 2
    list(events_of(tmp_path / "one", Toy(plain=True), steps=1))
    assert_close(tmp_path / "two", tmp_path / "one")


def assert_close(one: Path, other: Path) -> None:
    """After one step Adam's memory is a tenth of the gradient."""
    first, second = final(one), final(other)
    gradients = [name for name in first if name.startswith("optimizer/exp_avg/")]
    assert len(gradients) in (4, 5)  # `extra` is used in half of the steps
    for name in gradients:
        torch.testing.assert_close(first[name], second[name], rtol=1e-5, atol=1e-8)
    assert any(first[name].abs().max() > 1e-3 for name in gradients)


def test_the_average_is_validated_and_exported_and_the_weights_come_back(tmp_path: Path) -> None:
    recipe = Toy()
    list(events_of(tmp_path, recipe, validate_every=12))
    ended = final(tmp_path)
    (training, weight), *_ = recipe.validated
    assert not training
    assert torch.equal(weight, ended["average/extra.weight"])
    assert not torch.equal(weight, ended["extra/weight"])
    assert torch.equal(recipe.extra.weight, ended["extra/weight"])
    exported = load_file(tmp_path / "export" / "line.safetensors")
    assert torch.equal(exported["0.weight"], ended["average/line.0.weight"])


def test_what_is_not_trained_is_not_saved_and_does_not_move(tmp_path: Path) -> None:
    recipe = Toy()
    before = recipe.extra.bias.clone()
    list(events_of(tmp_path, recipe))
    assert torch.equal(recipe.extra.bias, before)
    assert "extra/bias" not in final(tmp_path)
    assert "line/1.running_mean" in final(tmp_path)


def test_a_finished_run_is_only_exported_again(tmp_path: Path) -> None:
    list(events_of(tmp_path))
    (tmp_path / "export" / "line.safetensors").unlink()
    told = list(events_of(tmp_path, resume=True))
    assert [type(event) for event in told] == [Began, Exported]
    assert (tmp_path / "export" / "line.safetensors").exists()


def test_other_options_are_named(tmp_path: Path) -> None:
    list(events_of(tmp_path, steps=3))
    told = list(events_of(tmp_path, resume=True, schedule="linear", batch_size=2))
    notes = [event.text for event in told if isinstance(event, Noted)]
    assert notes == [
        "Other options than up to step 3: batch_size 4 -> 2, schedule constant -> linear, steps 3 -> 12."
    ]


def test_there_may_be_nothing_to_resume(tmp_path: Path) -> None:
    told = list(events_of(tmp_path, resume=True, steps=1))
    assert isinstance(told[1], Noted)
    assert "starts at step 0" in told[1].text


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ("sample", "This sample is bad"),
        ("data", r"data of step 1 contain values in 'x' that are not numbers"),
        ("loss", r"The loss is inf at step 1 .*lower --learning-rate"),
    ],
)
@pytest.mark.parametrize("workers", [0, 1])
def test_bad_data_and_losses_end_it_with_a_sentence(
    tmp_path: Path, bad: str, said: str, workers: int
) -> None:
    with pytest.raises(TrainingError, match=said):
        list(events_of(tmp_path, Toy(bad=bad), workers=workers))
    assert not (tmp_path / "checkpoints").exists()


def test_another_run_is_not_overwritten(tmp_path: Path) -> None:
    list(events_of(tmp_path, steps=3))
    with pytest.raises(TrainingError, match=r"up to step 3; continue it with --resume"):
        list(events_of(tmp_path))

    class Other(Toy):
        name = "other"

    with pytest.raises(TrainingError, match=r"belongs to the training toy, not other"):
        list(events_of(tmp_path, Other(), resume=True))
    with pytest.raises(TrainingError, match=r"does not fit these networks"):
        list(events_of(tmp_path, Toy(plain=True), resume=True))


def test_a_disk_that_refuses_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoints, "_to_disk", full)
    with pytest.raises(OutputError, match="No space left"):
        list(events_of(tmp_path))
    assert list((tmp_path / "checkpoints").iterdir()) == []


def test_logs_are_written(tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    list(events_of(tmp_path, track=True, log_every=3))
    log = EventAccumulator(str(tmp_path / "logs"))
    log.Reload()
    assert {"loss", "learning_rate", "gradient_norm", "terms/first"} <= set(log.Tags()["scalars"])
    assert [entry.step for entry in log.Scalars("loss")] == [3, 6, 9, 12]


def test_half_precision_on_a_processor(tmp_path: Path) -> None:
    list(events_of(tmp_path, precision="bf16", steps=2))
    assert final(tmp_path)["line/0.weight"].dtype == torch.float32
    with pytest.raises(TrainingError, match="fp16 needs a GPU"):
        list(events_of(tmp_path / "other", precision="fp16"))
