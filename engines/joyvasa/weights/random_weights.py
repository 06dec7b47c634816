"""Writes a set of random weights in the published layout, so that the whole program runs without a download.

Random weights cannot paint a face: they show only sizes, seams, timing and sound.
"""

from __future__ import annotations

import argparse
import pickle
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engines.joyvasa.motion.template import MotionTemplate
from engines.joyvasa.networks.builders import GENERATORS, Size, config_of, constants, network
from engines.joyvasa.weights import catalogue as weights
from engines.joyvasa.xpose.text import random_codes, write_codes
from engines.weights.catalogue import RANDOM_MARK, WeightFolder
from engines.weights.synthesis import SALT, fill_network
from engines.weights.writing import mark_random, spare_published, write_whole

if TYPE_CHECKING:
    from torch import Tensor

GROUPS = (weights.HUMAN, weights.ANIMAL)


def synthesize(folder: WeightFolder, size: Size = "full", salt: str = SALT) -> Iterator[Path]:
    """Write every network file of human and animal mode and the motion template, one by one.

    The tensors' names do not contain the mode, so the two modes' files have the same numbers. Files of ONNX
    networks cannot be generated; the engine does without them. Raises OutputError if a file cannot be
    written, or before it would overwrite a file without random weights.
    """
    files = [file for file in weights.FILES if set(GROUPS) & set(file.groups) and file.network]
    spare_published(folder, (*files, weights.TEXT_CODES))
    for file in files:
        content = contents(str(file.network), size, salt)
        yield write_whole(folder.target(file), partial(_save, content))
    yield write_whole(folder.target(weights.TEXT_CODES), partial(_save_codes, salt))
    template = folder.target(weights.MOTION_TEMPLATE)
    if not template.exists():
        yield write_whole(template, _save_template)


def contents(name: str, size: Size, salt: str) -> OrderedDict[str, Any]:
    """The value for torch.save of a network: the published file's containers and names."""
    import torch

    config = config_of(name, size)
    filled = fill_network(network(name, config), salt, constants(name, config))
    tensors = OrderedDict((key, torch.from_numpy(value)) for key, value in filled.items())
    content = _contained(name, tensors, config)
    mark_random(content, {"network": name, "salt": salt, "size": size, "config": config})
    return content


def _contained(
    name: str, tensors: OrderedDict[str, Tensor], config: Mapping[str, Any]
) -> OrderedDict[str, Any]:
    if name in GENERATORS:
        read = (
            "audio_model",
            "feature_dim",
            "n_diff_steps",
            "motion_feat_dim",
            "n_motions",
            "n_prev_motions",
        )
        usual = {"audio_model": "hubert_zh", "feature_dim": 256, "n_diff_steps": 50, "motion_feat_dim": 70}
        arguments = usual | {"n_motions": 100, "n_prev_motions": 25, "fps": 25, "pad_mode": "zero"}
        arguments |= {key: value for key, value in config.items() if key in read}
        return OrderedDict(args=argparse.Namespace(**arguments), model=tensors, iter=0)
    if name == "xpose":
        return OrderedDict(model=OrderedDict((f"module.{key}", value) for key, value in tensors.items()))
    if name == "stitching_retargeting_module":
        parts: OrderedDict[str, Any] = OrderedDict()
        for key, value in tensors.items():
            part, _, inner = key.partition(".")
            parts.setdefault(part, OrderedDict())[f"module.{inner}"] = value
        return parts
    return tensors


def _save(content: Mapping[str, Any], path: Path) -> None:
    import torch

    torch.save(content, path)


def _save_template(path: Path) -> None:
    path.write_bytes(pickle.dumps(MotionTemplate.random_weights().to_arrays() | {RANDOM_MARK: 1}, protocol=4))


def _save_codes(salt: str, path: Path) -> None:
    write_codes(path, random_codes(salt=salt), random_weights=True)
