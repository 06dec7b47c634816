"""Make the example that the page plays before a visitor's first video: python -m scripts.make_example_clip

Three example portraits say the same sentence, each in a square around the face, made by the preview engine.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from engines.preview.engine import PreviewEngine
from engines.preview.options import PreviewOptions
from media.anchors import Anchors
from media.portrait import Portrait, open_portrait
from media.video_writer import VideoWriter
from media.voice import Voice, open_voice
from studio.presets import load_preset
from studio.provenance.origin import DESCRIPTION, TITLE
from ui.components.examples import Example, example_portraits

ROOT = Path(__file__).resolve().parent.parent
VOICE = ROOT / "examples" / "voices" / "english-woman.wav"
CLIP = ROOT / "examples" / "clips" / "example.mp4"
WHO = ("admiral", "drawing", "dog")
SIDE, FPS, SEED, QUALITY = 256, 25, 4, 26
WORDS = {"title": TITLE, "description": DESCRIPTION, "comment": "An example: see examples/CREDITS.md."}


def main() -> None:
    """Render each, lay them side by side, write."""
    speech = open_voice(VOICE)
    examples = {example.path.stem: example for example in example_portraits()}
    rows = np.concatenate([talking(examples[name], speech) for name in WHO], axis=2)
    CLIP.parent.mkdir(exist_ok=True)
    size = (rows.shape[2], rows.shape[1])
    with VideoWriter(
        CLIP, size, FPS, sound=speech, quality=QUALITY, frames=len(rows), metadata=WORDS
    ) as writer:
        for frame in rows:
            writer.write(frame[None])
    print(f"{CLIP}: {CLIP.stat().st_size // 1024} KB")


def talking(example: Example, speech: Voice) -> np.ndarray:
    """Every frame of the square around the face, (n, SIDE, SIDE, 3) uint8."""
    preset = load_preset("preview", example.presets["preview"]).options
    assert isinstance(preset, PreviewOptions)
    options = preset.model_copy(update={"fps": FPS, "animation_mode": example.animation_mode})
    anchors = Anchors(*example.points) if len(example.points) == 3 else None
    portrait = open_portrait(example.path, subject=example.animation_mode, anchors=anchors)
    box = square(portrait)
    return np.stack(
        [
            np.asarray(Image.fromarray(frame).resize((SIDE, SIDE), Image.Resampling.LANCZOS, box=box))
            for frames in PreviewEngine().animate(portrait, speech, options, SEED)
            for frame in frames
        ]
    )


def square(portrait: Portrait) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of a square around the face, inside the portrait."""
    if portrait.anchors is not None:
        eyes = np.array(portrait.anchors[:2])
        side = 3.4 * float(np.linalg.norm(eyes[1] - eyes[0]))
        middle = eyes.mean(axis=0) + np.array([0.0, 0.12 * side])
    else:
        assert portrait.face is not None
        x0, y0, x1, y1 = portrait.face.box
        middle, side = np.array([(x0 + x1) / 2, (y0 + y1) / 2 - 0.05 * (y1 - y0)]), 1.7 * (y1 - y0)
    side = min(side, portrait.width, portrait.height)
    left, top = np.clip(middle - side / 2, 0, [portrait.width - side, portrait.height - side]).tolist()
    return left, top, left + side, top + side


if __name__ == "__main__":
    main()
