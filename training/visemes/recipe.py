"""The training of the mouth network: crops of synthesised speech, and the mouth that belongs to them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from engines.preview.features import MEMORY
from engines.preview.network import AHEAD, BEHIND
from media.errors import OptionError
from training.loop.options import LoopOptions
from training.loop.recipe import Recipe
from training.visemes import corpus, festival
from training.visemes.augment import augment
from training.visemes.export import export_network, write_figures
from training.visemes.flite import flite_available
from training.visemes.network import MouthNetwork
from training.visemes.options import VisemesTraining

_CONTEXT = MEMORY + BEHIND
_CHANNEL_WEIGHT = (2.0, 2.0, 1.0, 1.0, 1.0, 0.7)
_CONTACT_WEIGHT = 3.0
_OPENING_WEIGHT = 8.0


def open_recipe(data: Path | None, options: LoopOptions) -> Recipe:
    """Synthesise the speech, or read it from the cache, and draw the network."""
    assert isinstance(options, VisemesTraining)
    flite = options.flite and flite_available()
    plan = corpus.CorpusRecipe(options.minutes, options.seed)
    plan = plan if flite else replace(plan, flite_share=0.0)
    plan = plan if options.festival and festival.installed() else replace(plan, festival_share=0.0)
    speech = corpus.load(plan, Path(options.cache).expanduser(), options.speakers)
    spoken = ["espeak-ng"] + ["flite"] * flite + ["festival"] * bool(plan.festival_share)
    note = f"{speech.hours:.2f} hours of speech by {', '.join(spoken)}."
    return MouthRecipe(speech, options, flite=flite, notes=(note,))


class MouthRecipe(Recipe):
    """flite: whether its held-out voice is among what is judged."""

    name: ClassVar[str] = "visemes"

    def __init__(
        self,
        speech: corpus.Corpus,
        options: VisemesTraining,
        *,
        flite: bool = False,
        notes: tuple[str, ...] = (),
    ) -> None:
        self.speech, self.options, self.flite, self.notes = speech, options, flite, notes
        self._length = _CONTEXT + options.frames + AHEAD
        shortest = min(len(speech.decibels), len(speech.background))
        if self._length >= shortest:
            raise OptionError(
                f"Samples of {options.frames} frames cannot be cut from {shortest / 100:.1f} s of "
                "sound; use fewer --frames or more --minutes."
            )
        with torch.random.fork_rng(devices=()):
            torch.manual_seed(options.seed)
            self.network = MouthNetwork(options.width)

    def networks(self) -> dict[str, nn.Module]:
        """One, as small as that."""
        return {"mouth": self.network}

    def sample(self, rng: np.random.Generator) -> dict[str, Tensor]:
        """features (BEHIND + frames + AHEAD, BANDS) of a degraded crop, curves (frames, 6) in 0..1."""
        speech, frames, length = self.speech, self.options.frames, self._length
        at = int(rng.integers(0, len(speech.decibels) - length))
        under = int(rng.integers(0, len(speech.background) - length))
        features, curves = augment(
            rng,
            speech.decibels[at : at + length],
            speech.targets[at : at + length],
            speech.background[under : under + length],
        )
        crop = curves[_CONTEXT : _CONTEXT + frames]
        return {"features": torch.from_numpy(features[MEMORY:]), "curves": torch.from_numpy(crop)}

    def loss(
        self, batch: dict[str, Tensor], step_rng: np.random.Generator
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Cross entropy per channel, heavier on contacts made while speaking, and on the lips' opening."""
        logits, curves = self.network(batch["features"]).float(), batch["curves"]
        weight = torch.tensor(_CHANNEL_WEIGHT, device=curves.device).expand_as(curves).clone()
        spoken = curves[..., 5] > 0.5
        for channel in (1, 4):
            weight[..., channel] *= 1.0 + _CONTACT_WEIGHT * spoken * curves[..., channel]
        entropy = functional.binary_cross_entropy_with_logits(logits, curves, weight)
        opening = functional.mse_loss(_opening(torch.sigmoid(logits)), _opening(curves))
        return entropy + _OPENING_WEIGHT * opening, {"curves": entropy, "opening": opening}

    def validate(self, step: int, folder: Path) -> list[Path]:
        """The network by now, and how it does on held-out voices and sentences."""
        return self.export(folder)

    def export(self, folder: Path) -> list[Path]:
        """`visemes.safetensors`, as the preview engine ships it, and its figures."""
        path = export_network(self.network, folder / "visemes.safetensors", self.options)
        return [path, write_figures(path, self.options, flite=self.flite)]


def _opening(curves: Tensor) -> Tensor:
    return curves[..., 0] * (1.0 - curves[..., 1])
