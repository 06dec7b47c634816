"""The parts of JoyHallo's benchmark that do not need a quiet machine: counts, bookkeeping, the GPU's part."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from benchmarks import joyhallo, joyhallo_gpu, joyhallo_loading, joyhallo_memory, joyhallo_step
from benchmarks.joyhallo_approximations import (
    DECODE,
    ENCODE,
    alone,
    decibels,
    operations,
    presets,
    sampling_of,
)
from benchmarks.joyhallo_flops import Count
from benchmarks.joyhallo_networks import plain_unet
from engines.joyhallo.options import JoyHalloOptions
from engines.joyhallo.weights.catalogue import folder
from engines.joyhallo.weights.random_weights import synthesize
from media.voice import open_voice


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("weights")
    assert list(synthesize(folder(root), "tiny"))
    return root


def test_both_ways_of_a_step_give_the_same_result() -> None:
    steps = joyhallo_step.ways(plain_unet("tiny"), joyhallo_step.Work(3, 8))
    assert steps["plain"]().shape == (2, 4, 3, 8, 8)
    assert 0 <= joyhallo_step.apart(steps) < 1e-4


def test_results_that_differ_are_distinguished() -> None:
    steps = {"plain": lambda: torch.tensor([1.0, -4.0]), "fast": lambda: torch.tensor([1.0, -3.0])}
    assert joyhallo_step.apart(steps) == pytest.approx(0.25)


def test_a_clips_operations_follow_from_its_steps() -> None:
    steps = {(True, True): 10.0, (True, False): 4.0, (False, True): 5.0, (False, False): 2.0}
    counted = {kind: Count({"a": tera - 1, "b": 1.0}, {"r": 3.0, "p": 1.0}) for kind, tera in steps.items()}
    once = 2 + 1 + 16 * DECODE + 2 * ENCODE  # two of the reference pass's three pictures are new

    def of(**options: object) -> float:
        return operations(sampling_of(JoyHalloOptions(inference_steps=4, **options)), counted) - once

    assert of() == pytest.approx(40)
    assert of(cfg_scale=1.0) == pytest.approx(20)
    assert of(guidance_share=0.5) == pytest.approx(30)
    assert of(cache_interval=2) == pytest.approx(28)
    assert of(guidance_share=0.25, cache_interval=3) == pytest.approx(10 + 5 + 2 + 5)
    assert of(reuse_motion=True) == pytest.approx(40 - 2 * ENCODE)


def test_every_approximation_is_one_and_differs_from_the_exact_way() -> None:
    exact = JoyHalloOptions()
    assert all(sampling_of(options) != sampling_of(exact) for options in alone().values())
    names = list(presets())
    assert names == ["preset paper", "preset balanced", "preset fast", "preset draft"]
    assert sampling_of(presets()["preset paper"]) == sampling_of(JoyHalloOptions(inference_steps=40))


def test_decibels() -> None:
    black = np.zeros((2, 4, 4, 3), np.uint8)
    assert decibels(black, black) == 100
    assert decibels(black + 255, black) == 0
    assert decibels(black + 5, black) == pytest.approx(34.15, abs=0.01)


def test_memory_is_compared_between_the_shortest_and_the_longest_voice(monkeypatch, root: Path) -> None:
    told = {100: {"frames": 100, "peak_mb": 700.0}, 2250: {"frames": 2250, "peak_mb": 790.5}}

    def job(weights: Path, threads: int, portrait: Path, voice: Path, folder: Path, **options: object):
        return told[round(open_voice(voice).duration * 25)]

    monkeypatch.setattr(joyhallo_memory, "in_new_process", job)
    monkeypatch.setattr(joyhallo_memory, "synthesize", lambda *given: ())
    first, second, growth = joyhallo_memory.length(threads=1, short=True)
    assert (first.value, second.value, growth.value) == (700, 790.5, 90.5)
    assert [figure.ok for figure in (first, second, growth)] == [True, True, False]


def test_loading_reports_sizes_and_peak(root: Path) -> None:
    found = joyhallo_loading.measured(root, "bf16", "cpu")
    assert 1e6 < found["size"] < 1e8
    assert found["peak"] >= found["before"] > 0


def test_a_job_with_too_few_frames_is_no_measurement() -> None:
    with pytest.raises(RuntimeError, match="16 frames were asked for, 15 were made"):
        joyhallo_memory.checked({"frames": 15.0}, 16)


def test_every_part_has_its_name_and_short_leaves_the_large_ones_out() -> None:
    names = set(joyhallo.parts(rounds=1, threads=1, short=True, root=None))
    assert names - set(joyhallo.QUICK) == {"full", "memory", "gpu"}


def test_without_a_gpu_there_is_one_line(capsys: pytest.CaptureFixture[str], monkeypatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert list(joyhallo_gpu.figures(rounds=1, threads=1)) == []
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "--part gpu" in said


def test_the_gpu_part_runs(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joyhallo_gpu, "DTYPES", (torch.bfloat16,))
    monkeypatch.setattr(joyhallo_gpu, "STEPS", {1: 5.0})
    monkeypatch.setattr(joyhallo_gpu, "PRODUCT", 64)
    monkeypatch.setattr(torch, "compile", lambda function, **options: function)
    figures = list(joyhallo_gpu.measured("cpu", 1, folder(root), size="tiny", side=64))
    named = {figure.name: figure for figure in figures}
    for said in joyhallo_gpu.HOWS.values():
        assert f"bfloat16, 1 steps: a clip, {said}" in named
    fastest = named["bfloat16, 1 steps: a clip, the fastest way"]
    assert fastest.gate == 5.0
    assert named["  times faster than the original's"].value == pytest.approx(
        named["bfloat16, 1 steps: a clip, the original's way"].value / fastest.value
    )
    assert all(figure.value > 0 for figure in figures)
