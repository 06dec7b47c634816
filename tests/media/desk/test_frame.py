"""What an edit keeps of a portrait: every point of it stays on the same pixel of the upload."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from media.desk.edit import SHAPES, TURNS, Box, PortraitEdit
from media.desk.frame import edited
from media.errors import OptionError, PortraitError
from media.picture import MIN_SIDE, Picture, open_picture
from media.portrait import Anchors, Portrait, open_portrait

PORTRAITS = Path(__file__).resolve().parents[3] / "examples" / "portraits"
ASTRONAUT = PORTRAITS / "astronaut.png"
NOSE = (224, 130)


def nose(portrait: Portrait) -> tuple[float, float]:
    """Where the tip of the nose is in the upload."""
    assert portrait.face is not None
    x, y = portrait.face.landmarks[1, :2]
    return portrait.placement.to_upload(float(x), float(y))


def test_a_crop_keeps_its_part_and_the_places_of_the_upload() -> None:
    portrait = open_portrait(ASTRONAUT, edit=PortraitEdit(crop=(100, 0, 400, 280)))
    assert (portrait.width, portrait.height) == (300, 280)
    assert nose(portrait) == pytest.approx(NOSE, abs=6)
    whole = open_portrait(ASTRONAUT).image
    np.testing.assert_array_equal(portrait.image, whole[0:280, 100:400])


def test_a_crop_of_a_large_photograph_has_all_the_pixels_that_it_can(tmp_path: Path) -> None:
    large = tmp_path / "large.png"
    with Image.open(ASTRONAUT) as image:
        image.resize((1024, 1024), Image.Resampling.BICUBIC).save(large)
    edit = PortraitEdit(crop=(200, 0, 800, 560))
    portrait = open_portrait(large, max_side=512, edit=edit)
    assert (portrait.width, portrait.height) == pytest.approx((512, 478), abs=2)
    assert nose(portrait) == pytest.approx((2 * NOSE[0], 2 * NOSE[1]), abs=12)
    # The whole photograph, reduced, would have half of them.
    assert open_portrait(large, max_side=512).scale < 0.6 * portrait.scale


@pytest.mark.parametrize(("most", "side"), [(300_000, 70), (80_000, 64)])
def test_a_crop_of_a_photograph_with_too_many_pixels_has_those_that_are_decoded(most: int, side: int) -> None:
    stream = io.BytesIO()
    Image.new("RGB", (1200, 900), (90, 120, 60)).save(stream, "JPEG")
    size = 300 if most > 100_000 else 550

    def open_at(longest: int) -> Picture:
        return open_picture(stream.getvalue(), longest, max_pixels=most)

    with pytest.raises(PortraitError, match="million are allowed"):
        open_at(600)
    picture = edited(open_at, PortraitEdit(crop=(100, 100, 100 + size, 100 + size)), lambda _: None)(140)
    assert picture.image.shape == (side, side, 3)


@pytest.mark.parametrize(("shape", "size"), [("9:16", (288, 512)), ("1:1", (512, 512)), ("16:9", (512, 288))])
def test_a_shape_is_cut_around_the_face(shape: str, size: tuple[int, int]) -> None:
    portrait = open_portrait(ASTRONAUT, edit=PortraitEdit(shape=shape))
    assert (portrait.width, portrait.height) == size
    assert nose(portrait) == pytest.approx(NOSE, abs=6)


def test_a_head_that_does_not_fit_stays_whole_on_a_border() -> None:
    edit = PortraitEdit(crop=(150, 20, 300, 250), shape="16:9")
    portrait = open_portrait(ASTRONAUT, edit=edit)
    assert portrait.width / portrait.height == pytest.approx(16 / 9, abs=0.02)
    assert nose(portrait) == pytest.approx(NOSE, abs=6)
    left, _ = portrait.placement.from_upload(150, 20)
    assert left > 50
    whole = open_portrait(ASTRONAUT).image
    np.testing.assert_array_equal(portrait.image[:, round(left) : round(left) + 150], whole[20:250, 150:300])


def test_points_and_crop_are_in_pixels_of_the_turned_portrait(tmp_path: Path) -> None:
    sideways = tmp_path / "sideways.png"
    with Image.open(ASTRONAUT) as image:
        image.crop((60, 0, 460, 300)).rotate(90, expand=True).save(sideways)
    turned = open_portrait(sideways, edit=PortraitEdit(turn=90, crop=(50, 0, 350, 280)))
    assert turned.upright_turn == 0
    assert nose(turned) == pytest.approx((NOSE[0] - 60, NOSE[1]), abs=6)
    points = Anchors((140, 110), (190, 110), (165, 160))
    animal = open_portrait(
        sideways, subject="animal", anchors=points, edit=PortraitEdit(turn=90, shape="1:1")
    )
    assert animal.anchors is not None
    assert animal.placement.to_upload(*animal.anchors.mouth) == pytest.approx((165, 160))
    assert animal.width == animal.height


def test_only_the_kept_faces_are_found(tmp_path: Path) -> None:
    couple = tmp_path / "couple.png"
    with Image.open(ASTRONAUT) as image:
        woman = image.crop((60, 0, 380, 320))
        pair = Image.new("RGB", (640, 320), (120, 120, 120))
        pair.paste(woman, (0, 0))
        pair.paste(woman.resize((280, 280)), (340, 20))
        pair.save(couple)
    assert len(open_portrait(couple).faces) == 2
    assert nose(open_portrait(couple, edit=PortraitEdit(shape="9:16")))[0] < 330  # of the largest one
    right = open_portrait(couple, edit=PortraitEdit(crop=(330, 0, 640, 320)))
    assert len(right.faces) == 1
    assert nose(right)[0] > 330


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (PortraitEdit(crop=(0, 0, 600, 300)), "outside the portrait of 512x512"),
        (PortraitEdit(crop=(200, 100, 240, 400)), "40x300 pixels; each side needs at least 64"),
        (PortraitEdit(crop=(10, 10, 10.3, 10.3), shape="9:16"), "0x0 pixels; each side needs at least 64"),
        (PortraitEdit(crop=(512, 512, 513, 513)), "0x0 pixels; each side needs at least 64"),
        (PortraitEdit(crop=(0, 512, 100, 513), shape="1:1"), "100x0 pixels; each side needs at least 64"),
    ],
)
def test_an_impossible_part_is_refused(edit: PortraitEdit, message: str) -> None:
    with pytest.raises(PortraitError, match=message):
        open_portrait(ASTRONAUT, edit=edit)


AT = st.floats(-1.5, 302)


@settings(max_examples=200)
@given(
    corners=st.tuples(AT, AT, AT, AT),
    turn=st.sampled_from(TURNS),
    shape=st.sampled_from(list(SHAPES)),
    head=st.none() | st.tuples(AT, AT, AT, AT),
    side=st.sampled_from((100, 160, 1280)),
)
@example((0, 199.8, 100, 200.4), 0, "1:1", None, 1280)
@example((-1, -1, -0.5, -0.5), 90, "16:9", (0, 0, 300, 300), 100)
def test_every_crop_gives_a_picture_or_is_refused(
    corners: Box, turn: int, shape: str, head: Box | None, side: int
) -> None:
    x0, y0, x1, y1 = corners
    crop = (min(x0, x1), min(y0, y1), max(x0, x1) + 0.01, max(y0, y1) + 0.01)
    pixels = np.zeros((200, 300, 3), np.uint8)
    edit = PortraitEdit(turn=turn, crop=crop, shape=shape)
    try:
        picture = edited(lambda longest: open_picture(pixels, longest), edit, lambda _: head)(side)
    except PortraitError:
        return
    assert min(picture.image.shape[:2]) >= MIN_SIDE
    assert not any(length % 2 for length in picture.image.shape[:2])


def test_a_point_outside_the_crop_is_refused() -> None:
    points = Anchors((40, 40), (90, 40), (65, 80))
    with pytest.raises(PortraitError, match=r"point for the left eye .* outside the part"):
        open_portrait(ASTRONAUT, subject="animal", anchors=points, edit=PortraitEdit(crop=(100, 0, 400, 300)))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"turn": 45}, "not by 45"),
        ({"shape": "4:3"}, "not '4:3'"),
        ({"background": "#12"}, "not '#12'"),
        ({"crop": (10, 10, 5, 20)}, "second corner"),
        ({"crop": (0, 0, float("nan"), 20)}, "second corner"),
    ],
)
def test_an_unknown_change_is_refused(values: dict[str, object], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        PortraitEdit(**values)  # type: ignore[arg-type]
