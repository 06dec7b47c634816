"""The cache of recent portraits: used, limited, and never mixed up between portraits, crops or
number types.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
import torch

from engines.joyvasa.face.source import prepare_source, read_source
from engines.joyvasa.face.source_cache import SourceCache, size_of
from engines.joyvasa.face.source_encoder import FaceFinder, PortraitFace
from engines.joyvasa.networks.builders import build, config_of
from engines.joyvasa.options import JoyVasaOptions
from engines.joyvasa.weights.model_registry import Mode
from media.errors import NoFaceError
from media.faces import Face
from media.placement import Placement
from media.portrait import Anchors, Portrait

OPTIONS = JoyVasaOptions()
POINTS = np.random.default_rng(0).uniform(40, 90, (106, 2)).astype(np.float32)


class Kept:
    """A cache's maker that counts."""

    def __init__(self, size: int = 10) -> None:
        self.size, self.made = size, 0

    def __call__(self) -> np.ndarray:
        self.made += 1
        return np.zeros(self.size, np.uint8)


def test_a_value_is_made_once_and_forgotten_when_others_came_after_it() -> None:
    cache, make = SourceCache(most=2), Kept()
    first = cache.get("a", make)
    cache.get("b", make)
    assert cache.get("a", make) is first
    cache.get("c", make)  # b was used least lately
    assert (make.made, len(cache)) == (3, 2)
    assert cache.get("a", make) is first
    cache.get("b", make)
    assert (make.made, len(cache)) == (4, 2)


def test_the_bytes_are_bounded() -> None:
    cache = SourceCache(most=10, most_bytes=25)
    cache.get("a", Kept())
    cache.get("b", Kept())
    cache.get("c", Kept())
    assert (len(cache), cache.size) == (2, 20)
    assert len(cache.get("large", Kept(26))) == 26  # given, and not kept: it would drive out all others
    assert (len(cache), cache.size) == (2, 20)
    cache.clear()
    assert (len(cache), cache.size) == (0, 0)


def test_a_failure_is_passed_on_and_not_kept() -> None:
    cache = SourceCache()

    def fail() -> None:
        raise NoFaceError("none")

    with pytest.raises(NoFaceError):
        cache.get("a", fail)
    assert len(cache.get("a", Kept())) == 10


def test_threads_that_ask_at_once_get_the_same_value() -> None:
    cache, together = SourceCache(), threading.Barrier(4)
    found: list[object] = []

    def make() -> object:
        together.wait(timeout=30)  # all four have missed it
        return object()

    threads = [threading.Thread(target=lambda: found.append(cache.get("a", make))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len({id(value) for value in found}) == 1


def test_the_size_of_a_value_is_that_of_its_arrays() -> None:
    @dataclass
    class Both:
        array: np.ndarray
        rest: tuple[Any, ...]

    assert size_of(Both(np.zeros(3, np.float32), (torch.zeros(2, 2, dtype=torch.bfloat16), "x", None))) == 20


class Counted(torch.nn.Module):
    """A network that counts its runs."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.network, self.runs = build(name, config_of(name, "tiny")).eval(), 0

    def forward(self, *inputs: torch.Tensor) -> Any:
        self.runs += 1
        return self.network(*inputs)


@dataclass(frozen=True)
class Finder(FaceFinder):
    """Finds the same face everywhere."""

    def find(self, portrait: Portrait, *, det_thresh: float = 0.0) -> PortraitFace:
        if not portrait.faces:
            raise NoFaceError("none")
        points = POINTS + np.float32(portrait.faces[portrait.face_index].box[0])
        return PortraitFace(points, 0.1, "mediapipe", 0.9, ("found",))


@pytest.fixture(scope="module")
def mode() -> Mode:
    torch.manual_seed(0)

    def tiny(name: str) -> Any:
        return build(name, config_of(name, "tiny")).eval()

    counted: list[Any] = [Counted("appearance_feature_extractor"), Counted("motion_extractor")]
    return Mode(
        appearance=counted[0],
        motion=counted[1],
        stitching=tiny("stitching_retargeting_module"),
        finder=Finder(),
        device=torch.device("cpu"),
        _warping=tiny("warping_module"),
        _generator=tiny("spade_generator"),
    )


@pytest.fixture
def fresh(mode: Mode) -> Mode:
    """The same networks, nothing kept."""
    return replace(mode, sources=SourceCache())


def face(left: float = 0.0) -> Face:
    return Face(np.full((478, 3), left, np.float32), (left, 10.0, left + 50, 90.0), 0.9)


PLACE = Placement((128, 128), (128, 128))


def portrait(seed: int = 0, faces: tuple[Face, ...] = (face(),), **changes: Any) -> Portrait:
    image = np.random.default_rng(seed).integers(0, 256, (128, 128, 3), dtype=np.uint8)
    given: dict[str, Any] = {"face_index": 0, "subject": "human", "anchors": None, **changes}
    return Portrait(image=image, faces=faces, placement=PLACE, sha256=f"{seed}", notes=(), **given)


def test_a_second_job_with_a_portrait_runs_no_network_for_it(fresh: Mode) -> None:
    appearance: Any = fresh.appearance
    before = appearance.runs
    one = read_source(fresh, portrait(), OPTIONS)
    again = read_source(fresh, portrait(), JoyVasaOptions(cfg_scale=1.0, smile=0.5, flag_pasteback=False))
    assert again is one
    assert appearance.runs == before + 1
    assert one.notes == ("found",)
    prepared = prepare_source(fresh, one, torch.float32)
    assert prepare_source(fresh, again, torch.float32) is prepared


@pytest.mark.parametrize(
    ("other", "options"),
    [
        (portrait(seed=1), OPTIONS),
        (portrait(faces=(face(3.0),)), OPTIONS),
        (portrait(faces=(face(), face(5.0)), face_index=1), OPTIONS),
        (portrait(subject="animal"), OPTIONS),
        (portrait(anchors=Anchors((1.0, 1.0), (5.0, 1.0), (3.0, 4.0))), OPTIONS),
        (portrait(), JoyVasaOptions(scale=2.5)),
        (portrait(), JoyVasaOptions(vx_ratio=0.1)),
        (portrait(), JoyVasaOptions(vy_ratio=0.1)),
        (portrait(), JoyVasaOptions(flag_do_rot=False)),
        (portrait(), JoyVasaOptions(flag_do_crop=False)),
        (portrait(), JoyVasaOptions(det_thresh=0.5)),
    ],
)
def test_another_picture_face_point_or_crop_is_another_source(
    fresh: Mode, other: Portrait, options: JoyVasaOptions
) -> None:
    kept = read_source(fresh, portrait(), OPTIONS)
    prepare_source(fresh, kept, torch.float32)
    found = read_source(fresh, other, options)
    alone = read_source(replace(fresh, sources=SourceCache()), other, options)
    assert found is not kept
    assert np.array_equal(found.crop.image, alone.crop.image)
    assert torch.equal(found.feature, alone.feature)
    assert torch.equal(prepare_source(fresh, found, torch.float32).feature, alone.feature)


def test_each_number_type_has_its_own_preparation(fresh: Mode) -> None:
    source = read_source(fresh, portrait(), OPTIONS)
    wide, narrow = (prepare_source(fresh, source, d) for d in (torch.float32, torch.bfloat16))
    assert wide is not narrow
    assert prepare_source(fresh, source, torch.bfloat16) is narrow
    assert len(fresh.sources) == 3


def test_a_portrait_that_was_forgotten_is_read_again_to_the_same_numbers(fresh: Mode) -> None:
    small = replace(fresh, sources=SourceCache(most=1))
    one = read_source(small, portrait(), OPTIONS)
    prepared = prepare_source(small, one, torch.float32)  # drives the source itself out
    again = read_source(small, portrait(), OPTIONS)
    assert again is not one
    assert torch.equal(again.feature, one.feature)
    assert torch.equal(prepare_source(small, again, torch.float32).heat, prepared.heat)


def test_a_portrait_without_a_face_is_refused_every_time(fresh: Mode) -> None:
    for _ in range(2):
        with pytest.raises(NoFaceError):
            read_source(fresh, portrait(faces=()), OPTIONS)
    assert len(fresh.sources) == 0
