"""JoyVASA dubs, on small random weights: they paint no mouth, but places, counts and refusals are real."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from engines.base import Note, Step
from engines.dub_options import unused_in_dubs
from engines.dubbing import READ_AHEAD, Shot, Shots, TrackReference
from engines.joyvasa.engine import JoyVasaEngine
from engines.joyvasa.options import JoyVasaOptions
from media.dubbing.values import PaintedPatch, TrackedFace
from media.errors import OptionError
from media.voice import Voice, open_voice
from tests.engines.joyvasa.dubbing.conftest import FRAMES, MovingHead

VOICE = Path(__file__).resolve().parents[4] / "examples" / "voices" / "english-woman.wav"
QUICK: dict[str, Any] = {"inference_steps": 2, "precision": "fp32"}

Patches = list[tuple[PaintedPatch, ...]]


@pytest.fixture(scope="module")
def speech() -> Voice:
    samples = open_voice(VOICE).samples
    return open_voice((16_000, samples[8_000 : 8_000 + 16_000]))


def dub(engine: JoyVasaEngine, shots: Shots, speech: Voice, seed: int = 0, **options: Any) -> Patches:
    work = engine.dub(shots, speech, JoyVasaOptions(**QUICK | options), seed)
    return [piece for piece in work if isinstance(piece, tuple)]


def same(one: Patches, other: Patches) -> bool:
    return all(
        len(a) == len(b)
        and all(
            (p.x, p.y) == (q.x, q.y) and np.array_equal(p.pixels, q.pixels) for p, q in zip(a, b, strict=True)
        )
        for a, b in zip(one, other, strict=True)
    )


@pytest.fixture(scope="module")
def plain(engine: JoyVasaEngine, moving: MovingHead, speech: Voice) -> Patches:
    return dub(engine, moving.shots(), speech)


def test_every_frame_gets_one_patch_over_its_own_mouth(moving: MovingHead, plain: Patches) -> None:
    assert [len(patches) for patches in plain] == [1] * FRAMES
    for (patch,), mesh, picture in zip(plain, moving.meshes, moving.pictures, strict=True):
        height, width = patch.alpha.shape
        assert patch.pixels.shape == (height, width, 3)
        assert (patch.pixels.dtype, patch.alpha.dtype) == (np.uint8, np.float32)
        assert 0 <= patch.x <= patch.x + width <= picture.shape[1]
        assert 0 <= patch.y <= patch.y + height <= picture.shape[0]
        x, y = mesh[13, :2].astype(int)
        assert patch.alpha[y - patch.y, x - patch.x] > 0.99
        assert mesh[[159, 386], 1].max() < patch.y + np.argmax(patch.alpha.any(axis=1))


def test_the_same_job_has_the_same_patches_and_the_seed_and_the_options_decide(
    engine: JoyVasaEngine, moving: MovingHead, speech: Voice, plain: Patches
) -> None:
    few = moving.shots(strengths=[1.0] * 2)
    first = plain[:2]
    assert same(first, dub(engine, few, speech))
    assert not same(first, dub(engine, few, speech, 1))
    for change in ({"mouth_open": 0.0}, {"lips": "relative"}, {"flag_stitching": False}, {"scale": 3.0}):
        assert not same(first, dub(engine, few, speech, **change)), change


def test_options_that_do_not_act_in_a_dub_change_nothing(
    engine: JoyVasaEngine, moving: MovingHead, speech: Voice, plain: Patches
) -> None:
    others: dict[str, Any] = {
        "gaze_x": 1.0,
        "head_motion": 0.0,
        "expression": 2.0,
        "emotion": "happy 1",
        "blink": 1.0,
        "smile": 1.0,
        "smoothing": 0.5,
        "is_smooth_motion": True,
        "animation_region": "pose",
        "driving_option": "expression-friendly",
        "driving_multiplier": 1.5,
        "flag_normalize_lip": False,
        "flag_relative_motion": False,
        "flag_pasteback": False,
        "flag_do_crop": False,
        "original_retargeting": True,
    }
    assert set(others) <= unused_in_dubs("joyvasa")
    assert same(plain[:2], dub(engine, moving.shots(strengths=[1.0] * 2), speech, **others))


def test_how_many_faces_are_rendered_together_changes_nothing(
    engine: JoyVasaEngine, moving: MovingHead, speech: Voice, plain: Patches
) -> None:
    few = moving.shots(strengths=[1.0] * 4)
    for (one,), (other,) in zip(plain[:4], dub(engine, few, speech, batch_size=3), strict=True):
        assert (one.x, one.y) == (other.x, other.y)
        assert np.abs(one.pixels.astype(int) - other.pixels).max() <= 1


def test_frames_fade_and_pass_and_no_picture_is_written_into(
    engine: JoyVasaEngine, moving: MovingHead, speech: Voice, plain: Patches
) -> None:
    for picture in moving.pictures:
        picture.flags.writeable = False
    faded = dub(engine, moving.shots(strengths=[1.0, 0.5, 0.0]), speech)
    assert [len(patches) for patches in faded] == [1, 1, 0]
    assert faded[1][0].alpha == pytest.approx(plain[1][0].alpha / 2, abs=1e-6)


def test_a_video_without_faces_needs_neither_references_nor_motion(
    engine: JoyVasaEngine, moving: MovingHead, speech: Voice
) -> None:
    def never(track: int) -> Any:
        raise AssertionError(f"asked for the track {track}")

    shots = Shots([Shot(picture, (), 0.0, 0.04) for picture in moving.pictures], never)
    assert list(engine.dub(shots, speech, JoyVasaOptions(**QUICK), 0)) == [()] * FRAMES


def test_several_faces_have_patches_in_their_order_and_steps_between(
    engine: JoyVasaEngine, moving: MovingHead, speech: Voice, plain: Patches
) -> None:
    couple = moving.shots(strengths=[1.0] * 2, faces=3)
    work = list(engine.dub(couple, speech, JoyVasaOptions(**QUICK), 0))
    steps = [piece.fraction for piece in work if isinstance(piece, Step)]
    assert len(steps) > 2  # those of sampling, and others
    assert all(0 <= fraction <= 1 for fraction in steps)
    patches = [piece for piece in work if isinstance(piece, tuple)]
    assert [len(of_frame) for of_frame in patches] == [3] * 2
    for of_frame, (one,) in zip(patches, plain[:2], strict=True):
        assert all(np.abs(p.pixels.astype(int) - one.pixels).max() <= 1 for p in of_frame)


def test_few_frames_are_read_ahead_and_a_closed_dub_reads_no_more(
    engine: JoyVasaEngine, moving: MovingHead, speech: Voice
) -> None:
    read = 0

    def counted() -> Iterator[Shot]:
        nonlocal read
        for shot in moving.shots().frames:
            read += 1
            yield shot

    options = JoyVasaOptions(**QUICK, batch_size=64)
    work = engine.dub(Shots(counted(), moving.reference), speech, options, 0)
    given = 0
    for piece in work:
        given += isinstance(piece, tuple)
        assert read - given <= READ_AHEAD
        if given == 1:
            break
    before = read
    work.close()  # type: ignore[attr-defined]
    assert (read, list(work)) == (before, [])


def test_no_picture_outlives_the_frames_that_are_read_ahead(
    engine: JoyVasaEngine, moving: MovingHead, speech: Voice
) -> None:
    """Memory does not grow with the video: pictures are what a frame weighs."""
    pictures: weakref.WeakValueDictionary[int, np.ndarray] = weakref.WeakValueDictionary()
    patches: weakref.WeakValueDictionary[int, PaintedPatch] = weakref.WeakValueDictionary()

    def long_video() -> Iterator[Shot]:
        for number in range(4 * size):
            picture = moving.pictures[number % FRAMES].copy()
            pictures[number] = picture
            # Each face of each shot is a track of its own, as in a video with many cuts.
            face = TrackedFace(number, moving.meshes[number % FRAMES], 1.0)
            yield Shot(picture, (face,), number / 30, 1 / 30)
            del picture

    size = 3
    options = JoyVasaOptions(**QUICK, batch_size=size)
    given = 0
    for piece in engine.dub(Shots(long_video(), moving.reference), speech, options, 0):
        if isinstance(piece, tuple):
            patches[given] = piece[0]
            given += 1
        del piece
        assert len(pictures) <= size + 1
        assert len(patches) <= size + 1
    assert given == 4 * size


def test_a_close_up_is_dubbed_with_a_note_about_its_size(
    engine: JoyVasaEngine, moving: MovingHead, speech: Voice
) -> None:
    large = cv2.resize(moving.pictures[0][:320, 64:384], None, fx=4, fy=4)
    mesh = (moving.meshes[0] - [64, 0, 0]).astype(np.float32) * 4
    face = TrackedFace(0, mesh, 1.0)
    shots = Shots([Shot(large, (face,), 0.4, 0.04)] * 2, lambda _: TrackReference(large, mesh, mesh))
    work = list(engine.dub(shots, speech, JoyVasaOptions(**QUICK, batch_size=1), 0))
    (note,) = (piece.text for piece in work if isinstance(piece, Note))
    assert "painted with 512" in note
    assert [len(piece) for piece in work if isinstance(piece, tuple)] == [1, 1]


def test_an_animal_is_refused_before_anything_is_read(
    engine: JoyVasaEngine, moving: MovingHead, speech: Voice
) -> None:
    with pytest.raises(OptionError, match="only a person"):
        engine.dub(moving.shots(), speech, JoyVasaOptions(**QUICK, animation_mode="animal"), 0)
