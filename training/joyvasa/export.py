"""Exports a trained motion generator and its template in the form that the engine and the public
program read.
"""

from __future__ import annotations

import argparse
import pickle
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import torch

from engines.joyvasa.motion.template import MotionTemplate
from engines.joyvasa.networks.motion_generator import MotionGeneratorConfig
from engines.joyvasa.weights import catalogue as weights
from engines.joyvasa.weights.checkpoints import NETWORK
from engines.weights.catalogue import RANDOM_MARK, converted_path
from engines.weights.convert import write_safetensors
from engines.weights.reading import plain
from engines.weights.writing import mark_random, write_whole
from training.joyvasa.initialization import Initialization
from training.joyvasa.options import JoyVasaTraining

PUBLIC = ("motion_feat_dim", "n_motions", "n_prev_motions", "feature_dim", "n_diff_steps")
"""Sizes that the public program reads from a checkpoint's arguments."""


def export_generator(
    beginning: Initialization,
    template: MotionTemplate,
    options: JoyVasaTraining,
    folder: Path,
    *,
    random_weights: bool,
) -> list[Path]:
    """Write the folder JoyVASA for `pretrained_weights`: the motion generator in its published form and in
    safetensors, and the motion template. Raises OutputError.

    random_weights: whether the initial weights or the data came from random weights; the engine then marks
    its videos.
    """
    tensors = OrderedDict(
        (name, value.detach().cpu().contiguous()) for name, value in beginning.generator.state_dict().items()
    )
    arguments = _arguments(beginning, options)
    network = network_facts(beginning.config)
    mark = (
        {"network": f"motion_generator_{beginning.config.audio_model}", "config": network}
        if random_weights
        else None
    )
    content: OrderedDict[str, Any] = OrderedDict(
        args=arguments, model=tensors, iter=options.steps, **{NETWORK: network}
    )
    if mark:
        mark_random(content, mark)
    public = write_whole(folder / weights.MOTION_GENERATOR.path, partial(torch.save, content))
    converted = converted_path(public)
    facts = {"args": plain(arguments), "iter": options.steps, NETWORK: network}
    write_safetensors(converted, tensors, facts, mark)
    arrays = template.to_arrays() | ({RANDOM_MARK: 1} if random_weights else {})
    ranges = write_whole(folder / weights.MOTION_TEMPLATE.path, partial(_save_template, arrays))
    return [public, converted, ranges]


def _save_template(arrays: Mapping[str, Any], path: Path) -> None:
    path.write_bytes(pickle.dumps(arrays, protocol=4))


def network_facts(config: MotionGeneratorConfig) -> dict[str, Any]:
    """The differences from the default generator as JSON values; `MotionGeneratorConfig(**facts)`
    is the config.
    """
    usual = asdict(MotionGeneratorConfig())
    changed = {key: value for key, value in asdict(config).items() if value != usual[key]}
    return plain({"audio_model": config.audio_model, **changed})


def _arguments(beginning: Initialization, options: JoyVasaTraining) -> argparse.Namespace:
    """The arguments under the names of the public training script."""
    config = asdict(beginning.config)
    return argparse.Namespace(
        audio_model=beginning.audio_model,
        **{name: config[name] for name in PUBLIC},
        diff_schedule=beginning.config.diff_schedule,
        target=beginning.config.target,
        criterion=options.criterion,
        pad_mode=options.pad_mode,
        fps=25,
        lr=options.learning_rate,
        batch_size=options.batch_size,
        max_iter=options.steps,
        trunc_prob1=options.truncate_first,
        trunc_prob2=options.truncate_second,
        no_constrain_prev=not options.constrain_previous,
    )
