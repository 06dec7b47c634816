"""Mouth opening and loudness over time, so that one sees who is in step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from evaluation.own.measurer import Watched

KEY = "loudness (area), mouth (line)"
WIDTH, HEIGHT = 400, 90
MOST_POINTS = 400
WIDEST = 0.8
"""Parts of the mouth's width; the opening that reaches the top."""


def curve_plot(watched: Watched, key: str = KEY) -> str:
    """An <svg>: loudness as an area from 0 to 1, the opening as a line over it. key: as HTML."""
    count = len(watched.opening)
    if count < 2:
        return ""
    high = HEIGHT
    top = max(WIDEST / 2, min(WIDEST, float(np.nanmax(watched.opening, initial=0.0))))
    parts = [f'<svg class="curve" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="mouth and loudness">']
    if watched.level is not None:
        heights = _thinned(watched.level, count)
        points = [
            f"{x:.1f},{high * (1 - y):.1f}" for x, y in zip(_places(len(heights)), heights, strict=True)
        ]
        parts.append(f'<polygon class="level" points="0,{high} {" ".join(points)} {WIDTH},{high}"/>')
    opening = _thinned(watched.opening, count) / top
    for line in _lines(opening):
        points = [f"{x:.1f},{high * (1 - min(1.0, y)):.1f}" for x, y in line]
        parts.append(f'<polyline class="opening" points="{" ".join(points)}"/>')
    parts.append(f'<line class="now" x1="0" x2="0" y1="0" y2="{high}"/>')
    seconds = count / watched.fps
    below = f'<p class="key"><span>{key}</span><span>{seconds:.1f} s</span></p>'
    return "".join([*parts, "</svg>", below])


def _thinned(values: np.ndarray, count: int) -> np.ndarray:
    """At most MOST_POINTS of them; of each stretch the highest."""
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
