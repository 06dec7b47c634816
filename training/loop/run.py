"""Runs a training: from the first step, or from the last checkpoint, to the export."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from media.errors import TrainingError
from training.loop.averaging import MovingAverage
from training.loop.batches import batches
from training.loop.checkpoints import Checkpoint, Checkpoints
from training.loop.events import Began, Exported, Noted, Saved, Stepped, TrainingEvent, Validated
from training.loop.machine import DTYPES, LOGS, accelerator, repeatable, spread
from training.loop.optimizing import fill_optimizer, learning_rate, make_optimizer, optimizer_tensors
from training.loop.options import LoopOptions
from training.loop.pace import Pace
from training.loop.randomness import slots, step_generator, torch_seed
from training.loop.recipe import Recipe
from training.loop.whole import Whole

EXPORT = "export"
VALIDATION = "validation"
_OPTIMIZER, _AVERAGE, _SPREAD = "optimizer", "average", "spread"


def train(
    recipe: Recipe, options: LoopOptions, out: Path, *, resume: bool = False
) -> Generator[TrainingEvent, None, None]:
    """Train, and tell what happens. Every process of a launch calls this with the same arguments.

    out: the run's folder, with `checkpoints`, `logs`, `validation` and `export` in it. resume: go on from the
    last complete checkpoint there; the end is the same, on a processor bit by bit, as of an unbroken run.
    Closing the generator stops; what was saved stays, and nothing partial does.
    Raises TrainingError when the folder holds another run, the device lacks what is asked for, or the loss
    is no number; OutputError when the disk refuses; and what the recipe raises.
    """
    checkpoints = Checkpoints(out)
    if checkpoints.steps() and not resume:
        raise TrainingError(
            f"{out} holds a training up to step {checkpoints.steps()[-1]}; go on with it by --resume, or "
            "choose another folder with --out."
        )
    with ExitStack() as stack:
        machine = stack.enter_context(accelerator(options, out, some_unused=recipe.some_unused))
        stack.enter_context(repeatable(machine.device))
        yield from _Run(recipe, options, out, checkpoints, machine).events(resume)


class _Run:
    """One run on one machine; everything that is built for it."""

    def __init__(
        self, recipe: Recipe, options: LoopOptions, out: Path, checkpoints: Checkpoints, machine: Any
    ) -> None:
        self.recipe, self.options, self.out = recipe, options, out
        self.checkpoints, self.machine = checkpoints, machine
        recipe.place(machine.device, DTYPES[options.precision])
        self.whole = Whole(recipe)
        self.names = list(self.whole.trained())
        if not self.names:
            raise ValueError(f"The recipe {recipe.name} trains nothing.")
        optimizer = make_optimizer(self.whole.trained().values(), options)
        self.model, self.optimizer = machine.prepare(self.whole, optimizer)
        self.spread = spread(machine)
        if self.spread and options.ema:
            raise TrainingError(
                "A moving average (--ema) cannot be had with DeepSpeed or FSDP; leave it out."
            )
        self.average = MovingAverage(self.whole.trained(), options.ema) if options.ema else None
        self.pace = Pace(options.batch_size * options.gradient_accumulation * machine.num_processes)

    def events(self, resume: bool) -> Iterator[TrainingEvent]:
        yield from map(Noted, self.recipe.notes)
        done = 0
        if resume:
            checkpoint, notes = self.checkpoints.latest(self.recipe.name)
            yield from map(Noted, notes)
            if checkpoint is None:
                yield Noted(
                    f"There is no checkpoint in {self.checkpoints.folder} yet; the training begins anew."
                )
            else:
                done = checkpoint.step
                yield from map(Noted, self._load(checkpoint))
        if self.options.track:
            yield from map(Noted, self._start_logs(done))
        yield self._began(done)
        self.model.train()
        read = batches(
            self.recipe, self.options, done + 1, self.machine.num_processes, self.machine.process_index
        )
        for step in range(done + 1, self.options.steps + 1):
            stepped = self._step(step, read)
            self._log(stepped)
            yield stepped
            if step % self.options.save_every == 0 or step == self.options.steps:
                yield Saved(step, self._save(step))
            if self._validates(step):
                yield Validated(step, self._validate(step))
        yield from self._export()

    def _began(self, done: int) -> Began:
        return Began(
            step=done,
            steps=self.options.steps,
            parameters=sum(p.numel() for p in self.whole.trained().values()),
            samples_per_step=self.options.batch_size
            * self.options.gradient_accumulation
            * self.machine.num_processes,
            device=str(self.machine.device),
            processes=self.machine.num_processes,
            main=self.machine.is_main_process,
        )

    # One step

    def _step(self, step: int, read: Iterator[dict[str, Tensor]]) -> Stepped:
        self.pace.begin()
        rate = learning_rate(self.options, step)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        sums: dict[str, Tensor] = {}
        for part in range(self.options.gradient_accumulation):
            batch = {name: value.to(self.machine.device) for name, value in next(read).items()}
            for name, value in self._forward_and_back(step, part, batch).items():
                sums[name] = sums.get(name, 0) + value / self.options.gradient_accumulation
        means = self._over_processes(sums)
        self._check(step, means["loss"], "loss")
        norm = self._norm(step)
        self.optimizer.step()
        self.optimizer.zero_grad()
        if self.average is not None and not self.machine.optimizer_step_was_skipped:
            self.average.update(step)
        self.pace.end()
        left = (self.options.steps - step) * self.pace.seconds_per_step
        loss = means.pop("loss")
        return Stepped(step, loss, means, rate, norm, self.pace.samples_per_second, left)

    def _forward_and_back(self, step: int, part: int, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        machine, options = self.machine, self.options
        first = slots(options.batch_size, machine.num_processes, machine.process_index, part).start
        torch.manual_seed(torch_seed(options.seed, step, first))
        with machine.accumulate(self.model):
            loss, terms = self.model(batch, step_generator(options.seed, step))
            if not torch.isfinite(loss.detach()).all():
                self._blame(step, batch)
            machine.backward(loss)
        return {"loss": loss.detach().float(), **{name: term.float() for name, term in terms.items()}}

    def _over_processes(self, values: dict[str, Tensor]) -> dict[str, float]:
        if not values:
            return {}
        stacked = torch.stack([value.reshape(()) for value in values.values()])
        return dict(zip(values, self.machine.reduce(stacked, "mean").tolist(), strict=True))

    def _norm(self, step: int) -> float:
        """Of all gradients, which are clipped."""
        limit = self.options.clip_norm or math.inf
        norm = self.machine.clip_grad_norm_(self.model.parameters(), limit)
        if norm is None:  # DeepSpeed clips by itself
            return math.nan
        if self.machine.scaler is None:  # else the scaler leaves out such steps
            self._check(step, float(norm), "gradient")
        return float(norm)

    def _blame(self, step: int, batch: dict[str, Tensor]) -> None:
        """Raise TrainingError when it is the data that make the loss no number."""
        for name, value in batch.items():
            if value.is_floating_point() and not torch.isfinite(value).all():
                raise TrainingError(
                    f"The data of step {step} hold values in '{name}' that are no numbers; prepare the "
                    "dataset anew, or leave out the video that they come from."
                )

    def _check(self, step: int, value: float, what: str) -> None:
        if math.isfinite(value):
            return
        saved = self.checkpoints.steps()
        last = f"the last checkpoint is of step {saved[-1]}" if saved else "there is no checkpoint yet"
        raise TrainingError(
            f"The {what} is {value} at step {step} with a learning rate of "
            f"{learning_rate(self.options, step):g}; lower --learning-rate, or take --precision fp32 "
            f"({last})."
        )

    # Saving and going on

    def _save(self, step: int) -> Path:
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
        """Every process writes its piece; the whole networks are put together as well, to be exported."""
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

    def _load(self, checkpoint: Checkpoint) -> Iterator[str]:
        """Fill everything from a checkpoint, and say what differs from the run that wrote it."""
        try:
            if self.spread:
                self.machine.load_state(str(checkpoint.path / _SPREAD))
            else:
                self._fill(checkpoint)
        except (KeyError, ValueError, RuntimeError) as error:
            raise TrainingError(
                f"{checkpoint.path} does not fit these networks ({' '.join(str(error).split())[:100]}); "
                "resume with the options that the run began with, or choose another folder with --out."
            ) from error
        yield from self._differences(checkpoint)

    def _fill(self, checkpoint: Checkpoint) -> None:
        for name in self.whole.networks:
            self.whole.fill(name, checkpoint.tensors(name) or {})
        memory = checkpoint.tensors(_OPTIMIZER)
        if memory is not None:  # a spread run's is in its own form
            fill_optimizer(self.optimizer, self.names, memory, checkpoint.state["optimizer_numbers"])
        if self.average is not None:
            kept = checkpoint.tensors(_AVERAGE)
            self.average.fill(self.whole.trained() if kept is None else kept)
        if self.machine.scaler is not None and checkpoint.state["scaler"]:
            self.machine.scaler.load_state_dict(checkpoint.state["scaler"])

    def _differences(self, checkpoint: Checkpoint) -> Iterator[str]:
        before = checkpoint.state["options"]
        now = self.options.model_dump(mode="json")
        free = self.options.free | ({"steps"} if self.options.schedule == "constant" else set())
        other = sorted(name for name in now if name not in free and before.get(name) != now[name])
        if other:
            told = ", ".join(f"{name} {before.get(name)} -> {now[name]}" for name in other)
            yield f"Other options than up to step {checkpoint.step}: {told}."
        if checkpoint.state["processes"] != self.machine.num_processes:
            yield (
                f"{self.machine.num_processes} processes instead of {checkpoint.state['processes']}: a step "
                "has another number of samples than before."
            )

    # Logs, validation, export

    def _start_logs(self, done: int) -> Iterator[str]:
        if not self.machine.log_with:
            yield "No log is written: without TensorBoard (requirements-training.txt) there is none."
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
            and not self.spread
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
        if self.spread:
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
        """The networks as they are used: averaged, in eval mode, without gradients."""
        self.model.eval()
        with torch.no_grad(), self.average.in_use() if self.average else nullcontext():
            yield
        self.model.train()
