"""The parts of JoyVASA's benchmark that do not need a quiet machine: counts, bookkeeping, the GPU's part."""

from __future__ import annotations

import pytest
import torch

from benchmarks import joyvasa_gpu, joyvasa_rates, joyvasa_rendering
from benchmarks.joyvasa_networks import MachineRate, by_turns, faster, motion_generator
from benchmarks.joyvasa_window import operations, windows


@pytest.fixture(scope="module")
def ways():
    return windows(motion_generator("tiny"))


def test_both_ways_of_a_window_give_the_same_motion(ways) -> None:
    plain, rearranged = (run() for run in ways.values())
    assert plain.shape == (1, 100, 70)
    assert torch.allclose(plain, rearranged, atol=1e-4)


def test_operations_of_a_packed_layer_and_of_fused_attention_are_counted(ways) -> None:
    tokens, width, heads, layers, steps = 125, 32, 4, 2, 50
    # Self-attention's four maps, cross-attention's, the perceptron; then the scores and what they mix.
    linear = 2 * 2 * tokens * (2 * 4 * width * width + 2 * 4 * width * width)
    attention = 2 * 2 * heads * tokens * tokens * (width // heads) * 2 * 2
    ends = 2 * 2 * tokens * (70 * width + width * width // 2 + width // 2 * 70) + 2 * 2 * 2 * width * width
    expected = steps * (layers * (linear + attention) + ends) / 1e9
    assert operations(ways["plain"]) == pytest.approx(expected, rel=1e-6)
    assert 0.2 * expected < operations(ways["rearranged"]) < 0.8 * expected
    assert torch.backends.mha.get_fastpath_enabled()


def test_every_way_takes_its_turn_in_every_round() -> None:
    order: list[str] = []

    def way(name: str):
        def run() -> torch.Tensor:
            order.append(name)
            return torch.zeros(1)

        return run

    took = by_turns({"a": way("a"), "b": way("b")}, 2)
    assert order == ["a", "b"] * 3
    assert all(0 <= wall < 1 for wall, _ in took.values())


def test_the_machine_is_as_fast_as_at_its_best() -> None:
    assert faster([MachineRate(3, 1), MachineRate(2, 5)]) == MachineRate(3, 5)


def test_without_a_gpu_there_is_one_line(capsys: pytest.CaptureFixture[str], monkeypatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert list(joyvasa_gpu.figures(rounds=1, threads=1)) == []
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "--part gpu" in said


def test_the_gpu_part_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joyvasa_gpu, "BATCHES", (2, 3))
    monkeypatch.setattr(joyvasa_gpu, "DTYPES", (torch.bfloat16,))
    monkeypatch.setattr(joyvasa_gpu, "WINDOW", 4)
    monkeypatch.setattr(torch, "compile", lambda function, **options: function)
    figures = list(joyvasa_gpu.measured("cpu", 1, windows=1, size="tiny"))
    assert len([f for f in figures if f.name.endswith("finished pictures")]) == 4
    gated = [f.name for f in figures if f.gate is not None]
    assert gated.count("bfloat16, batches of 3, compiled: finished pictures") == 1
    assert all(figure.value > 0 for figure in figures)


def test_rendering_and_rates_print_every_part_that_was_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    took = {"W": 1.0, "G": 3.0, "G: up_1, convolutions": 1.0, joyvasa_rendering.PROCESSOR: 2.0}
    count = {"W": 10.0, "G": 60.0, "G: up_1, label branches": 20.0}
    by_dtype = {part: dict.fromkeys(joyvasa_rendering.GATES, 0.5 * value) for part, value in count.items()}
    for module in (joyvasa_rendering, joyvasa_rates):
        for name in ("rendering_networks", "FrameRenderer", "rearranged"):
            monkeypatch.setattr(module, name, lambda *given, **more: (None, None))
        monkeypatch.setattr(module, "by_part", lambda ways, rounds: {name: dict(took) for name in ways})
    monkeypatch.setattr(joyvasa_rendering, "plain", lambda *given: ())
    monkeypatch.setattr(joyvasa_rendering, "operations", lambda: (count, by_dtype))
    monkeypatch.setattr(joyvasa_rates, "rendering_operations", lambda: (count, by_dtype))
    monkeypatch.setattr(joyvasa_rates, "machine_rate", lambda dtype: MachineRate(30.0, 20.0))
    monkeypatch.setattr(joyvasa_rates, "_motion_and_portrait", dict)
    threads = torch.get_num_threads()
    told = {figure.name: figure for figure in joyvasa_rendering.figures(rounds=1, threads=threads)}
    assert told["W and G, plain: one frame"].value == 4.0
    assert not told["W and G: times faster than plain, bfloat16"].ok
    rates = list(joyvasa_rates.figures(rounds=1, threads=threads))
    busy = [f.value for f in rates[rates.index(next(f for f in rates if f.name == "G, bfloat16")) :][:3]]
    assert busy == pytest.approx([0.01, 100 * 10 / 30, 100 * 10 / 20])
