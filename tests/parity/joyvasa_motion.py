"""Denoiser, schedule, sampler and the whole way from sound to motion. With --fast the fast denoiser runs."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from engines.joyvasa.fast.fast_denoiser import FastDenoiser
from engines.joyvasa.motion.audio_to_motion import AudioToMotion, only_motion
from engines.joyvasa.motion.guidance import DynamicThreshold, branches, prepare_window
from engines.joyvasa.motion.head_smoothing import FREEZING_ALPHA, ExponentialSmoothing
from engines.joyvasa.motion.pose import HeadMotion
from engines.joyvasa.motion.sampler import SamplerSettings, plan_sampling, sample
from engines.joyvasa.motion.schedule import VarianceSchedule
from engines.joyvasa.motion.template import MotionTemplate
from engines.joyvasa.motion.windows import original_plan
from engines.joyvasa.networks.denoiser import PositionalEncoding, sinusoidal_table
from engines.joyvasa.networks.motion_generator import MotionGenerator
from tests.parity.allowance import allow_rounding
from tests.parity.context import Context
from tests.parity.golden import Comparison, Golden
from tests.parity.joyvasa_audio import generator_of, one_thread, samples_of
from tests.parity.originals import indicator

TOLERANCE = 1e-4
SAMPLE_TOLERANCE = 1e-3
EXPLODED = 1e3
"""Values above this are compared by share."""
ENCODINGS: tuple[PositionalEncoding, ...] = ("pe_old", "pe_fixed")
DEGREES = (".pitch", ".yaw", ".roll")
"""Parts whose numbers are large: compared by share."""
GUIDED_STEPS = 10
"""Steps of the run in golden_motion_sequence."""


class CountedNoise:
    """Noise call k is x("noise.<k>"), as the goldens were made."""

    def __init__(self, context: Context, frames: int, width: int) -> None:
        self.context, self.shape, self.calls = context, (1, frames, width), 0

    def __call__(self, draws: int) -> Tensor:
        drawn = [self.context.x(f"noise.{self.calls + k}", self.shape) for k in range(draws)]
        self.calls += draws
        return torch.stack([torch.from_numpy(noise) for noise in drawn]) if drawn else torch.empty(0)


def denoise(golden: Golden, context: Context) -> Iterator[Comparison]:
    """One denoising step with its stages, and the training forward."""
    generator = generator_of(context)
    net = generator.denoising_net
    steps = torch.from_numpy(golden["timesteps"])
    golden["indicator"]  # an input that the network ignores

    def made(name: str, *shape: int) -> Tensor:
        return torch.from_numpy(context.x(name, (len(steps), *shape)))

    motion = made("in.motion", net.motions, net.motion_dim)
    previous = made("in.prev_motion", net.previous_motions, net.motion_dim)
    audio = made("in.audio_feat", net.motions, net.feature_dim)
    previous_audio = made("in.prev_audio", net.previous_motions, net.feature_dim)
    not_eye = torch.equal(net.alignment_mask, ~torch.eye(len(net.alignment_mask), dtype=torch.bool))
    yield golden.compare("alignment_mask_is_not_eye", not_eye, 0)
    with torch.inference_mode():
        for encoding in ENCODINGS:
            net.positional_encoding = encoding
            ours: dict[str, Tensor] = {}
            if context.fast:
                window = FastDenoiser(net, generator.null_audio_feat).window(
                    previous, previous_audio, audio, (False, True)
                )
                kept = window(motion, steps, all_outputs=True, observe=ours.__setitem__)[1]
                # the second branch is the one that hears the voice; early stages have no branches yet
                ours = {name: value[-len(steps) :] for name, value in ours.items()}
                # of the outputs only the current frames come from the form that leaves the others out
                before = net.previous_motions
                ours["out"] = torch.cat([kept[:, :before], window(motion, steps)[1]], dim=1)
            else:
                with _recorded(generator, ours):
                    ours["out"] = net(motion, audio, previous, previous_audio, steps)
                ours["after_PE"] = ours["feature_proj"] + net.place(net.previous_motions + net.motions)
            for name, value in ours.items():
                if f"{encoding}.{name}" in golden:
                    yield golden.compare(f"{encoding}.{name}", value, TOLERANCE)
            eps = made("train_noise.0", net.motions, net.motion_dim)
            for case, dropped in (("train_keep", False), ("train_drop", True)):
                drop = torch.full((len(steps),), dropped)
                if (name := f"{encoding}.{case}.target") in golden:
                    target = generator(motion, audio, previous, previous_audio, steps, eps, drop)
                    yield golden.compare(name, target, TOLERANCE)


class _recorded:  # noqa: N801 (reads as a function)
    """Keep what the plain denoiser's stages return while the block runs."""

    def __init__(self, generator: MotionGenerator, into: dict[str, Tensor]) -> None:
        net = generator.denoising_net
        self.stages = {"diff_step_embedding": net.diff_step_map, "feature_proj": net.feature_proj}
        self.stages |= {f"layer{i}": layer for i, layer in enumerate(net.transformer.layers)}
        self.into = into

    def __enter__(self) -> None:
        self.hooks = [m.register_forward_hook(self._keep(name)) for name, m in self.stages.items()]

    def __exit__(self, *_: object) -> None:
        for hook in self.hooks:
            hook.remove()

    def _keep(self, name: str) -> Callable[..., None]:
        return lambda module, inputs, output: self.into.__setitem__(name, output)


def schedule(golden: Golden, context: Context) -> Iterator[Comparison]:
    """Every table of every schedule, and rows of the position codes."""
    for name in golden.names():
        if match := re.fullmatch(r"(\w+)\.(\d+)\.(\w+)", name):
            kind, steps, table = match.groups()
            ours = VarianceSchedule(int(steps), kind).get_buffer(table)  # type: ignore[arg-type]
            yield golden.compare(name, ours, 1e-6)
        elif match := re.fullmatch(r"TE_pe_(\d+)_rows_(\d+)_(\d+)", name):
            width, first, last = map(int, match.groups())
            yield golden.compare(name, sinusoidal_table(last + 1, width)[0, first:], 1e-6)
        elif match := re.fullmatch(r"PE_row_(\d+)_(\d+)", name):
            row, width = map(int, match.groups())
            yield golden.compare(name, sinusoidal_table(row + 1, width)[0, row], 1e-5)


ORIGINAL = SamplerSettings(cfg_scale=2.0)
"""The original's."""
CASES: dict[str, SamplerSettings] = {
    "independent": replace(ORIGINAL, cfg_mode="independent"),
    "nocfg": replace(ORIGINAL, cfg_scale=None),
    "dynthr": replace(ORIGINAL, dynamic_threshold=DynamicThreshold(0.9, 0.5, 1.0)),
    "target_noise": replace(ORIGINAL, target="noise"),
}


def sampling(golden: Golden, context: Context) -> Iterator[Comparison]:
    """Whole windows: two in a row, the states on the way, and every variant."""
    generator = generator_of(context)
    audio = torch.from_numpy(golden["audio_feat"])
    with torch.inference_mode():
        for prefix in dict.fromkeys(name.rpartition(".noise_calls")[0] for name in golden.names()):
            match = re.fullmatch(r"T(\d+)\.(pe_\w+)", prefix)
            if match is None:
                continue
            generator.diffusion_sched = VarianceSchedule(int(match[1]))
            generator.denoising_net.positional_encoding = match[2]  # type: ignore[assignment]
            yield from _sampling_cases(golden, context, generator, prefix, audio)


def _sampling_cases(
    golden: Golden, context: Context, generator: MotionGenerator, prefix: str, audio: Tensor
) -> Iterator[Comparison]:
    config = generator.config
    net = generator.denoising_net
    denoiser = FastDenoiser(net, generator.null_audio_feat) if context.fast else net
    before = generator.start_motion_feat, generator.start_audio_feat

    def run(settings, noise, heard=audio, previous=before, start=None, observe=None):
        plan = plan_sampling(generator.diffusion_sched, settings)
        fresh = noise(plan.draws + (start is None))
        first = fresh[0] if start is None else start
        window = prepare_window(
            denoiser, generator.null_audio_feat, previous[0], previous[1], heard, branches(settings.cfg_scale)
        )
        drawn = fresh[len(fresh) - plan.draws :]
        return sample(window, first, drawn, plan, observe), first

    def counted() -> CountedNoise:
        return CountedNoise(context, config.n_motions, config.motion_feat_dim)

    states: dict[int, Tensor] = {}
    noise, calls = counted(), []
    one, start = run(ORIGINAL, noise, observe=states.__setitem__)
    calls.append(noise.calls)
    second = torch.from_numpy(context.x("in.audio_feat2", audio.shape))
    kept = config.n_prev_motions
    two, _ = run(ORIGINAL, noise, second, (one[:, -kept:], audio[:, -kept:]), start)
    calls.append(noise.calls)
    yield golden.compare(f"{prefix}.window1", one, SAMPLE_TOLERANCE)
    yield golden.compare(f"{prefix}.window2", two, SAMPLE_TOLERANCE)
    yield golden.compare(f"{prefix}.noise_calls", calls, 0)
    for name in golden.names():
        case = name.removeprefix(f"{prefix}.")
        if case == name or case in ("window1", "window2", "noise_calls"):
            continue
        if match := re.fullmatch(r"traj(\d+)", case):
            yield golden.compare(name, states[int(match[1])], SAMPLE_TOLERANCE)
        else:
            settings = CASES.get(case) or _settings(case)
            ours, _ = run(settings, counted())
            exploded = bool(ours.abs().max() > EXPLODED)
            yield golden.compare(name, ours, SAMPLE_TOLERANCE, relative=exploded)


def _settings(case: str) -> SamplerSettings:
    """From a name such as cfg1.15 or flex1."""
    if case.startswith("flex"):
        return replace(ORIGINAL, flexibility=float(case.removeprefix("flex")))
    return replace(ORIGINAL, cfg_scale=float(case.removeprefix("cfg")))


def motion_sequence(golden: Golden, context: Context) -> Iterator[Comparison]:
    """From sound to motion as the original does it, with its faults, before and after its smoothing."""
    for name in golden.names():
        if name.startswith("frames_for_samples."):
            windows = original_plan(int(name.rpartition(".")[2]))
            sums = [indicator(windows, window).sum() for window in range(windows.windows)]
            yield golden.compare(name, [windows.frames, *sums], 0)
    template = MotionTemplate.from_arrays(
        {name.removeprefix("tpl."): golden[name] for name in golden.names() if name.startswith("tpl.")}
    )
    generator = generator_of(context)
    generator.diffusion_sched = VarianceSchedule(GUIDED_STEPS)
    samples = samples_of(golden)[0].numpy()
    with one_thread():
        for encoding in ENCODINGS:
            if f"{encoding}.raw.R" not in golden:  # a compact copy has one of them
                continue
            generator.denoising_net.positional_encoding = encoding
            ours = _sequence(
                AudioToMotion(generator, template, fast=context.fast), samples, context, encoding
            )
            compared = [
                golden.compare(name, value, SAMPLE_TOLERANCE, relative=name.endswith(DEGREES))
                for name, value in ours.items()
            ]
            if not all(comparison.ok for comparison in compared):
                precise = AudioToMotion(copy.deepcopy(generator).double(), template, fast=False)
                compared = list(
                    allow_rounding(compared, ours, _sequence(precise, samples, context, encoding))
                )
            yield from compared


def _sequence(
    engine: AudioToMotion, samples: np.ndarray, context: Context, encoding: str
) -> dict[str, np.ndarray]:
    """Every part of the motion before and after the smoothing, by the golden's names."""
    config = engine.generator.config
    noise = CountedNoise(context, config.n_motions, config.motion_feat_dim)
    stretches = list(
        only_motion(
            engine.sequence(samples, None, ORIGINAL, noise=noise, original_timing=True, reuse_noise=True)
        )
    )
    frozen = ExponentialSmoothing(FREEZING_ALPHA).apply(iter(stretches))
    found = {}
    for case, motion in (("raw", HeadMotion.joined(stretches)), ("smooth", HeadMotion.joined(list(frozen)))):
        for part in ("exp", "scale", "t", "pitch", "yaw", "roll"):
            found[f"{encoding}.{case}.{part}"] = getattr(motion, part)
        found[f"{encoding}.{case}.R"] = motion.rotation
    return found


CHECKS = {
    "denoise": denoise,
    "schedule": schedule,
    "sample": sampling,
    "motion_sequence": motion_sequence,
}
