"""One step of the second stage, forward and backward."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor, nn

from engines.joyhallo.conditions import ClipConditions, banks_of, stacked_masks
from engines.joyhallo.denoising_unet import DEAD
from engines.joyhallo.networks import build
from tests.parity.context import Context
from tests.parity.golden import Comparison, Golden, compare_arrays
from tests.parity.joyhallo_unets import ROUNDING, denoising_of, reference_of
from training.joyhallo.losses import min_snr_weights, noised, sample_losses, total_loss

TOLERANCE = 1e-4
TRAINED = (".audio_modules.", ".motion_modules.")
"""What is trained of the denoising U-Net; the audio projection is, too."""


def train_step(golden: Golden, context: Context) -> Iterator[Comparison]:
    """Prediction, weights, losses and gradients, with and without reference pass and voice."""
    step = _Step(golden, context)
    for variant in ("bank16", "bank32", "noref_bank32", "noaudio_bank32"):
        if variant[-6:] not in context.banks:
            continue
        predicted = step.predict(
            None if variant.startswith("noref") else ROUNDING[variant[-6:]],
            reference=not variant.startswith("noref"),
            voice=not variant.startswith("noaudio"),
        )
        yield golden.compare(f"{variant}__pred", predicted, TOLERANCE)
        losses = sample_losses(predicted, step.velocity)
        weights = min_snr_weights(step.timesteps)
        loss = total_loss(losses, weights, reference_loss=True)
        yield golden.compare(f"{variant}__weights", weights, 1e-6)
        yield golden.compare(f"{variant}__mse_per_sample", losses, TOLERANCE)
        yield golden.compare(f"{variant}__loss_reference", loss, TOLERANCE)
        yield golden.compare(f"{variant}__loss_per_sample_weighted", total_loss(losses, weights), TOLERANCE)
        yield from step.gradients(golden, variant, loss)


class _Step:
    """The networks, what is trained of them, and everything that the variants share."""

    def __init__(self, golden: Golden, context: Context) -> None:
        def given(name: str) -> Tensor:
            return torch.from_numpy(golden[f"in_{name}"])

        self.reference = reference_of(context)
        self.denoising = denoising_of(context)
        self.projection = _filled(context, "audioproj")
        self.latents, self.voice = given("ref_latents"), given("audio")
        self.timesteps = given("timesteps")
        self.noisy, self.velocity = noised(given("latents"), given("noise"), self.timesteps)
        with torch.no_grad():
            self.faces = _filled(context, "imageproj")(given("face_emb"))
            self.locator = _filled(context, "face_locator")(given("region_frame0").unsqueeze(2))
        levels = [
            [given(f"{region}_mask_{level}") for level in range(4)] for region in ("full", "face", "lip")
        ]
        self.masks = stacked_masks(*levels)
        self.trained = {
            f"denoising_unet.{name}": parameter
            for name, parameter in self.denoising.named_parameters()
            if any(part in name for part in TRAINED)
        }
        self.trained |= {f"audioproj.{name}": p for name, p in self.projection.named_parameters()}
        self.never_run = [
            f"denoising_unet.{key}"
            for key in context.hallo_network("denoising_unet")
            if DEAD.match(key) and not key.endswith(".pe")
        ]

    def predict(self, rounding: torch.dtype | None, *, reference: bool, voice: bool) -> Tensor:
        for parameter in self.trained.values():
            parameter.requires_grad_(True)
            parameter.grad = None
        heard = self.projection(self.voice)
        with torch.no_grad():
            banks = banks_of(self.reference, self.latents, self.faces, rounding=rounding) if reference else {}
        conditions = ClipConditions(
            guided=False,
            banks=banks,
            face_tokens=self.faces,
            audio_tokens=heard if voice else torch.zeros_like(heard),
            locator=self.locator,
            masks=self.masks,
        )
        # On a processor torch 2.13 crashes in the backward of a channels-last GroupNorm whose input needs no
        # gradient, which is where the first trained module begins; so the input gets one.
        return self.denoising(self.noisy.requires_grad_(), self.timesteps, conditions)

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
