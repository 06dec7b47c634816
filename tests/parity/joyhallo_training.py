"""One step of the second stage, forward and backward."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor, nn

from engines.joyhallo.networks.builders import build
from engines.joyhallo.networks.denoising_unet import DEAD
from engines.joyhallo.pipeline.conditions import stacked_masks
from tests.parity.context import Context
from tests.parity.golden import Comparison, Golden, compare_arrays
from tests.parity.joyhallo_unets import ROUNDING, denoising_of, reference_of
from training.joyhallo.clip_step import ClipGiven, ClipStep, Kept, train_clips
from training.joyhallo.losses import min_snr_weights, noised, sample_losses

TOLERANCE = 1e-4


def train_step(golden: Golden, context: Context) -> Iterator[Comparison]:
    """Prediction, weights, losses and gradients, with and without reference pass and voice."""
    step = _Step(golden, context)
    for variant in ("bank16", "bank32", "noref_bank32", "noaudio_bank32"):
        if variant[-6:] not in context.banks:
            continue
        kept = Kept(reference=not variant.startswith("noref"), voice=not variant.startswith("noaudio"))
        original = step.clips(ROUNDING[variant[-6:]], reference_loss=True)
        predicted = step.predict(original, kept)
        yield golden.compare(f"{variant}__pred", predicted, TOLERANCE)
        losses = sample_losses(predicted, step.velocity)
        weights = min_snr_weights(step.given.timesteps)
        loss, _ = original.loss(predicted, step.velocity, step.given.timesteps)
        right, _ = step.clips(None).loss(predicted, step.velocity, step.given.timesteps)
        yield golden.compare(f"{variant}__weights", weights, 1e-6)
        yield golden.compare(f"{variant}__mse_per_sample", losses, TOLERANCE)
        yield golden.compare(f"{variant}__loss_reference", loss, TOLERANCE)
        yield golden.compare(f"{variant}__loss_per_sample_weighted", right, TOLERANCE)
        yield from step.gradients(golden, variant, loss)


class _Step:
    """The networks, what is trained of them, and everything that the variants share."""

    def __init__(self, golden: Golden, context: Context) -> None:
        def given(name: str) -> Tensor:
            return torch.from_numpy(golden[f"in_{name}"])

        self.parts: dict[str, nn.Module] = {
            "reference_unet": reference_of(context),
            "denoising_unet": denoising_of(context),
            "audioproj": _filled(context, "audioproj"),
        }
        train_clips(self.parts)
        noisy, self.velocity = noised(given("latents"), given("noise"), given("timesteps"))
        with torch.no_grad():
            faces = _filled(context, "imageproj")(given("face_emb"))
            locator = _filled(context, "face_locator")(given("region_frame0").unsqueeze(2))
        levels = [
            [given(f"{region}_mask_{level}") for level in range(4)] for region in ("full", "face", "lip")
        ]
        self.given = ClipGiven(
            noisy,
            given("timesteps"),
            given("ref_latents"),
            faces,
            locator,
            given("audio"),
            stacked_masks(*levels),
        )
        self.trained = {
            f"{name}.{key}": parameter
            for name in ("denoising_unet", "audioproj")
            for key, parameter in self.parts[name].named_parameters()
            if parameter.requires_grad
        }
        self.never_run = [
            f"denoising_unet.{key}"
            for key in context.hallo_network("denoising_unet")
            if DEAD.match(key) and not key.endswith(".pe")
        ]

    def clips(self, rounding: torch.dtype | None, *, reference_loss: bool = False) -> ClipStep:
        """The training's own step, which sees the samples of a batch as the original does."""
        return ClipStep(self.parts, tiling=True, reference_loss=reference_loss, rounding=rounding)

    def predict(self, clips: ClipStep, kept: Kept) -> Tensor:
        for parameter in self.trained.values():
            parameter.grad = None
        return clips.predict(self.given, kept)

    def gradients(self, golden: Golden, variant: str, loss: Tensor) -> Iterator[Comparison]:
        """Those that are stored, the norm of all, and which parameters have none."""
        loss.backward()
        found = {name: p.grad for name, p in self.trained.items() if p.grad is not None}
        norm = torch.stack([gradient.norm() for gradient in found.values()]).norm()
        yield golden.compare(f"{variant}__grad_norm_total", norm, TOLERANCE, relative=True)
        start = f"{variant}__grad__"
        for name in golden.names():
            if name.startswith(start):
                yield golden.compare(name, found[name.removeprefix(start)], TOLERANCE, relative=True)
        name = f"{variant}__params_without_grad"
        without = [*self.never_run, *(self.trained.keys() - found.keys())]
        yield compare_arrays(name, np.array(sorted(without)), np.array(sorted(golden[name])))


def _filled(context: Context, name: str) -> nn.Module:
    network = build(name, context.hallo_config)
    network.load_state_dict(context.hallo_network(name))
    return network


CHECKS = {"tiny_train_step": train_step}
