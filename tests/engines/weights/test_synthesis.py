from __future__ import annotations

import math
import zlib
from collections.abc import Callable

import numpy as np
import pytest

from engines.weights.manifest import NetworkManifest, TensorRow
from engines.weights.synthesis import fill_network, singular_vectors, uniform, x


def noise(name: str, shape: tuple[int, ...], salt: str = "v1:") -> np.ndarray:
    seed = zlib.crc32((salt + name).encode("utf-8"))
    return np.random.Generator(np.random.PCG64(seed)).standard_normal(shape, dtype=np.float32)


def network(*rows: TensorRow) -> NetworkManifest:
    return NetworkManifest("net", rows, {})


def test_numbers_depend_on_name_and_salt_alone() -> None:
    np.testing.assert_array_equal(x("a.weight", (3, 4)), noise("a.weight", (3, 4)))
    np.testing.assert_array_equal(x("a.weight", [3, 4], "v2:"), noise("a.weight", (3, 4), "v2:"))
    assert not np.array_equal(x("a.weight", (3, 4)), x("b.weight", (3, 4)))
    assert x("a", ()).shape == ()


def test_even_numbers_lie_between_0_and_1() -> None:
    values = uniform("a", (1000,))
    assert values.dtype == np.float32
    assert 0 <= values.min() < 0.01
    assert 0.99 < values.max() < 1


@pytest.mark.parametrize(
    ("rule", "shape", "form"),
    [
        ("matrix", (4, 3, 3, 3), lambda n: n / math.sqrt(27)),
        ("matrix*0.3", (4, 3), lambda n: 0.3 * n / math.sqrt(3)),
        ("scale", (5,), lambda n: 1 + 0.1 * n),
        ("scale", (1, 1, 5), lambda n: 1 + 0.1 * n),
        ("scale*0.25", (5,), lambda n: 0.25 * (1 + 0.1 * n)),
        ("bias", (5,), lambda n: 0.1 * n),
        ("bias+1.15", (5,), lambda n: 0.1 * n + 1.15),
        ("mean", (5,), lambda n: 0.1 * n),
        ("var", (5,), lambda n: 1 + 0.1 * np.abs(n)),
        ("unit", (1, 2, 3), lambda n: n),
        ("zero", (), lambda n: 0 * n),
    ],
)
def test_each_rule(rule: str, shape: tuple[int, ...], form: Callable) -> None:
    filled = fill_network(network(TensorRow("t", shape, "float32", rule)))
    expected = form(noise("t", shape).astype(np.float64)).astype(np.float32)
    np.testing.assert_array_equal(filled["t"], expected)


def test_counters_keep_their_type() -> None:
    assert fill_network(network(TensorRow("n", (), "int64", "zero")))["n"].dtype == np.int64


def test_an_unknown_rule_is_a_fault() -> None:
    with pytest.raises(ValueError, match="no rule 'guess' for t"):
        fill_network(network(TensorRow("t", (2,), "float32", "guess")))


def test_aliases_are_the_same_array_wherever_they_stand() -> None:
    filled = fill_network(
        network(TensorRow("b", (2, 2), "float32", "alias", "a"), TensorRow("a", (2, 2), "float32", "matrix"))
    )
    assert list(filled) == ["b", "a"]
    assert filled["b"] is filled["a"]


def test_kept_rows_come_from_the_constructor() -> None:
    rows = network(TensorRow("pe", (2, 3), "float32", "keep"), TensorRow("w", (2, 2), "float32", "matrix"))
    kept = np.arange(6).reshape(2, 3)
    np.testing.assert_array_equal(fill_network(rows, keep={"pe": kept})["pe"], kept.astype(np.float32))
    assert list(fill_network(rows)) == ["w"]
    with pytest.raises(ValueError, match="value of pe is needed"):
        fill_network(rows, keep={})
    with pytest.raises(ValueError, match=r"pe has shape \(3, 2\)"):
        fill_network(rows, keep={"pe": kept.T})


def test_singular_vectors_are_those_of_a_hundred_steps() -> None:
    weight = noise("w", (6, 4, 3, 3))
    matrix = weight.astype(np.float64).reshape(6, -1)
    u = np.ones(6) / math.sqrt(6)
    for _ in range(100):
        v = matrix.T @ u
        v /= np.linalg.norm(v)
        u = matrix @ v
        u /= np.linalg.norm(u)
    ours = singular_vectors(weight)
    np.testing.assert_allclose(ours[0], u, atol=1e-7)
    np.testing.assert_allclose(ours[1], v, atol=1e-7)
    assert [part.dtype for part in ours] == [np.float32, np.float32]


def test_spectral_rows_belong_to_their_weight() -> None:
    rows = network(
        TensorRow("c.bias", (6,), "float32", "bias"),
        TensorRow("c.weight_orig", (6, 4, 3, 3), "float32", "matrix"),
        TensorRow("c.weight_u", (6,), "float32", "spectral"),
        TensorRow("c.weight_v", (36,), "float32", "spectral"),
    )
    filled = fill_network(rows)
    assert list(filled) == [row.name for row in rows.rows]
    np.testing.assert_array_equal(filled["c.weight_u"], singular_vectors(filled["c.weight_orig"])[0])


def test_numbers_in_single_precision_with_a_prefix() -> None:
    rows = NetworkManifest(
        "net",
        (
            TensorRow("a.weight", (4, 3, 3), "float32", "matrix"),
            TensorRow("b.weight", (5,), "float32", "scale"),
        ),
        {},
        prefix="net.",
        arithmetic="float32",
    )
    filled = fill_network(rows)
    np.testing.assert_array_equal(filled["a.weight"], noise("net.a.weight", (4, 3, 3)) / np.float32(3))
    expected = np.float32(1) + np.float32(0.1) * noise("net.b.weight", (5,))
    np.testing.assert_array_equal(filled["b.weight"], expected)
