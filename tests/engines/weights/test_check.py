from __future__ import annotations

import torch

from engines.weights.check import Differences, compare
from engines.weights.manifest import NetworkManifest, TensorRow

NETWORK = NetworkManifest(
    "net",
    (
        TensorRow("a", (2, 3), "float32", "matrix"),
        TensorRow("b", (2,), "float32", "bias"),
        TensorRow("n", (), "int64", "zero"),
    ),
    {},
)


def tensors() -> dict[str, torch.Tensor]:
    return {"a": torch.zeros(2, 3), "b": torch.zeros(2), "n": torch.tensor(0)}


def test_a_fit() -> None:
    found = compare(tensors(), NETWORK)
    assert found == Differences()
    assert not found.fatal()
    assert str(found) == ""


def test_every_kind_of_difference() -> None:
    given = tensors() | {"a": torch.zeros(3, 2), "z": torch.zeros(1), "n": torch.zeros(1)}
    del given["b"]
    found = compare(given, NETWORK)
    assert found.missing == ("b",)
    assert found.extra == ("z",)
    assert found.misshapen == ("a 3x2 instead of 2x3", "n 1 instead of scalar")
    assert found.fatal()
    assert str(found) == (
        "1 missing: b; 2 wrong shape: a 3x2 instead of 2x3, n 1 instead of scalar; 1 not known: z"
    )


def test_extra_tensors_are_a_fault_of_strict_files_only() -> None:
    found = compare(tensors() | {"z": torch.zeros(1)}, NETWORK)
    assert found.fatal()
    assert not found.fatal(strict=False)


def test_optional_tensors_may_be_missing_or_of_another_shape() -> None:
    given = tensors() | {"a": torch.zeros(5, 3)}
    del given["b"]
    assert compare(given, NETWORK, frozenset("ab")) == Differences()


def test_the_first_five_are_named() -> None:
    rows = tuple(TensorRow(f"k{i}", (1,), "float32", "bias") for i in range(8))
    assert str(compare({}, NetworkManifest("net", rows, {}))) == "8 missing: k0, k1, k2, k3, k4 and 3 more"
