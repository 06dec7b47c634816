"""The whole engine on small random weights: they paint no face, but sizes, counts and refusals are real."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engines.base import Note, Step
from engines.joyhallo import engine as module
from engines.joyhallo.audio import vocals
from engines.joyhallo.engine import JoyHalloEngine
from engines.joyhallo.options import JoyHalloOptions
from engines.joyhallo.pipeline.clip_sampler import ClipSampler
from engines.joyhallo.weights.catalogue import HALLO_NET, JOYHALLO_NET, folder
from engines.joyhallo.weights.model_registry import JoyHalloNetworks, codec_dtype, dtype_for
from engines.joyhallo.weights.random_weights import synthesize
from media.errors import NoFaceError, OptionError, OutOfMemory, WeightsMissing
from media.portrait import Portrait, open_portrait
from media.voice import Voice, open_voice

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
QUICK = {"inference_steps": 1, "cfg_scale": 1.0, "precision": "fp32"}
SIDE = 64
"""Smaller than a user may choose: what is tested here does not depend on it."""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("weights")
    assert len(list(synthesize(folder(root), "tiny"))) == 3
    return root


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Sums in one order, also in what is rendered once for several tests."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def engine(root: Path) -> Iterator[JoyHalloEngine]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JOYSTUDIO_WEIGHTS", str(root))
        yield JoyHalloEngine()  # which reads its networks when they are first needed, in that precision


def quick(**options: Any) -> JoyHalloOptions:
    return JoyHalloOptions(**{**QUICK, **options}).model_copy(update={"resolution": SIDE})


@pytest.fixture(scope="module")
def astronaut() -> Portrait:
    return open_portrait(EXAMPLES / "portraits" / "astronaut.png")


@pytest.fixture(scope="module")
def voice() -> np.ndarray:
    return open_voice(EXAMPLES / "voices" / "mandarin.wav").samples


def cut(voice: np.ndarray, frames: float) -> Voice:
    """The given number of frames of an example."""
    return open_voice((16_000, voice[: round(frames * 640)]))


def render(
    engine: JoyHalloEngine, portrait: Portrait, speech: Voice, seed: int = 0, **options: Any
) -> tuple[np.ndarray, list[Any]]:
    """The frames, and everything else that was yielded."""
    chosen = quick(**options)
    work = list(engine.animate(portrait, speech, chosen, seed))
    frames = np.concatenate([piece for piece in work if isinstance(piece, np.ndarray)])
    width, height = engine.picture_size(portrait, chosen)
    assert frames.dtype == np.uint8
    assert frames.shape == (speech.frames(25), height, width, 3)
    return frames, [piece for piece in work if not isinstance(piece, np.ndarray)]


@pytest.fixture(scope="module")
def plain(engine: JoyHalloEngine, astronaut: Portrait, voice: np.ndarray) -> np.ndarray:
    """The video of five frames of the voice with the quick options and nothing changed."""
    return render(engine, astronaut, cut(voice, 5))[0]


def notes_in(others: list[Any]) -> str:
    return " ".join(piece.text for piece in others if isinstance(piece, Note))


def test_two_clips_leave_one_after_another_and_every_step_is_reported(
    engine: JoyHalloEngine, astronaut: Portrait, voice: np.ndarray
) -> None:
    speech = cut(voice, 20)
    work = list(engine.animate(astronaut, speech, quick(inference_steps=2), 0))
    assert engine.random_weights
    kinds = "".join("F" if isinstance(piece, np.ndarray) else type(piece).__name__[0] for piece in work)
    assert kinds.lstrip("N") == "SS" + "F" * 16 + "SS" + "F" * 4
    fractions = [piece.fraction for piece in work if isinstance(piece, Step)]
    assert fractions == sorted(set(fractions))
    assert fractions[1] < 16 / 20 < fractions[2] < 1


@pytest.mark.parametrize("frames", [0.2 * 25, 16, 16.4, 16.6, 17.5])
def test_a_voice_of_any_length_has_its_number_of_frames(
    engine: JoyHalloEngine, astronaut: Portrait, voice: np.ndarray, frames: float
) -> None:
    speech = cut(voice, frames)
    assert len(render(engine, astronaut, speech)[0]) == round(frames)


def test_the_seed_and_the_voice_decide(
    engine: JoyHalloEngine, astronaut: Portrait, voice: np.ndarray
) -> None:
    speech = cut(voice, 6)
    plain, _ = render(engine, astronaut, speech, 1)
    assert np.array_equal(plain, render(engine, astronaut, speech, 1)[0])
    assert not np.array_equal(plain, render(engine, astronaut, speech, 2)[0])
    assert not np.array_equal(plain, render(engine, astronaut, cut(voice[9_000:], 6), 1)[0])


@pytest.mark.parametrize(
    "change",
    [
        {"pose_weight": 0.0},
        {"face_weight": 2.0},
        {"lip_weight": 0.0},
        {"cfg_scale": 3.5},
        {"face_expand_ratio": 2.0},
        {"lip_expand_ratio": 1.0},
    ],
)
def test_options_act(
    engine: JoyHalloEngine, astronaut: Portrait, voice: np.ndarray, plain: np.ndarray, change: dict[str, Any]
) -> None:
    assert not np.array_equal(plain, render(engine, astronaut, cut(voice, 5), **change)[0])


def test_without_paste_back_the_video_is_the_square(
    engine: JoyHalloEngine, astronaut: Portrait, voice: np.ndarray
) -> None:
    frames, _ = render(engine, astronaut, cut(voice, 5), paste_back=False)
    assert frames.shape[1:3] == (SIDE, SIDE)


def test_a_wide_picture_keeps_what_is_beside_the_square(
    engine: JoyHalloEngine, astronaut: Portrait, voice: np.ndarray
) -> None:
    wide = np.concatenate([astronaut.image[:300], np.full((300, 400, 3), 77, np.uint8)], axis=1)
    frames, _ = render(engine, open_portrait(wide), cut(voice, 5))
    assert (frames[:, :, -300:] == 77).all()
    assert (frames[:, 40:200, 150:300] != wide[40:200, 150:300]).any()


def test_a_picture_without_a_face_is_refused_unless_it_is_allowed(
    engine: JoyHalloEngine, voice: np.ndarray
) -> None:
    grey = open_portrait(np.full((200, 300, 3), 90, np.uint8), face_needed=False)
    with pytest.raises(NoFaceError, match="--allow-no-face"):
        render(engine, grey, cut(voice, 5))
    _, others = render(engine, grey, cut(voice, 5), allow_no_face=True)
    assert "No face was found" in notes_in(others)


def test_missing_models_are_reported(engine: JoyHalloEngine, astronaut: Portrait, voice: np.ndarray) -> None:
    _, others = render(engine, astronaut, cut(voice, 5))
    assert "glintr100.onnx is missing" in notes_in(others)
    assert vocals.MISSING in notes_in(others)
    _, others = render(engine, astronaut, cut(voice, 5), separate_vocals=False)
    assert vocals.MISSING not in notes_in(others)


def test_the_networks_hear_the_separated_voice(
    engine: JoyHalloEngine, astronaut: Portrait, voice: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    def separate(speech: Voice, model: object) -> Generator[float, None, np.ndarray]:
        yield 0.5
        return speech.samples[::-1].copy()

    monkeypatch.setattr(JoyHalloNetworks, "separator", lambda self: object())
    monkeypatch.setattr(module.vocals, "separate", separate)
    heard, others = render(engine, astronaut, cut(voice, 5))
    plain, _ = render(engine, astronaut, cut(voice, 5), separate_vocals=False)
    assert not np.array_equal(heard, plain)
    assert next(piece.fraction for piece in others if isinstance(piece, Step)) == 0.0


def test_half_precision_gives_nearly_the_same(
    engine: JoyHalloEngine, astronaut: Portrait, voice: np.ndarray
) -> None:
    speech = cut(voice, 5)
    whole, _ = render(engine, astronaut, speech, paste_back=False)
    other = JoyHalloEngine()
    other.load()
    half, _ = render(other, astronaut, speech, precision="bf16", paste_back=False)
    difference = np.abs(whole.astype(int) - half)
    assert 0 < difference.mean() < 4


def test_a_hallo_checkpoint_is_used_as_hallo(
    root: Path, tmp_path: Path, astronaut: Portrait, voice: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOYSTUDIO_WEIGHTS", str(tmp_path))
    assert len(list(synthesize(folder(tmp_path), "tiny", variant="hallo"))) == 3
    engine = JoyHalloEngine()
    own, others = render(engine, astronaut, cut(voice, 5), checkpoint="hallo")
    assert "holds Hallo" not in notes_in(others)
    wrong_slot = folder(tmp_path).target(JOYHALLO_NET)
    wrong_slot.parent.mkdir(parents=True)
    folder(tmp_path).target(HALLO_NET).rename(wrong_slot)
    taken, others = render(JoyHalloEngine(), astronaut, cut(voice, 5))
    assert "holds Hallo, not JoyHallo; it is used as Hallo." in notes_in(others)
    assert np.array_equal(own, taken)


def test_missing_weights_are_named_with_the_download_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOYSTUDIO_WEIGHTS", str(tmp_path))
    with pytest.raises(WeightsMissing, match=r"net\.pth.*weights download joyhallo"):
        JoyHalloEngine().load()


@pytest.mark.parametrize("name", ["cuda:77", "toaster"])
def test_a_missing_device_is_refused(name: str) -> None:
    with pytest.raises(OptionError, match=f"device '{name}' cannot be used"):
        JoyHalloEngine().load(name)


def test_a_job_is_stopped_between_two_steps(
    engine: JoyHalloEngine, astronaut: Portrait, voice: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[int] = []
    step = ClipSampler._step

    def counted(*given: Any) -> torch.Tensor:
        steps.append(1)
        return step(*given)

    monkeypatch.setattr(ClipSampler, "_step", counted)
    work = iter(engine.animate(astronaut, cut(voice, 40), quick(inference_steps=9), 0))
    while not isinstance(next(work), Step):
        pass
    assert not torch.is_inference_mode_enabled()
    work.close()  # type: ignore[attr-defined]
    assert len(steps) == 1
    with pytest.raises(StopIteration):
        next(work)
    render(engine, astronaut, cut(voice, 5))


def test_a_full_device_sends_networks_away_and_gives_up_in_a_sentence(
    engine: JoyHalloEngine, astronaut: Portrait, voice: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def full(self: JoyHalloNetworks) -> bool:
        asked.append(1)
        return len(asked) < 3

    def out_of_memory(*_: object) -> object:
        raise torch.OutOfMemoryError("full")

    monkeypatch.setattr(JoyHalloNetworks, "make_room", full)
    monkeypatch.setattr(JoyHalloNetworks, "step", lambda self, how: out_of_memory)
    with pytest.raises(OutOfMemory, match="does not fit into the GPU's memory"):
        render(engine, astronaut, cut(voice, 5))
    assert len(asked) == 3


def test_graphs_on_a_cpu_are_reported(
    engine: JoyHalloEngine, astronaut: Portrait, voice: np.ndarray, plain: np.ndarray
) -> None:
    frames, others = render(engine, astronaut, cut(voice, 5), compile="graphs")
    assert "Graphs need a CUDA device" in notes_in(others)
    assert np.array_equal(frames, plain)


def test_approximations_change_the_picture(
    engine: JoyHalloEngine, astronaut: Portrait, voice: np.ndarray
) -> None:
    speech = cut(voice, 17)
    plain, _ = render(engine, astronaut, speech, inference_steps=2, cfg_scale=2.0)
    changes: tuple[dict[str, Any], ...] = (
        {"guidance_share": 0.5},
        {"cache_interval": 2},
        {"reuse_motion": True},
    )
    for change in changes:
        other, _ = render(engine, astronaut, speech, **{"inference_steps": 2, "cfg_scale": 2.0, **change})
        assert not np.array_equal(plain, other), change


def test_the_solver_acts(engine: JoyHalloEngine, astronaut: Portrait, voice: np.ndarray) -> None:
    ddim, unipc = (
        render(engine, astronaut, cut(voice, 5), inference_steps=4, scheduler=name)[0]
        for name in ("ddim", "unipc")
    )
    assert not np.array_equal(ddim, unipc)


def test_unloaded_networks_are_read_again(
    engine: JoyHalloEngine, astronaut: Portrait, voice: np.ndarray, plain: np.ndarray
) -> None:
    engine.unload()
    assert engine._networks is None
    assert np.array_equal(plain, render(engine, astronaut, cut(voice, 5))[0])


def test_the_precision_is_the_requested_one() -> None:
    cpu, cuda = torch.device("cpu"), torch.device("cuda")
    assert dtype_for("auto", cuda) == torch.float16
    assert dtype_for("bf16", cuda) == torch.bfloat16
    assert dtype_for("fp32", cpu) == torch.float32
    assert dtype_for("auto", cpu) in (torch.float32, torch.bfloat16)
    assert codec_dtype(torch.bfloat16, cuda) == torch.float16
    assert codec_dtype(torch.float32, cuda) == torch.float32
