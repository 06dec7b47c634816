"""The crop that a page shows before a video is made is the engine's own."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from media.portrait import open_portrait
from studio.crop_view import view_crop
from studio.options import make_options

NOTHING = "preview"


@pytest.fixture(autouse=True)
def no_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOYSTUDIO_WEIGHTS", str(tmp_path))


def crop(engine: str, portrait: Path, **options: Any) -> Any:
    return view_crop(engine, portrait, make_options(engine, options))


def side(corners: Any) -> float:
    return float(np.hypot(*np.subtract(corners[1], corners[0])))


def test_the_preview_sees_the_whole_portrait(portrait_file: Path) -> None:
    assert crop(NOTHING, portrait_file) is None


@pytest.mark.parametrize("engine", ["joyvasa", "joyhallo"])
def test_the_picture_is_what_lies_between_the_corners(engine: str, portrait_file: Path) -> None:
    seen = crop(engine, portrait_file)
    corners = np.array(seen.corners)
    face = open_portrait(portrait_file).face
    assert face is not None
    low, high = corners.min(axis=0), corners.max(axis=0)
    middle = (np.array(face.box[:2]) + face.box[2:]) / 2
    assert (low < middle).all()
    assert (middle < high).all()
    picture = np.asarray(Image.open(io.BytesIO(seen.jpeg)), np.float32)
    whole = np.asarray(Image.open(portrait_file).convert("RGB"), np.float32)
    # The colour in the middle of the crop is that of the portrait where the corners say the middle lies.
    x, y = corners.mean(axis=0).round().astype(int)
    ours = picture[picture.shape[0] // 2 - 6 : picture.shape[0] // 2 + 6, 90:102].mean(axis=(0, 1))
    assert np.abs(ours - whole[y - 3 : y + 3, x - 3 : x + 3].mean(axis=(0, 1))).max() < 20


def test_a_larger_scale_takes_more(portrait_file: Path) -> None:
    near, far = (crop("joyvasa", portrait_file, scale=scale).corners for scale in (2.0, 3.0))
    assert side(far) == pytest.approx(1.5 * side(near), rel=1e-3)


@pytest.mark.parametrize("off", [("joyvasa", "flag_do_crop"), ("joyhallo", "crop_face")])
def test_without_a_crop_all_of_it_is_seen(off: tuple[str, str], portrait_file: Path) -> None:
    engine, switch = off
    seen = crop(engine, portrait_file, **{switch: False})
    assert seen.corners == ((0, 0), (128, 0), (128, 128), (0, 128))


def test_an_animal_without_points_is_left_to_the_job(tmp_path: Path) -> None:
    blank = tmp_path / "grey.png"
    Image.new("RGB", (200, 200), (128, 128, 128)).save(blank)
    options = make_options("joyvasa", {"animation_mode": "animal"})
    assert view_crop("joyvasa", blank, options) is None
    seen = view_crop("joyvasa", blank, options, anchors=((70, 80), (130, 80), (100, 130)))
    assert seen is not None


def test_corners_are_those_of_the_upload(tmp_path: Path, portrait_file: Path) -> None:
    large = tmp_path / "large.png"
    with Image.open(portrait_file) as image:
        image.resize((2560, 2560), Image.Resampling.LANCZOS).save(large)
    small_side, large_side = (side(crop("joyhallo", path).corners) for path in (portrait_file, large))
    assert large_side == pytest.approx(20 * small_side, rel=0.05)


def test_a_face_is_not_needed_where_the_option_says_so(tmp_path: Path) -> None:
    blank = tmp_path / "grey.png"
    Image.new("RGB", (200, 160), (128, 128, 128)).save(blank)
    assert crop("joyhallo", blank) is None
    assert side(crop("joyhallo", blank, allow_no_face=True).corners) == 160
