"""The training of the mouth network: crops of synthesised speech and their target mouths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from engines.preview.articulation import ROUNDING, VOICE
from engines.preview.features import MEMORY
from engines.preview.network import CLOSURE, LIP_TEETH, LONG, SHORT
from media.errors import OptionError
from training.loop.recipe import Recipe
from training.visemes import corpus, festival
from training.visemes.augment import augment, noise_distance
from training.visemes.export import export_network, write_figures
from training.visemes.flite import flite_available
from training.visemes.natural import machines, people
from training.visemes.network import MouthNetwork, begin_with, log_contacts, values
from training.visemes.options import VisemesTraining
from training.visemes.spoken import Spoken
from training.visemes.strip import Strip, strip

_CHANNEL_WEIGHT = (2.0, 2.0, 2.5, 1.2, 1.0, 0.7, 0.7)
"""Rounding counts most: of a vowel's shape, viewers miss it most."""
_ROUNDED_WEIGHT = 2.0
"""Additional weight of a frame of full rounding: y and ø are rare."""
_CONTACTS_WEIGHT = 0.5
"""Of the entropy of open, closed and lip at the teeth beside the mean of the other channels."""
_CONTACT_WEIGHT = 0.8
"""Additional weight of a frame of a contact in speech."""
_REST_WEIGHT = 1.0
"""Additional weight of a frame of rest: viewers notice at once if a mouth opens in a pause."""
_HIDDEN = 5.0
_LEAST_HIDDEN = 0.2
"""Contacts that are hard to hear are rare, so a network that is right as often as possible hardly ever makes
them under noise. The logarithm of their odds is therefore raised with the share of the voice that is not
heard, from this share on: by as much as makes it find about as many of them clean, by telephone, over noise
and over music. Pink noise 10 dB below a voice hides three quarters, chords and a telephone a third or more.
"""
_OPENING_WEIGHT = 8.0
_LAYOUTS = {"files": LONG, "live": SHORT}
_NATURAL = {"recorded": 0.34, "Mandarin": 0.36, "other languages": 0.30}
"""Shares of recorded and neural voices among the samples."""


def open_recipe(data: Path | None, options: VisemesTraining) -> Recipe:
    """Synthesise the speech, or read it from the cache, and draw the network."""
    flite = options.flite and flite_available()
    plan = corpus.CorpusRecipe(options.minutes, options.seed)
    plan = plan if flite else replace(plan, flite_share=0.0)
    plan = plan if options.festival and festival.installed() else replace(plan, festival_share=0.0)
    speech = corpus.load(plan, Path(options.cache).expanduser(), options.speakers)
    spoken = ["espeak-ng"] + ["flite"] * flite + ["festival"] * bool(plan.festival_share)
    note = f"{speech.hours:.2f} hours of speech by {', '.join(spoken)}."
    natural, lines = _natural(options)
    recipe = MouthRecipe(speech, options, natural, flite=flite, notes=(note, *lines))
    if options.start:
        begin_with(recipe.network, Path(options.start).expanduser())
    return recipe


def _natural(options: VisemesTraining) -> tuple[list[Strip], list[str]]:
    """Strips of recorded and neural voices, and what to print about them."""
    cache, lines = Path(options.cache).expanduser(), list[str]()
    voices: dict[str, list[Spoken]] = {}
    if options.recorded:
        voices["recorded"] = [
            one for said in people("training", cache, lines.append).values() for one in said
        ]
    if options.neural_minutes:
        spoken = machines(options.neural_minutes, cache, lines.append)
        voices["Mandarin"] = spoken.pop("Mandarin")
        voices["other languages"] = [one for said in spoken.values() for one in said]
    strips = [
        strip(said, _NATURAL[kind], np.random.default_rng([options.seed, number]))
        for number, (kind, said) in enumerate(voices.items())
    ]
    lines += [f"{one.minutes:.0f} minutes of {kind}." for kind, one in zip(voices, strips, strict=True)]
    return strips, lines


class MouthRecipe(Recipe):
    """natural: strips of recorded and neural voices, which speak `natural_share` of the samples if given.

    flite: whether its held-out voice is measured.
    """

    name: ClassVar[str] = "visemes"

    def __init__(
        self,
        speech: corpus.Corpus,
        options: VisemesTraining,
        natural: Sequence[Strip] = (),
        *,
        flite: bool = False,
        notes: tuple[str, ...] = (),
    ) -> None:
        self.speech, self.options, self.flite, self.notes = speech, options, flite, notes
        with torch.random.fork_rng(devices=()):
            torch.manual_seed(options.seed)
            self.network = MouthNetwork(options.width, _LAYOUTS[options.look_ahead])
        self._strips = [speech.strip(1.0 - options.natural_share if natural else 1.0)]
        total = sum(one.share for one in natural)
        self._strips += [replace(one, share=options.natural_share * one.share / total) for one in natural]
        self._before = MEMORY + self.network.behind
        self._length = self._before + options.frames + self.network.ahead
        shortest = min(len(speech.background), *(len(one.decibels) for one in self._strips))
        if self._length >= shortest:
            raise OptionError(
                "Samples of {frames} frames cannot be cut from {shortest:.1f} s of sound; use fewer "
                "--frames or more --minutes.",
                frames=options.frames,
                shortest=shortest / 100,
            )

    def networks(self) -> dict[str, nn.Module]:
        """The network."""
        return {"mouth": self.network}

    def sample(self, rng: np.random.Generator) -> dict[str, Tensor]:
        """features (behind + frames + ahead, BANDS) of a degraded crop, curves (frames, 7) in 0..1.

        eager: what is added to the logarithm of a contact's odds, because it is hard to hear.
        """
        frames, length = self.options.frames, self._length
        strip = self._strips[0]
        if len(self._strips) > 1:
            strip = self._strips[int(rng.choice(len(self._strips), p=[one.share for one in self._strips]))]
        at = int(rng.integers(0, len(strip.decibels) - length))
        under = int(rng.integers(0, len(self.speech.background) - length))
        features, curves, hidden = augment(
            rng,
            strip.decibels[at : at + length],
            strip.targets[at : at + length],
            self.speech.background[under : under + length],
            noise_distance(rng),
        )
        crop = curves[self._before : self._before + frames]
        eager = _HIDDEN * max(0.0, hidden - _LEAST_HIDDEN)
        return {
            "features": torch.from_numpy(features[MEMORY:]),
            "curves": torch.from_numpy(crop),
            "eager": torch.tensor(eager, dtype=torch.float32),
        }

    def loss(
        self, batch: dict[str, Tensor], step_rng: np.random.Generator
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Cross entropy per channel, heavier on contacts made while speaking, and on the lips' opening.

        Closed, lip at the teeth and open exclude each other and share one entropy. The network learns odds
        of contacts that are higher than the true ones by `eager`.
        """
        logits, curves = self.network(batch["features"]).float(), batch["curves"]
        contacts = torch.zeros(curves.shape[-1], device=curves.device)
        contacts[[CLOSURE, LIP_TEETH]] = 1.0
        logits = logits - batch["eager"][:, None, None] * contacts
        free = [channel for channel in range(curves.shape[-1]) if channel not in (CLOSURE, LIP_TEETH)]
        weight = torch.tensor(_CHANNEL_WEIGHT, device=curves.device).expand_as(curves).clone()
        weight[..., ROUNDING] *= 1.0 + _ROUNDED_WEIGHT * curves[..., ROUNDING]
        entropy = functional.binary_cross_entropy_with_logits(
            logits[..., free], curves[..., free], weight[..., free]
        )
        closed, teeth = curves[..., CLOSURE], curves[..., LIP_TEETH] * (1.0 - curves[..., CLOSURE])
        shares = torch.stack([1.0 - closed - teeth, closed, teeth], dim=-1)
        spoken = curves[..., VOICE] > 0.5
        touching = _CONTACT_WEIGHT * torch.maximum(closed, teeth)
        heavy = 1.0 + torch.where(spoken, touching, _REST_WEIGHT * closed)
        missed = -(heavy * (shares * log_contacts(logits)).sum(-1)).mean()
        opening = functional.mse_loss(_opening(values(logits)), _opening(curves))
        loss = entropy + _CONTACTS_WEIGHT * missed + _OPENING_WEIGHT * opening
        return loss, {"curves": entropy, "contacts": missed, "opening": opening}

    def validate(self, step: int, folder: Path) -> list[Path]:
        """Write the current network and its figures on held-out voices and sentences."""
        return self.export(folder)

    def export(self, folder: Path) -> list[Path]:
        """`visemes.safetensors`, as the preview engine ships it, and its figures."""
        tuning = people("tuning", Path(self.options.cache).expanduser()) if self.options.recorded else None
        path = export_network(self.network, folder / "visemes.safetensors", self.options, tuning)
        return [path, write_figures(path, self.options, flite=self.flite)]


def _opening(curves: Tensor) -> Tensor:
    return curves[..., 0] * (1.0 - curves[..., 1])
