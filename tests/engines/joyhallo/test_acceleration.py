"""Faster implementations of a step, and the plain one if they fail."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
import torch
from torch import Tensor

from engines.joyhallo.fast import acceleration
from engines.joyhallo.fast.acceleration import Accelerated, Recorded
from engines.joyhallo.fast.nested import leaves, mapped

CPU, CUDA = torch.device("cpu"), torch.device("cuda")


def step(latents: Tensor, factor: Tensor) -> tuple[Tensor, Tensor]:
    return latents * factor, factor


GIVEN = torch.ones(2), torch.tensor(3.0)


def test_off_returns_the_function_itself() -> None:
    subject = Accelerated(step, "off", CPU)
    assert torch.equal(subject(*GIVEN)[0], torch.full((2,), 3.0))
    assert subject.trouble == ""


def test_graphs_without_a_gpu_are_reported_and_left_out() -> None:
    subject = Accelerated(step, "graphs", CPU)
    assert torch.equal(subject(*GIVEN)[0], torch.full((2,), 3.0))
    assert "not cpu" in subject.trouble


def test_a_compiler_that_fails_is_reported_once(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []

    def compiler(function: Any, **_: Any) -> Any:
        def broken(*arguments: Any) -> Any:
            tried.append(1)
            raise RuntimeError("no C++ compiler\nwas found")

        return broken

    monkeypatch.setattr(torch, "compile", compiler)
    subject = Accelerated(step, "compiled", CPU)
    for _ in range(2):
        assert torch.equal(subject(*GIVEN)[0], torch.full((2,), 3.0))
    assert tried == [1]
    assert "(no C++ compiler was found)" in subject.trouble


def test_running_out_of_memory_is_another_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([torch.OutOfMemoryError("full"), (torch.zeros(1), torch.zeros(1))])

    def compiled(*arguments: Any) -> Any:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(torch, "compile", lambda function, **_: compiled)
    subject = Accelerated(step, "compiled", CPU)
    with pytest.raises(torch.OutOfMemoryError):
        subject(*GIVEN)
    assert torch.equal(subject(*GIVEN)[0], torch.zeros(1))
    assert subject.trouble == ""


class Memory(NamedTuple):
    """The data that a clip's steps share."""

    parts: dict[str, Tensor]
    scale: float


class Tape:
    """Replays like a CUDA graph: recorded operations run again on the recorded memory."""

    def __init__(self, function: Any) -> None:
        self.function = function
        self.recordings = 0

    def install(self, monkeypatch: pytest.MonkeyPatch) -> Recorded:
        tape = self

        def record(self: Recorded, given: tuple[Any, ...]) -> Any:
            arguments = mapped(lambda value: value.clone() if isinstance(value, Tensor) else value, given)
            outputs = tape.function(*arguments)
            tape.recordings += 1

            class Graph:
                def replay(self) -> None:
                    for place, value in zip(outputs, tape.function(*arguments), strict=True):
                        place.copy_(value)

            inputs = [place for place in leaves(arguments) if isinstance(place, Tensor)]
            return acceleration._Recording(Graph(), inputs, outputs)

        monkeypatch.setattr(Recorded, "_record", record)
        return Recorded(self.function)


def test_a_recording_reads_new_inputs_and_gives_memory_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    def function(latents: Tensor, memory: Memory, deep: Tensor | None) -> tuple[Tensor, Tensor]:
        total = latents * memory.parts["a"] * memory.scale
        return total + (0 if deep is None else deep), total

    tape = Tape(function)
    recorded = tape.install(monkeypatch)
    memory = Memory({"a": torch.tensor(2.0)}, 1.0)
    first, deep = recorded(torch.tensor(1.0), memory, None)
    second, _ = recorded(torch.tensor(5.0), memory, None)
    assert (float(first), float(second)) == (2.0, 10.0)
    assert tape.recordings == 1
    third, _ = recorded(torch.tensor(1.0), memory, deep)  # another form: a recording of its own
    assert float(third) == 4.0
    assert tape.recordings == 2
    other = Memory({"a": torch.tensor(3.0)}, 1.0)
    assert float(recorded(torch.tensor(1.0), other, None)[0]) == 3.0
    assert float(recorded(torch.tensor(1.0), Memory({"a": torch.tensor(3.0)}, 2.0), None)[0]) == 6.0
    assert tape.recordings == 3
    assert (float(first), float(second)) == (2.0, 10.0)
