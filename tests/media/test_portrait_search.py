"""Faces that are upside down, lie on their side, or are small in a large photograph."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

from media.errors import NoFaceError, PortraitError
from media.faces import Face
from media.faces.distant import look_closely
from media.faces.mediapipe_mesh import MediaPipeDetector
from media.faces.views import Depth
from media.portrait import Portrait, open_portrait
from media.portrait_search import side_of

PORTRAITS = Path(__file__).resolve().parents[2] / "examples" / "portraits"
MOUTH, EYES = (13, 14), (468, 473)


@cache
def upright(name: str) -> tuple[Image.Image, Face]:
    with Image.open(PORTRAITS / name) as image:
        picture = image.convert("RGB").resize((512, 512), Image.Resampling.LANCZOS)
    face = open_portrait(picture).face
    assert face is not None
    return picture, face


def rotated(name: str, degrees: int) -> tuple[Image.Image, np.ndarray]:
    """A picture turned against the clock on a larger grey ground, and where the landmarks are then."""
    picture, face = upright(name)
    ground = Image.new("RGB", (740, 740), (128, 128, 128))
    ground.paste(picture, (114, 114))
    turned = ground.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=(128, 128, 128))
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return turned, (face.landmarks[:, :2] + 114 - 370) @ turn.T + 370


def in_upload(portrait: Portrait) -> np.ndarray:
    assert portrait.face is not None
    return np.array([portrait.placement.to_upload(x, y) for x, y in portrait.face.landmarks[:, :2]])


@pytest.mark.parametrize(
    ("name", "degrees"),
    [("astronaut.png", degrees) for degrees in range(0, 360, 30)]
    + [(name, degrees) for name in ("drawing.jpg", "painting.jpg") for degrees in (60, 120, 180, 210, 270)],
)
def test_the_mouth_is_the_mouth_however_the_picture_is_held(name: str, degrees: int) -> None:
    picture, expected = rotated(name, degrees)
    portrait = open_portrait(picture)
    eyes = float(np.linalg.norm(expected[EYES[0]] - expected[EYES[1]]))
    apart = np.linalg.norm(in_upload(portrait) - expected, axis=1)
    assert apart[list(MOUTH)].max() < 0.2 * eyes
    assert apart.mean() < 0.2 * eyes
    turned = min(degrees, 360 - degrees)
    said = [note for note in portrait.notes if "was rotated by" in note]
    assert len(said) == (1 if portrait.placement.turns else 0)
    if turned <= 90:  # lies at most on its side: stays as it is
        assert portrait.placement.turns == 0
    else:
        assert portrait.placement.turns != 0
        assert portrait.face is not None
        across = portrait.face.landmarks[EYES[1], :2] - portrait.face.landmarks[EYES[0], :2]
        assert across[0] > 0.6 * eyes  # upright, or nearly so


def test_pixels_and_size_of_a_picture_that_was_turned() -> None:
    picture, _ = upright("astronaut.png")
    portrait = open_portrait(picture.rotate(180))
    np.testing.assert_array_equal(portrait.image, np.asarray(picture))
    assert not portrait.image.flags.writeable
    assert portrait.sha256 == open_portrait(picture).sha256
    assert "rotated by 180 degrees" in portrait.notes[0]
    wide = Image.new("RGB", (700, 512), (128, 128, 128))
    wide.paste(picture, (60, 0))
    assert open_portrait(wide.rotate(180)).image.shape == (512, 700, 3)


def test_an_upside_down_face_beside_an_upright_one_is_not_made_to_speak() -> None:
    picture, _ = upright("astronaut.png")
    head = picture.crop((110, 0, 350, 240))
    pair = Image.new("RGB", (760, 300), (128, 128, 128))
    pair.paste(head, (40, 30))
    pair.paste(head.rotate(180), (460, 30))
    portrait = open_portrait(pair)
    assert portrait.placement.turns == 0
    boxes = [face.box for face in portrait.faces]
    wrong = [index for index, box in enumerate(boxes) if box[0] > 380]
    sure = [index for index, box in enumerate(boxes) if box[0] < 380]
    assert len(sure) == 1
    open_portrait(pair, face_index=sure[0])
    for index in wrong:  # the detector may see none there, which is as good
        with pytest.raises(PortraitError, match=f"Face number {index} is upside down"):
            open_portrait(pair, face_index=index)


class Upended:
    """Sees one upright face well, and on its left one that is better seen from the other side."""

    def detect(self, image: np.ndarray, min_score: float = 0.5, *, depth: Depth = "tiles") -> list[Face]:
        def face(left: float, score: float) -> Face:
            points = np.random.default_rng(0).uniform(0, 40, (478, 3)).astype(np.float32)
            points[33], points[263] = (5, 10, 0), (35, 10, 0)
            return Face(points + np.array([left, 20, 0], np.float32), (left, 20.0, left + 40, 60.0), score)

        if image.shape[1] == 400:
            return [face(30, 0.6), face(300, 0.95)]
        return [face(10, 0.95)]


def test_a_doubtful_face_among_sure_ones_is_checked_alone() -> None:
    blank = np.full((100, 400, 3), 120, np.uint8)
    with pytest.raises(PortraitError, match=r"Face number 0 is upside down, while another is upright"):
        open_portrait(blank, detector=Upended())
    assert open_portrait(blank, face_index=1, detector=Upended()).placement.turns == 0


class TestAnimals:
    CAT = ((172.0, 115.0), (299.0, 122.0), (300.0, 260.0))

    def test_points_of_an_animal_that_is_upside_down(self) -> None:
        with Image.open(PORTRAITS / "cat.png") as image:
            cat = image.convert("RGB").crop((0, 0, image.width // 2 * 2, image.height // 2 * 2))
        width, height = cat.size
        points = [(width - x, height - y) for x, y in self.CAT]
        whole = open_portrait(cat, subject="animal", anchors=self.CAT)
        for left, right in ((0, 1), (1, 0)):
            portrait = open_portrait(
                cat.rotate(180), subject="animal", anchors=(points[left], points[right], points[2])
            )
            assert portrait.anchors == whole.anchors
            np.testing.assert_array_equal(portrait.image, whole.image)
            assert "rotated by 180 degrees" in portrait.notes[0]

    @pytest.mark.parametrize("degrees", [45, 120, 135, 180, 225, 240, 315])
    def test_one_that_is_turned_gets_no_mesh_in_a_wrong_place(self, degrees: int) -> None:
        """At 240 degrees the network sees an upright face in the fur, with a score of 0.56."""
        with Image.open(PORTRAITS / "cat.png") as image:
            cat = image.convert("RGB")
        edge = np.concatenate([np.asarray(cat)[0], np.asarray(cat)[-1], *np.asarray(cat)[:, [0, -1]]])
        ground = tuple(int(value) for value in np.median(edge, axis=0))
        held = cat.rotate(-degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=ground)
        with pytest.raises(NoFaceError, match="No animal face was found reliably"):
            open_portrait(held, subject="animal")

    @pytest.mark.parametrize("turns", [1, 3])
    def test_points_of_one_that_lies_on_its_side_keep_their_sense(self, turns: int) -> None:
        blank = Image.new("RGB", (400, 400), (120, 120, 120))
        x_of = {1: lambda x, y: (y, 400 - x), 3: lambda x, y: (400 - y, x)}[turns]
        points = [x_of(x, y) for x, y in self.CAT]
        portrait = open_portrait(blank, subject="animal", anchors=(points[1], points[0], points[2]))
        assert portrait.placement.turns == 0
        assert portrait.anchors == tuple(points)


def large_picture(side: int, head: int, left: int, top: int, degrees: int = 0) -> tuple[bytes, np.ndarray]:
    """A photograph of side x 3/4 side with the astronaut's head in `head` pixels, and its landmarks."""
    picture, face = upright("astronaut.png")
    rng = np.random.default_rng(0)
    ground = Image.fromarray(rng.integers(85, 115, (side * 3 // 32, side // 8, 3), dtype=np.uint8))
    ground = ground.resize((side, side * 3 // 4))
    ground.paste(picture.crop((140, 0, 320, 180)).resize((head, head), Image.Resampling.LANCZOS), (left, top))
    stream = io.BytesIO()
    ground.save(stream, "JPEG", quality=95)
    return stream.getvalue(), (face.landmarks[:, :2] - (140, 0)) * (head / 180) + (left, top)


def test_a_small_face_in_a_large_photograph_is_cut_out() -> None:
    photograph, expected = large_picture(3000, 86, 600, 500)
    portrait = open_portrait(photograph)
    eyes = float(np.linalg.norm(expected[EYES[0]] - expected[EYES[1]]))
    assert np.linalg.norm(in_upload(portrait) - expected, axis=1).mean() < 0.2 * eyes
    assert portrait.placement.upload_size == (3000, 2250)
    assert max(portrait.image.shape) < 500
    assert portrait.width % 2 == portrait.height % 2 == 0
    (note,) = portrait.notes
    assert "3000x2250" in note
    assert "around it" in note
    # The pixels are those of the place that the placement tells.
    whole = np.asarray(Image.open(io.BytesIO(photograph)).convert("RGB"), float)
    x, y = portrait.placement.to_upload(portrait.width / 2, portrait.height / 2)
    half = round(10 / portrait.scale)
    there = whole[round(y) - half : round(y) + half, round(x) - half : round(x) + half].mean(axis=(0, 1))
    middle = portrait.image[portrait.height // 2 - 10 :, portrait.width // 2 - 10 :][:20, :20].mean(
        axis=(0, 1)
    )
    np.testing.assert_allclose(middle, there, atol=6)


def test_a_face_that_is_too_small_is_reported_with_its_size() -> None:
    photograph, _ = large_picture(3600, 72, 600, 500)
    with pytest.raises(
        PortraitError, match=r"too small: it has \d+x\d+ of 3600x2700 pixels, and at least 48"
    ):
        open_portrait(photograph)


def test_a_large_photograph_without_a_face() -> None:
    photograph, _ = large_picture(1600, 8, 600, 500)
    with pytest.raises(NoFaceError, match="No face was found in the portrait, even at 1600x1200 pixels"):
        open_portrait(photograph)


def test_where_no_face_is_needed_the_whole_picture_stays() -> None:
    photograph, _ = large_picture(3000, 80, 600, 500)
    portrait = open_portrait(photograph, face_needed=False)
    assert portrait.image.shape == (960, 1280, 3)
    assert portrait.faces == ()


def test_a_face_that_is_small_in_the_video_is_reported() -> None:
    photograph, _ = large_picture(1280, 64, 300, 200)
    portrait = open_portrait(photograph)
    assert portrait.image.shape == (960, 1280, 3)
    assert any("pixels in the video" in note for note in portrait.notes)


@pytest.mark.parametrize("size", [(9512, 512), (512, 9512)])
def test_a_face_in_a_long_thin_picture_is_seen_as_large_as_it_is(size: tuple[int, int]) -> None:
    picture, face = upright("astronaut.png")
    long = Image.new("RGB", size, (90, 90, 90))
    long.paste(picture, (0, 0))
    portrait = open_portrait(long)
    assert portrait.face is not None
    assert np.abs(in_upload(portrait) - face.landmarks[:, :2]).max() < 0.1 * (face.box[2] - face.box[0])


def test_a_small_face_is_found_wherever_it_stands_on_a_flat_ground() -> None:
    picture, _ = upright("astronaut.png")
    head = picture.crop((140, 0, 320, 180)).resize((99, 99), Image.Resampling.LANCZOS)  # 60 pixels of face
    rng = np.random.default_rng(5)
    for left, top in rng.integers(0, 1500 - 99, (6, 2)):
        photograph = Image.new("RGB", (1500, 1500), (150, 160, 170))
        photograph.paste(head, (int(left), int(top)))
        face = look_closely(MediaPipeDetector(), np.asarray(photograph))
        assert face is not None
        assert left < face.box[0] < face.box[2] < left + 99
        assert 50 < side_of(face) < 75


def test_a_possible_face_in_a_tile_is_examined_alone() -> None:
    motorcycle = Image.fromarray(data.stereo_motorcycle()[0])  # one of its parts scores 0.80 in a tile
    large = motorcycle.convert("RGB").resize((2600, 1754), Image.Resampling.LANCZOS)
    assert look_closely(MediaPipeDetector(), np.asarray(large)) is None
