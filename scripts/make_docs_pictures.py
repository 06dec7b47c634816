"""Make the pictures of the documentation: python -m scripts.make_docs_pictures

Renders the example portraits with an example voice and lays out frames of the result. The frames are chosen
by what is heard in them; blinks and turns are read from landmarks detected again in the frames.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from engines.preview.engine import PreviewEngine
from engines.preview.mouth import CHANNELS, VoiceToMouth
from engines.preview.options import PreviewOptions
from media.faces import default_detector
from media.portrait import Portrait, open_portrait
from media.voice import Voice, open_voice

ROOT = Path(__file__).resolve().parent.parent
PORTRAITS = ROOT / "examples" / "portraits"
VOICE = ROOT / "examples" / "voices" / "mandarin.wav"
PICTURE = ROOT / "docs" / "images" / "result.jpg"

TILE, CAPTION, GAP, COLUMNS = 300, 26, 8, 4
SEED = 4
CAT = ((172, 115), (319, 136), (257, 268))


@dataclass(frozen=True)
class MouthCurves:
    """What the voice asks of the mouth, (frames,) each, 0..1."""

    opening: np.ndarray
    rounding: np.ndarray
    pressing: np.ndarray


def main() -> None:
    """Render, choose, lay out, write."""
    speech = open_voice(VOICE)
    heard = listen(speech)
    astronaut = open_portrait(PORTRAITS / "astronaut.png")
    drawing = open_portrait(PORTRAITS / "drawing.jpg")
    cat = open_portrait(PORTRAITS / "cat.png", subject="animal", anchors=CAT)
    frames = render(astronaut, speech)
    lids, turn = measure(frames)
    awake = lids > 0.9 * np.median(lids)
    facing = measure(astronaut.image[None])[1][0]
    tiles = [
        tile("the portrait", astronaut, astronaut.image),
        tile("lips pressed", astronaut, frames[np.argmax(heard.pressing * awake)]),
        tile("an open vowel", astronaut, frames[np.argmax(heard.opening * awake)]),
        tile("a rounded one", astronaut, frames[np.argmax(heard.rounding * awake)]),
        tile("a blink", astronaut, frames[np.argmin(lids)]),
        tile("a turn of the head", astronaut, frames[np.argmax(np.abs(turn - facing) * awake)]),
        tile("a drawing", drawing, render(drawing, speech)[np.argmax(heard.opening * awake)]),
        tile("a cat", cat, render(cat, speech)[np.argmax(heard.opening * awake)]),
    ]
    PICTURE.parent.mkdir(exist_ok=True)
    sheet(tiles).save(PICTURE, quality=86, optimize=True, progressive=True)
    print(f"{PICTURE}: {PICTURE.stat().st_size // 1024} KB")


def listen(speech: Voice) -> MouthCurves:
    """Run the mouth network over the voice."""
    rows = np.concatenate(list(VoiceToMouth().stream(speech.samples, 25, speech.frames(25))))
    jaw, closure, rounding, voice = rows[
        :, [CHANNELS.index(name) for name in ("jaw", "closure", "rounding", "voice")]
    ].T
    return MouthCurves(jaw * (1 - closure), rounding * (1 - closure) * voice, closure * voice)


def render(portrait: Portrait, speech: Voice) -> np.ndarray:
    """Every frame of a video, (n, H, W, 3) uint8."""
    options = PreviewOptions(animation_mode=portrait.subject)
    return np.concatenate(list(PreviewEngine().animate(portrait, speech, options, SEED)))


def measure(frames: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How far the lids are open and the nose is aside, (n,) each, in distances between the eyes."""
    lids, turn = [], []
    for frame in frames:
        points = default_detector().detect(frame)[0].landmarks[:, :2]
        left, right = points[468], points[473]
        unit = float(np.linalg.norm(right - left))
        lids.append(np.linalg.norm([points[159] - points[145], points[386] - points[374]]) / unit)
        turn.append((points[1] - (left + right) / 2) @ (right - left) / unit**2)
    return np.array(lids), np.array(turn)


def tile(caption: str, portrait: Portrait, frame: np.ndarray) -> Image.Image:
    """A square around the face with a caption below."""
    if portrait.anchors is not None:
        eyes = np.array(portrait.anchors[:2])
        side = 2.0 * float(np.linalg.norm(eyes[1] - eyes[0]))
        middle = eyes.mean(axis=0) + np.array([0.0, 0.25 * side])
    else:
        assert portrait.face is not None
        x0, y0, x1, y1 = portrait.face.box
        middle, side = np.array([(x0 + x1) / 2, (y0 + y1) / 2]), 1.5 * (y1 - y0)
    side = min(side, portrait.width, portrait.height)
    left, top = np.clip(middle - side / 2, 0, [portrait.width - side, portrait.height - side]).tolist()
    box = (left, top, left + side, top + side)
    result = Image.new("RGB", (TILE, TILE + CAPTION), "white")
    result.paste(Image.fromarray(frame).resize((TILE, TILE), Image.Resampling.LANCZOS, box=box), (0, 0))
    place, font = (TILE / 2, TILE + CAPTION / 2), ImageFont.load_default(16)
    ImageDraw.Draw(result).text(place, caption, "#334155", font, anchor="mm")
    return result


def sheet(tiles: list[Image.Image]) -> Image.Image:
    """The tiles in rows of COLUMNS."""
    width, height = TILE + GAP, TILE + CAPTION + GAP
    rows = -(-len(tiles) // COLUMNS)
    result = Image.new("RGB", (COLUMNS * width - GAP, rows * height - GAP), "white")
    for number, picture in enumerate(tiles):
        result.paste(picture, (number % COLUMNS * width, number // COLUMNS * height))
    return result


if __name__ == "__main__":
    main()
