"""Builds each network by the manifest's name for it, in its real size or in any other."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from engines.joyhallo.networks.config import AudioBlock
from engines.weights.manifest import Manifest, NetworkManifest, derive, read_manifest
from engines.weights.naming import current_name, older_name

if TYPE_CHECKING:
    import numpy as np
    from torch import nn

Size = Literal["full", "tiny"]
Part = Literal["reference_unet", "denoising_unet", "face_locator", "imageproj", "audioproj"]

PARTS: tuple[Part, ...] = ("reference_unet", "denoising_unet", "face_locator", "imageproj", "audioproj")
"""The networks that share the file net.pth, in its order; a part's name is its keys' prefix."""
HALLO = "denoising_unet_hallo"
"""The manifest's name for the denoising U-Net with three audio attentions."""

TINY: dict[str, Any] = {
    "unet": {
        "in_channels": 4,
        "out_channels": 4,
        "block_out_channels": [32, 64, 128, 128],
        "layers_per_block": 2,
        "attention_head_dim": 8,
        "norm_num_groups": 8,
        "norm_eps": 1e-5,
        "cross_attention_dim": 48,
        "sample_size": 16,
    },
    "unet_additional_kwargs": {"audio_attention_dim": 40},
    "face_locator": {"conditioning_embedding_channels": 32},
    "imageproj": {"clip_embeddings_dim": 512, "clip_extra_context_tokens": 4},
    "audioproj": {
        "seq_len": 5,
        "blocks": 3,
        "channels": 24,
        "intermediate_dim": 32,
        "output_dim": 40,
        "context_tokens": 8,
    },
    "vae": {"block_out_channels": [16, 24, 32, 32], "norm_num_groups": 8, "sample_size": 128},
    "wav2vec": {
        "hidden_size": 24,
        "num_hidden_layers": 3,
        "num_attention_heads": 4,
        "intermediate_size": 48,
        "conv_dim": [16] * 7,
        "num_conv_pos_embeddings": 16,
        "num_conv_pos_embedding_groups": 4,
    },
}
"""What differs from the real sizes in the same networks with narrow layers, for tests and trials."""


@cache
def manifest() -> Manifest:
    """Every tensor of every network, from the list in the package of the weights.

    Rows are named as in the published files, without prefix.
    """
    return read_manifest(Path(__file__).parents[1] / "weights" / "manifest.json.gz")


def document(size: Size = "full") -> dict[str, Any]:
    """Every constructor's arguments in the public form: the parts `unet`, `unet_additional_kwargs`,
    `face_locator`, `imageproj`, `audioproj`, `vae` and `wav2vec`.
    """
    listed = manifest()
    whole = dict(listed["denoising_unet"].config)
    for name in ("face_locator", "imageproj", "audioproj", "vae", "wav2vec"):
        whole[name] = listed[name].config
    return {part: {**given, **(TINY[part] if size == "tiny" else {})} for part, given in whole.items()}


def listed_name(part: str, variant: AudioBlock = "joyhallo") -> str:
    """The manifest's name for a part of net.pth."""
    return HALLO if part == "denoising_unet" and variant == "hallo" else part


def build(name: str, sizes: Mapping[str, Any] | None = None) -> nn.Module:
    """A network with arbitrary weights on the current default device.

    name: as in the manifest. sizes: as `document` gives them; None for the real ones. Raises KeyError for a
    name or an argument that is missing.
    """
    given = document() if sizes is None else sizes
    if name in ("reference_unet", "denoising_unet", HALLO):
        from engines.joyhallo.networks.config import UNetConfig
        from engines.joyhallo.networks.denoising_unet import DenoisingUNet
        from engines.joyhallo.networks.reference_unet import ReferenceUNet

        config = UNetConfig.from_dict(given)
        if name == "reference_unet":
            return ReferenceUNet(config)
        return DenoisingUNet(config, audio="hallo" if name == HALLO else "joyhallo")
    if name == "face_locator":
        from engines.joyhallo.networks.face_locator import FaceLocator

        return FaceLocator.from_dict(given[name])
    if name == "vae":
        from engines.joyhallo.networks.vae import build_vae

        return build_vae(given[name])
    if name == "wav2vec":
        from transformers import Wav2Vec2Config, Wav2Vec2Model

        return Wav2Vec2Model(Wav2Vec2Config(**given[name]))
    from engines.joyhallo.networks.projections import AudioProjection, ImageProjection

    if name == "imageproj":
        return ImageProjection.from_dict(given[name], given["unet"]["cross_attention_dim"])
    if name == "audioproj":
        return AudioProjection.from_dict(given[name])
    raise KeyError(name)


def network(name: str, sizes: Mapping[str, Any] | None = None) -> NetworkManifest:
    """The rows of a network as published files have them; of another size when `sizes` are given.

    The files contain the motion modules that never run, so they are among the rows, although `build` leaves
    them out. They are as wide as the mid block's.
    """
    return manifest()[name] if sizes is None else _resized(name, json.dumps(sizes))


@cache
def _resized(name: str, sizes_json: str) -> NetworkManifest:
    """Cached, since small random files are opened often and each time needs a built network."""
    import torch

    from engines.joyhallo.networks.denoising_unet import DEAD

    full, sizes = manifest()[name], json.loads(sizes_json)
    with torch.device("meta"):
        state = build(name, sizes).state_dict()
    shapes = {older_name(key): tuple(value.shape) for key, value in state.items()}
    for key in filter(DEAD.match, full.shapes):
        module = re.sub(r".*\.motion_modules\.\d+", "mid_block.motion_modules.0", key)
        shapes[key] = shapes[module]
    return derive(full, {key: (shapes[key], "float32") for key in full.shapes if key in shapes}, sizes)


def as_loaded(rows: NetworkManifest) -> NetworkManifest:
    """The same rows under the names that the current libraries' modules have for them."""
    return replace(rows, rows=tuple(replace(row, name=current_name(row.name)) for row in rows.rows))


def constants(rows: NetworkManifest) -> dict[str, np.ndarray]:
    """The tensors that constructors compute although checkpoints have them, too (rule `keep`): the position
    tables.
    """
    from engines.joyhallo.networks.motion_module import FramePositions

    return {
        row.name: FramePositions(width=row.shape[2], positions=row.shape[1]).pe.numpy()
        for row in rows.rows
        if row.rule == "keep"
    }
