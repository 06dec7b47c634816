"""One file of inputs and outputs of the original networks, and the comparison with ours."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

SAMPLED = ("__idx", "__val", "__shape", "__mean_std", "__mean", "__std")


@dataclass(frozen=True)
class Comparison:
    """How far one array is from the original's.

    worst_abs: largest difference; inf when shapes differ, or when one side is not finite where the other is.
    worst_rel: worst_abs as a share of the largest expected value.
    relative: the tolerance is meant for worst_rel instead of worst_abs.
    """

    name: str
    worst_abs: float
    worst_rel: float
    tolerance: float
    ok: bool
    relative: bool = False
    note: str = ""

    @property
    def strain(self) -> float:
        """The deciding error as a multiple of the tolerance: up to 1 is ok."""
        error = self.worst_rel if self.relative else self.worst_abs
        if error == 0:
            return 0.0 if self.ok else float("inf")
        return error / self.tolerance if self.tolerance else float("inf")


class Golden:
    """The arrays of a golden_*.npz.

    `golden[key]` reads an array as it is stored. `compare(name, ours)` compares an output, stored whole
    or sampled (`name__idx`, `name__val`, `name__shape`, `name__mean_std`). What was neither read nor
    compared is `unused()`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.stem.removeprefix("golden_")
        with np.load(path, allow_pickle=False) as file:
            self._arrays = {key: file[key] for key in file.files}
        self._used: set[str] = set()

    def keys(self) -> list[str]:
        """Names of the arrays as stored, `__idx` and its companions included."""
        return list(self._arrays)

    def names(self) -> list[str]:
        """Names of the arrays as they are meant: a sampled one once, by its own name."""
        return list(dict.fromkeys(self._base(key) for key in self._arrays))

    def __contains__(self, name: str) -> bool:
        return name in self._arrays or f"{name}__val" in self._arrays

    def __getitem__(self, key: str) -> np.ndarray:
        self._used.add(self._base(key))
        return self._arrays[key]

    def shape(self, name: str) -> tuple[int, ...]:
        """Shape of the full array, also of a sampled one; does not count as having compared it."""
        if name in self._arrays:
            return self._arrays[name].shape
        return tuple(int(n) for n in self._arrays[f"{name}__shape"])

    def pass_over(self, part: str) -> None:
        """Count arrays whose name contains `part` as compared: their variant is not asked for."""
        self._used.update(name for name in self.names() if part in name)

    def unused(self) -> list[str]:
        """Names nobody has read or compared."""
        return [name for name in self.names() if name not in self._used]

    def compare(self, name: str, ours: Any, tolerance: float = 1e-4, *, relative: bool = False) -> Comparison:
        """Compare an array or tensor of ours with `name`: shape, every stored value, mean and deviation.

        relative: the tolerance is a share of the largest expected value instead of an absolute number.
        """
        self._used.add(name)
        actual = _array(ours)
        shape = self.shape(name)
        if actual.shape != shape:
            note = f"shape {actual.shape} instead of {shape}"
            return Comparison(name, np.inf, np.inf, tolerance, False, relative, note)
        if name in self._arrays:
            return compare_arrays(name, actual, self._arrays[name], tolerance, relative=relative)
        values = actual.reshape(-1)[self._arrays[f"{name}__idx"]]
        expected = self._arrays[f"{name}__val"]
        whole, moments = self._moments(name, actual)
        if not np.isfinite(moments).all():
            return compare_arrays(name, values, expected, tolerance, relative=relative)
        return compare_arrays(
            name, np.append(values, whole), np.append(expected, moments), tolerance, relative=relative
        )

    def _moments(self, name: str, actual: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean and deviation over the full array, ours and the original's; empty where not stored."""
        whole = np.array([actual.mean(dtype=np.float64), actual.std(dtype=np.float64)])
        if f"{name}__mean_std" in self._arrays:
            return whole, self._arrays[f"{name}__mean_std"]
        if f"{name}__mean" in self._arrays:
            return whole, np.append(self._arrays[f"{name}__mean"], self._arrays[f"{name}__std"])
        return np.empty(0), np.empty(0)

    def _base(self, key: str) -> str:
        base, mark, rest = key.rpartition("__")
        return base if mark and mark + rest in SAMPLED else key


def compare_arrays(
    name: str, ours: Any, expected: Any, tolerance: float = 1e-4, *, relative: bool = False
) -> Comparison:
    """Compare two arrays or tensors; where one is not finite the other must be the same."""
    actual, wanted = _array(ours), _array(expected)
    if actual.shape != wanted.shape:
        note = f"shape {actual.shape} instead of {wanted.shape}"
        return Comparison(name, np.inf, np.inf, tolerance, False, relative, note)
    if wanted.dtype.kind not in "fiub" or actual.dtype.kind not in "fiub":
        same = bool(np.array_equal(actual, wanted))
        worst = 0.0 if same else np.inf
        return Comparison(name, worst, worst, tolerance, same, relative, "" if same else "other text")
    actual, wanted = actual.astype(np.float64), wanted.astype(np.float64)
    finite = np.isfinite(wanted) & np.isfinite(actual)
    if not np.array_equal(actual[~finite], wanted[~finite], equal_nan=True):
        return Comparison(name, np.inf, np.inf, tolerance, False, relative, "not finite in other places")
    worst = float(np.abs(actual[finite] - wanted[finite]).max(initial=0.0))
    largest = float(np.abs(wanted[finite]).max(initial=0.0))
    share = worst / largest if largest else (0.0 if worst == 0 else np.inf)
    return Comparison(name, worst, share, tolerance, (share if relative else worst) <= tolerance, relative)


def _array(value: Any) -> np.ndarray:
    if hasattr(value, "detach"):  # a tensor, without importing torch here; numpy has no bfloat16
        value = value.detach().cpu()
        value = value.float() if value.is_floating_point() and value.element_size() == 2 else value
        return value.numpy()
    return np.asarray(value)
