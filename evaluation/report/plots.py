"""Small plots as SVG inside the page: a dot for every video, a row for every group."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from media.documents.templates import rendered

if TYPE_CHECKING:
    from markupsafe import Markup

WIDTH, LABELS, RIGHT = 340, 92, 14
ROW, TOP, AXIS = 26, 6, 22
LETTERS = 15  # of a group's name that fit beside its row


def strip_plot(
    groups: Mapping[str, Mapping[str, float]],
    digits: int,
    bounds: tuple[float, float] = (-math.inf, math.inf),
) -> Markup:
    """An <svg> of group -> video -> value; the mean of each group is a bar across its row.

    bounds: values that cannot be left; the axis ends there.
    """
    values = [value for group in groups.values() for value in group.values()]
    low, high = _room(min(values), max(values))
    low, high = max(low, min(bounds[0], *values)), min(high, max(bounds[1], *values))
    height = TOP + ROW * len(groups) + AXIS

    def x(value: float) -> float:
        return LABELS + (value - low) / (high - low) * (WIDTH - LABELS - RIGHT)

    rows = []
    for row, (name, group) in enumerate(groups.items()):
        middle = TOP + ROW * row + ROW / 2
        dots = []
        for number, (video, value) in enumerate(group.items()):
            up = (number * 7 % 5 - 2) * 2.2  # so that equal values do not hide one another
            dots.append({"x": _at(x(value)), "y": _at(middle + up), "label": f"{video}: {value:.{digits}f}"})
        mean = sum(group.values()) / len(group) if group else None
        rows.append(
            {
                "name": name,
                "short": _cut(name),
                "text_y": _at(middle + 4),
                "colour": row % 6,
                "dots": dots,
                "mean": None if mean is None else {"x": _at(x(mean)), "label": f"mean: {mean:.{digits}f}"},
                "mean_top": _at(middle - 10),
                "mean_bottom": _at(middle + 10),
            }
        )
    return rendered(
        "evaluation.report",
        "strip_plot.svg",
        width=WIDTH,
        height=height,
        top=TOP,
        bottom=TOP + ROW * len(groups),
        names_end=LABELS - 10,
        ticks=[{"x": _at(x(tick)), "label": _short(tick, digits)} for tick in ticks(low, high)],
        groups=rows,
    )


def ticks(low: float, high: float, about: int = 4) -> Sequence[float]:
    """Round numbers between two bounds, some four of them."""
    rough = (high - low) / about
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * unit for factor in (1, 2, 2.5, 5, 10) if factor * unit >= rough)
    first = math.ceil(low / step - 1e-9)
    return [number * step for number in range(first, math.floor(high / step + 1e-9) + 1)]


def _at(place: float) -> str:
    """A coordinate, to a tenth of a pixel."""
    return f"{place:.1f}"


def _room(low: float, high: float) -> tuple[float, float]:
    """Bounds with some room around the values; equal values get a width of their own."""
    room = 0.08 * (high - low) or 0.1 * abs(high) or 1.0
    return low - room, high + room


def _short(value: float, digits: int) -> str:
    text = f"{value:.{max(digits, 3)}f}".rstrip("0").rstrip(".") if value % 1 else f"{value:.0f}"
    return "0" if text in ("-0", "") else text


def _cut(name: str) -> str:
    return name if len(name) <= LETTERS else f"{name[: LETTERS - 1]}…"
