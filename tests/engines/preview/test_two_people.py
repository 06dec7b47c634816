"""Of two people in one image, only the chosen one moves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engines import registry
from engines.preview.options import PreviewOptions
from media.portrait import open_portrait
from media.voice import open_voice

PORTRAITS = Path(__file__).resolve().parents[3] / "examples" / "portraits"


@pytest.mark.parametrize("chosen", [0, 1])
def test_the_other_one_stays_to_the_bit(chosen: int, voice_file: Path) -> None:
    pair = Image.new("RGB", (640, 300), (120, 120, 120))
    with Image.open(PORTRAITS / "astronaut.png") as image:
        pair.paste(image.convert("RGB").crop((80, 0, 380, 300)), (0, 0))
    with Image.open(PORTRAITS / "painting.jpg") as image:
        pair.paste(image.convert("RGB").resize((300, 300)), (340, 0))
    portrait = open_portrait(pair, face_index=chosen)
    assert portrait.face is not None
    mine = slice(0, 320) if portrait.face.box[2] < 320 else slice(320, 640)
    other = slice(320, 640) if mine.start == 0 else slice(0, 320)
    moved = False
    for frames in registry.load("preview").animate(portrait, open_voice(voice_file), PreviewOptions(), 0):
        whole = np.asarray(frames)
        assert (whole[:, :, other] == portrait.image[:, other]).all()
        moved |= bool((whole[:, :, mine] != portrait.image[:, mine]).any())
    assert moved
