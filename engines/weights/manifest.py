"""Lists every tensor that a network's checkpoint must have, with its shape."""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

Arithmetic = Literal["float32", "float64"]


@dataclass(frozen=True)
class TensorRow:
    """One tensor of a checkpoint.

    rule: how a random value is formed, as in `matrix*0.3` (see synthesis.py).
    alias: the row whose tensor this one shares, if the rule is `alias`.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    rule: str
    alias: str | None = None

    @property
    def size(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)


@dataclass(frozen=True)
class NetworkManifest:
    """The rows of one network, in checkpoint order.

    config: the constructor's arguments for these shapes. gains: (part of a key, factor) of the `matrix` rule;
    the first part that a key contains applies. prefix: precedes the rows' names in the file of several
    networks and in the seeds of random numbers. arithmetic: the precision in which random values are
    computed.
    """

    name: str
    rows: tuple[TensorRow, ...]
    config: Mapping[str, Any]
    gains: tuple[tuple[str, float], ...] = ()
    prefix: str = ""
    arithmetic: Arithmetic = "float64"

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape by tensor name."""
        return {row.name: row.shape for row in self.rows}


@dataclass(frozen=True)
class Manifest:
    """All networks of one engine by name."""

    networks: Mapping[str, NetworkManifest]

    def __getitem__(self, name: str) -> NetworkManifest:
        return self.networks[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.networks)


def read_manifest(path: Path) -> Manifest:
    """Read a manifest from JSON, gzipped when its name ends in `.gz`.

    Each entry of `networks` holds `keys` (rows of name, shape, dtype, rule and, for aliases, the other name),
    `config`, `gains`, `prefix` and `arithmetic`. Raises OSError, ValueError or KeyError for a damaged file:
    manifests are part of the program, so that is a bug.
    """
    content = path.read_bytes()
    document = json.loads(gzip.decompress(content) if path.suffix == ".gz" else content)
    return Manifest({name: _network(name, entry) for name, entry in document["networks"].items()})


def derive(
    network: NetworkManifest, shapes: Mapping[str, tuple[tuple[int, ...], str]], config: Mapping[str, Any]
) -> NetworkManifest:
    """The rows of the same network in another size, with the rules of the full one.

    shapes: (shape, dtype) by tensor name. Raises ValueError for a name that the full network does not have.
    """
    known = {row.name: row for row in network.rows}
    unknown = [name for name in shapes if name not in known]
    if unknown:
        raise ValueError(f"{network.name} has no {', '.join(unknown[:5])}.")
    rows = tuple(replace(known[name], shape=shape, dtype=dtype) for name, (shape, dtype) in shapes.items())
    return replace(network, rows=rows, config=config)


def _network(name: str, entry: Mapping[str, Any]) -> NetworkManifest:
    return NetworkManifest(
        name=name,
        rows=tuple(
            TensorRow(row[0], tuple(row[1]), row[2], row[3], row[4] if len(row) > 4 else None)
            for row in entry["keys"]
        ),
        config=entry.get("config", {}),
        gains=tuple((part, float(gain)) for part, gain in entry.get("gains", ())),
        prefix=entry.get("prefix", ""),
        arithmetic=entry.get("arithmetic", "float64"),
    )
