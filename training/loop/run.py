"""Runs a training: from the first step, or from the last checkpoint, to the export."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path

import torch

from media.errors import TrainingError
from training.loop.batches import batches
from training.loop.checkpointing import Checkpointing
from training.loop.checkpoints import Checkpoints
from training.loop.events import Began, Exported, Noted, Saved, Stepped, TrainingEvent, Validated
from training.loop.machine import LOGS, accelerator, repeatable
from training.loop.options import LoopOptions
from training.loop.recipe import Recipe
from training.loop.setup import TrainingSetup
from training.loop.step import TrainingStep

EXPORT = "export"
VALIDATION = "validation"


def train(
    recipe: Recipe, options: LoopOptions, out: Path, *, resume: bool = False
) -> Generator[TrainingEvent, None, None]:
    """Train, and yield what happens. Every process of a launch calls this with the same arguments.

    out: the run's folder, with `checkpoints`, `logs`, `validation` and `export` in it. resume: continue from
    the last complete checkpoint there; the result equals that of an unbroken run, on a CPU bit for bit.
    Closing the generator stops the run; saved checkpoints stay, partial ones do not. Raises TrainingError
    when the folder holds another run, the device lacks what is asked for, or the loss is not a number;
    OutputError when the disk refuses; and what the recipe raises.
    """
    checkpoints = Checkpoints(out)
    if checkpoints.steps() and not resume:
        raise TrainingError(
            "{out} contains a training up to step {step}; continue it with --resume, or choose another "
            "folder with --out.",
            out=out,
            step=checkpoints.steps()[-1],
        )
    with ExitStack() as stack:
        machine = stack.enter_context(accelerator(options, out, some_unused=recipe.some_unused))
        stack.enter_context(repeatable(machine.device))
        yield from _Run(TrainingSetup(recipe, options, machine), out, checkpoints).events(resume)


class _Run:
    """One run on one machine."""

    def __init__(self, built: TrainingSetup, out: Path, checkpoints: Checkpoints) -> None:
        self.built, self.out, self.checkpoints = built, out, checkpoints
        self.recipe, self.options, self.machine = built.recipe, built.options, built.machine
        self.saving = Checkpointing(built, checkpoints)
        self.stepping = TrainingStep(built, checkpoints)

    def events(self, resume: bool) -> Iterator[TrainingEvent]:
        done, notes = self._resume() if resume else (0, [])
        if self.options.track:
            notes += self._start_logs(done)
        yield self._began(done)
        yield from map(Noted, [*self.recipe.notes, *notes])
        self.built.model.train()
        read = batches(
            self.recipe, self.options, done + 1, self.machine.num_processes, self.machine.process_index
        )
        for step in range(done + 1, self.options.steps + 1):
            stepped = self.stepping.step(step, read)
            self._log(stepped)
            yield stepped
            if step % self.options.save_every == 0 or step == self.options.steps:
                yield Saved(step, self.saving.save(step))
            if self._validates(step):
                yield Validated(step, self._validate(step))
        yield from self._export()

    def _resume(self) -> tuple[int, list[str]]:
        """Resume: the last finished step, and sentences for the user."""
        checkpoint, notes = self.checkpoints.latest(self.recipe.name)
        if checkpoint is None:
            return 0, [
                *notes,
                f"There is no checkpoint in {self.checkpoints.folder}; the training starts at step 0.",
            ]
        return checkpoint.step, [*notes, *self.saving.load(checkpoint)]

    def _began(self, done: int) -> Began:
        return Began(
            step=done,
            steps=self.options.steps,
            parameters=self.built.parameters,
            samples_per_step=self.built.samples_per_step,
            device=str(self.machine.device),
            processes=self.machine.num_processes,
            main=self.machine.is_main_process,
        )

    def _start_logs(self, done: int) -> Iterator[str]:
        if not self.machine.log_with:
            yield "No log is written: without TensorBoard (requirements/training.txt) there is none."
            return
        settings = {"tensorboard": {"purge_step": done + 1}} if done else {}
        self.machine.init_trackers(LOGS, init_kwargs=settings)

    def _log(self, stepped: Stepped) -> None:
        if not self.options.track or stepped.step % self.options.log_every:
            return
        values = {
            "loss": stepped.loss,
            "learning_rate": stepped.learning_rate,
            "gradient_norm": stepped.gradient_norm,
            "samples_per_second": stepped.samples_per_second,
            **{f"terms/{name}": value for name, value in stepped.terms.items()},
        }
        self.machine.log(values, step=stepped.step)

    def _validates(self, step: int) -> bool:
        every = self.options.validate_every
        return (
            bool(every)
            and not self.built.spread
            and (step % every == 0 or (step == 1 and self.options.validate_first))
        )

    def _validate(self, step: int) -> tuple[Path, ...]:
        files: list[Path] = []
        if self.machine.is_main_process:
            folder = self.out / VALIDATION / f"step-{step:06}"
            folder.mkdir(parents=True, exist_ok=True)
            with self._finished():
                files = self.recipe.validate(step, folder)
        self.machine.wait_for_everyone()
        return tuple(files)

    def _export(self) -> Iterator[TrainingEvent]:
        if self.built.spread:
            yield Noted(
                "The weights lie in pieces on several processes; to export them run the same command with "
                "--resume once more, without accelerate launch."
            )
            return
        files: list[Path] = []
        if self.machine.is_main_process:
            folder = self.out / EXPORT
            folder.mkdir(parents=True, exist_ok=True)
            with self._finished():
                files = self.recipe.export(folder)
        self.machine.wait_for_everyone()
        yield Exported(tuple(files))

    @contextmanager
    def _finished(self) -> Iterator[None]:
        """Put the networks into the state in which they are used: averaged, in eval mode, without
        gradients.
        """
        self.built.model.eval()
        with torch.no_grad(), self.built.average.in_use() if self.built.average else nullcontext():
            yield
        self.built.model.train()
