"""Builds each network by the manifest's name for it, in its real size or in a small one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engines.weights.manifest import Manifest, NetworkManifest, derive, read_manifest
from engines.weights.weight_set import Size

if TYPE_CHECKING:
    from torch import Tensor, nn

CLASSES = {
    "syncnet": "evaluation.syncnet.network:SyncNet",
    "s3fd": "evaluation.syncnet.s3fd:S3fd",
    "amt_s": "evaluation.vbench.amt:AmtS",
    "dino_vitb16": "evaluation.vbench.vision:Dino",
    "clip_vitb32_visual": "evaluation.vbench.vision:ClipPictures",
}
TINY: dict[str, dict[str, int]] = {
    "syncnet": {"narrow": 16},
    "s3fd": {"narrow": 16},
    "amt_s": {},
    "dino_vitb16": {"width": 48, "depth": 2, "heads": 3},
    "clip_vitb32_visual": {"width": 48, "depth": 2, "heads": 3, "code": 32},
}
"""Arguments of the small networks, for tests and trials. The inputs keep their sizes; AMT-S is
small anyway.
"""
VISION = ("dino_vitb16", "clip_vitb32_visual")
_BLOCK = re.compile(r"blocks\.(\d+)\.")


@cache
def manifest() -> Manifest:
    """Every tensor of every network, from the list in the package of the weights."""
    return read_manifest(Path(__file__).with_name("manifest.json.gz"))


def config_of(name: str, size: Size = "full") -> dict[str, int]:
    """The constructor's arguments that differ from its defaults."""
    return dict(TINY[name]) if size == "tiny" else {}


def build(name: str, config: Mapping[str, Any] | None = None) -> nn.Module:
    """A network with arbitrary weights on the current default device.

    Raises TypeError or ValueError for arguments that it does not have.
    """
    module, _, class_name = CLASSES[name].partition(":")
    return getattr(import_module(module), class_name)(**(config or {}))


def network(name: str, config: Mapping[str, Any] | None = None) -> NetworkManifest:
    """The rows of a network's published file; of another size when a config is given."""
    full = manifest()[name]
    if not config:
        return full
    if name in VISION:
        return derive(full, _vision_shapes(full, config), config)
    import torch

    with torch.device("meta"):
        state = build(name, config).state_dict()
    shapes = {
        key: (tuple(value.shape), str(value.dtype).removeprefix("torch.")) for key, value in state.items()
    }
    return derive(full, shapes, config)


def fill(name: str, config: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> nn.Module:
    """A network with the tensors of its file, in eval mode, float32, on the CPU."""
    model = build(name, config)
    ready = {key: value.float() if value.is_floating_point() else value for key, value in tensors.items()}
    if name in VISION:
        from evaluation.vbench import vision

        load = vision.load_dino if name == "dino_vitb16" else vision.load_clip
        load(model, ready)
    else:
        model.load_state_dict(model.state_dict() | ready)
    return model.eval()


def _vision_shapes(
    full: NetworkManifest, config: Mapping[str, Any]
) -> dict[str, tuple[tuple[int, ...], str]]:
    """A transformer's shapes follow from its width, depth and the length of its code."""
    width = config["width"]
    sizes = {768: width, 3 * 768: 3 * width, 4 * 768: 4 * width, 512: config.get("code", 512)}
    shapes = {}
    for row in full.rows:
        block = _BLOCK.search(row.name)
        if block is None or int(block[1]) < config["depth"]:
            shapes[row.name] = (tuple(sizes.get(number, number) for number in row.shape), row.dtype)
    return shapes
