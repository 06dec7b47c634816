"""Small plots as SVG inside the page: a dot for every video, a row for every group."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

WIDTH, LABELS, RIGHT = 340, 92, 14
ROW, TOP, AXIS = 26, 6, 22
LETTERS = 15  # of a group's name that fit beside its row


def strip_plot(
    groups: Mapping[str, Mapping[str, float]],
    digits: int,
    bounds: tuple[float, float] = (-math.inf, math.inf),
) -> str:
    """An <svg> of group -> video -> value; the mean of each group is a bar across its row.

    bounds: values that cannot be left; the axis ends there.
    """
    values = [value for group in groups.values() for value in group.values()]
    low, high = _room(min(values), max(values))
    low, high = max(low, min(bounds[0], *values)), min(high, max(bounds[1], *values))
    height = TOP + ROW * len(groups) + AXIS

    def x(value: float) -> float:
        return LABELS + (value - low) / (high - low) * (WIDTH - LABELS - RIGHT)

    parts = [f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="values of each group">']
    bottom = TOP + ROW * len(groups)
    for tick in ticks(low, high):
        at = x(tick)
        parts.append(f'<line class="grid" x1="{at:.1f}" x2="{at:.1f}" y1="{TOP}" y2="{bottom}"/>')
        label = _short(tick, digits)
        parts.append(f'<text class="tick" x="{at:.1f}" y="{bottom + 15}" text-anchor="middle">{label}</text>')
    for row, (name, group) in enumerate(groups.items()):
        middle = TOP + ROW * row + ROW / 2
        parts.append(
            f'<text class="name" x="{LABELS - 10}" y="{middle + 4:.1f}" text-anchor="end">'
            f"{escape(_cut(name))}<title>{escape(name)}</title></text>"
        )
        for number, (video, value) in enumerate(group.items()):
            up = (number * 7 % 5 - 2) * 2.2  # so that equal values do not hide one another
            parts.append(
                f'<circle class="dot c{row % 6}" cx="{x(value):.1f}" cy="{middle + up:.1f}" r="3.6">'
                f"<title>{escape(video)}: {value:.{digits}f}</title></circle>"
            )
        if group:
            mean = sum(group.values()) / len(group)
            parts.append(
                f'<line class="mean c{row % 6}" x1="{x(mean):.1f}" x2="{x(mean):.1f}" y1="{middle - 10:.1f}" '
                f'y2="{middle + 10:.1f}"><title>mean: {mean:.{digits}f}</title></line>'
            )
    return "".join([*parts, "</svg>"])


def ticks(low: float, high: float, about: int = 4) -> Sequence[float]:
    """Round numbers between two bounds, some four of them."""
    rough = (high - low) / about
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * unit for factor in (1, 2, 2.5, 5, 10) if factor * unit >= rough)
    first = math.ceil(low / step - 1e-9)
    return [number * step for number in range(first, math.floor(high / step + 1e-9) + 1)]


def _room(low: float, high: float) -> tuple[float, float]:
    """Bounds with some room around the values; equal values get a width of their own."""
    room = 0.08 * (high - low) or 0.1 * abs(high) or 1.0
    return low - room, high + room


def _short(value: float, digits: int) -> str:
    text = f"{value:.{max(digits, 3)}f}".rstrip("0").rstrip(".") if value % 1 else f"{value:.0f}"
    return "0" if text in ("-0", "") else text


def _cut(name: str) -> str:
    return name if len(name) <= LETTERS else f"{name[: LETTERS - 1]}…"
