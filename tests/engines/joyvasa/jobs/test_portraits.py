"""Portraits other than one face from the front."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

from media.errors import NoFaceError, PortraitError
from media.video import VideoReader
from studio.settings import Settings
from tests.engines.joyvasa.jobs.conftest import ASTRONAUT, Cli, files_in, finish, job

Voice = Callable[[float], Path]


def png(pixels: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def test_a_profile_is_refused_with_its_angle(
    weights_root: Path, voice: Voice, settings: Settings, in_shell: Cli, tmp_path: Path
) -> None:
    profile = data.camera()  # a man looking into his camera, seen from the side
    said = (
        r"The face is turned aside by (4[5-9]|5\d) degrees; "
        "use a portrait in which it is turned by less than 45 degrees"
    )
    with pytest.raises(NoFaceError, match=said):
        finish(job(png(profile), voice(0.3)), settings)
    assert files_in(settings.outputs) == []
    (tmp_path / "profile.png").write_bytes(png(profile))
    code, _, err = in_shell(tmp_path / "profile.png", voice(0.3))
    assert code == 2
    assert "error: The face is turned aside by" in err


@pytest.mark.parametrize("chosen", [0, 1])
def test_of_two_faces_the_chosen_one_moves(
    weights_root: Path, voice: Voice, settings: Settings, chosen: int
) -> None:
    with Image.open(ASTRONAUT) as image:
        face = np.asarray(image.convert("RGB").crop((90, 0, 370, 280)))
    small = np.asarray(Image.fromarray(face).resize((210, 210)))
    pair = np.full((280, 560, 3), 120, np.uint8)
    pair[:, :280] = face
    pair[:210, 330:540] = small
    result = finish(job(png(pair), voice(0.3), face_index=chosen), settings)
    assert any(f"2 faces were found. Number {chosen} is animated" in note for note in result.notes)
    change = np.abs(next(iter(VideoReader(result.path))).astype(int) - pair).mean(axis=(0, 2))
    left, right = change[:280].mean(), change[330:540].mean()
    assert (left, right)[chosen] > 5 * (left, right)[1 - chosen]


def test_a_third_face_of_two_is_refused(weights_root: Path, voice: Voice, settings: Settings) -> None:
    with pytest.raises(PortraitError, match="There is no face number 2: 1 found"):
        finish(job(ASTRONAUT, voice(0.3), face_index=2), settings)


def test_an_animal_in_human_mode_is_referred_to_the_other_mode(
    weights_root: Path, voice: Voice, settings: Settings
) -> None:
    cat = data.chelsea()
    result = finish(job(png(cat), voice(0.3)), settings)
    assert any("If it is an animal, use animal mode." in note for note in result.notes)
    with pytest.raises(NoFaceError, match="If it is an animal, use animal mode"):
        finish(job(png(cat[:, :200]), voice(0.3)), settings)  # half a face


@pytest.mark.parametrize("animal", [False, True])
def test_a_picture_without_a_face_is_refused(
    weights_root: Path, voice: Voice, settings: Settings, in_shell: Cli, tmp_path: Path, animal: bool
) -> None:
    cup = png(data.coffee())
    mode = "animal" if animal else "human"
    said = "X-Pose's best score is 0.[0-9]+.*--anchors [0-9]+,[0-9]+" if animal else "No face was found"
    with pytest.raises(NoFaceError, match=said):
        finish(job(cup, voice(0.3), animation_mode=mode), settings)
    (tmp_path / "cup.png").write_bytes(cup)
    code, _, err = in_shell(tmp_path / "cup.png", voice(0.3), "--animation-mode", mode)
    assert code == 2
    refusal = err[err.rindex("error: ") :]
    assert refusal.startswith("error: No ")
    assert bool(re.search(r"^  --anchors( \d+,\d+){3}$", refusal, re.MULTILINE)) is animal
