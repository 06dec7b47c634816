"""Opens this engine's checkpoints: converts their various key names to one form and checks them
before use.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engines.joyvasa.motion.template import MotionTemplate
from engines.joyvasa.networks.builders import ENCODER, GENERATORS, TINY, build, config_of, network
from engines.joyvasa.weights import catalogue as weights
from engines.weights.catalogue import WeightFolder
from engines.weights.check import compare
from engines.weights.manifest import NetworkManifest, derive
from engines.weights.naming import current_name, encoder_tensors, without_module
from engines.weights.pickles import read_pickle
from engines.weights.reading import Checkpoint, read_checkpoint
from media.errors import WeightsError

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor, nn

ENGINE = "joyvasa"
ENCODERS = {"hubert_encoder": "motion_generator_hubert", "wav2vec2_encoder": "motion_generator_wav2vec2"}
"""Audio encoders on their own, and the generators whose part `audio_encoder` is the same network."""
STEP_TABLE = "denoising_net.TE.pe"
"""The original's loader drops it, too: it is computed and may have another length in the file."""
NETWORK = "network"
"""A fact in files that this program trained: the generator's config, which the arguments state
only in part.
"""
WORDS = {
    "audio_model": ("hubert", "wav2vec2"),
    "positional_encoding": ("pe_old", "pe_fixed"),
    "target": ("sample", "noise"),
    "diff_schedule": ("cosine", "linear", "quadratic", "sigmoid"),
}
"""Entries of a generator's config whose values are words."""
GENERATOR_ENTRIES = (*WORDS, "n_motions", "n_prev_motions", "n_diff_steps")
"""Its entries besides sizes of layers."""
LOOSE = frozenset(("xpose", *GENERATORS, *ENCODERS))
"""Networks whose files may have unused tensors; the original loads them the same way."""


@dataclass(frozen=True, eq=False)
class JoyVasaCheckpoint:
    """A network's tensors, named and shaped as the network has them.

    config: what `networks.build` needs. facts: other values in the file, as in {"args": {...}}. extra: names
    in the file that are not used.
    """

    path: Path
    name: str
    tensors: dict[str, Tensor]
    config: Mapping[str, Any]
    facts: Mapping[str, Any]
    random_weights: Mapping[str, Any] | None
    extra: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences for the user about the file."""
        return (f"{len(self.extra)} tensors that are not used",) if self.extra else ()


def open_network(name: str, folder: WeightFolder | None = None, *, animal: bool = False) -> JoyVasaCheckpoint:
    """Read a network's file, or its converted form if there is one.

    name: as in the manifest. animal: the file of animal mode, if there are two. Raises WeightsMissing, and
    WeightsError for a file that is refused, damaged or does not fit, with the first five tensors that are
    missing or of another shape.
    """
    file = weights.file_of(name, animal=animal)
    folder = folder or weights.folder()
    path = folder.require(file, ENGINE)
    with folder.named(file, ENGINE):
        return open_file(path, name)


def open_file(path: Path, name: str) -> JoyVasaCheckpoint:
    """As `open_network`, for a file at any path."""
    checkpoint = read_checkpoint(path)
    name = _kind(path, name, checkpoint)
    tensors = canonical(name, checkpoint.tensors)
    config = _config(path, name, checkpoint)
    rows = rows_of(name, config)
    kept = frozenset(row.name for row in rows.rows if row.rule == "keep")
    differences = compare(tensors, rows, optional=kept)
    if differences.fatal(strict=name not in LOOSE):
        raise WeightsError(
            "{path} does not fit {name}: {differences}. Check whether it was renamed, or delete it and "
            "download it again.",
            path=path,
            name=name,
            differences=differences,
        )
    used = {key: tensors[key] for key, shape in rows.shapes.items() if key in tensors and key != STEP_TABLE}
    used = {key: value for key, value in used.items() if tuple(value.shape) == rows.shapes[key]}
    return JoyVasaCheckpoint(
        path, name, used, config, checkpoint.facts, checkpoint.random_weights, differences.extra
    )


def load_network(
    name: str, folder: WeightFolder | None = None, *, animal: bool = False
) -> tuple[nn.Module, JoyVasaCheckpoint]:
    """A network with its weights, in eval mode on the CPU, float32. Raises as `open_network`."""
    opened = open_network(name, folder, animal=animal)
    return fill(opened), opened


def fill(opened: JoyVasaCheckpoint) -> nn.Module:
    """The network of an opened file. Its tensors stay mapped to the file until they are moved or written."""
    module = build(opened.name, opened.config)
    tensors = {
        key: value.float() if value.is_floating_point() else value for key, value in opened.tensors.items()
    }
    module.load_state_dict(module.state_dict() | tensors, assign=True)
    return module.eval()


def read_template(folder: WeightFolder | None = None) -> dict[str, np.ndarray]:
    """The arrays of the motion template. Raises WeightsMissing, or WeightsError for a refused file."""
    import numpy as np

    file = weights.MOTION_TEMPLATE
    folder = folder or weights.folder()
    path = folder.require(file, ENGINE)
    with folder.named(file, ENGINE):
        content = read_pickle(path)
        if not isinstance(content, dict):
            raise WeightsError(
                "{name} contains a {kind} instead of named arrays.",
                name=path.name,
                kind=type(content).__name__,
            )
    return {str(key): np.asarray(value) for key, value in content.items()}


def load_template(folder: WeightFolder | None = None) -> MotionTemplate:
    """The motion template. Raises as `read_template`, and WeightsError for arrays that do not fit."""
    folder = folder or weights.folder()
    arrays = read_template(folder)
    try:
        return MotionTemplate.from_arrays(arrays)
    except (KeyError, ValueError, TypeError) as error:
        reason = f"it has no {error}" if isinstance(error, KeyError) else str(error)
        with folder.named(weights.MOTION_TEMPLATE, ENGINE):
            raise WeightsError(
                "{name} is not a motion template: {reason}. Delete it and download it again.",
                name=weights.MOTION_TEMPLATE.name,
                reason=reason,
            ) from error


def canonical(name: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors of a network's file under the manifest's names.

    `module.` is removed; of the weight norm's two namings the newer is used; an encoder's file loses the
    prefix of its class and the tensors for its own training.
    """
    if name in ENCODERS:
        return encoder_tensors(tensors)
    return {current_name(without_module(key)): value for key, value in tensors.items()}


def rows_of(name: str, config: Mapping[str, Any] | None = None) -> NetworkManifest:
    """The rows of a network, or of a separate encoder, which the manifest has as part of a generator."""
    if name not in ENCODERS:
        return network(name, config)
    whole = network(ENCODERS[name], config or None)
    prefix = "audio_encoder."
    rows = tuple(row for row in whole.rows if row.name.startswith(prefix))
    shapes = {row.name: (row.shape, row.dtype) for row in rows}
    part = derive(whole, shapes, whole.config)
    return _without_prefix(part, name, prefix)


def _without_prefix(part: NetworkManifest, name: str, prefix: str) -> NetworkManifest:
    rows = tuple(replace(row, name=row.name.removeprefix(prefix)) for row in part.rows)
    return replace(part, name=name, rows=rows)


def _kind(path: Path, name: str, checkpoint: Checkpoint) -> str:
    """The generator in a file: its arguments name the audio encoder."""
    if name not in GENERATORS:
        return name
    said = _arguments(checkpoint).get("audio_model") or ""
    return "motion_generator_wav2vec2" if "wav2vec2" in str(said) else "motion_generator_hubert"


def _config(path: Path, name: str, checkpoint: Checkpoint) -> dict[str, Any]:
    if checkpoint.random_weights is not None:
        return _random_config(path, name, checkpoint.random_weights)
    if name not in GENERATORS:
        return {} if name in ENCODERS else config_of(name)
    if (stated := checkpoint.facts.get(NETWORK)) is not None:
        return config_of(name) | _checked_config(path, name, stated)
    from engines.joyvasa.networks.motion_generator import MotionGeneratorConfig

    try:
        read = MotionGeneratorConfig.from_arguments(_arguments(checkpoint))
    except (ValueError, TypeError) as error:
        raise WeightsError("{path} cannot be used: {reason}.", path=path, reason=error) from error
    usual = MotionGeneratorConfig()
    changed = {key: value for key, value in vars(read).items() if value != getattr(usual, key)}
    return config_of(name) | changed


def _random_config(path: Path, name: str, random_weights: Mapping[str, Any]) -> dict[str, Any]:
    """The sizes that a file of random weights states.

    The file may come from anywhere, so only sizes are read.
    """
    network_name = random_weights.get("network")
    if network_name != name:
        raise WeightsError(
            "{path} does not fit {name}: it contains random weights for {made_for}.",
            path=path,
            name=name,
            made_for=network_name,
        )
    return _checked_config(path, name, random_weights.get("config"))


def _checked_config(path: Path, name: str, config: Any) -> dict[str, Any]:
    known = (*TINY[name], *(GENERATOR_ENTRIES if name in GENERATORS else ()))
    if not isinstance(config, dict) or not _only_sizes(config, known):
        raise WeightsError("{path} cannot be used: it states no sizes for {name}.", path=path, name=name)
    return config


def _only_sizes(config: Mapping[str, Any], known: Collection[str]) -> bool:
    """Whether all arguments are known and are integers (or a few known words)."""
    for key, value in config.items():
        if key == "encoder" and isinstance(value, dict):
            fine = _only_sizes(value, ENCODER)
        elif key in WORDS:
            fine = value in WORDS[key]
        else:
            fine = all(type(number) is int for number in (value if isinstance(value, list) else [value]))
        if key not in known or not fine:
            return False
    return True


def _arguments(checkpoint: Checkpoint) -> Mapping[str, Any]:
    arguments = checkpoint.facts.get("args")
    return arguments if isinstance(arguments, Mapping) else {}
