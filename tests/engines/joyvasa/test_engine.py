"""The whole engine on small random weights: they paint no face, but sizes, counts and refusals are real."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from engines.base import Note, Step, Work
from engines.joyvasa.engine import JoyVasaEngine
from engines.joyvasa.options import JoyVasaOptions
from engines.joyvasa.weights.catalogue import MOTION_GENERATOR, folder
from engines.joyvasa.weights.model_registry import dtype_for
from engines.joyvasa.weights.random_weights import synthesize
from engines.saved_motion import SavedMotion
from media.errors import InputError, NoFaceError, OptionError, WeightsMissing
from media.portrait import Anchors, Portrait, open_portrait
from media.two_faces import two_faces
from media.voice import Voice, open_voice
from studio.duet import Duet, animate_both

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
QUICK = {"inference_steps": 2, "precision": "fp32"}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("weights")
    assert len(list(synthesize(folder(root), "tiny"))) > 10
    return root


@pytest.fixture
def engine(root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[JoyVasaEngine]:
    monkeypatch.setenv("JOYSTUDIO_WEIGHTS", str(root))
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    engine = JoyVasaEngine()
    engine.load()
    yield engine
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def astronaut() -> Portrait:
    return open_portrait(EXAMPLES / "portraits" / "astronaut.png")


@pytest.fixture(scope="module")
def short() -> Voice:
    """0.22 s of an example: 6 frames (5.5, rounded to even)."""
    samples = open_voice(EXAMPLES / "voices" / "english-woman.wav").samples
    return open_voice((16_000, samples[8_000 : 8_000 + 3_520]))


def pictures(work: Iterator[Work]) -> Iterator[np.ndarray]:
    return (piece for piece in work if isinstance(piece, np.ndarray))


def render(
    engine: JoyVasaEngine, portrait: Portrait, speech: Voice, seed: int = 0, **options: Any
) -> np.ndarray:
    chosen = JoyVasaOptions(**{**QUICK, **options})
    frames = np.concatenate(list(pictures(engine.animate(portrait, speech, chosen, seed))))
    width, height = engine.picture_size(portrait, chosen)
    assert frames.dtype == np.uint8
    assert frames.shape == (speech.frames(25), height, width, 3)
    return frames


def test_a_job_on_random_weights_says_so(engine: JoyVasaEngine) -> None:
    assert engine.random_weights


def test_only_the_face_is_painted_and_the_seed_decides(
    engine: JoyVasaEngine, astronaut: Portrait, short: Voice
) -> None:
    one, again, other = (render(engine, astronaut, short, seed) for seed in (1, 1, 2))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)
    assert (one[:, 400:] == astronaut.image[400:]).all()
    assert (one[:, 60:160, 180:270] != astronaut.image[60:160, 180:270]).any()


def test_without_paste_back_the_video_is_the_crop(
    engine: JoyVasaEngine, astronaut: Portrait, short: Voice
) -> None:
    assert render(engine, astronaut, short, flag_pasteback=False).shape[1:3] == (512, 512)


def test_without_a_crop_the_whole_picture_goes_through(engine: JoyVasaEngine, short: Voice) -> None:
    wide = open_portrait(
        np.ascontiguousarray(open_portrait(EXAMPLES / "portraits" / "astronaut.png").image[:320])
    )
    frames = render(engine, wide, short, flag_do_crop=False)
    assert frames.shape[1:3] == (320, 512)
    assert (frames[0] != wide.image).mean() > 0.9


def test_sliders_act_on_the_same_motion(engine: JoyVasaEngine, astronaut: Portrait, short: Voice) -> None:
    plain = render(engine, astronaut, short)
    changes: list[dict[str, Any]] = [
        {"head_motion": 0.0},
        {"smile": 1.0},
        {"mouth_open": 0.0},
        {"lips": "relative"},
        {"positional_encoding": "pe_fixed"},
    ]
    for change in changes:
        assert not np.array_equal(plain, render(engine, astronaut, short, **change)), change


def test_an_animal_is_found_by_three_points(engine: JoyVasaEngine, short: Voice) -> None:
    points = Anchors((172.0, 115.0), (319.0, 136.0), (257.0, 268.0))
    cat = open_portrait(EXAMPLES / "portraits" / "cat.png", subject="animal", anchors=points)
    frames = render(engine, cat, short, animation_mode="animal", smile=1.0, flag_stitching=False)
    plain = render(engine, cat, short, animation_mode="animal", flag_stitching=False)
    assert np.array_equal(frames, plain)  # smiles are for people


def test_an_animal_without_a_found_face_is_refused_and_the_next_job_works(
    engine: JoyVasaEngine, astronaut: Portrait, short: Voice
) -> None:
    grey = open_portrait(np.full((200, 200, 3), 90, np.uint8), subject="animal", face_needed=False)
    with pytest.raises(NoFaceError, match="lick the left eye"):
        render(engine, grey, short, animation_mode="animal", det_thresh=0.95)
    render(engine, astronaut, short)


def test_missing_weights_are_named_with_the_download_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOYSTUDIO_WEIGHTS", str(tmp_path))
    with pytest.raises(WeightsMissing, match=f"{MOTION_GENERATOR.name}.*weights download joyvasa"):
        JoyVasaEngine().load()


@pytest.mark.parametrize("name", ["cuda:77", "toaster"])
def test_a_missing_device_is_refused(engine: JoyVasaEngine, name: str) -> None:
    with pytest.raises(OptionError, match=f"device '{name}' cannot be used.*JOYSTUDIO_DEVICE=cpu"):
        JoyVasaEngine().load(name)


def test_a_closed_job_stops_in_the_middle(engine: JoyVasaEngine, astronaut: Portrait) -> None:
    whole = open_voice(EXAMPLES / "voices" / "english-woman.wav")
    work = engine.animate(astronaut, whole, JoyVasaOptions(**QUICK), 0)
    assert len(next(pictures(work))) == 2
    work.close()  # type: ignore[attr-defined]
    with pytest.raises(StopIteration):
        next(work)


def test_a_kept_motion_gives_the_same_pictures_and_obeys_the_sliders(
    engine: JoyVasaEngine, astronaut: Portrait, short: Voice
) -> None:
    options = JoyVasaOptions(**QUICK)
    first = list(engine.animate(astronaut, short, options, 3))
    (kept,) = (piece for piece in first if isinstance(piece, SavedMotion))
    assert kept.frames == 6
    assert sum(isinstance(piece, Step) for piece in first) == 2
    assert sorted(p.fraction for p in first if isinstance(p, Step))[-1] <= 1
    again = list(engine.animate(astronaut, short, options, 3, motion=kept))
    assert not any(isinstance(piece, Step | SavedMotion) for piece in again)  # nothing was sampled
    one, two = (np.concatenate(list(pictures(iter(work)))) for work in (first, again))
    assert np.array_equal(one, two)
    still = options.model_copy(update={"head_motion": 0.0, "smoothing": 0.4})
    other = list(engine.animate(astronaut, short, still, 3, motion=kept))
    assert not np.array_equal(one, np.concatenate(list(pictures(iter(other)))))


def test_compiling_that_fails_is_reported_and_the_video_is_the_same(
    engine: JoyVasaEngine, astronaut: Portrait, short: Voice, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_compiler(*_: object, **__: object) -> object:
        raise RuntimeError("no compiler found")

    monkeypatch.setattr(torch, "compile", no_compiler)
    plain = render(engine, astronaut, short)
    work = list(engine.animate(astronaut, short, JoyVasaOptions(**QUICK, compile="compiled"), 0))
    assert np.array_equal(plain, np.concatenate(list(pictures(iter(work)))))
    notes = [piece.text for piece in work if isinstance(piece, Note)]
    assert any("Rendering was not compiled (no compiler found)" in note for note in notes)


def test_a_foreign_motion_is_refused(engine: JoyVasaEngine, astronaut: Portrait, short: Voice) -> None:
    foreign = SavedMotion({"exp": np.zeros((6, 21, 2), np.float32)}, {"engine": "joyvasa"})
    with pytest.raises(InputError, match="its exp is missing or has the wrong shape"):
        list(engine.animate(astronaut, short, JoyVasaOptions(**QUICK), 0, motion=foreign))


def test_notes_of_the_face_finder_reach_the_user(
    engine: JoyVasaEngine, astronaut: Portrait, short: Voice, monkeypatch: pytest.MonkeyPatch
) -> None:
    finder = engine._networks.mode(animal=False).finder  # type: ignore[union-attr]
    found = replace(finder.find(astronaut), notes=("Turned a little.",))
    monkeypatch.setattr(type(finder), "find", lambda *_, **__: found)
    first = next(iter(engine.animate(astronaut, short, JoyVasaOptions(**QUICK), 0)))
    assert first == Note("Turned a little.")


def test_the_precision_is_the_requested_one() -> None:
    cpu = torch.device("cpu")
    assert dtype_for("fp32", cpu) == torch.float32
    assert dtype_for("bf16", cpu) == torch.bfloat16
    assert dtype_for("auto", cpu) in (torch.float32, torch.bfloat16)


def test_two_faces_move_in_one_video(engine: JoyVasaEngine, short: Voice) -> None:
    """Each crop is pasted back, and the line between the faces decides whose frame a pixel is of."""
    with Image.open(EXAMPLES / "portraits" / "astronaut.png") as image:
        alone = np.asarray(image.convert("RGB").resize((256, 256)))
    couple = open_portrait(np.concatenate([alone, alone], axis=1))
    duet = Duet(two_faces(couple, None), (short, short))
    options = JoyVasaOptions(**QUICK)
    frames = np.concatenate(list(pictures(animate_both(engine, duet, options, 0))))
    assert frames.shape == (short.frames(25), couple.height, couple.width, 3)
    still = couple.image
    for portrait, seed in zip(duet.portraits, (0, 1), strict=True):
        assert portrait.face is not None
        x0, y0, x1, y1 = (round(side) for side in portrait.face.box)
        face = slice(None), slice(y0, y1), slice(x0, x1)
        one = np.concatenate(list(pictures(engine.animate(portrait, short, options, seed))))
        np.testing.assert_array_equal(frames[face], one[face])
        assert (frames[face] != still[face[1:]]).any()
