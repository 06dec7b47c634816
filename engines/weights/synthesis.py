"""Generates random weights: every tensor is a function of its name, its shape and a salt only.

With them you can run, compare and time a network without the published weights. The scale of each tensor
keeps activations near 1, so that an error anywhere shows in the output.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping, Sequence

import numpy as np

from engines.weights.manifest import Manifest, NetworkManifest, TensorRow

SALT = "v1:"
SPECTRAL_STEPS = 100
PIECE = 2**16
"""Numbers that are scaled at once, few enough to stay in the processor's cache."""


def x(name: str, shape: Sequence[int], salt: str = SALT) -> np.ndarray:
    """Standard normal float32 numbers of a shape in C order; the same name and salt give the same numbers."""
    return _generator(name, salt).standard_normal(tuple(shape), dtype=np.float32)


def uniform(name: str, shape: Sequence[int], salt: str = SALT) -> np.ndarray:
    """Uniform float32 numbers in 0..1 of a shape in C order; the same name and salt give the same numbers."""
    return _generator(name, salt).random(tuple(shape), dtype=np.float32)


def fill(
    manifest: Manifest, network: str, salt: str = SALT, keep: Mapping[str, np.ndarray] | None = None
) -> dict[str, np.ndarray]:
    """Generate every tensor of a network, by name in checkpoint order, in the manifest's dtypes.

    keep: the tensors that the network's constructor computes (rule `keep`: position codes, noise schedules,
    index tables). Without it, those rows are left out. Raises ValueError for a rule that does not exist and
    for a kept tensor that is missing or misshapen.
    """
    return fill_network(manifest[network], salt, keep)


def fill_network(
    network: NetworkManifest, salt: str = SALT, keep: Mapping[str, np.ndarray] | None = None
) -> dict[str, np.ndarray]:
    """As `fill`, for rows instead of a manifest."""
    filled: dict[str, np.ndarray] = {}
    for row in network.rows:
        if row.rule in ("alias", "spectral"):
            continue
        if row.rule != "keep" or keep is not None:
            filled[row.name] = kept_or_random(row, network, salt, keep or {})
    for row in network.rows:
        if row.rule == "alias":
            filled[row.name] = filled[str(row.alias)]
        elif row.name.endswith("weight_u"):
            stem = row.name.removesuffix("_u")
            filled[stem + "_u"], filled[stem + "_v"] = singular_vectors(filled[stem + "_orig"])
    return {row.name: filled[row.name] for row in network.rows if row.name in filled}


def singular_vectors(weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """u (out,) and v (prod of the rest,) of a convolution's largest singular value, float32.

    100 steps of power iteration from a uniform u give them, converged or not.
    """
    matrix = weight.astype(np.float64).reshape(weight.shape[0], -1)
    gram = matrix @ matrix.T  # one step, u -> W W'u, on a matrix that is smaller by a factor of ten
    u = np.full(len(matrix), 1 / math.sqrt(len(matrix)))
    for _ in range(SPECTRAL_STEPS - 1):
        u = gram @ u
        u /= np.linalg.norm(u)
    v = matrix.T @ u
    v /= np.linalg.norm(v)
    u = matrix @ v
    u /= np.linalg.norm(u)
    return u.astype(np.float32), v.astype(np.float32)


def kept_or_random(
    row: TensorRow, network: NetworkManifest, salt: str = SALT, keep: Mapping[str, np.ndarray] | None = None
) -> np.ndarray:
    """The tensor of one row that is neither an alias nor a singular vector. Raises as `fill`."""
    return _kept(row, keep or {}) if row.rule == "keep" else _value(row, network, salt)


def _value(row: TensorRow, network: NetworkManifest, salt: str) -> np.ndarray:
    if row.rule == "zero":
        return np.zeros(row.shape, row.dtype)
    noise = x(network.prefix + row.name, row.shape, salt)
    if row.rule == "unit":
        return noise
    made = noise if row.dtype == "float32" else np.empty(row.shape, row.dtype)
    numbers, result = noise.reshape(-1), made.reshape(-1)
    for start in range(0, max(1, noise.size), PIECE):  # in pieces, since wider numbers need a second array
        piece = slice(start, start + PIECE)
        result[piece] = _ruled(numbers[piece].astype(network.arithmetic), row)
    return made


def _ruled(value: np.ndarray, row: TensorRow) -> np.ndarray:
    """Standard normal numbers, which may be overwritten, brought to the scale of a row's rule."""
    rule, number_after = _parsed(row.rule)
    number = value.dtype.type
    if rule == "matrix":
        value /= number(math.sqrt(math.prod(row.shape[1:])) / (number_after or 1))
    elif rule == "scale":
        value = (number(1) + number(0.1) * value) * number(number_after or 1)
    elif rule in ("bias", "mean"):
        value *= number(0.1)
        value += number(number_after)
    elif rule == "var":
        value = number(1) + number(0.1) * np.abs(value)
    else:
        raise ValueError(f"There is no rule {row.rule!r} for {row.name}.")
    return value


def _parsed(rule: str) -> tuple[str, float]:
    """A rule's name and its number, as in `matrix*0.3` or `bias+1.15`; 0 if it has no number."""
    name, _, number = rule.replace("+", "*").partition("*")
    return name, float(number or 0)


def _kept(row: TensorRow, keep: Mapping[str, np.ndarray]) -> np.ndarray:
    if row.name not in keep:
        raise ValueError(f"The constructor's value of {row.name} is needed.")
    value = np.asarray(keep[row.name])
    if value.shape != row.shape:
        raise ValueError(f"{row.name} has shape {value.shape}, but the manifest says {row.shape}.")
    return value.astype(row.dtype)


def _generator(name: str, salt: str) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(zlib.crc32((salt + name).encode("utf-8"))))
