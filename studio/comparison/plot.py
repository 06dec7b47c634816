"""Plots mouth opening and loudness over time, so that you see which mouth follows the voice."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from media.documents.templates import rendered
from studio.comparison.assets import PAGE

if TYPE_CHECKING:
    from markupsafe import Markup

    from evaluation.builtin.measurer import Measured

KEY = "loudness (area), mouth (line)"
WIDTH, HEIGHT = 400, 90
MOST_POINTS = 400
WIDEST = 0.8
"""The largest opening shown, as a fraction of the mouth's width."""


def curve_plot(measured: Measured, key: str = KEY) -> Markup:
    """An <svg>: loudness as an area from 0 to 1, the opening as a line over it. key: as HTML."""
    from markupsafe import Markup

    count = len(measured.opening)
    if count < 2:
        return Markup()
    top = max(WIDEST / 2, min(WIDEST, float(np.nanmax(measured.opening, initial=0.0))))
    level = ""
    if measured.level is not None:
        heights = _thinned(measured.level, count)
        level = _points(zip(_places(len(heights)), heights, strict=True))
    return rendered(
        PAGE,
        "curve.svg",
        width=WIDTH,
        height=HEIGHT,
        level=level,
        opening=[
            _points((x, min(1.0, y)) for x, y in line)
            for line in _lines(_thinned(measured.opening, count) / top)
        ],
        key=Markup(key),
        seconds=f"{count / measured.fps:.1f}",
    )


def _points(line: Iterable[tuple[float, float]]) -> str:
    """(x, height from 0 to 1) as SVG writes them."""
    return " ".join(f"{x:.1f},{HEIGHT * (1 - y):.1f}" for x, y in line)


def _thinned(values: np.ndarray, count: int) -> np.ndarray:
    """At most MOST_POINTS values: the highest of each stretch."""
    if count <= MOST_POINTS:
        return values
    edges = np.linspace(0, count, MOST_POINTS + 1).astype(int)[:-1]
    return np.asarray(np.fmax.reduceat(values, edges))


def _places(count: int) -> np.ndarray:
    return (np.arange(count) + 0.5) / count * WIDTH


def _lines(values: np.ndarray) -> list[list[tuple[float, float]]]:
    """Stretches with a face, as (x, height) points."""
    lines: list[list[tuple[float, float]]] = [[]]
    for x, y in zip(_places(len(values)), values, strict=True):
        if np.isfinite(y):
            lines[-1].append((float(x), float(y)))
        elif lines[-1]:
            lines.append([])
    return [line for line in lines if line]
