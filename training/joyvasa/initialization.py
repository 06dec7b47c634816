"""Reads or initialises the motion generator with which a training begins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch

from engines.joyvasa.networks.builders import config_of
from engines.joyvasa.networks.motion_generator import AUDIO_MODELS, MotionGenerator, MotionGeneratorConfig
from engines.joyvasa.weights import catalogue as weights
from engines.joyvasa.weights.checkpoints import ENGINE, JoyVasaCheckpoint, open_file, open_network
from media.documents.paths import given_path
from media.errors import WeightsError
from training.joyvasa.options import JoyVasaTraining

ENCODERS = {
    "hubert_zh": "TencentGameMate:chinese-hubert-base",
    "hubert_zh_ori": "TencentGameMate:chinese-hubert-base",
    "hubert": "hubert-base-ls960",
    "wav2vec2": "wav2vec2-base-960h",
}
"""Folders of the published audio encoders, by the names that a checkpoint's arguments use."""


@dataclass(frozen=True, eq=False)
class Initialization:
    """The initial generator. generator: in float32 on the CPU. config: the generator's, as its file states
    it.
    audio_model: the name for the file's arguments. random_weights: whether the initial weights are random.
    notes: sentences for the user.
    """

    generator: MotionGenerator
    config: MotionGeneratorConfig
    audio_model: str
    random_weights: bool = False
    notes: tuple[str, ...] = ()


def initialize(options: JoyVasaTraining) -> Initialization:
    """Read or sample the weights, and freeze what is not trained.

    Raises WeightsMissing, which names the file and the command that downloads it, or WeightsError.
    """
    found = _from_file(options) if options.start == "generator" else _drawn(options)
    encoder: Any = found.generator.audio_encoder
    encoder.requires_grad_(options.train_encoder)
    encoder.feature_extractor.requires_grad_(False)
    return found


def _drawn(options: JoyVasaTraining) -> Initialization:
    new = options.start == "new"
    encoder = _encoder(options.audio_model).tensors if new else {}
    name = f"motion_generator_{AUDIO_MODELS[options.audio_model]}"
    config = _as_trained(MotionGeneratorConfig(**config_of(name, "full" if new else options.size)), options)
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(options.seed)
        generator = _generator(config, options)
        for name in ("start_motion_feat", "start_audio_feat", "null_audio_feat"):
            torch.nn.init.normal_(generator.get_parameter(name))
    generator.audio_encoder.load_state_dict(generator.audio_encoder.state_dict() | encoder)
    return Initialization(generator, config, options.audio_model)


def _from_file(options: JoyVasaTraining) -> Initialization:
    name = "motion_generator_hubert"
    if options.generator:
        path = given_path(options.generator)
        if not path.is_file():
            raise WeightsError(
                "There is no motion generator {path}; name one with --generator, or leave it out for the "
                "engine's own.",
                path=path,
            )
        opened = open_file(path, name)
    else:
        opened = open_network(name)
    before = MotionGeneratorConfig(**opened.config)
    config = _as_trained(before, options)
    generator = _generator(config, options)
    generator.load_state_dict(generator.state_dict() | {k: v.float() for k, v in opened.tensors.items()})
    return Initialization(
        generator,
        config,
        _name_of(opened, before),
        opened.random_weights is not None,
        _changes(before, config),
    )


def _encoder(audio_model: str) -> JoyVasaCheckpoint:
    name = f"{AUDIO_MODELS[audio_model]}_encoder"
    folder = weights.folder()
    file = next(file for file in weights.FILES if file.folder == ENCODERS[audio_model])
    path = folder.require(file, ENGINE)
    with folder.named(file, ENGINE):
        return open_file(path, name)


def _generator(config: MotionGeneratorConfig, options: JoyVasaTraining) -> MotionGenerator:
    """A generator with the encoder's dropout, which files do not state."""
    dropout = dict.fromkeys(
        ("hidden_dropout", "attention_dropout", "activation_dropout"), options.encoder_dropout
    )
    encoder = {**config.encoder, **dropout, "layerdrop": options.layerdrop}
    return MotionGenerator(replace(config, encoder=encoder))


def _as_trained(config: MotionGeneratorConfig, options: JoyVasaTraining) -> MotionGeneratorConfig:
    return replace(config, positional_encoding=options.positional_encoding, target=options.target)


def _changes(before: MotionGeneratorConfig, after: MotionGeneratorConfig) -> tuple[str, ...]:
    """The settings of the training that differ from the generator's previous ones."""
    pairs: Mapping[str, tuple[str, str]] = {
        "--positional-encoding": (before.positional_encoding, after.positional_encoding),
        "--target": (before.target, after.target),
    }
    return tuple(
        f"The generator was trained with {flag} {old} and now learns {new}."
        for flag, (old, new) in pairs.items()
        if old != new
    )


def _name_of(opened: JoyVasaCheckpoint, config: MotionGeneratorConfig) -> str:
    arguments = opened.facts.get("args")
    said = arguments.get("audio_model") if isinstance(arguments, Mapping) else None
    return said if said in AUDIO_MODELS else config.audio_model
