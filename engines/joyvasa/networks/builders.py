"""Builds each network by the manifest's name for it, in its real size or in any other."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from engines.weights.manifest import Manifest, NetworkManifest, TensorRow, derive, read_manifest

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor, nn

Size = Literal["full", "tiny"]

ENCODER = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "conv_dim": [16] * 7,
    "num_conv_pos_embeddings": 16,
    "num_conv_pos_embedding_groups": 2,
}
GENERATOR = {"feature_dim": 32, "n_heads": 4, "n_layers": 2, "encoder": ENCODER}

TINY: dict[str, dict[str, Any]] = {
    "appearance_feature_extractor": {
        "block_expansion": 8,
        "max_features": 32,
        "down_factor": 4,
        "reshape_channel": 4,
        "reshape_depth": 4,
        "num_resblocks": 2,
    },
    "motion_extractor": {"depths": [1, 1, 1, 1], "dims": [8, 16, 24, 32]},
    "warping_module": {
        "block_expansion": 4,
        "max_features": 16,
        "reshape_channel": 4,
        "reshape_depth": 4,
        "dense_block_expansion": 4,
        "dense_max_features": 16,
        "dense_num_blocks": 3,
        "dense_compress": 1,
    },
    "spade_generator": {"block_expansion": 4, "max_features": 16, "spade_hidden": 8, "upscale": 8},
    "stitching_retargeting_module": {"hidden": [16, 16, 16], "eye_hidden": [16, 16, 16, 16, 16]},
    "motion_generator_hubert": {"audio_model": "hubert", **GENERATOR},
    "motion_generator_wav2vec2": {"audio_model": "wav2vec2", **GENERATOR},
    "xpose": {
        "channels": 64,
        "inner": 64,
        "encoder_layers": 2,
        "queries": 100,
        "labels": 10,
        "word_width": 64,
        "backbone_channels": 24,
        "backbone_depths": [2, 2, 2, 2],
    },
}
"""The same networks with narrow layers and a volume of 4 x 16 x 16 instead of 16 x 64 x 64 cells, for tests
and trials: a frame takes hundredths of a second. What goes in and what comes out keep their sizes."""


CLASSES = {
    "appearance_feature_extractor": "networks.appearance:AppearanceExtractor",
    "motion_extractor": "networks.motion_extractor:MotionExtractor",
    "warping_module": "networks.warping:WarpingNetwork",
    "spade_generator": "networks.spade:SpadeGenerator",
    "stitching_retargeting_module": "networks.stitching:StitchingNetworks",
    "xpose": "xpose.model:XPose",
}
GENERATORS = ("motion_generator_hubert", "motion_generator_wav2vec2")


@cache
def manifest() -> Manifest:
    """Every tensor of every network, from the list in the package of the weights."""
    return read_manifest(Path(__file__).parents[1] / "weights" / "manifest.json.gz")


def config_of(name: str, size: Size = "full") -> dict[str, Any]:
    """The constructor's arguments that differ from its defaults."""
    if size == "tiny":
        return TINY[name]
    return {"audio_model": name.removeprefix("motion_generator_")} if name in GENERATORS else {}


def build(name: str, config: Mapping[str, Any] | None = None) -> nn.Module:
    """A network with arbitrary weights on the current default device.

    name: as in the manifest. config: arguments of its constructor that differ from the full size.
    Raises TypeError or ValueError for arguments that it does not have.
    """
    given = config_of(name) if config is None else dict(config)
    if name in GENERATORS:
        from engines.joyvasa.networks.motion_generator import MotionGenerator, MotionGeneratorConfig

        return MotionGenerator(MotionGeneratorConfig(**given))
    module, _, class_name = CLASSES[name].partition(":")
    return getattr(import_module(f"engines.joyvasa.{module}"), class_name)(**given)


def constants(name: str, config: Mapping[str, Any] | None = None) -> dict[str, np.ndarray]:
    """The tensors that the constructor computes although a checkpoint has them, too (the manifest's rule
    `keep`).
    """
    if all(row.rule != "keep" for row in manifest()[name].rows):
        return {}
    given = config_of(name) if config is None else config
    state = build(name, {**given, "encoder": ENCODER} if name in GENERATORS else given).state_dict()
    return {row.name: state[row.name].numpy() for row in manifest()[name].rows if _kept(row, state)}


def network(name: str, config: Mapping[str, Any] | None = None) -> NetworkManifest:
    """The rows of a network's checkpoint; of another size when a config is given."""
    import torch

    full = manifest()[name]
    if config is None or dict(config) == config_of(name):
        return full
    with torch.device("meta"):
        state = build(name, config).state_dict()
    shapes = {
        key: (tuple(value.shape), str(value.dtype).removeprefix("torch.")) for key, value in state.items()
    }
    return derive(full, shapes, config)


def _kept(row: TensorRow, state: Mapping[str, Tensor]) -> bool:
    return row.rule == "keep" and row.name in state
