"""What rounding explains of a difference.

Another processor adds in another order. Where a check exceeds its tolerance for that reason alone, the same
computation in float64 says so: our float32 is then about as far from float64 as from the original's float32.
A network that differs from the original is as far from it in float64 as before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from tests.parity.golden import Comparison, compare_arrays

ROUNDING = 4.0
"""How many times our own distance to float64 the distance to another float32 may be."""


def allow_rounding(
    compared: Iterable[Comparison], ours: Mapping[str, Any], exact: Mapping[str, Any]
) -> Iterator[Comparison]:
    """The comparisons again, each with the tolerance that float64 justifies, if that is wider.

    ours, exact: by the names of the comparisons, what was compared and the same in float64. A comparison
    whose name is not in `exact` stays as it is.
    """
    for comparison in compared:
        if comparison.name not in exact:
            yield comparison
            continue
        apart = compare_arrays(comparison.name, ours[comparison.name], exact[comparison.name])
        rounding = apart.worst_rel if comparison.relative else apart.worst_abs
        tolerance = max(comparison.tolerance, ROUNDING * rounding)
        error = comparison.worst_rel if comparison.relative else comparison.worst_abs
        note = comparison.note or f"rounding alone: {rounding:.1e}"
        yield replace(comparison, tolerance=tolerance, ok=error <= tolerance, note=note)
