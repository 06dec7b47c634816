"""Small drawings of presets, made from their options: how head, mouth and brows move."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from studio.presets import Preset
from ui.components.filled import filled

MOUTH = ("mouth_opening", "mouth_open")
HEAD = ("head_motion",)
BROWS = ("expression",)
STEPS = "inference_steps"
MOST_DOTS = 4


def preset_pictures(presets: Sequence[Preset], place: str) -> str:
    """Style rules that show a drawing in each choice of a gr.Radio, and sliders in the last, for own options.

    presets: in the order of the choices. place: the selector of the gr.Radio.
    """
    steps = [_value(preset, (STEPS,), 0.0) for preset in presets]
    dotted = len(set(steps)) > 1
    drawings = [
        picture(preset, round(MOST_DOTS * own / max(steps)) if dotted else 0)
        for preset, own in zip(presets, steps, strict=True)
    ]
    drawings.append(filled("preset_own.svg"))
    return "\n".join(
        f"{place} label:nth-of-type({number})::before {{ --picture: {_address(drawing)}; }}"
        for number, drawing in enumerate(drawings, start=1)
    )


def _address(drawing: str) -> str:
    return f'url("data:image/svg+xml,{quote(drawing)}")'


def picture(preset: Preset, dots: int) -> str:
    """One drawing, as SVG. dots: 0..MOST_DOTS, more for more steps; 0 draws none."""
    animal = preset.options.animation_mode == "animal"
    head, mouth, brows = (_value(preset, names, 1.0) for names in (HEAD, MOUTH, BROWS))
    return filled(
        "preset.svg",
        animal=animal,
        arcs=0 if head == 0 else 1 if head < 0.8 else 2 if head <= 1.2 else 3,
        opening=round(3.5 * mouth**2, 1),
        brows=round(2.5 * (brows - 1), 1),
        dots=max(1, dots) if dots else 0,
        spaces=range(MOST_DOTS),
    )


def _value(preset: Preset, names: Sequence[str], usual: float) -> float:
    """The first of these options that is a number: an engine of another package may have choices there."""
    values: dict[str, Any] = preset.options.model_dump()
    numbers = (values[name] for name in names if type(values.get(name)) in (int, float))
    return next((float(number) for number in numbers if math.isfinite(number)), usual)
