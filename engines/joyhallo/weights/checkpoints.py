"""Opens this engine's checkpoints: the five networks of net.pth, the image codec, the audio encoder.

Files are mapped, not read. A network is built without its own memory and takes its tensors from the file one
by one, converted and sent to the device at once, so loading never takes much more memory than the network.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engines.joyhallo.networks.builders import (
    PARTS,
    Part,
    as_loaded,
    build,
    constants,
    document,
    listed_name,
    network,
)
from engines.joyhallo.networks.config import AudioBlock
from engines.joyhallo.weights import catalogue as weights
from engines.weights.check import compare
from engines.weights.manifest import NetworkManifest, TensorRow
from engines.weights.naming import encoder_tensors, without_module
from engines.weights.reading import Checkpoint, read_checkpoint
from media.errors import WeightsError
from media.messages import said

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

NAMES: dict[AudioBlock, str] = {"joyhallo": "JoyHallo", "hallo": "Hallo"}
HALLO_ONLY = re.compile(r"\.attn2_[12]\.")
"""Keys of the second and third audio attention, which only Hallo has."""
NEVER_RUN = re.compile(r"denoising_unet\.(down_blocks\.3|up_blocks\.0)\.motion_modules\.")
UNUSED = "masked_spec_embed"
"""For the encoder's own training; some files lack it."""
CHUNK = 2**28
"""Numbers that are converted or sent to a device before the file is mapped again, which frees the pages that
they were in.
"""


@dataclass(frozen=True, eq=False)
class JoyHalloCheckpoint:
    """A file whose tensors have been compared with what its networks need.

    kind: net, vae or wav2vec. variant: whose audio blocks a net has. sizes: as of `networks.document`.
    facts, random_weights: as in `reading.Checkpoint`. notes: sentences for the user.
    tensors: under the names of `canonical`, of a file with at most CHUNK numbers: its parts need not map it
    again. None for larger files, whose pages would stay in memory.
    """

    path: Path
    kind: str
    variant: AudioBlock
    sizes: Mapping[str, Any]
    facts: Mapping[str, Any]
    random_weights: Mapping[str, Any] | None
    notes: tuple[str, ...] = ()
    tensors: Mapping[str, Tensor] | None = None


def open_net(path: Path, expected: AudioBlock = "joyhallo") -> JoyHalloCheckpoint:
    """Open the five networks' file, JoyHallo's or Hallo's, whichever it is.

    expected: whose file should be there; a note reports if it is the other's. Raises WeightsError for a file
    that is refused, damaged or does not fit, with the first five tensors that are missing, unknown or of
    another shape, and FileNotFoundError.
    """
    checkpoint = read_checkpoint(path)
    tensors = canonical(weights.NET, checkpoint.tensors)
    variant: AudioBlock = "hallo" if any(map(HALLO_ONLY.search, tensors)) else "joyhallo"
    notes: tuple[str, ...] = ()
    if variant != expected:
        notes = (
            said(
                "{path} holds {found}, not {expected}; it is used as {found}.",
                path=path,
                found=NAMES[variant],
                expected=NAMES[expected],
            ),
        )
    opened = _opened(path, weights.NET, checkpoint, variant, notes)
    return _compared(opened, tensors)


def open_file(path: Path, kind: str) -> JoyHalloCheckpoint:
    """Open the picture codec's file (`vae`) or an audio encoder's (`wav2vec`). Raises as `open_net`."""
    if kind == weights.NET:
        return open_net(path)
    checkpoint = read_checkpoint(path)
    opened = _opened(path, kind, checkpoint, "joyhallo", ())
    return _compared(opened, canonical(kind, checkpoint.tensors))


def load_part(
    opened: JoyHalloCheckpoint,
    part: Part,
    device: torch.device | str = "cpu",
    dtype: torch.dtype | None = None,
) -> nn.Module:
    """One of the five networks with its weights, in eval mode and without gradients.

    dtype: float32, float16 or bfloat16; that of the file (float16 in published ones) when None. Tensors that
    stay as they are in the file stay mapped to it.
    """
    return _load(opened, listed_name(part, opened.variant), f"{part}.", device, dtype)


def load_whole(
    opened: JoyHalloCheckpoint, device: torch.device | str = "cpu", dtype: torch.dtype | None = None
) -> nn.Module:
    """The picture codec or the audio encoder of an opened file; otherwise as `load_part`."""
    return _load(opened, opened.kind, "", device, dtype)


def canonical(kind: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A file's tensors under the names that the networks have: older names of attention layers and of the
    weight norm become today's, tensors for an encoder's own training are left out.
    """
    if kind == weights.WAV2VEC:
        return encoder_tensors(tensors)
    if kind == weights.VAE:
        from engines.joyhallo.networks.vae import with_new_names

        return with_new_names(tensors)
    return {without_module(key): value for key, value in tensors.items()}


def rows_of(kind: str, variant: AudioBlock, sizes: Mapping[str, Any] | None = None) -> NetworkManifest:
    """Every tensor of a file, under the names of `canonical`."""
    if kind != weights.NET:
        return as_loaded(network(kind, sizes))
    rows: list[TensorRow] = []
    for part in PARTS:
        rows += with_prefix(network(listed_name(part, variant), sizes))
    return NetworkManifest(weights.NET, tuple(rows), {})


def with_prefix(rows: NetworkManifest) -> Iterator[TensorRow]:
    """The rows of a network as they are named in the file of several."""
    return (replace(row, name=rows.prefix + row.name) for row in rows.rows)


def _opened(
    path: Path, kind: str, checkpoint: Checkpoint, variant: AudioBlock, notes: tuple[str, ...]
) -> JoyHalloCheckpoint:
    sizes = document("full")
    if checkpoint.random_weights is not None:
        made_for, size = checkpoint.random_weights.get("network"), checkpoint.random_weights.get("size")
        if made_for != kind:
            raise WeightsError(
                "{path} does not fit {kind}: it contains random weights for {made_for}.",
                path=path,
                kind=kind,
                made_for=made_for,
            )
        if size not in ("tiny", "full"):
            raise WeightsError("{path} cannot be used: it states no sizes for {kind}.", path=path, kind=kind)
        sizes = document(size)
    return JoyHalloCheckpoint(path, kind, variant, sizes, checkpoint.facts, checkpoint.random_weights, notes)


def _compared(opened: JoyHalloCheckpoint, tensors: Mapping[str, Tensor]) -> JoyHalloCheckpoint:
    """The file with its tensors if it is small. Raises WeightsError if they do not fit."""
    rows = rows_of(opened.kind, opened.variant, _given_sizes(opened))
    optional = frozenset(
        row.name for row in rows.rows if row.rule == "keep" or row.name == UNUSED or NEVER_RUN.match(row.name)
    )
    differences = compare(tensors, rows, optional)
    if differences.fatal():
        raise WeightsError(
            "{path} does not fit {kind}: {differences}. Check whether it was renamed, or delete it and "
            "download it again.",
            path=opened.path,
            kind=opened.kind,
            differences=differences,
        )
    return replace(opened, tensors=tensors) if _small(tensors) else opened


def _small(tensors: Mapping[str, Tensor]) -> bool:
    return sum(value.numel() for value in tensors.values()) <= CHUNK


def _given_sizes(opened: JoyHalloCheckpoint) -> Mapping[str, Any] | None:
    """The file's sizes; None for the real size, whose shapes are listed and need not be built."""
    return opened.sizes if opened.random_weights and opened.random_weights["size"] == "tiny" else None


def _load(
    opened: JoyHalloCheckpoint, name: str, prefix: str, device: torch.device | str, dtype: torch.dtype | None
) -> nn.Module:
    import torch

    with torch.device("meta"):
        module = build(name, opened.sizes)
    filled: dict[str, Tensor] = {}
    lacking: list[str] = []
    moved = torch.device(device).type != "cpu" or dtype is not None
    for keys in _chunks(module.state_dict(), CHUNK if moved else None):
        tensors = _tensors(opened)
        for key in keys:
            value = tensors.get(prefix + key)
            if value is None:
                lacking.append(key)
            else:
                filled[key] = value.to(device, dtype if value.is_floating_point() else None)
        del tensors
    if lacking:
        own = next(iter(filled.values())).dtype
        for key, value in _absent(opened, name, lacking).items():
            filled[key] = value.to(device, dtype or own)
    module.load_state_dict(filled, assign=True)
    return module.eval().requires_grad_(False)


def _tensors(opened: JoyHalloCheckpoint) -> Mapping[str, Tensor]:
    """The tensors that `opened` keeps, or those of the file, mapped again."""
    if opened.tensors is not None and _small(opened.tensors):
        return opened.tensors
    return canonical(opened.kind, read_checkpoint(opened.path).tensors)


def _chunks(state: Mapping[str, Tensor], limit: int | None) -> Iterator[list[str]]:
    """The keys in order, in groups whose tensors have about `limit` numbers."""
    keys: list[str] = []
    taken = 0
    for key, value in state.items():
        keys.append(key)
        taken += value.numel()
        if limit is not None and taken >= limit:
            yield keys
            keys, taken = [], 0
    if keys:
        yield keys


def _absent(opened: JoyHalloCheckpoint, name: str, keys: list[str]) -> dict[str, Tensor]:
    """Replacements for tensors that a file may lack: position tables, and numbers that are not used."""
    import torch

    rows = network(name, _given_sizes(opened))
    tables = constants(rows)
    return {
        key: torch.from_numpy(tables[key]) if key in tables else torch.zeros(rows.shapes[key]) for key in keys
    }
