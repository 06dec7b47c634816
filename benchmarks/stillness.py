"""Does the background hold still: python -m benchmarks.stillness

Before encoding, every pixel outside the engine's influence map must be the portrait's own, bit for bit, in
every frame. The map must leave something outside, and things must move inside, or the figure says nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.figures import EXAMPLES, Figure, parser, report

PORTRAITS = ("astronaut.png", "drawing.jpg", "painting.jpg")
VOICE = EXAMPLES / "voices" / "english-man-with-pauses.wav"


def changes(frames: Iterator[np.ndarray], image: np.ndarray, influence: np.ndarray) -> tuple[int, float]:
    """Pixels outside the map that differ in any frame, and the share inside that differ in some frame.

    frames: batches (n, H, W, 3) uint8. image: (H, W, 3) uint8. influence: (H, W) bool.
    """
    ever = np.zeros(influence.shape, bool)
    for batch in frames:
        for frame in batch:
            ever |= (frame != image).any(axis=2)
    return int((ever & ~influence).sum()), float(ever[influence].mean())


def figures(portraits: list[Path], voice: Path) -> Iterator[Figure]:
    """Two figures with a gate and one without, for each portrait."""
    from engines.preview.engine import PreviewEngine
    from engines.preview.options import PreviewOptions
    from engines.preview.renderer import Renderer
    from engines.preview.rigging import rig_of
    from media.portrait import open_portrait
    from media.speech import open_speech

    engine = PreviewEngine()
    engine.load()
    speech = open_speech(voice)
    options = PreviewOptions(head_motion=2.0)
    for path in portraits:
        portrait = open_portrait(path)
        influence = Renderer(portrait.image, rig_of(portrait)).influence
        outside, inside = changes(engine.animate(portrait, speech, options, 1), portrait.image, influence)
        name = path.stem
        yield Figure(f"{name}: background pixels that ever change", outside, "", 0, at_least=False)
        yield Figure(f"{name}: share of the picture that is background", 1 - influence.mean(), "", 0.2)
        yield Figure(f"{name}: share of the rest that moves", inside, "", 0.3)


def main() -> int:
    arguments = parser(__doc__ or "")
    arguments.add_argument("--portrait", type=Path, action="append", help="picture to try (repeatable)")
    arguments.add_argument("--voice", type=Path, default=VOICE)
    chosen = arguments.parse_args()
    portraits = chosen.portrait or [EXAMPLES / "portraits" / name for name in PORTRAITS]
    return report(figures(portraits, chosen.voice), as_json=chosen.json)


if __name__ == "__main__":
    sys.exit(main())
