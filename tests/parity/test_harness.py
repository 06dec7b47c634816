"""The harness itself: errors must be detected."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engines.joyhallo.networks.builders import document
from tests.parity import __main__ as command
from tests.parity.compact import thinned
from tests.parity.context import Context
from tests.parity.golden import Comparison, Golden, compare_arrays
from tests.parity.parts import engine_of, slow
from tests.parity.runner import run

SHAPE = (4, 5, 6)
VALUES = np.arange(120, dtype=np.float32).reshape(SHAPE) / 100


def golden(folder: Path, name: str = "net", /, **arrays: Any) -> Path:
    path = folder / f"golden_{name}.npz"
    np.savez(path, **arrays)
    return path


def sampled(values: np.ndarray, count: int = 10) -> dict[str, np.ndarray]:
    index = np.arange(0, values.size, values.size // count)
    return {
        "out__idx": index,
        "out__val": values.reshape(-1)[index],
        "out__shape": np.array(values.shape),
        "out__mean_std": np.array([values.mean(dtype=np.float64), values.std(dtype=np.float64)]),
    }


def right(golden: Golden, context: Context) -> Iterator[Comparison]:
    yield golden.compare("out", VALUES)


def test_whole_and_sampled_arrays(tmp_path: Path) -> None:
    for arrays in ({"out": VALUES}, sampled(VALUES)):
        file = Golden(golden(tmp_path, **arrays))
        assert file.names() == ["out"]
        assert file.shape("out") == SHAPE
        assert "out" in file
        assert file.unused() == ["out"]
        assert file.compare("out", VALUES) == Comparison("out", 0.0, 0.0, 1e-4, True)
        assert file.unused() == []


@pytest.mark.parametrize("arrays", [{"out": VALUES}, sampled(VALUES)], ids=["whole", "sampled"])
def test_a_wrong_value_and_a_wrong_shape_fail(tmp_path: Path, arrays: dict[str, np.ndarray]) -> None:
    file = Golden(golden(tmp_path, **arrays))
    off = VALUES.copy()
    off[0, 0, 0] += 2e-3
    found = file.compare("out", off)
    assert not found.ok
    assert found.worst_abs == pytest.approx(2e-3, rel=1e-3)
    assert found.worst_rel == pytest.approx(2e-3 / 1.19, rel=0.15)
    assert file.compare("out", off, 3e-3).ok
    other = file.compare("out", VALUES.reshape(4, 30))
    assert not other.ok
    assert "shape (4, 30) instead of (4, 5, 6)" in other.note


def test_a_fault_between_the_samples_shows_in_the_mean(tmp_path: Path) -> None:
    file = Golden(golden(tmp_path, **sampled(VALUES)))
    off = VALUES.copy()
    off[0, 0, 1:5] = 9
    assert not file.compare("out", off).ok


def test_numbers_that_are_not_finite() -> None:
    nan, inf = float("nan"), float("inf")
    assert compare_arrays("a", [1, nan, -inf], [1, nan, -inf]).ok
    for ours in ([1, 2, -inf], [nan, nan, -inf], [1, nan, inf]):
        assert not compare_arrays("a", ours, [1, nan, -inf]).ok


def test_relative_tolerances() -> None:
    assert compare_arrays("a", [1000.005], [1000.0], 1e-5, relative=True).ok
    assert not compare_arrays("a", [1000.02], [1000.0], 1e-5, relative=True).ok
    assert not compare_arrays("a", [1e-9], [0.0], 1e-5, relative=True).ok
    assert compare_arrays("a", [True, False], [1, 0], 0).ok
    assert not compare_arrays("a", ["x"], ["y"]).ok


def test_what_no_one_compared_fails(tmp_path: Path) -> None:
    golden(tmp_path, out=VALUES, more=VALUES)
    (outcome,) = run(Context(tmp_path), {"net": right})
    assert not outcome.ok
    assert "unknown keys: more" in outcome.line()


def test_a_check_that_compares_nothing_fails(tmp_path: Path) -> None:
    def idle(golden: Golden, context: Context) -> Iterator[Comparison]:
        _ = golden["out"]
        yield from ()

    golden(tmp_path, out=VALUES)
    (outcome,) = run(Context(tmp_path), {"net": idle})
    assert not outcome.ok
    assert outcome.line().endswith("FAIL  nothing was compared")


def test_a_check_that_breaks_off_fails_alone(tmp_path: Path) -> None:
    def broken(golden: Golden, context: Context) -> Iterator[Comparison]:
        yield golden.compare("out", VALUES)
        raise ValueError("no such\nthing")

    golden(tmp_path, "a", out=VALUES)
    golden(tmp_path, "b", out=VALUES)
    first, second = run(Context(tmp_path), {"a": broken, "b": right})
    assert not first.ok
    assert "ValueError: no such thing" in first.line()
    assert second.ok


def test_a_damaged_file_fails(tmp_path: Path) -> None:
    (tmp_path / "golden_net.npz").write_bytes(b"PK broken")
    (outcome,) = run(Context(tmp_path), {"net": right})
    assert not outcome.ok


@pytest.fixture
def only_right(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "checks", lambda *engine: {"net": right})


@pytest.mark.usefixtures("only_right")
def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    golden(tmp_path, out=VALUES)
    assert command.main([str(tmp_path)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "1 passed, 0 failed"

    golden(tmp_path, "other", out=VALUES)
    assert command.main([str(tmp_path)]) == 1
    out = capsys.readouterr().out.splitlines()
    assert out[1].startswith("other ")
    assert out[1].endswith("FAIL  no check knows this file")
    assert out[2] == "1 passed, 1 failed"

    assert command.main([str(tmp_path), "--only", "net"]) == 0
    assert command.main([str(tmp_path), "--only", "golden_net.npz"]) == 0
    assert command.main([str(tmp_path), "--only", "nothing"]) == 1


@pytest.mark.usefixtures("only_right")
def test_a_folder_without_goldens_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main([str(tmp_path)]) == 1
    printed = capsys.readouterr()
    assert printed.out == "0 passed, 0 failed\n"
    assert "no golden_" in printed.err


def test_flags_reach_the_checks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def look(golden: Golden, context: Context) -> Iterator[Comparison]:
        seen.append((context.folder, context.salt, context.fast, context.x("a", (2,)).tolist()))
        yield golden.compare("out", VALUES)

    monkeypatch.setattr(command, "checks", lambda *engine: {"net": look})
    golden(tmp_path, out=VALUES)
    command.main([str(tmp_path)])
    command.main([str(tmp_path), "--salt", "v2:", "--fast"])
    assert [entry[:3] for entry in seen] == [(tmp_path, "v1:", False), (tmp_path, "v2:", True)]
    assert seen[0][3] != seen[1][3]


def test_networks_are_filled_with_the_salt_and_kept(tmp_path: Path) -> None:
    one, two = Context(tmp_path), Context(tmp_path, "v2:")
    name = "stitching_retargeting_module"
    assert one.network(name) is one.network(name)
    assert one.network(name).keys() == two.network(name).keys()
    key = "retarget_mouth.mlp.0.bias"
    np.testing.assert_allclose(two.network(name)[key].numpy(), 0.1 * two.x(key, (128,)), rtol=1e-6)


def test_compact_copies(tmp_path: Path) -> None:
    arrays = sampled(VALUES, 40) | {"batch2.out": VALUES, "in": VALUES}
    small = thinned(arrays, points=7, leave_out="batch2")
    assert set(small) == set(arrays) - {"batch2.out"}
    assert len(small["out__idx"]) == len(small["out__val"]) == 7
    assert Golden(golden(tmp_path, **small)).compare("out", VALUES).ok


def test_whole_outputs_of_compact_copies_may_be_sampled(tmp_path: Path) -> None:
    small = thinned({"out": VALUES, "in": VALUES}, points=7, sample="out")
    assert set(small) == {"in", *(f"out__{part}" for part in ("idx", "val", "shape", "mean", "std"))}
    file = Golden(golden(tmp_path, **small))
    assert file.compare("out", VALUES).ok
    assert not file.compare("out", VALUES + 1e-3).ok


def test_variants_that_are_not_asked_for_are_not_missed(tmp_path: Path) -> None:
    golden(tmp_path, out=VALUES, bank16__out=VALUES)
    (outcome,) = run(Context(tmp_path, banks=("bank32",)), {"net": right})
    assert outcome.ok
    (outcome,) = run(Context(tmp_path), {"net": right})
    assert "unknown keys: bank16__out" in outcome.line()


@pytest.mark.parametrize(
    ("files", "engine"),
    [
        (("golden_W.npz",), "joyvasa"),
        ((), "joyvasa"),
        (("golden_masks.npz",), "joyhallo"),
        (("golden_tiny_vae.npz",), "joyhallo"),
        (("golden_net.npz", "tiny_config.json"), "joyhallo"),
        (("golden_syncnet_mfcc.npz",), "metrics"),
        (("golden_vbench_motion.npz",), "metrics"),
        (("golden_qalign.npz", "golden_s3fd.npz"), "metrics"),
    ],
)
def test_a_folder_shows_whose_numbers_it_holds(tmp_path: Path, files: tuple[str, ...], engine: str) -> None:
    for name in files:
        (tmp_path / name).touch()
    assert engine_of(tmp_path) == engine


def test_slow_checks_are_left_out_unless_named(tmp_path: Path) -> None:
    golden(tmp_path, "a", out=VALUES)
    golden(tmp_path, "b", out=VALUES)
    known = {"a": right, "b": right}
    assert [o.name for o in run(Context(tmp_path), known, (), ("b",))] == ["a"]
    assert [o.name for o in run(Context(tmp_path), known, ("b",), ("b",))] == ["b"]
    assert "full_unet" in slow()


def test_joyhallos_networks_have_the_folders_sizes_and_salt(tmp_path: Path) -> None:
    sizes = document("tiny")
    sizes["imageproj"]["clip_embeddings_dim"] = 24
    (tmp_path / "tiny_config.json").write_text(json.dumps(sizes))
    one, two = Context(tmp_path), Context(tmp_path, "v2:")
    assert one.hallo_config["imageproj"]["clip_embeddings_dim"] == 24
    assert one.hallo_network("imageproj") is one.hallo_network("imageproj")
    weight = two.hallo_network("imageproj")["proj.weight"].numpy()
    noise = two.x("imageproj.proj.weight", (4 * 48, 24))
    np.testing.assert_array_equal(weight, noise / np.float32(24**0.5))
    assert not np.array_equal(weight, one.hallo_network("imageproj")["proj.weight"].numpy())
    assert one.hallo_network("imageproj", "full")["proj.weight"].shape == (3072, 512)
