"""Writes a run's checkpoints and resumes from them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from media.documents.quoting import quoted, reason_of, shown
from media.errors import TrainingError
from training.loop.checkpoints import Checkpoints, TrainingCheckpoint
from training.loop.optimizing import fill_optimizer, optimizer_tensors
from training.loop.setup import TrainingSetup

_OPTIMIZER, _AVERAGE, _SPREAD = "optimizer", "average", "spread"


class Checkpointing:
    """The checkpoints of a training setup."""

    def __init__(self, built: TrainingSetup, checkpoints: Checkpoints) -> None:
        self.recipe, self.options, self.machine = built.recipe, built.options, built.machine
        self.whole, self.names, self.spread = built.whole, built.names, built.spread
        self.model, self.optimizer, self.average = built.model, built.optimizer, built.average
        self.checkpoints = checkpoints

    def save(self, step: int) -> Path:
        """Write a checkpoint, and delete the oldest. Raises OutputError if it cannot be written."""
        machine = self.machine
        path = self.checkpoints.folder / f"step-{step:06}"
        if self.spread:
            return self._save_spread(step, path)
        if machine.is_main_process:
            tensors, numbers = optimizer_tensors(self.optimizer, self.names)
            files = {**self.whole.state(), _OPTIMIZER: tensors}
            if self.average is not None:
                files[_AVERAGE] = {name: value.cpu() for name, value in self.average.values.items()}
            self.checkpoints.write(self.checkpoints.begin(step), step, files, self._state(numbers))
            self.checkpoints.rotate(self.options.keep)
        machine.wait_for_everyone()
        return path

    def _save_spread(self, step: int, path: Path) -> Path:
        """Every process writes its piece; the complete networks are assembled, too, for the export."""
        machine = self.machine
        begun = self.checkpoints.folder / f".step-{step:06}.partial"
        if machine.is_main_process:
            self.checkpoints.begin(step)
        machine.wait_for_everyone()
        machine.save_state(str(begun / _SPREAD))
        state = machine.get_state_dict(self.model)
        machine.wait_for_everyone()
        if machine.is_main_process:
            files = {
                name: {
                    key: state[f"networks.{name}.{key}"].cpu().contiguous() for key in self.whole.kept(name)
                }
                for name in self.whole.networks
            }
            self.checkpoints.write(begun, step, files, self._state({}))
            self.checkpoints.rotate(self.options.keep)
        machine.wait_for_everyone()
        return path

    def _state(self, numbers: dict[str, Any]) -> dict[str, Any]:
        scaler = self.machine.scaler
        return {
            "kind": self.recipe.name,
            "options": self.options.model_dump(mode="json"),
            "processes": self.machine.num_processes,
            "optimizer_numbers": numbers,
            "scaler": None if scaler is None else scaler.state_dict(),
        }

    def load(self, checkpoint: TrainingCheckpoint) -> Iterator[str]:
        """Restore everything from a checkpoint.

        Returns what differs from the run that wrote it. Raises TrainingError if it does not fit.
        """
        try:
            if self.spread:
                self.machine.load_state(str(checkpoint.path / _SPREAD))
            else:
                self._fill(checkpoint)
        except (LookupError, ValueError, TypeError, AttributeError, RuntimeError) as error:
            raise TrainingError(
                "{path} does not fit these networks ({reason}); resume with the options with which the run "
                "started, or choose another folder with --out.",
                path=checkpoint.path,
                reason=reason_of(error),
            ) from error
        yield from self._differences(checkpoint)

    def _fill(self, checkpoint: TrainingCheckpoint) -> None:
        for name in self.whole.networks:
            self.whole.fill(name, checkpoint.tensors(name) or {})
        memory = checkpoint.tensors(_OPTIMIZER)
        if memory is not None:  # a spread run's optimizer has its own form
            fill_optimizer(self.optimizer, self.names, memory, checkpoint.state["optimizer_numbers"])
        if self.average is not None:
            kept = checkpoint.tensors(_AVERAGE)
            self.average.fill(self.whole.trained() if kept is None else kept)
        if self.machine.scaler is not None and checkpoint.state["scaler"]:
            self.machine.scaler.load_state_dict(checkpoint.state["scaler"])

    def _differences(self, checkpoint: TrainingCheckpoint) -> Iterator[str]:
        before = checkpoint.state.get("options")
        before = before if isinstance(before, dict) else {}
        now = self.options.model_dump(mode="json")
        free = self.options.free | ({"steps"} if self.options.schedule == "constant" else set())
        other = sorted(name for name in now if name not in free and before.get(name) != now[name])
        if other:
            changes = ", ".join(f"{name} {quoted(str(before.get(name)))} -> {now[name]}" for name in other)
            yield f"Other options than up to step {checkpoint.step}: {changes}."
        processes = checkpoint.state.get("processes")
        if processes != self.machine.num_processes:
            yield (
                f"{self.machine.num_processes} processes instead of {shown(processes)}: a step "
                "has another number of samples than before."
            )
