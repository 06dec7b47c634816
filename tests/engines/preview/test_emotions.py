"""Emotions on a portrait: they show, and speech and blinks stay what they are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.emotion_rules import FaceMeasures, emotion_of, measured
from engines.emotion.shapes import NAMES, NO_EXPRESSION, expression_of
from engines.preview.engine import PreviewEngine
from engines.preview.expressed import expressed
from engines.preview.lips import MouthPose
from engines.preview.options import PreviewOptions
from engines.preview.pose import Pose
from engines.preview.renderer import Renderer
from engines.preview.rigging import rig_of
from media.faces import default_detector
from media.portrait import Portrait, open_portrait
from media.voice import open_voice
from tests.engines.preview.conftest import PORTRAITS

VOICE = PORTRAITS.parent / "voices" / "english-woman.wav"


def mesh(image: np.ndarray) -> np.ndarray:
    return default_detector().detect(image)[0].landmarks


def shown(renderer: Renderer, pose: Pose, **strengths: float) -> np.ndarray:
    return renderer.render(expressed(pose, expression_of(strengths)))


def change(renderer: Renderer, **strengths: float) -> FaceMeasures:
    faces = (measured(mesh(shown(renderer, Pose(), **of))) for of in ({}, strengths))
    neutral, emotional = faces
    return emotional.minus(neutral)


@pytest.mark.parametrize("emotion", ["happy", "sad", "angry", "surprised", "disgusted"])
def test_rules_about_landmarks_tell_the_emotion(renderer: Renderer, emotion: str) -> None:
    assert emotion_of(change(renderer, **{emotion: 1.0})) == emotion


def test_half_the_strength_moves_about_half_as_far(renderer: Renderer) -> None:
    half, whole = (change(renderer, happy=strength).curve for strength in (0.5, 1.0))
    assert 0.3 * whole < half < 0.8 * whole


@pytest.mark.parametrize("emotion", NAMES)
def test_lips_that_a_sound_closes_stay_closed(renderer: Renderer, emotion: str) -> None:
    face = mesh(shown(renderer, Pose(MouthPose(press=1.0)), **{emotion: 1.0}))
    gap = np.linalg.norm(face[14] - face[13]) / np.linalg.norm(face[291] - face[61])
    assert gap < 0.05


@pytest.mark.parametrize("emotion", NAMES)
def test_only_speech_parts_the_lips_and_some_emotions_part_them_further(emotion: str) -> None:
    strong = expression_of({emotion: 1.0})
    closed, open_ = (expressed(Pose(MouthPose(drop=drop)), strong).mouth.drop for drop in (0.0, 0.5))
    assert closed == 0.0
    assert (open_ > 0.5) == (emotion in ("happy", "surprised", "afraid", "relaxed"))


def test_a_surprised_face_still_blinks(renderer: Renderer) -> None:
    faces = (mesh(shown(renderer, Pose(blinks=(b, b)), surprised=1.0)) for b in (0.0, 1.0))
    opened, shut = (float(np.linalg.norm(face[159] - face[145])) for face in faces)
    assert shut < 0.5 * opened


def test_neutral_changes_no_pixel_and_no_emotion_changes_the_background(renderer: Renderer) -> None:
    pose = Pose(MouthPose(drop=0.4), blinks=(0.2, 0.2))
    assert expressed(pose, NO_EXPRESSION) is pose
    plain = renderer.render(pose)
    still = ~renderer.influence
    for emotion in NAMES[1:]:
        assert np.array_equal(shown(renderer, pose, **{emotion: 1.0})[still], renderer.image[still])
    assert np.array_equal(renderer.render(pose), plain)


@pytest.mark.parametrize("emotion", NAMES[1:])
def test_no_place_of_the_face_folds_over(renderer: Renderer, emotion: str) -> None:
    warp = renderer.face.warp(expression_of({emotion: 1.0}).shapes)
    assert warp is not None
    field = warp.backward
    across = np.diff(field[..., 0], axis=1) / renderer.head.cell
    down = np.diff(field[..., 1], axis=0) / renderer.head.cell
    assert across.min() > -0.95
    assert down.min() > -0.95


@pytest.mark.parametrize("name", ["cat.png", "dog.jpg"])
def test_an_animal_smiles_and_looks_surprised(name: str) -> None:
    points = {
        "cat.png": ((172, 115), (319, 136), (257, 268)),
        "dog.jpg": ((256, 280), (384, 280), (320, 436)),
    }
    portrait = open_portrait(PORTRAITS / Path(name), subject="animal", anchors=points[name])
    renderer = Renderer(portrait.image, rig_of(portrait))
    neutral = renderer.render(Pose())
    for emotion in ("happy", "surprised"):
        frame = shown(renderer, Pose(), **{emotion: 1.0})
        assert (np.abs(frame.astype(int) - neutral).max(axis=2) > 24).mean() > 0.001


def test_a_job_eases_in_from_the_portrait_and_is_the_same_twice(astronaut: Portrait) -> None:
    engine = PreviewEngine()
    speech = open_voice((16_000, open_voice(VOICE).samples[:12_800]))

    def frames(emotion: str) -> np.ndarray:
        options = PreviewOptions(emotion=emotion, blink_rate=0)
        return np.concatenate(list(engine.animate(astronaut, speech, options, 1))).astype(np.int16)

    happy, neutral = frames("happy"), frames("neutral")
    assert np.array_equal(happy, frames("joy 100%"))
    assert astronaut.face is not None
    nose = int(astronaut.face.landmarks[1, 1])  # above the mouth, which speaks
    assert np.array_equal(happy[0], neutral[0])
    apart = np.abs(happy - neutral)[:, :nose].mean(axis=(1, 2, 3))
    assert apart[4] < apart[8] < apart[14]
